"""A snapshot of a country that nobody imported: DuckDB invents homes and members as the snapshot takes them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import duckdb
import pyarrow as pa

from amparo.kernel.exports import UNTIL, Export, Grade
from amparo.programmes.config import GROUND
from amparo.programmes.rulebook import fields_read
from amparo.registry.exports import households as households_export
from amparo.registry.queries import dictionary
from amparo.snapshot.actions import take
from amparo.snapshot.types import Snapshot
from amparo.trust.types import system
from bench.imports import DECIDED_ON

BY = system("bench")
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
    "sex": "CASE WHEN hash(m, 9) % 37 > 0 THEN CASE WHEN hash(m, 10) % 2 = 0 THEN 'female' ELSE 'male' END END",
    "pregnant": "CASE WHEN hash(m, 7) % 11 > 0 THEN hash(m, 8) % 40 = 0 END",
}


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
