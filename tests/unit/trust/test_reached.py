"""What is refused outside one's areas writes nothing before it is refused, with both gates and with either alone (B3)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection, connections
from django.db.utils import ProgrammingError

from amparo.kernel import clock
from amparo.kernel.errors import NotFound
from amparo.kernel.ids import uuid7
from amparo.trust.actions.consenting import Told, give_consent
from amparo.trust.actions.erasures import place_hold, propose_erasure
from amparo.trust.actions.inviting import Proof, invite
from amparo.trust.actions.mandating import record_mandate
from amparo.trust.context import acting
from amparo.trust.covering import FieldTerm
from amparo.trust.grounds.mandates import MandateScope
from amparo.trust.reached import expect_reached
from amparo.trust.types import Actor, ConsentKind, Permission
from tests.lib import agreeing, country
from tests.lib.gates_off import through

TABLES = ("trust_consent", "trust_consenttext", "trust_mandate", "trust_invitation", "trust_hold", "trust_erasure")


@pytest.fixture(scope="module")
def world(database) -> dict[str, UUID]:
    """Yara in the north, Omar in the south, and an agreement that asks for consent."""
    agreeing.install()
    country.household("n1", {"given_name": "Yara"})
    country.household("s1", {"given_name": "Omar"})
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT given_name, person_id FROM registry_fact_person")
        people = dict(cursor.fetchall())
    fields = (FieldTerm("person", "given_name"),)
    return people | {"agreement": agreeing.in_force("first", fields=fields, needs_consent=True)}


def invited(person: UUID, world: dict, by: Actor) -> None:
    invite(person, details=["1980-02-03"], proof=Proof("passport"), by=by, under=country.GROUND)


def consented(person: UUID, world: dict, by: Actor) -> None:
    told = Told("May the fund learn your name?", "en")
    about = {"told": told, "kind": ConsentKind.SIGNED, "under": country.GROUND, "on": clock.today()}
    give_consent(person, world["agreement"], by=by, **about)


def mandated(person: UUID, world: dict, by: Actor) -> None:
    days = {"on": clock.today(), "until": clock.today() + timedelta(days=30)}
    about = {"scope": [MandateScope.VIEW], "proof": Proof("letter"), "under": country.GROUND}
    holder = world["Yara"] if person == world["Omar"] else world["Omar"]
    record_mandate(person, holder, by=by, **about, **days)


def held(person: UUID, world: dict, by: Actor) -> None:
    place_hold(person, reason="investigation 7", until=None, by=by, under=country.GROUND)


def proposed(person: UUID, world: dict, by: Actor) -> None:
    propose_erasure(person, ground="Registration Act", reference="7/2026", by=by, under=country.GROUND)


OF_AREAS = {
    "invite": (invited, Permission.INVITE_CITIZEN),
    "give_consent": (consented, Permission.RECORD_CONSENT),
    "record_mandate": (mandated, Permission.RECORD_MANDATE),
}
OF_NATION = {
    "place_hold": (held, Permission.PROPOSE_ERASURE),
    "propose_erasure": (proposed, Permission.PROPOSE_ERASURE),
}


def rows() -> dict[str, int]:
    with connections["bulk"].cursor() as cursor:
        counts = {}
        for table in TABLES:
            cursor.execute(f"SELECT count(*) FROM {table}")
            (counts[table],) = cursor.fetchone()
        return counts


@contextmanager
def writes() -> Iterator[list[str]]:
    """Yield the statements that write, as they are sent."""
    written: list[str] = []

    def seen(execute, sql, params, many, context):
        if sql.split(maxsplit=1)[0] in ("INSERT", "UPDATE", "DELETE"):
            written.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(seen):
        yield written


def refused(act: Callable, person: UUID, world: dict, by: Actor) -> list[str]:
    """Have an act refused; return the statements by which it wrote before."""
    with acting(by), writes() as written, pytest.raises(NotFound):
        act(person, world, by)
    return written


@pytest.mark.parametrize("gates", ["both gates", "the query alone"])
@pytest.mark.parametrize(("act", "permission"), OF_AREAS.values(), ids=OF_AREAS)
def test_outside_ones_areas_nothing_is_written_before_it_is_refused(world, server, database, gates, act, permission):
    before = rows()
    by = country.cast().amina.narrowed(permission)
    with through(gates, server, database):
        assert refused(act, world["Omar"], world, by) == []
    assert rows() == before
    with acting(by):
        act(world["Yara"], world, by)
    assert rows() != before


@pytest.mark.parametrize(("act", "permission"), OF_AREAS.values(), ids=OF_AREAS)
def test_with_the_second_gate_alone_no_row_is_left(world, server, database, act, permission):
    before = rows()
    by = country.cast().amina.narrowed(permission)
    with through("row security alone", server, database), pytest.raises((NotFound, ProgrammingError)), acting(by):
        act(world["Omar"], world, by)
    assert rows() == before


@pytest.mark.parametrize(("act", "permission"), (OF_AREAS | OF_NATION).values(), ids=OF_AREAS | OF_NATION)
def test_about_somebody_whom_nobody_knows_nothing_is_written(world, act, permission):
    who = "amina" if permission is not Permission.PROPOSE_ERASURE else "ines"
    by = getattr(country.cast(), who).narrowed(permission)
    assert refused(act, uuid7(), world, by) == []


def test_whoever_is_protected_is_reached_by_nobody_who_may_not_see_them(world):
    """Their records lie below zero; the range of an officer's areas holds none of them."""
    with connections["bulk"].cursor() as cursor:
        cursor.execute("UPDATE registry_person SET area_number = -area_number WHERE id = %s", [world["Omar"]])
    for name, permission in (("chen", Permission.INVITE_CITIZEN), ("ines", Permission.PROPOSE_ERASURE)):
        by = getattr(country.cast(), name).narrowed(permission)
        with acting(by), pytest.raises(NotFound):
            expect_reached(world["Omar"], by)
