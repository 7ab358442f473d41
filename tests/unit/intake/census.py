"""A drawn census of the small country, and its delivery into a database."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

from django.db import connections

from amparo.intake import actions
from amparo.trust.types import system
from tests.unit.intake.delivering import drawn

BY = system("test")

MAPPING = """
[batch]
source = "census"
purpose = "registration"
observed_on = 2026-03-01
checks = ["one_head", "plausible_dates"]

[[table]]
name = "households"
file = "households*"
[table.household]
key = "hh"
area = "area"
[table.household.fields]
rooms = "rooms"
income = "income"

[[table]]
name = "persons"
file = "persons*"
[table.person]
key = ["hh", "line"]
household = "hh"
[table.person.fields]
given_name = "name"
sex = "sex"
birth_date = "born"
is_head = { column = "line", matches = "^1$" }
[[table.person.identifiers]]
scheme = "national_id"
column = "nid"

[[table]]
name = "income"
file = "income*"
optional = true
[[table.items]]
kind = "income_month"
of = "person"
parent = ["hh", "line"]
[table.items.fields]
month = "month"
amount = "earned"
"""
VISIT = {"source": "census", "purpose": "registration", "observed_on": date(2026, 4, 1)}
HOUSEHOLDS = """
    hh | area | rooms | income
    1  | n1   | 3     | 100.5
    2  | s1   |       | 90
"""
PERSONS = """
    hh | line | name   | sex    | born       | nid
    1  | 1    | Amina  | female | 1980-02-03 | 11
    1  | 2    | Bela   | male   | 2010-05-06 |
    2  | 1    | Karim  | male   | 1950-01-01 | 12
"""


def files(folder: Path, households: str = HOUSEHOLDS, persons: str = PERSONS, **more: str) -> dict[str, Path]:
    folder.mkdir(exist_ok=True)
    found = {
        "households.csv": households,
        "persons.csv": persons,
        **{f"{name}.csv": text for name, text in more.items()},
    }
    for name, text in found.items():
        (folder / name).write_bytes(drawn(text))
    return {name: folder / name for name in found}


def delivered(folder: Path, *, mapping: str = MAPPING, **given: str) -> dict[str, Any]:
    received = actions.receive(files(folder, **given), tomllib.loads(mapping), name="census", by=BY, using="bulk")
    return actions.run(received.batch_id, by=BY)


def rows(statement: str) -> list[tuple]:
    with connections["bulk"].cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def everything() -> dict[str, int]:
    """How many rows each table holds that an import could read."""
    tables = [
        name
        for (name,) in rows("""
            SELECT oid::regclass::text FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition
            AND has_table_privilege(oid, 'SELECT') AND (relname ~ '^(registry|intake|trust)_' OR relnamespace = 'staging'::regnamespace)
        """)
    ]
    return {name: rows(f"SELECT count(*) FROM {name}")[0][0] for name in tables if name != "registry_parked"}
