"""A grant that asks for attendance at school, children who are asked, files of who attended, and following it month by month."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connections

from amparo.programmes.actions import follow_conditions
from amparo.programmes.conditions import Condition
from amparo.programmes.config import ProgrammeConfig
from amparo.programmes.feeds.mapping import FeedConfig
from amparo.programmes.types import BreachAct, FeedKind, Followed
from amparo.trust.types import system
from tests.lib import country
from tests.lib.country import GROUND
from tests.unit.programmes.country import run
from tests.unit.programmes.enrolling import programme
from tests.unit.programmes.feeding import SCHEME, identify, rows, taken

SINCE = date(2026, 1, 1)
ATTENDANCE = Condition(
    "attendance",
    "law-attendance",
    whom="age(member.birth_date) < 18",
    least_share=0.85,
    excused=("illness",),
    steps=(BreachAct.NOTICE, BreachAct.VISIT, BreachAct.SUSPENSION),
    category="visit",
    suspension="unreached",
)
SCHOOL = FeedConfig(
    code="school",
    kind=FeedKind.COMPLIANCE,
    schemes=("poor_home",),
    conditions=("attendance",),
    reasons=("illness", "moved"),
    columns={"identifier": "id", "period": "month", "met": "met", "share": "share", "reason": "reason"},
    fixed={"identifier_scheme": SCHEME, "scheme": "poor_home", "condition": "attendance"},
    decimals=2,
    whole=100,
)


def asking(condition: Condition = ATTENDANCE, **more: Any) -> ProgrammeConfig:
    """The grant for poor homes, which asks for attendance."""
    return replace(programme(**more), conditions=(condition,))


def home(area: str, *children: str) -> UUID:
    """Register a poor home with one adult and children who hold these identifiers; return the home."""
    members = [{"birth_date": date(1990, 1, 1)}, *({"birth_date": date(2015, 1, 1)} for _ in children)]
    found = country.household(area, *members, income=5_000)
    people = rows(
        "SELECT p.id, p.area_number FROM registry_membership m JOIN registry_person p ON p.id = m.person_id"
        " WHERE m.household_id = %s ORDER BY p.id",
        found,
    )
    with connections["bulk"].cursor() as cursor:
        for (person, place), number in zip(people[1:], children, strict=True):
            identify(cursor, person, place, number)
    return found


def decided() -> None:
    run(country.clock.today())


def told(folder: Path, lines: Iterable[tuple], *, day: date, feed: FeedConfig = SCHOOL) -> dict[str, Any]:
    """Take in a file of (identifier, month, met, share, reason)."""
    text = "id,month,met,share,reason\n" + "".join(",".join(map(str, each)) + "\n" for each in lines)
    return taken(text, folder, feed=feed, day=day)


def follow(on: date) -> list[Followed]:
    return follow_conditions(by=system("test"), under=GROUND, on=on)


def breaches() -> dict[tuple[UUID, date], tuple[int, str, bool]]:
    """Return (home, month) → number, what follows, whether it stands."""
    return {
        (unit, period): (number, act, stands)
        for unit, period, number, act, stands in rows(
            "SELECT e.unit_id, b.period, b.number, b.act, b.taken_back_at IS NULL FROM programmes_breach b"
            " JOIN programmes_enrolment e ON e.id = b.enrolment_id"
        )
    }
