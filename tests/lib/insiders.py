"""Six weeks of ordinary work in the audit log, drawn by a seed, and people who misuse it: each does one thing that should be seen.

Ordinary work   an officer has a caseload in a few villages, opens some thirty records a day (each officer by their own factor, each
                day by another), acts on three in ten, sometimes works late, mistypes a number, is refused, helps out in another
                village. Supervisors list, read, review and now and then take a list along. Two administrators give and confirm
                roles. Partners take some hundred records every Monday.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

from django.db import connections
from psycopg.types.json import Jsonb

from amparo.kernel.ids import uuid7
from amparo.trust.types import AlertKind, Role

WEEKS = 6
COLUMNS = "at, event, by_id, by_kind, permission, agreement, about_kind, about_id, area_number, details"
LEAVES_IN_DAYS = 5
FAMOUS_READERS = 10


@dataclass
class Worker:
    """Somebody with an account: their role, office, villages, households and how much they do."""

    id: UUID
    role: Role
    office: int
    factor: float
    villages: list[int]
    caseload: list[UUID]
    ends_on: date | None = None


@dataclass
class World:
    """Who works, what is written of them, and who does which wrong: kind of alert → whom it should name."""

    draw: random.Random
    days: list[date]
    workers: list[Worker] = field(default_factory=list)
    partners: list[UUID] = field(default_factory=list)
    rows: list[tuple] = field(default_factory=list)
    expected: dict[AlertKind, UUID | str] = field(default_factory=dict)
    involved: set[UUID] = field(default_factory=set)

    def of(self, role: Role) -> list[Worker]:
        return [each for each in self.workers if each.role is role]

    def write(self, day: date, hour: float, by: UUID, event: str, **told) -> None:
        at = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hour)
        kind, about = told.pop("about", ("", ""))
        by_kind, agreement, area = told.pop("by_kind", "officer"), told.pop("agreement", ""), told.pop("area", None)
        self.rows.append((at, event, by, by_kind, "", agreement, kind, str(about), area, Jsonb(told)))


def world(seed: int, *, officers: int, until: date) -> World:
    """Return a world in which everybody worked as usual, and some besides did wrong."""
    draw = random.Random(seed)
    made = World(draw, [until - timedelta(days=each) for each in reversed(range(WEEKS * 7))])
    made.workers = list(_workers(draw, officers))
    made.partners = [uuid4(), uuid4()]
    for day in made.days:
        if day.weekday() < 5:
            _ordinary_day(made, day)
    for kind, wrong in WRONGS.items():
        made.expected[kind] = wrong(made)
    return made


def _workers(draw: random.Random, officers: int) -> Iterator[Worker]:
    for number in range(officers + officers // 10 + 6):
        role = Role.OFFICER if number < officers else Role.SUPERVISOR
        office = number % max(officers // 20, 1)
        villages = draw.sample(range(office * 1000, office * 1000 + 60), 6)
        caseload = [uuid4() for _ in range(600)]
        yield Worker(uuid7(), role, office, draw.lognormvariate(0, 0.25), villages, caseload)
    for _ in range(2):
        yield Worker(uuid7(), Role.ADMINISTRATOR, -2, 1.0, [], [])


def _ordinary_day(world: World, day: date) -> None:
    draw = world.draw
    officers, supervisors = world.of(Role.OFFICER), world.of(Role.SUPERVISOR)
    for each in officers:
        if draw.random() < 0.93:  # leave and illness
            for _ in range(round(30 * each.factor * draw.lognormvariate(0, 0.3))):
                visit(world, each, day)
            _slips(world, each, day)
    for each in supervisors:
        _supervise(world, each, day)
    _give_roles(world, day)
    if day.weekday() == 0:
        for number, each in enumerate(world.partners):
            take(world, each, f"agreement_{number}", day, draw.randint(200, 500))


def visit(world: World, officer: Worker, day: date) -> None:
    """Open a record of the caseload, sometimes after a search, and act on three in ten."""
    draw, hour = world.draw, _hour(world.draw)
    home = draw.choice(officer.caseload)
    area = officer.villages[home.int % len(officer.villages)]
    if draw.random() < 0.3:
        found = draw.randint(1, 4)
        world.write(day, hour - 0.02, officer.id, "households-found", about=("search", ""), by_what="name", found=found)
        for _ in range(found):
            about = ("person", uuid4())
            world.write(day, hour - 0.02, officer.id, "person-read", about=about, area=area + 7, seen="search")
    read(world, officer.id, home, area, day, hour)
    if draw.random() < 0.3:
        about = ("household", home)
        world.write(day, hour + 0.1, officer.id, "observation-recorded", about=about, area=area, fields=3)


def _hour(draw: random.Random) -> float:
    """Within office hours, but for one in forty that is finished in the evening."""
    return draw.uniform(19, 20.5) if draw.random() < 0.025 else draw.triangular(7.5, 18.5, 11)


def read(world: World, by: UUID, home: UUID, area: int, day: date, hour: float, **told) -> None:
    world.write(day, hour, by, "household-read", about=("household", home), area=area, persons=[], **told)


def _slips(world: World, officer: Worker, day: date) -> None:
    """What happens to everybody: a number mistyped, a page refused, a village where they help out."""
    draw = world.draw
    for _ in range(min(int(draw.expovariate(1)), 6)):
        told = {"about": ("search", ""), "by_what": "number", "found": 0}
        world.write(day, _hour(draw), officer.id, "households-found", **told)
    if draw.random() < 0.05:
        world.write(day, _hour(draw), officer.id, "denied", about=("route", "runs"), reason="trust-not-permitted")
    if draw.random() < 0.02:
        area = officer.office * 1000 + draw.randint(100, 900)
        for _ in range(draw.randint(1, 5)):
            read(world, officer.id, uuid4(), area, day, _hour(draw))


def _supervise(world: World, supervisor: Worker, day: date) -> None:
    draw = world.draw
    for _ in range(round(4 * draw.lognormvariate(0, 0.3))):
        units = [str(uuid4()) for _ in range(draw.randint(5, 15))]
        told = {"about": ("programme", "poor_home"), "area": supervisor.office * 1000, "units": units}
        world.write(day, _hour(draw), supervisor.id, "decisions-listed", **told)
    for _ in range(round(8 * draw.lognormvariate(0, 0.3))):
        review(world, supervisor.id, draw.choice(world.of(Role.OFFICER)).id, day, seconds=draw.uniform(300, 9_000))
    if draw.random() < 0.05:
        told = {"about": ("programme", "poor_home"), "decisions": draw.randint(100, 2_500)}
        world.write(day, _hour(draw), supervisor.id, "decisions-exported", **told)


def review(world: World, by: UUID, maker: UUID, day: date, *, seconds: float) -> None:
    """One gives notice of a decision, another reviews it after so many seconds."""
    about, hour = ("household", uuid4()), world.draw.uniform(9, 14)
    world.write(day, hour, maker, "notice-given", about=about)
    world.write(day, hour + seconds / 3600, by, "decision-read", about=about)
    world.write(day, hour + seconds / 3600, by, "decision-reviewed", about=about)


def _give_roles(world: World, day: date) -> None:
    giver, second = world.draw.sample(world.of(Role.ADMINISTRATOR), 2)
    if world.draw.random() < 0.3:
        about, hour = ("account", uuid4()), world.draw.uniform(8, 12)
        world.write(day, hour, giver.id, "role-granted", about=about, role="registry-manager")
        world.write(day, hour + 2, second.id, "role-confirmed", about=about, role="registry-manager")


def take(world: World, partner: UUID, agreement: str, day: date, count: int) -> None:
    persons = [str(uuid4()) for _ in range(count)]
    told = {"by_kind": "partner", "agreement": agreement, "about": ("agreement", uuid4()), "persons": persons}
    world.write(day, 3, partner, "records-exchanged", **told)


def _workdays(world: World) -> list[date]:
    return [each for each in world.days if each.weekday() < 5]


def _someone(world: World, role: Role = Role.OFFICER, *, most: float = 9) -> Worker:
    """Return somebody who has not done wrong yet, and does not do more than others by this factor."""
    among = [each for each in world.of(role) if each.id not in world.involved and each.factor <= most]
    found = world.draw.choice(among)
    world.involved.add(found.id)
    return found


def _late(world: World) -> date:
    return world.draw.choice(_workdays(world)[-8:])


def _bribed(world: World) -> UUID:
    """Looks people up for money, in villages that are not theirs."""
    who, day = _someone(world), _late(world)
    for number in range(14):
        read(world, who.id, uuid4(), who.office * 1000 + 950 + number % 3, day, 10 + number / 10)
    return who.id


def _curious(world: World) -> str:
    """A crowd of officers each looks once at somebody whom everybody talks about."""
    home, days = uuid4(), _workdays(world)[-4:]
    for _ in range(FAMOUS_READERS):
        who = _someone(world)
        read(world, who.id, home, who.villages[0], world.draw.choice(days), 12)
    return str(home)


def _departing(world: World) -> UUID:
    """An administrator gives friends roles in the last days of their own."""
    who = _someone(world, Role.ADMINISTRATOR)
    who.ends_on = world.days[-1] + timedelta(days=LEAVES_IN_DAYS)
    for _ in range(3):
        world.write(world.days[-1], 15, who.id, "role-granted", about=("account", uuid4()), role="supervisor")
    return who.id


def _neighbour(world: World) -> UUID:
    """Watches one family, day after day."""
    who, home = _someone(world), uuid4()
    for day in world.draw.sample(_workdays(world)[-18:], 9):
        read(world, who.id, home, who.villages[0], day, 9)
    return who.id


def _slow(world: World) -> UUID:
    """Copies the caseloads of the office a little every day, below every daily threshold, and goes on working."""
    who = _someone(world, most=1.1)
    for day in _workdays(world)[-12:]:
        for _ in range(round(55 * who.factor)):
            read(world, who.id, uuid4(), world.draw.choice(who.villages), day, _hour(world.draw))
    return who.id


def _nightly(world: World) -> UUID:
    who, day = _someone(world), _late(world)
    for number in range(14):
        read(world, who.id, uuid4(), who.villages[0], day, 22 + number / 10)
    return who.id


def _scraping_partner(world: World) -> UUID:
    """Takes all its agreement lets it take, where some hundred were enough so far."""
    take(world, world.partners[0], "agreement_0", _workdays(world)[-2], 3_000)
    world.involved.add(world.partners[0])
    return world.partners[0]


def _enumerator(world: World) -> UUID:
    who, day = _someone(world), _late(world)
    for number in range(30):
        told = {"about": ("search", ""), "by_what": "identifier:national_id", "found": int(number % 10 == 0)}
        world.write(day, 9 + number / 60, who.id, "households-found", **told)
    return who.id


def _exporter(world: World) -> UUID:
    who = _someone(world, Role.SUPERVISOR)
    for _ in range(2):
        told = {"about": ("programme", "poor_home"), "decisions": 4_000}
        world.write(_workdays(world)[-3], 11, who.id, "decisions-exported", **told)
    return who.id


def _self_dealer(world: World) -> UUID:
    """Opens their sister's record and changes it."""
    who, day, home = _someone(world), _late(world), uuid4()
    read(world, who.id, home, who.villages[0], day, 10, near="relative")
    world.write(day, 10.1, who.id, "observation-recorded", about=("household", home), fields=1)
    return who.id


def _accomplice(world: World) -> UUID:
    """Two who confirm each other without a look."""
    maker, second = _someone(world), _someone(world, Role.SUPERVISOR)
    for day in world.draw.choices(_workdays(world)[-10:], k=6):
        review(world, second.id, maker.id, day, seconds=15)
    return second.id


def _greedy(world: World) -> UUID:
    who, day = _someone(world), _late(world)
    for number in range(450):
        read(world, who.id, uuid4(), world.draw.choice(who.villages), day, 8 + number / 50)
    return who.id


def _idle(world: World) -> UUID:
    """Reads for a week, and has nothing to do with any of it."""
    who, days = _someone(world), _workdays(world)[-5:]
    started = datetime(days[0].year, days[0].month, days[0].day, tzinfo=UTC)
    world.rows = [each for each in world.rows if each[2] != who.id or each[0] < started]
    for day in days:
        for _ in range(25):
            read(world, who.id, uuid4(), world.draw.choice(who.villages), day, _hour(world.draw))
    return who.id


def _prober(world: World) -> UUID:
    who, day = _someone(world), _late(world)
    for number in range(25):
        world.write(day, 10 + number / 60, who.id, "denied", about=("route", "household"), reason="registry-unknown")
    return who.id


def _stopped(world: World) -> UUID:
    """Goes on until nothing more is served."""
    who, day = _someone(world), _late(world)
    for number in range(2_000):
        read(world, who.id, uuid4(), world.draw.choice(who.villages), day, 8 + number / 250)
    world.write(day, 16.5, who.id, "denied", about=("route", "household"), reason="trust-budget-spent")
    return who.id


WRONGS = {
    AlertKind.AWAY: _bribed,
    AlertKind.FAMOUS: _curious,
    AlertKind.LEAVING: _departing,
    AlertKind.AGAIN: _neighbour,
    AlertKind.SLOW: _slow,
    AlertKind.NIGHT: _nightly,
    AlertKind.PARTNER: _scraping_partner,
    AlertKind.NUMBERS: _enumerator,
    AlertKind.EXPORTED: _exporter,
    AlertKind.NEAR: _self_dealer,
    AlertKind.PAIR: _accomplice,
    AlertKind.BULK: _greedy,
    AlertKind.NO_ACT: _idle,
    AlertKind.DENIED: _prober,
    AlertKind.BUDGET: _stopped,
}


def settle(world: World) -> None:
    """Give everybody an account and a role, over one of the land's areas for those of an office."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT id FROM trust_area ORDER BY number")
        places = [id for (id,) in cursor.fetchall()]
        for each in world.workers:
            cursor.execute(
                "INSERT INTO trust_account (id, username, display_name, email, language, password, is_active, is_demo,"
                " opened_at, signed_out) VALUES (%s, %s, %s, '', '', '', true, false, now(), 0)",
                [each.id, str(each.id), "Somebody"],
            )
            place = places[each.office % len(places)] if each.office >= 0 else None
            cursor.execute(
                "INSERT INTO trust_roleassignment (account_id, programme, role, area_id, starts_on, ends_on, is_confirmed)"
                " VALUES (%s, '', %s, %s, '2020-01-01', %s, true)",
                [each.id, each.role.value, place, each.ends_on],
            )


def log(rows: list[tuple]) -> None:
    """Write rows into the audit log in one statement, as they would stand there."""
    with connections["bulk"].cursor() as cursor:
        first = min(each[0] for each in rows)
        cursor.execute("SELECT amparo_ensure_months('trust_audit', %s::date, 4)", [first])
        cursor.execute("CREATE TEMP TABLE IF NOT EXISTS drawn (LIKE trust_audit)")
        cursor.execute("ALTER TABLE drawn ALTER COLUMN id DROP NOT NULL, ALTER COLUMN place DROP NOT NULL")
        cursor.execute("ALTER TABLE drawn ALTER COLUMN purpose DROP NOT NULL, ALTER COLUMN written_at DROP NOT NULL")
        with cursor.cursor.copy(f"COPY drawn ({COLUMNS}) FROM STDIN") as copy:
            for each in rows:
                copy.write_row(each)
        cursor.execute(
            f"INSERT INTO trust_audit (id, {COLUMNS}) SELECT amparo_uuid7(), {COLUMNS} FROM drawn ORDER BY at"
        )
        cursor.execute("DROP TABLE drawn")
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE trust_audit")  # as the server does by itself, a minute later
