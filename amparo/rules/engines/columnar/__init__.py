"""The columnar engine: a country through Ibis, all programmes in one scan, on DuckDB.

Shape   in: one row per household: `household_id`, `size`, a column per household field by its dictionary name,
        `members` array<struct<person_id, a field per member field>> (an empty home has an empty list, not NULL);
        a list under its name as a column or in the struct of whom it hangs off, array<struct<…>> (not collected: NULL)
        out: one row per household, or, for programmes that decide about persons, one row per member: `household_id`,
        `person_id` where about persons, `unit_id` and `is_grouped` where the table is of groups (`units`), and for each programme `<p>__outcome` boolean, `<p>__amount` int64,
        `<p>__missing` array<string>
Units   money in integer minor units; `on` is the decision day, for ages and for parameters
Nulls   NULL is unknown, as in the reference engine; an amount is NULL unless the outcome is true and the amount known;
        `missing` is sorted, and empty where nothing is missing
Errors  Refused: a column that a rule reads is not there; programmes about households and about persons in one call, or
        of groups over a table that is not; a parameter without a value on the day
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir

from amparo.kernel.errors import Refused
from amparo.rules.engines.columnar import functions, lookups  # noqa: F401 - register functions, tables and models
from amparo.rules.engines.columnar import missing_lists as _missing_lists  # noqa: F401 - registers nodes
from amparo.rules.engines.columnar.expressions import expression
from amparo.rules.engines.columnar.missing import reasons
from amparo.rules.engines.columnar.row import Row
from amparo.rules.engines.columnar.stages import staged
from amparo.rules.engines.columnar.units import GROUPED, one_row_per_group
from amparo.rules.lower.core import Constants, lowered
from amparo.rules.model.nodes import Node
from amparo.rules.model.rule import PERSON_UNIT, ProgrammeRule, Rule
from amparo.rules.parameters import Parameters

__all__ = ["columns", "one_row_per_group", "values"]


def columns(table: ir.Table, programmes: Mapping[str, ProgrammeRule], *, on: date, parameters: Parameters) -> ir.Table:
    """Return the decisions of all programmes, which must decide about the same unit, as a table not yet computed."""
    models = {name: _lowered(each.on(on), on, parameters) for name, each in programmes.items()}
    asked = [model for pair in models.values() for model in pair if model is not None]
    row = staged(table, asked, unit=_unit(programmes), on=on)
    # Each stage is closed by a view: Ibis would otherwise write an earlier stage out again wherever a later one uses it.
    decided = row.table.mutate(**{f"{name}__outcome": expression(pair[0], row) for name, pair in models.items()}).view()
    row = replace(row, table=decided)
    granted = {f"{name}__amount": _amount(name, pair[1], row) for name, pair in models.items()}
    decided = decided.mutate(**granted).view()
    row = replace(row, table=decided)
    found = {f"{name}__missing": _missing(name, *pair, row) for name, pair in models.items()}
    return decided.mutate(**found).select(*_keys(table, programmes.values()), *_in_order(programmes))


def values(table: ir.Table, rules: Mapping[str, Rule], *, on: date, parameters: Parameters) -> ir.Table:
    """Return one column per rule with its value, whatever type it gives, beside the key of the unit."""
    units = {rule.unit for rule in rules.values()}
    of_the_day = {name: rule.on(on) for name, rule in rules.items()}
    models = {name: lowered(rule.model, _constants(rule, on, parameters)) for name, rule in of_the_day.items()}
    row = staged(table, list(models.values()), unit=_one(units), on=on)
    return row.table.select(
        *_keys(table, rules.values()), **{name: expression(model, row) for name, model in models.items()}
    )


def _lowered(programme: ProgrammeRule, on: date, parameters: Parameters) -> tuple[Node, Node | None]:
    constants = _constants(programme, on, parameters)
    amount = lowered(programme.amount.model, constants) if programme.amount else None
    return lowered(programme.outcome.model, constants), amount


def _constants(rule: Rule | ProgrammeRule, on: date, parameters: Parameters) -> Constants:
    on_day = parameters.on(on)
    return Constants(on, {name: on_day[name].value for name in sorted(rule.parameters)})


def _unit(programmes: Mapping[str, ProgrammeRule]) -> str:
    return _one({each.unit for each in programmes.values()})


def _keys(table: ir.Table, rules: Collection[Rule | ProgrammeRule]) -> list[str]:
    """Return the columns that name a unit, or refuse rules about groups over what is not made of groups."""
    is_of_groups = GROUPED[0] in table.columns
    if {each.of_group for each in rules} != {is_of_groups}:
        raise Refused("rules-columns-not-of-groups")
    is_of_persons = {each.unit for each in rules} == {PERSON_UNIT}
    return ["household_id", *(GROUPED if is_of_groups else ()), *(["person_id"] if is_of_persons else ())]


def _one(units: set[str]) -> str:
    if len(units) != 1:
        raise Refused("rules-columns-of-one-unit")
    return next(iter(units))


def _amount(name: str, amount: Node | None, row: Row) -> ir.Value:
    if amount is None:
        return ibis.null("int64")
    return ibis.cases((row.table[f"{name}__outcome"], expression(amount, row)))


def _missing(name: str, outcome: Node, amount: Node | None, row: Row) -> ir.Value:
    """Return the names of the missing fields; the list is made only where something is unknown."""
    granted = row.table[f"{name}__outcome"]
    unknown = [(granted.isnull(), reasons(outcome, row, is_known_unknown=True))]
    if amount is not None:
        is_without_amount = granted & row.table[f"{name}__amount"].isnull()
        unknown.append((is_without_amount, reasons(amount, row, is_known_unknown=True)))
    named = [(where, _names(found)) for where, found in unknown if found]
    nothing = ibis.literal([], type="array<string>")
    return ibis.cases(*named, else_=nothing) if named else nothing


def _names(found: dict[str, Any]) -> ir.ArrayValue:
    named = [ibis.cases((found[name], name)) for name in sorted(found)]
    return ibis.array(named).filter(lambda name: name.notnull())


def _in_order(programmes: Mapping[str, ProgrammeRule]) -> Iterator[str]:
    for name in programmes:
        yield from (f"{name}__outcome", f"{name}__amount", f"{name}__missing")
