"""What an expression may refer to: columns of the table, the members that variables stand for, totals made before."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from amparo.kernel.errors import Refused
from amparo.rules.lower.core import UNIT_MEMBER
from amparo.rules.model.nodes import HouseholdField, MemberField, Node
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


@dataclass(frozen=True)
class Row:
    """`made`: what an earlier stage made → its column, or two: of a Count the sure and the possible number, of whatever
    else is an interval the least and the greatest value.
    """

    table: ir.Table
    on: date
    variables: Mapping[str, ir.StructValue] = field(default_factory=dict)
    made: Mapping[Node, tuple[str, ...]] = field(default_factory=dict)

    def within(self, variable: str, member: ir.StructValue) -> "Row":
        return replace(self, variables={**self.variables, variable: member})

    def over(self, node: Node) -> tuple[ir.Value, ...]:
        """Return the columns made for the node."""
        return tuple(self.table[name] for name in self.made[node])

    def of(self, node: HouseholdField | MemberField) -> ir.Value:
        """Return the field in its own type; a double that is not finite is no value."""
        column = self._column(node)
        if column.type().copy(nullable=True) != DATATYPES[node.type.kind]:
            column = column.cast(DATATYPES[node.type.kind])
        if node.type.kind is Kind.NUMBER:
            return known_if(column.abs() <= LARGEST_DOUBLE, column)
        return column

    def _column(self, node: HouseholdField | MemberField) -> ir.Value:
        if isinstance(node, HouseholdField):
            holder, names = self.table, self.table.columns
        else:
            holder = self.table[UNIT] if node.variable == UNIT_MEMBER else self.variables[node.variable]
            names = holder.type().names
        if node.name not in names:
            raise Refused("rules-column-missing", field=node.name)
        return holder[node.name]


def known_if(condition: ir.BooleanValue, value: ir.Value) -> ir.Value:
    """Return the value where the condition is true, elsewhere unknown."""
    return ibis.cases((condition, value))
