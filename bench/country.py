"""What a large country costs: ten programmes over a snapshot invented by SQL, decided, and where asked published twice.

Nobody is imported: the export's queries invent homes and members as they are read. All programmes are asked of
households, so that five million homes have fifty million decisions. In the second snapshot one home in twenty earns
something else.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from amparo.kernel.exports import UNTIL, ColumnClass, Export, Grade, Nested
from amparo.profiles.installing import install
from amparo.profiles.types import Profile
from amparo.programmes import evaluation
from amparo.programmes.actions import determine
from amparo.programmes.config import GROUND
from amparo.programmes.rulebook import fields_read, rulebook
from amparo.programmes.totals import total
from amparo.programmes.types import Engine
from amparo.registry.exports import households as households_export
from amparo.registry.queries import dictionary
from amparo.snapshot.actions import take
from amparo.snapshot.queries import open_snapshot
from amparo.snapshot.types import Snapshot
from bench.determination import BY, timed
from bench.imports import DECIDED_ON, peak_mb
from bench.programmes import of_homes, widened

_LAST_DAY = DECIDED_ON + timedelta(days=300)
_HOMES = """
SELECT n, hashint8extended(n, {seed}) & 9223372036854775807 AS drawn,
    (lpad(to_hex(n), 12, '0') || substr(md5(n::text), 13))::uuid AS household_id, (n / 250)::bigint AS area_number,
    1 + least(9, floor(-3.7 * ln(1 - (hashint8extended(n, 7) & 1048575) / 1048576.0)))::bigint AS size
FROM generate_series(1, {households}) each(n)
"""
_MEMBERS = """
SELECT household_id, hashint8extended(n * 16 + place, 11) & 9223372036854775807 AS drawn,
    (lpad(to_hex(n * 16 + place), 12, '0') || substr(md5((n * 16 + place)::text), 13))::uuid AS person_id
FROM ({homes}) home, generate_series(1, size) each(place)
"""
# What each field that the programmes read holds: some are not known of everybody. %% is psycopg's %.
_FIELDS = {
    "income_per_month": "CASE WHEN drawn %% 29 > 0 THEN (drawn >> 8) %% 90000 * size END",
    "birth_date": f"CASE WHEN drawn %% 53 > 0 THEN DATE '{DECIDED_ON}' - ((drawn >> 8) %% 32000)::integer END",
    "contributory_pension": "CASE WHEN drawn %% 19 > 0 THEN (drawn >> 6) %% 5 = 0 END",
    "disability_assessed": "CASE WHEN drawn %% 7 > 0 THEN (drawn >> 10) %% 9 = 0 END",
    "disability_grade": "CASE WHEN (drawn >> 10) %% 9 = 0 THEN (drawn >> 14) %% 5 END",
    "pregnant": "CASE WHEN drawn %% 11 > 0 THEN (drawn >> 7) %% 40 = 0 END",
}


def run(
    profile: Profile,
    *,
    households: int,
    publish: bool = False,
    programmes: int = 10,
    seed: int = 1,
    tell: Callable[[str], None] = lambda stage: None,
) -> dict[str, Any]:
    """Invent a country and decide it; with `publish` write its decisions, and once more when a twentieth has changed."""
    install(of_homes(widened(profile, programmes)), by=BY)
    tell("bench-snapshot")
    first, seconds = timed(lambda: invented(households, seed=seed))
    found = {
        "households": households,
        "persons": first.exports["households"].nested["members"],
        "programmes": programmes,
        "snapshot_seconds": round(seconds, 1),
    }
    tell("bench-engines")
    found |= decided(first)
    if publish:
        tell("bench-decisions")
        found |= {"first": published(first)}
        second = invented(households, seed=seed, changed=20)
        found |= {"next": published(second)}
    return {**found, "peak_mb": peak_mb()}


def invented(households: int, *, seed: int, changed: int = 0) -> Snapshot:
    """Freeze an invented country; with `changed`, one home in so many draws its own figures anew."""
    export = households_export(dictionary(using="bulk"), reads=fields_read(using="bulk"))
    drawn = f"{seed} + CASE WHEN n %% {changed} = 0 THEN 1 ELSE 0 END" if changed else f"{seed}"
    homes = _HOMES.format(seed=drawn, households=households)
    return take([_filled(export, homes)], grade=Grade.DECISION, on=DECIDED_ON, by=BY, under=GROUND)


def _filled(export: Export, homes: str) -> Export:
    """Return the registry's export of households with queries that invent what those of the registry read."""
    (members,) = export.nested
    persons = f"SELECT household_id, {_columns(members)} FROM ({_MEMBERS.format(homes=homes)}) person"
    return Export(
        name=export.name,
        query=f"SELECT {_columns(export)} FROM ({homes}) home",
        key=export.key,
        columns=export.columns,
        grades=export.grades,
        nested=(Nested(members.name, persons, members.parent, members.count, members.columns, members.key),),
    )


def _columns(of: Export | Nested) -> str:
    return ", ".join(f'{_value(name, kind)} AS "{name}"' for name, kind in of.columns.items())


def _value(name: str, kind: str) -> str:
    if name.endswith(UNTIL):
        return f"DATE '{_LAST_DAY}'"
    return name if kind in set(ColumnClass) else _FIELDS[name]


def decided(snapshot: Snapshot) -> dict[str, Any]:
    """Time all answers, kept as Parquet, and their hash."""
    book = rulebook(DECIDED_ON, using="bulk")
    with open_snapshot(snapshot.id, by=BY, under=GROUND) as connection:
        evaluation.prepare(connection, snapshot.exports["households"], book)
        _, evaluated = timed(lambda: evaluation.evaluate(connection, book, engine=Engine.COLUMNAR))
        totals, summed = timed(lambda: total(connection, book))
    return {
        "evaluate_seconds": round(evaluated, 1),
        "hash_seconds": round(summed, 1),
        "microseconds_per_household": round(1e6 * (evaluated + summed) / snapshot.exports["households"].rows, 2),
        "result_hash": totals.hash,
    }


def published(snapshot: Snapshot) -> dict[str, Any]:
    made, seconds = timed(lambda: determine(snapshot, on=DECIDED_ON, by=BY, under=GROUND))
    return {
        "seconds": round(seconds, 1),
        "decisions": made.total.decisions,
        "changed": made.total.changed,
        "decided_again": made.decided_again,
        "result_hash": made.result_hash,
    }
