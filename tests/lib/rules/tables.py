"""Records as the columnar engine reads them: one row per household, with its members as a list of structs."""

from collections.abc import Iterator, Sequence
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from amparo.rules.catalogue import AREA, HOUSEHOLD, MEMBER, Catalogue
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


def schema(catalogue: Catalogue = CATALOGUE) -> pa.Schema:
    member = [pa.field("person_id", pa.string())]
    member += [pa.field(each.name, ARROW[each.type]) for each in catalogue.fields if each.grain == MEMBER]
    household = [pa.field(each.name, ARROW[each.type]) for each in catalogue.fields if each.grain == HOUSEHOLD]
    household += [pa.field(f"area.{each.name}", ARROW[each.type]) for each in catalogue.fields if each.grain == AREA]
    keys = [pa.field("household_id", pa.string()), pa.field("size", pa.int64())]
    return pa.schema([*keys, *household, pa.field("members", pa.list_(pa.struct(member)))])


def snapshot(records: Sequence[dict[str, Any]], catalogue: Catalogue = CATALOGUE) -> ir.Table:
    """Return the records as a table; household and person are named by their place: `3`, `3/0`."""
    rows = [
        {
            "household_id": str(number),
            "size": len(record["members"]),
            **record["household"],
            "members": [{"person_id": f"{number}/{i}", **member} for i, member in enumerate(record["members"])],
        }
        for number, record in enumerate(records)
    ]
    return ibis.memtable(pa.Table.from_pylist(rows, schema=schema(catalogue)))


def units(records: Sequence[dict[str, Any]], unit: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the key and the record of each unit: the households, or every member of each."""
    for number, record in enumerate(records):
        if unit == "household":
            yield str(number), record
        else:
            yield from ((f"{number}/{i}", {**record, "member": i}) for i in range(len(record["members"])))
