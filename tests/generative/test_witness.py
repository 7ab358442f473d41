"""A read without an audit row does not exist: PostgreSQL's own statement log and the audit log agree on drawn mixed work (C5).

AMPARO_WITNESS=minutes works for that long instead of so many acts.
"""

import os
import random
import shutil
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from typer.testing import CliRunner

from amparo.cli.app import app
from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.programmes import queries as deciding
from amparo.programmes.actions import give_notices, take_effect
from amparo.programmes.lent import share
from amparo.programmes.procedure import Procedure
from amparo.registry.actions import observe
from amparo.trust.actions import accounts, install_watch
from amparo.trust.context import acting
from amparo.trust.log.sealing import seal
from amparo.trust.types import BreachConfig, Permission, WatchConfig, system
from amparo.trust.watching.running import watch
from tests.lib import agreeing, audit_log, country, witness
from tests.unit.programmes.country import MATERNITY, OPERATOR, PENSION, POOR_HOME, installed, run
from tests.views.conftest import signed_in

MINUTES = float(os.environ.get("AMPARO_WITNESS", "0"))
ACTS = 200
LOOKERS = ("amina", "bruno", "chen", "ines")


@dataclass
class World:
    """Who works, whom they may meet, and what was drawn."""

    draw: random.Random
    browsers: dict[str, Client]
    homes: list[UUID]
    persons: dict[UUID, list[UUID]]
    decisions: list[UUID]
    agreement: UUID

    def get(self, address: str, *, by: str | None = None, **asked: str) -> None:
        response = self.browsers[by or self.draw.choice(LOOKERS)].get(address, asked)
        if response.streaming:
            b"".join(response.streaming_content)

    def post(self, address: str, asked: dict[str, str]) -> None:
        self.browsers[self.draw.choice(LOOKERS)].post(address, asked)

    @property
    def home(self) -> UUID:
        return self.draw.choice(self.homes)


def rows(statement: str, *values: object) -> list[tuple]:
    """Look behind the curtain, as nobody whom the witness watches."""
    with audit_log.almighty(*BEHIND) as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


BEHIND: list = []  # the server and the database


@pytest.fixture(scope="module")
def world(server, database, tmp_path_factory) -> World:
    """Twelve homes of two regions, decided, some with a notice; two partners."""
    BEHIND[:] = [server, database]
    folder, keys = tmp_path_factory.mktemp("kept"), settings.KEY_FOLDER
    shutil.copy(keys / "master.key", folder)
    with audit_log.own_custodian(folder):
        # Minutes of drawn work open more than an officer may in a day: then nothing but refusals would be witnessed.
        install_watch(WatchConfig(most_a_day=10_000_000), BreachConfig(), by=system("test"))
        installed(replace(POOR_HOME, procedure=Procedure(law="law", notice_days=1)), PENSION, MATERNITY)
        for number in range(12):
            people = (
                {"given_name": f"N{number}", "family_name": "Aa", "is_head": True, "sex": "female"},
                {"sex": "male"},
            )
            country.household(("n1", "n2", "s1", "s2")[number % 4], *people, income=5_000 + 1_000 * number, rooms=2)
        rows("UPDATE registry_fact_household SET income = 99000 WHERE income < 9000 RETURNING 1")
        run(clock.today())
        give_notices(["poor_home"], by=OPERATOR, under=country.GROUND, on=clock.today())
        agreeing.install()
        members: dict[UUID, list[UUID]] = {}
        for home, person in rows("SELECT household_id, person_id FROM registry_membership ORDER BY id"):
            members.setdefault(home, []).append(person)
        yield World(
            draw=random.Random(5),
            browsers={name: signed_in(name) for name in (*LOOKERS, "emre", "lina", "hana", "farah")},
            homes=list(members),
            persons=members,
            decisions=[id for (id,) in rows("SELECT id FROM programmes_decision ORDER BY id")],
            agreement=agreeing.in_force("agreed", areas=("north", "south"), identifiers=()),
        )


# ---- what people and programs do


def _find(world: World) -> None:
    asked = world.draw.choice(
        [{"kind": "name", "asked": world.draw.choice(["Aa", "N3 Aa", "Nobody"])}, {"kind": "number", "asked": "3"}]
    )
    world.post("/find/", asked)


def _person(world: World) -> None:
    home = world.home
    world.get(f"/households/{home}/people/{world.draw.choice(world.persons[home])}/")


def _consents(world: World) -> None:
    home = world.home
    world.get(f"/households/{home}/people/{world.draw.choice(world.persons[home])}/consents/")


def _decision(world: World) -> None:
    page = world.draw.choice(["", "explanation/"])
    world.get(f"/decisions/{world.draw.choice(world.decisions)}/{page}")


def _notice(world: World) -> None:
    for (id,) in rows("SELECT id FROM programmes_notice ORDER BY id LIMIT 1"):
        world.get(f"/notices/{id}/")


def _observe(world: World) -> None:
    by = country.cast().ines.narrowed(Permission.REGISTER)
    with acting(by):
        told = {"rooms": world.draw.randint(1, 9)}
        observe(world.home, values=told, source="office", by=by, on=clock.today(), under=country.GROUND)


def _register(world: World) -> None:
    home = country.household("n1", {"given_name": "New", "is_head": True}, income=7_000)
    world.homes.append(home)
    world.persons[home] = [
        id for (id,) in rows("SELECT person_id FROM registry_membership WHERE household_id = %s", home)
    ]


def _exchange(world: World) -> None:
    id = world.agreement
    request = agreeing.request(id, records=world.draw.choice([5, 10]))
    share(id, request, about="person", by=agreeing.partner_of(id), on=clock.today())


def _figures(world: World) -> None:
    """What opens nobody's record."""
    pages = ["/", "/areas/north/", "/runs/", "/rules/", "/agreements/", "/alerts/", "/impact/", "/audit/", "/officers/"]
    world.get(world.draw.choice(pages), by=world.draw.choice(list(world.browsers)))


def _command(world: World) -> None:
    class Opened:
        def open(self) -> None: ...

    now = clock.now().replace(tzinfo=None, microsecond=0)
    since, until = (now - timedelta(minutes=5)).isoformat(), (now + timedelta(minutes=5)).isoformat()
    CliRunner().invoke(app, ["audit", "breach", "--since", since, "--until", until, "--json"], obj=Opened())


def _job(world: World) -> None:
    job = world.draw.choice(
        [lambda: seal(), lambda: watch(by=system("watch")), lambda: accounts.sweep(by=system("sweep"))]
    )
    job()


def _check(world: World) -> None:
    deciding.recompute(deciding.sample(5, seed=1), by=system("check"), under=country.GROUND)


def _take_effect(world: World) -> None:
    take_effect(on=clock.today(), by=system("take-effect"))


def _determine(world: World) -> None:
    run(clock.today())


Act = Callable[[World], None]
WORK: dict[Act, int] = {
    (lambda world: world.get(f"/households/{world.home}/")): 20,
    (lambda world: world.get(f"/households/{world.home}/history/")): 5,
    (lambda world: world.get("/decisions/", programme="poor_home")): 6,
    (lambda world: world.get("/decisions/export/", programme="poor_home")): 3,
    (lambda world: world.get(f"/find/{world.draw.choice(['north', 'n1', 's1'])}/")): 6,
    _find: 12,
    _person: 10,
    _consents: 4,
    _decision: 10,
    _notice: 4,
    _observe: 6,
    _register: 2,
    _exchange: 5,
    _figures: 10,
    _command: 2,
    _job: 4,
    _check: 1,
    _take_effect: 1,
    _determine: 1,
}


def work(world: World) -> Counter:
    """Do drawn acts, so many or for so long, each kind at least once; return how often each was done."""
    kinds, weights, done = list(WORK), list(WORK.values()), Counter()
    until = time.monotonic() + MINUTES * 60
    waiting = list(kinds)
    while waiting or (time.monotonic() < until if MINUTES else done.total() < ACTS):
        act = waiting.pop() if waiting else world.draw.choices(kinds, weights)[0]
        try:
            act(world)
        except Refused:
            done["refused"] += 1
        done[kinds.index(act)] += 1
    return done


@pytest.fixture(scope="module")
def finding(world, server, database):
    with witness.watching(server, database) as seen:
        done = work(world)
        found = seen.finding()
    print(f"{done.total()} acts, {found.opened} openings witnessed, {found.rows} audit rows")
    return done, found


def test_every_kind_of_work_was_done_and_witnessed(finding):
    done, found = finding
    assert set(range(len(WORK))) <= set(done)
    assert done.total() >= ACTS or MINUTES
    assert found.opened > done.total()


def test_every_opening_has_a_row_in_its_own_transaction(finding):
    _, found = finding
    assert "\n".join(sorted({f"{login}: {statement}" for login, statement in found.unaudited})) == ""


def test_every_row_of_a_reading_has_an_opening(finding):
    _, found = finding
    assert found.orphans == []


def test_a_planted_read_without_a_row_and_a_row_without_a_read_are_found(world, server, database):
    from amparo.registry.models import Person
    from amparo.trust.log.recording import record
    from amparo.trust.types import Event

    by = country.cast().amina.narrowed(Permission.READ_HOUSEHOLD)
    with witness.watching(server, database) as seen:
        with acting(by):
            list(Person.objects.all())
        with transaction.atomic():
            record(Event.PERSON_READ, by=by, about_kind="person", about_id=UUID(int=1))
        found = seen.finding()
    assert [statement[:24] for _, statement in found.unaudited] == ['SELECT "registry_person"']
    assert [event for _, event in found.orphans] == ["person-read"]
