"""Runs a programme's rule on each engine, and says where they differ."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import ibis

from amparo.rules.engines.columnar import columns, values
from amparo.rules.engines.reference import decide, evaluate
from amparo.rules.model.rule import Decided, ProgrammeRule, Rule
from amparo.rules.parameters import Parameters
from tests.lib.rules.tables import snapshot, units
from tests.lib.rules.world import PARAMETERS, TODAY

Decisions = dict[str, dict[str, Decided]]
Programmes = Mapping[str, ProgrammeRule]


def by_reference(
    programmes: Programmes, records: Sequence[dict], *, on: date = TODAY, parameters: Parameters = PARAMETERS
) -> Decisions:
    """Return programme → unit → what was decided."""
    return {
        name: {key: decide(each, unit, on=on, parameters=parameters) for key, unit in units(records, each.unit)}
        for name, each in programmes.items()
    }


def by_columns(
    programmes: Programmes, records: Sequence[dict], *, on: date = TODAY, parameters: Parameters = PARAMETERS
) -> Decisions:
    """Return the same by one scan of all programmes, which decide about one unit."""
    frozen = snapshot(records)
    table = columns(frozen, programmes, on=on, parameters=parameters)
    rows = table.to_pyarrow().to_pylist()
    ibis.get_backend().con.unregister(frozen.get_name())  # Ibis would keep it until the process ends
    key = "person_id" if "person_id" in table.columns else "household_id"
    return {name: {row[key]: decided(name, row) for row in rows} for name in programmes}


def decided(name: str, row: dict[str, Any]) -> Decided:
    return Decided(row[f"{name}__outcome"], row[f"{name}__amount"], tuple(row[f"{name}__missing"]))


def values_by_reference(rule: Rule, records: Sequence[dict], *, on: date = TODAY) -> dict[str, Any]:
    """Return unit → value, of whatever type."""
    return {key: evaluate(rule, unit, on=on, parameters=PARAMETERS) for key, unit in units(records, rule.unit)}


def values_by_columns(rule: Rule, records: Sequence[dict], *, on: date = TODAY) -> dict[str, Any]:
    table = values(snapshot(records), {"value": rule}, on=on, parameters=PARAMETERS)
    key = "person_id" if "person_id" in table.columns else "household_id"
    return {row[key]: row["value"] for row in table.to_pyarrow().to_pylist()}


def disagreements(programmes: Programmes, records: Sequence[dict], *, on: date = TODAY) -> list[str]:
    """Return one line for each unit on which the engines differ."""
    reference, columnar = by_reference(programmes, records, on=on), by_columns(programmes, records, on=on)
    return [
        f"{programmes[name].outcome.text} → {programmes[name].amount and programmes[name].amount.text}"
        f"\n  unit {key}: reference {expected}, columnar {columnar[name].get(key)}"
        for name, units_decided in reference.items()
        for key, expected in units_decided.items()
        if expected != columnar[name].get(key)
    ]


ENGINES = {"reference": values_by_reference, "columnar": values_by_columns}


def sql(programmes: Programmes, records: Sequence[dict] = ()) -> str:
    """Return what the columnar engine would send to DuckDB, to read when a test fails."""
    return ibis.to_sql(columns(snapshot(records), programmes, on=TODAY, parameters=PARAMETERS))
