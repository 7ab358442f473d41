"""What a row says is an object of JSON with what was said alone, whatever signs it is written in."""

import json
from datetime import date

import duckdb
import pytest

from amparo.intake.comparing.saying import said_as_json
from amparo.registry.dictionary import Field, Type
from tests.unit.trust.test_hmac_in_sql import drawn

SAID = {
    "is_head": (Type.BOOLEAN, "BOOLEAN", [True, False]),
    "rooms": (Type.INTEGER, "BIGINT", [0, -3, 2**62]),
    "income": (Type.MONEY, "BIGINT", [10050]),
    "hectares": (Type.NUMBER, "DOUBLE", [0.1, -2.5e-7, 1e300]),
    "born": (Type.DATE, "DATE", [date(1980, 2, 3)]),
    "sex": (Type.CODE, "VARCHAR", ["female", 'a "b" \\c,', ","]),
    "name": (Type.TEXT, "VARCHAR", drawn(50)),
}
FIELDS = [Field(name, "person", kind, "census") for name, (kind, *_) in SAID.items()]


def objects(rows: list[dict]) -> list[dict]:
    columns = ", ".join(f'unnest(?::{kind}[]) AS "{name}"' for name, (_, kind, _) in SAID.items())
    values = {name: f'"{name}"' for name in SAID}
    told = [[row.get(name) for row in rows] for name in SAID]
    with duckdb.connect() as db:
        found = db.execute(f"SELECT {said_as_json(FIELDS, values)} FROM (SELECT {columns})", told).fetchall()
    return [json.loads(text) for (text,) in found]


def stored(row: dict) -> dict:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}


@pytest.mark.parametrize("name", SAID)
def test_each_value_is_read_back_alone_and_beside_others(name):
    alone = [{name: value} for value in SAID[name][2]]
    beside = [{other: values[0] for other, (*_, values) in SAID.items()} | each for each in alone]
    assert objects(alone) == [stored(each) for each in alone]
    assert objects(beside) == [stored(each) for each in beside]


def test_nothing_said_is_an_empty_object():
    assert objects([{}]) == [{}]
    with duckdb.connect() as db:
        assert db.execute(f"SELECT {said_as_json([], {})}").fetchall() == [("{}",)]
