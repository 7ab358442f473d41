"""What row-level security costs: point reads and a sorted page, with 83,000 areas and an officer over a tenth of them.

Baseline: the same statements with the same condition in the query, by a role that no policy applies to.
"""

import random
import statistics
import time
from collections.abc import Callable
from typing import Any

from django.db import connections, transaction

from amparo.registry.models import Household
from amparo.trust.actions import install_areas
from amparo.trust.context import acting
from amparo.trust.models import Area
from amparo.trust.scope import where, within
from amparo.trust.types import Actor, ActorKind, AreaConfig, Grant, Permission, Role, Scope, ScopeKind, system

AREAS = (10, 83, 100)  # regions, districts in each, places in each: 83,000 places
HOUSEHOLDS = 1_000_000
ROUNDS = 9
READS = 2_000
PAGES = 200


def run(*, households: int = HOUSEHOLDS, seed: int = 1) -> dict[str, Any]:
    """Return median seconds with and without row security, and their ratios. Needs an empty scratch database."""
    officer = prepare(households)
    draw = random.Random(seed)
    ids = list(within(Household.objects.using("bulk"), officer).values_list("id", flat=True)[:20_000])
    chosen = [draw.choice(ids) for _ in range(READS)]
    after = [draw.randrange(households) for _ in range(PAGES)]

    condition, ends = where(officer, of="registry_household")

    def point_reads(using: str) -> None:
        ask(using, f"SELECT * FROM registry_household WHERE id = %s AND {condition}", [[id, *ends] for id in chosen])

    def pages(using: str) -> None:
        page = f"SELECT * FROM registry_household WHERE number > %s AND {condition} ORDER BY number LIMIT 50"
        ask(using, page, [[number, *ends] for number in after])

    return {"areas": Area.objects.count(), "households": households} | {
        f"{name}_{figure}": value
        for name, work in (("point_read", point_reads), ("page_of_50", pages))
        for figure, value in compare(work, officer).items()
    }


def ask(using: str, statement: str, many: list[list[Any]]) -> None:
    """Run a statement for each set of values, planned each time as pages do, past the ORM, whose own cost would hide the gate's."""
    with connections[using].cursor() as cursor:
        for values in many:
            cursor.cursor.execute(statement, values).fetchall()


def compare(work: Callable[[str], None], officer: Actor) -> dict[str, float]:
    """Run both in turn and return medians; the ratio is the median of the pairs', so that drift cancels out."""
    pairs = []
    for _ in range(ROUNDS):
        pairs.append((timed(lambda: guarded(work, officer)), timed(lambda: unguarded(work))))
    guarded_seconds, plain_seconds = zip(*pairs[1:], strict=True)
    return {
        "seconds": round(statistics.median(guarded_seconds), 4),
        "baseline_seconds": round(statistics.median(plain_seconds), 4),
        "ratio": round(statistics.median(a / b for a, b in pairs[1:]), 3),
    }


def guarded(work: Callable[[str], None], officer: Actor) -> None:
    with acting(officer):
        work("default")


def unguarded(work: Callable[[str], None]) -> None:
    with transaction.atomic(using="bulk"):
        work("bulk")


def timed(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def prepare(households: int) -> Actor:
    """Make the areas and households, and return an officer over one region of ten."""
    lay_areas()
    with connections["bulk"].cursor() as cursor:
        cursor.execute(
            """INSERT INTO registry_household (id, area_id, area_number, created_at)
               SELECT amparo_uuid7(), a.id, a.number, now()
               FROM (SELECT id, number, row_number() OVER (ORDER BY md5(code)) - 1 AS place
                     FROM trust_area WHERE level = 'place') a
               JOIN generate_series(0, %s - 1) n ON n %% 83000 = a.place
               ORDER BY md5(n::text)""",
            [households],
        )
    with connections["owner"].cursor() as cursor:  # nobody else may, and PostgreSQL would only warn
        cursor.execute("ANALYZE registry_household")
    return officer_of("3")


def lay_areas() -> None:
    """Make 83,000 places in 830 districts of ten regions."""
    regions, districts, places = AREAS
    install_areas(
        [
            AreaConfig("land", None, "country", "land"),
            *(AreaConfig(f"{r}", "land", "region", f"{r}") for r in range(regions)),
            *(AreaConfig(f"{r}-{d}", f"{r}", "district", f"{d}") for r in range(regions) for d in range(districts)),
            *(
                AreaConfig(f"{r}-{d}-{p}", f"{r}-{d}", "place", f"{p}")
                for r in range(regions)
                for d in range(districts)
                for p in range(places)
            ),
        ],
        by=system("bench"),
    )


def officer_of(code: str) -> Actor:
    """Return an officer who searches in one area."""
    area = Area.objects.get(code=code)
    scope = Scope(ScopeKind.AREA, ((area.number, area.last_number),))
    return Actor(system("bench").id, ActorKind.OFFICER, (Grant(Role.OFFICER, scope),)).narrowed(Permission.FIND)
