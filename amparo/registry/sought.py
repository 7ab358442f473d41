"""Compiles what a partner looks for, among whom its agreement covers, into conditions of the one query over facts (`lent`).

Shape   a query over fields `<grain>.<name>` in, conditions, values, order and further columns of a statement out
Units   as in the dictionary: money in minor units
Nulls   a comparison with what is unknown, or too old to be relied on, is neither true nor its opposite: it finds nobody
Errors  Refused for a field that the agreement does not hand over as it is: whoever may not read it does not search by it
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import UUID

from amparo.dci.searching import Every, Not, Operator, Query, Some, Test
from amparo.kernel.errors import Refused
from amparo.registry.dictionary import Dictionary, Field
from amparo.trust.covering import Covered, Given

_COMPARED = {
    Operator.EQUAL: "{field} = {value}",
    Operator.UNEQUAL: "{field} <> {value}",
    Operator.ABOVE: "{field} > {value}",
    Operator.AT_LEAST: "{field} >= {value}",
    Operator.BELOW: "{field} < {value}",
    Operator.AT_MOST: "{field} <= {value}",
    Operator.AMONG: "{field} = ANY({value})",
    Operator.NOT_AMONG: "{field} <> ALL({value})",
    Operator.CONTAINS: "position({value} IN {field}) > 0",
    Operator.STARTS: "starts_with({field}, {value})",
    Operator.ENDS: "right({field}, length({value})) = {value}",
}
_ANY_PLACE = "own.area_number, own.number"


@dataclass(frozen=True)
class Wanted:
    """What is looked for, by fields as `<grain>.<name>`, and how it is wanted.

    `sort`      field, and whether the highest comes first
    `is_whole`  all of them or none: no page was asked for
    """

    query: Query
    sort: tuple[tuple[str, bool], ...] = ()
    skip: int = 0
    is_whole: bool = False


@dataclass
class Sought:
    """Parts of a statement. `order`: what rows are sorted by."""

    conditions: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    order: str = _ANY_PLACE
    skip: int = 0


def those(ids: list[UUID]) -> Sought:
    """Return what finds just these, of whom is covered."""
    return Sought(["own.id = ANY(%(sought_ids)s)"], {"sought_ids": ids})


def sought(wanted: Wanted, covered: Covered, words: Dictionary, column: Callable[[Field], str]) -> Sought:
    """Return what finds whom a query wants. `column` writes a field's value, null where nobody may rely on it."""
    found = _Compiling(Sought(skip=wanted.skip), covered, words, column, count(1))
    found.into.conditions.append(found.condition(wanted.query))
    orders = [f"{found.value(name)} {'DESC' if is_down else 'ASC'} NULLS LAST" for name, is_down in wanted.sort]
    found.into.order = ", ".join([*orders, _ANY_PLACE])
    return found.into


@dataclass
class _Compiling:
    into: Sought
    covered: Covered
    words: Dictionary
    column: Callable[[Field], str]
    made: Iterator[int]

    def condition(self, query: Query) -> str:
        match query:
            case Every(parts):
                return f"({' AND '.join(map(self.condition, parts))})"
            case Some(parts):
                return f"({' OR '.join(map(self.condition, parts))})"
            case Not(part):
                return f"(NOT {self.condition(part)})"
            case Test(name, operator, value):
                place = f"sought_{next(self.made)}"
                self.into.values[place] = list(value) if isinstance(value, tuple) else value
                return "(" + _COMPARED[operator].format(field=self.value(name), value=f"%({place})s") + ")"
        raise Refused("registry-not-sought")

    def value(self, name: str) -> str:
        grain, _, field = name.partition(".")
        terms = {(each.grain, each.name): each for each in self.covered.fields}
        term = terms.get((grain, field))
        if term is None or term.given is not Given.VALUE or self.words[grain, field].is_sealed:
            raise Refused("registry-not-sought")
        return f"({self.column(self.words[grain, field])})"
