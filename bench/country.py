"""What a large country costs: ten programmes over a snapshot invented by SQL, decided, and where asked published twice.

Nobody is imported: homes and members are invented by DuckDB as the snapshot takes them. All programmes are asked of
households, so that five million homes have fifty million decisions. In the second snapshot one home in twenty earns
something else.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import duckdb
import pyarrow as pa

from amparo.kernel.exports import UNTIL, Export, Grade
from amparo.profiles.installing import install
from amparo.profiles.types import Profile
from amparo.programmes import answers, evaluation
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

HOMES_AN_AREA = 250
_LAST_DAY = DECIDED_ON + timedelta(days=300)
_HOMES = """
SELECT (lpad(to_hex(n), 12, '0') || substr(md5(n::VARCHAR), 13))::UUID AS household_id, n // {area} AS area_number,
    hash(n, {seed} + {anew}) AS drawn, list_transform(range(size), lambda place: n * 16 + place) AS numbers, size
FROM (SELECT n, 1 + least(9, floor(-3.7 * ln(1 - (hash(n, 7) % 1048576) / 1048576.0)))::BIGINT AS size
    FROM range(1, {households} + 1) each(n))
"""
# What a home and a person hold, drawn from a number of their own; some of it is not known.
_OF_HOME = {
    "household_id": "household_id",
    "area_number": "area_number",
    "size": "size",
    "income_per_month": "CASE WHEN drawn % 29 > 0 THEN ((drawn >> 8) % 90000)::BIGINT * size END",
}
_OF_PERSON = {
    "person_id": "(lpad(to_hex(m), 12, '0') || substr(md5(m::VARCHAR), 13))::UUID",
    "birth_date": f"CASE WHEN hash(m) % 53 > 0 THEN DATE '{DECIDED_ON}' - (hash(m, 1) % 32000)::INTEGER END",
    "contributory_pension": "CASE WHEN hash(m, 2) % 19 > 0 THEN hash(m, 3) % 5 = 0 END",
    "disability_assessed": "CASE WHEN hash(m, 4) % 7 > 0 THEN hash(m, 5) % 9 = 0 END",
    "disability_grade": "CASE WHEN hash(m, 5) % 9 = 0 THEN (hash(m, 6) % 100)::BIGINT END",
    "pregnant": "CASE WHEN hash(m, 7) % 11 > 0 THEN hash(m, 8) % 40 = 0 END",
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
    """Freeze an invented country; with `changed`, one home in so many has drawn its own figures anew."""
    export = households_export(dictionary(using="bulk"), reads=fields_read(using="bulk"))
    anew = f"(n % {changed} = 0)::INTEGER" if changed else "0"
    homes = _HOMES.format(area=HOMES_AN_AREA, seed=seed, anew=anew, households=households)

    @contextmanager
    def rows(export: Export, **_: Any) -> Iterator[pa.RecordBatchReader]:
        with duckdb.connect() as connection:
            connection.execute("SET arrow_lossless_conversion = true")  # a UUID stays one
            yield connection.execute(_filled(export, homes)).to_arrow_reader(50_000)

    return take([export], grade=Grade.DECISION, on=DECIDED_ON, by=BY, under=GROUND, rows=rows)


def _filled(export: Export, homes: str) -> str:
    """Return the rows of the registry's export as they are invented, in its columns."""
    (members,) = export.nested
    own = ", ".join(f'{_value(name, _OF_HOME)} AS "{name}"' for name in export.columns)
    person = ", ".join(f'"{name}" := {_value(name, _OF_PERSON)}' for name in members.columns)
    return (
        f"SELECT {own}, list_transform(numbers, lambda m: struct_pack({person})) AS {members.name} FROM ({homes}) home"
    )


def _value(name: str, held: Mapping[str, str]) -> str:
    return f"DATE '{_LAST_DAY}'" if name.endswith(UNTIL) else held[name]


def decided(snapshot: Snapshot) -> dict[str, Any]:
    """Time all answers, their archive as encrypted Parquet, and the hash that is read from it."""
    book = rulebook(DECIDED_ON, using="bulk")
    with open_snapshot(snapshot.id, by=BY, under=GROUND) as connection:
        evaluation.prepare(connection, snapshot.exports["households"], book)
        _, evaluated = timed(lambda: evaluation.evaluate(connection, book, engine=Engine.COLUMNAR))
        files, archived = timed(lambda: answers.archive(connection, answers.ANSWER))
        totals, summed = timed(lambda: total(connection, book))
        size = sum(each.stat().st_size for each in files)
    seconds = evaluated + archived + summed
    return {
        "evaluate_seconds": round(evaluated, 1),
        "archive_seconds": round(archived, 1),
        "hash_seconds": round(summed, 1),
        "seconds": round(seconds, 1),
        "microseconds_per_household": round(1e6 * seconds / snapshot.exports["households"].rows, 2),
        "answers": sum(each["decisions"] for each in totals.counts.values()),
        "archive_mb": size >> 20,
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
