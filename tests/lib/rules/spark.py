"""Runs the columnar engine on Spark: one session in a test process, and many rules in one job."""

from collections.abc import Callable
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from amparo.rules.engines.columnar import columns, values
from amparo.rules.engines.columnar.spark import SETTINGS, sql
from amparo.rules.model.rule import Rule
from amparo.snapshot.spark import ROWS, computed, session
from tests.lib.rules.engines import Decisions, Programmes, decided
from tests.lib.rules.tables import snapshot
from tests.lib.rules.world import PARAMETERS, TODAY

MASTER = "local[2]"


def by_spark(programmes: Programmes, records: list[dict], *, on: Any = TODAY) -> Decisions:
    """Return programme → unit → what was decided."""
    rows = _rows(records, lambda table: columns(table, programmes, on=on, parameters=PARAMETERS))
    return {name: {key: decided(name, row) for key, row in rows.items()} for name in programmes}


def values_by_spark(rules: dict[str, Rule], records: list[dict], *, on: Any = TODAY) -> dict[str, dict[str, Any]]:
    """Return rule → unit → value, of rules about one unit."""
    rows = _rows(records, lambda table: values(table, rules, on=on, parameters=PARAMETERS))
    return {name: {key: row[name] for key, row in rows.items()} for name in rules}


def on_spark(rows: pa.Table, decide: Callable[[ir.Table], ir.Table]) -> list[dict[str, Any]]:
    """Return the rows of the table that is made of a table."""
    query = sql(decide(ibis.table(ibis.Schema.from_pyarrow(rows.schema), name=ROWS)))
    batches = computed(session(MASTER), rows.to_reader(), query, settings=SETTINGS)
    return [row for table in batches for row in table.to_pylist()]


def _rows(records: list[dict], decide: Callable[[ir.Table], ir.Table]) -> dict[str, dict[str, Any]]:
    found = on_spark(snapshot(records).to_pyarrow(), decide)
    return {row.get("person_id", row["household_id"]): row for row in found}
