"""What an expression may refer to: columns of the table, the elements that variables stand for, totals made before."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from inspect import Parameter, Signature
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from amparo.kernel.errors import Refused
from amparo.rules.lower.core import UNIT_MEMBER
from amparo.rules.model.nodes import HOUSEHOLD, HouseholdField, ListRead, MemberField, Node, OverList
from amparo.rules.model.types import Kind

UNIT = "unit:member"  # the column of the person decided about
LARGEST_DOUBLE = 1.7976931348623157e308
DATATYPES = {
    Kind.BOOLEAN: dt.boolean,
    Kind.INTEGER: dt.int64,
    Kind.MONEY: dt.int64,
    Kind.NUMBER: dt.float64,
    Kind.DATE: dt.date,
    Kind.CODE: dt.string,
    Kind.TEXT: dt.string,
}


def each_of(values: ir.ArrayValue, variable: str, make: Callable[[Any], Any]) -> ir.ArrayValue:
    """Return what is made of each element. Ibis names a lambda's variable by the function's; these must not clash."""

    def called(**element: Any) -> Any:
        return make(element[variable])

    parameter = Parameter(variable, Parameter.POSITIONAL_OR_KEYWORD)
    called.__signature__ = Signature([parameter])  # type: ignore[attr-defined]
    return values.map(called)


@dataclass(frozen=True)
class Row:
    """What an expression may refer to.

    `made`  what an earlier stage made of a list, look-up or long input → its column, or two: of a Count the sure and the
            possible number, of whatever else is an interval the least and the greatest value
    `make`  makes the same of a list on the spot, where it hangs off the element of another
    """

    table: ir.Table
    on: date
    make: Callable[[OverList, "Row"], list[ir.Value]]
    variables: Mapping[str, ir.StructValue] = field(default_factory=dict)
    made: Mapping[Node, tuple[str, ...]] = field(default_factory=dict)

    def within(self, variable: str, element: ir.StructValue) -> "Row":
        return replace(self, variables={**self.variables, variable: element})

    def over(self, node: OverList) -> tuple[ir.Value, ...]:
        """Return what is asked of a list."""
        return self.columns(node) if node in self.made else tuple(self.make(node, self))

    def columns(self, node: Node) -> tuple[ir.Value, ...]:
        """Return what an earlier stage made of the node."""
        return tuple(self.table[name] for name in self.made[node])

    def each(self, node: OverList, make: Callable[["Row"], Any], values: ir.ArrayValue | None = None) -> ir.ArrayValue:
        """Return what is made for each element of the node's list, or of `values`, in their order."""
        values = self.elements(node.source) if values is None else values
        return each_of(values, node.variable, lambda element: make(self.within(node.variable, element)))

    def elements(self, source: ListRead) -> ir.ArrayValue:
        return self._in(source.variable, source.name)

    def of(self, node: HouseholdField | MemberField) -> ir.Value:
        """Return the field in its own type; a double that is not finite is no value."""
        column = self._column(node)
        if column.type().copy(nullable=True) != DATATYPES[node.type.kind]:
            column = column.cast(DATATYPES[node.type.kind])
        if node.type.kind is Kind.NUMBER:
            return known_if(column.abs() <= LARGEST_DOUBLE, column)
        return column

    def _column(self, node: HouseholdField | MemberField) -> ir.Value:
        return self._in(node.variable if isinstance(node, MemberField) else HOUSEHOLD, node.name)

    def _in(self, variable: str, name: str) -> ir.Value:
        """Return a column of the household, or a field of the element that a variable stands for."""
        if variable == HOUSEHOLD:
            holder, names = self.table, self.table.columns
        else:
            holder = self.table[UNIT] if variable == UNIT_MEMBER else self.variables[variable]
            names = holder.type().names
        if name not in names:
            raise Refused("rules-column-missing", field=name)
        return holder[name]


def known_if(condition: ir.BooleanValue, value: ir.Value) -> ir.Value:
    """Return the value where the condition is true, elsewhere unknown."""
    return ibis.cases((condition, value))
