"""Σ paid = Σ of the decision as it was made again, cycle by cycle, whatever was paid before the appeal and wherever its lists stood.

Each example is a household of its own, in months of its own.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import count
from uuid import UUID

import pytest
from django.db import connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amparo.cases.types import Act, AppealExecuted
from amparo.kernel import clock, events
from amparo.kernel.dates import add_months
from amparo.payments import actions
from amparo.payments.types import PaymentList
from amparo.trust.types import Permission
from tests.lib import country, paying
from tests.lib.country import GROUND
from tests.lib.paying import enrolled, rows
from tests.unit.cases import setting
from tests.unit.cases.setting import appealed, decided, done, earns, executed, officer

GRANT = 2_000  # for each who lives there
HEARD: list[AppealExecuted] = []
MONTHS = count()


class Stands(StrEnum):
    """How far a cycle's list has come when the appeal is executed."""

    SENT = "sent"
    PROPOSED = "proposed"
    PREPARED = "prepared"
    REMADE = "remade"  # prepared, and then taken back and made anew


@dataclass(frozen=True)
class Cycle:
    """What a cycle paid before the appeal, too little or nothing; None: they took no part."""

    paid: int | None
    stands: Stands


_CYCLES = st.lists(st.builds(Cycle, st.none() | st.integers(0, GRANT), st.sampled_from(Stands)), min_size=1, max_size=4)


@pytest.fixture(scope="module")
def world(database) -> country.Cast:
    setting.prepare()
    paying.pays()
    cast = country.cast()
    paying.funded(cast.quinn, 10**12)
    enrolled(1)  # somebody else, so that every cycle has its list
    events.react(AppealExecuted, HEARD.append)
    return cast


def at(day: date):
    with connections["owner"].cursor() as cursor:
        for table in ("registry_observation", "programmes_decision", "trust_audit"):
            cursor.execute("SELECT amparo_ensure_months(%s, %s, 2)", [table, day])
    return clock.fixed(datetime(day.year, day.month, day.day, 12, tzinfo=UTC))


def in_month(first: date, number: int) -> date:
    """Return the fifth of a month so many after the first."""
    return add_months(first, number) + timedelta(days=4)


def prepared(cast: country.Cast, day: date) -> PaymentList:
    return actions.prepare("poor_home", f"{day:%Y-%m}", by=cast.paz, under=GROUND, on=day)


def upheld(cast: country.Cast, id: UUID, first: date, last: date) -> AppealExecuted:
    with at(first + timedelta(days=3)):
        case = appealed(decided(id).id, cast.amina)
    with at(last):
        vera = officer(f"vera{first:%Y%m}")
        done(case, Act.BEGIN_REVIEW, vera, Permission.REVIEW_APPEAL, words="")
        done(case, Act.UPHOLD, vera, Permission.REVIEW_APPEAL)
        earns(id, 5_000)
        executed(case, vera)
    return HEARD[-1]


def takes_part(enrolment: UUID, paid: int | None) -> None:
    state = "suspended" if paid is None else "enrolled"
    rows(
        "UPDATE programmes_enrolment SET state = %s, amount_minor = %s WHERE id = %s RETURNING id",
        state,
        paid or 0,
        enrolment,
    )


def goes_on(cast: country.Cast, made: PaymentList, stands: Stands, day: date) -> None:
    """Bring a list to its end, from where it stood."""
    if stands is Stands.REMADE:
        actions.withdraw(made.id, by=cast.paz, under=GROUND)
        made, stands = prepared(cast, day), Stands.PREPARED
    if stands is Stands.PREPARED:
        made = actions.propose(made.id, by=cast.paz, under=GROUND)
    if stands is not Stands.SENT:
        paying.exported(cast.paz, paying.approved(cast.rosa, made))


def paid_for(id: UUID) -> dict[str, int]:
    """Return cycle → what all lists together pay a unit for it."""
    return dict(
        rows("SELECT coalesce(owed_for, cycle), sum(amount_minor) FROM payments_line WHERE unit_id = %s GROUP BY 1", id)
    )


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(cycles=_CYCLES, told_again=st.integers(0, 2))
def test_all_that_is_paid_is_what_the_decision_made_again_says(world, cycles, told_again):
    first = add_months(date(2027, 1, 1), next(MONTHS) * 8)
    with at(first):
        id, _ = setting.home("n1", income=90_000)
    [enrolment] = enrolled(0, units=[id])
    lists = []
    for number, each in enumerate(cycles):
        takes_part(enrolment, each.paid)
        made = prepared(world, in_month(first, number))
        if each.stands is not Stands.PREPARED and each.stands is not Stands.REMADE:
            made = actions.propose(made.id, by=world.paz, under=GROUND)
        if each.stands is Stands.SENT:
            paying.exported(world.paz, paying.approved(world.rosa, made))
        lists.append(made)
    event = upheld(world, id, first, in_month(first, len(cycles) - 1) + timedelta(days=10))
    takes_part(enrolment, GRANT)
    _afterwards(world, first, cycles, lists, [event] * told_again)
    months = [f"{add_months(first, number):%Y-%m}" for number in range(len(cycles) + 2)]
    assert paid_for(id) == dict.fromkeys(months, GRANT)
    takes_part(enrolment, None)


def _afterwards(cast: country.Cast, first: date, cycles, lists, again: list[AppealExecuted]) -> None:
    """A list is sent before the others have come to their end, and one after it; meanwhile the event is told again."""
    goes_on(cast, prepared(cast, in_month(first, len(cycles))), Stands.PREPARED, first)
    for event in again:
        events.announce(event)
    for number, (each, made) in enumerate(zip(cycles, lists, strict=True)):
        goes_on(cast, made, each.stands, in_month(first, number))
    goes_on(cast, prepared(cast, in_month(first, len(cycles) + 1)), Stands.PREPARED, first)


def owes(id: UUID, cycle: str, due: int) -> None:
    """Record what an appeal of its own says is due for a cycle."""
    rows(
        "INSERT INTO payments_arrears (id, programme_id, case_id, unit_id, area_number, cycle, due_minor, recorded_at)"
        " SELECT gen_random_uuid(), p.id, gen_random_uuid(), h.id, h.area_number, %s, %s, now()"
        " FROM programmes_programme p, registry_household h WHERE p.code = 'poor_home' AND h.id = %s RETURNING id",
        cycle,
        due,
        id,
    )


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    paid=st.none() | st.integers(0, GRANT),
    dues=st.lists(st.integers(1, 3 * GRANT), min_size=2, max_size=3),
    stands=st.sampled_from((Stands.PROPOSED, Stands.PREPARED, Stands.REMADE)),
    is_sent_before=st.booleans(),
)
def test_of_several_appeals_for_a_cycle_each_is_owed_what_is_left_and_nothing_twice(
    world, paid, dues, stands, is_sent_before
):
    first = add_months(date(2027, 1, 1), next(MONTHS) * 8)
    cycle = f"{first:%Y-%m}"
    with at(first):
        id, _ = setting.home("n1", income=90_000)
    [enrolment] = enrolled(0, units=[id])
    takes_part(enrolment, paid)
    goes_on(world, prepared(world, in_month(first, 0)), Stands.PREPARED, first)
    takes_part(enrolment, GRANT)
    owes(id, cycle, dues[0])
    made = prepared(world, in_month(first, 1))
    if stands is Stands.PROPOSED:
        made = actions.propose(made.id, by=world.paz, under=GROUND)
    if is_sent_before:
        goes_on(world, made, stands, in_month(first, 1))
    for due in dues[1:]:
        owes(id, cycle, due)
    goes_on(world, prepared(world, in_month(first, 2)), Stands.PREPARED, first)
    if not is_sent_before:
        goes_on(world, made, stands, in_month(first, 1))
    for number in (3, 4):
        goes_on(world, prepared(world, in_month(first, number)), Stands.PREPARED, first)
    assert paid_for(id)[cycle] == max(paid or 0, *dues)
    takes_part(enrolment, None)
