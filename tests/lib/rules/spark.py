"""Runs the columnar engine on Spark: one session in a test process, and many rules in one job."""

from collections.abc import Callable
from typing import Any

import ibis
import ibis.expr.types as ir

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


def _rows(records: list[dict], decide: Callable[[ir.Table], ir.Table]) -> dict[str, dict[str, Any]]:
    rows = snapshot(records).to_pyarrow()
    query = sql(decide(ibis.table(ibis.Schema.from_pyarrow(rows.schema), name=ROWS)))
    found = [
        row
        for table in computed(session(MASTER), rows.to_reader(), query, settings=SETTINGS)
        for row in table.to_pylist()
    ]
    return {row.get("person_id", row["household_id"]): row for row in found}
