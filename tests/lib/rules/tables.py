"""Records as the columnar engine reads them: one row per household, with its members as a list of structs."""

from collections.abc import Iterator, Sequence
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from amparo.rules.catalogue import AREA, HOUSEHOLD, MEMBER, Catalogue
from amparo.rules.lower.names import OBSERVED_ON, SOURCE
from tests.lib.rules.world import CATALOGUE

ARROW = {
    "boolean": pa.bool_(),
    "integer": pa.int64(),
    "money": pa.int64(),
    "number": pa.float64(),
    "date": pa.date32(),
    "code": pa.string(),
    "text": pa.string(),
}


# How deep the structs of a table go: as deep as a rule may ask lists within one another.
DEEPEST = 3
_COMPANIONS = {OBSERVED_ON: pa.date32(), SOURCE: pa.string()}


def schema(catalogue: Catalogue = CATALOGUE) -> pa.Schema:
    keys = [pa.field("household_id", pa.string()), pa.field("size", pa.int64())]
    member = [pa.field("person_id", pa.string()), *_fields(catalogue, MEMBER, DEEPEST)]
    area = [pa.field(f"area.{each.name}", ARROW[each.type]) for each in catalogue.fields if each.grain == AREA]
    household = [*_fields(catalogue, HOUSEHOLD, DEEPEST), *area]
    return pa.schema([*keys, *household, pa.field("members", pa.list_(pa.struct(member)))])


def _fields(catalogue: Catalogue, grain: str, depth: int) -> list[pa.Field]:
    found = []
    for each in catalogue.fields:
        if each.grain == grain:
            found.append(pa.field(each.name, ARROW[each.type]))
            found += [pa.field(each.name + suffix, type) for suffix, type in _COMPANIONS.items()]
    for each in catalogue.lists if depth else ():
        if each.grain == grain:
            found.append(pa.field(each.name, pa.list_(pa.struct(_fields(catalogue, each.elements, depth - 1)))))
    return found


def snapshot(records: Sequence[dict[str, Any]], catalogue: Catalogue = CATALOGUE) -> ir.Table:
    """Return the records as a table; household and person are named by their place: `3`, `3/0`."""
    rows = [
        {
            "household_id": str(number),
            "size": len(record["members"]),
            **with_lists(record["household"], HOUSEHOLD, record, catalogue, DEEPEST),
            "members": [
                {"person_id": f"{number}/{i}", **with_lists(member, MEMBER, record, catalogue, DEEPEST)}
                for i, member in enumerate(record["members"])
            ],
        }
        for number, record in enumerate(records)
    ]
    return ibis.memtable(pa.Table.from_pylist(rows, schema=schema(catalogue)))


def with_lists(
    holder: dict[str, Any], grain: str, record: dict[str, Any], catalogue: Catalogue, depth: int
) -> dict[str, Any]:
    """Return the holder with its lists written out: a relative who is a member stands there as that member."""
    lists = {each.name: each.elements for each in catalogue.lists if each.grain == grain}
    found = {name: value for name, value in holder.items() if name not in lists}
    for name, elements in lists.items() if depth else ():
        held = holder.get(name)
        found[name] = held and [
            with_lists(
                record["members"][each] if isinstance(each, int) else each, elements, record, catalogue, depth - 1
            )
            for each in held
        ]
    return found


def units(records: Sequence[dict[str, Any]], unit: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the key and the record of each unit: the households, or every member of each."""
    for number, record in enumerate(records):
        if unit == "household":
            yield str(number), record
        else:
            yield from ((f"{number}/{i}", {**record, "member": i}) for i in range(len(record["members"])))
