"""What is asked of members: one pass over the list makes a list of answers, the next stage reduces it to a value.

SQL's list aggregates skip NULL, so each reduction also asks whether the list holds one.
"""

from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import ibis.expr.types as ir

from amparo.rules.engines.columnar.expressions import expression
from amparo.rules.engines.columnar.row import LARGEST_DOUBLE, Row, known_if
from amparo.rules.lower.bounds import may_be_unknown
from amparo.rules.lower.core import VARIABLE
from amparo.rules.lower.numbers import LARGEST
from amparo.rules.model.nodes import Count, Exists, Literal, Node, Total

Over = Exists | Count | Total


def of_each(node: Node, row: Row) -> ir.ArrayValue:
    """Return the node's value for each member, as a list in the order of the members."""
    return row.table["members"].map(lambda m: expression(node, row.within(VARIABLE, m)))


def answers(node: Over, row: Row) -> list[ir.ArrayValue]:
    """Return the lists that `reduced` needs: of conditions, or of the values that count."""
    match node:
        case Count(condition=None):
            return [row.table["members"]]
        case Total(condition=None):
            return [of_each(node.body, row)]
        case Total(way="sum"):
            return [row.table["members"].map(lambda m: _counted(node, row.within(VARIABLE, m)))]
        case Total(condition=Node() as condition, body=body):
            meant = row.table["members"].filter(lambda m: expression(condition, row.within(VARIABLE, m)))
            return [meant.map(lambda m: expression(body, row.within(VARIABLE, m))), of_each(condition, row)]
    return [of_each(node.condition, row)]  # type: ignore[arg-type]


def _counted(node: Total, row: Row) -> Any:
    """Return the body where the condition is true, 0 where it is false, NULL where it is unknown."""
    condition, body = expression(node.condition, row), expression(node.body, row)  # type: ignore[arg-type]
    zero = ibis.literal(0, type=body.type())
    return ibis.cases((condition, body), (~condition, zero))


def reduced(node: Over, lists: list[ir.ArrayValue]) -> list[ir.Value]:
    """Return the value of the lists that `answers` made; of an uncertain Count the sure and the possible number."""
    match node:
        case Exists():
            return [_any_true(node, lists[0])]
        case Count(condition=None):
            return [lists[0].length()]
        case Count():
            sure = lists[0].filter(lambda held: held).length()
            return [sure, sure + _unknowns(lists[0])] if may_be_unknown(node) else [sure]
        case Total(way="sum"):
            return [known_if(_none_unknown(lists), _sum(node, lists[0]))]
    found = lists[0].mins() if node.way == "min" else lists[0].maxs()
    return [known_if(_none_unknown(lists), found)]


def _any_true(node: Exists, held: ir.ArrayValue) -> Any:
    found = held.contains(True)
    return ibis.cases((found, True), (_unknowns(held) == 0, False)) if may_be_unknown(node) else found


def _unknowns(values: ir.ArrayValue) -> ir.IntegerValue:
    return values.filter(lambda value: value.isnull()).length()


def _none_unknown(lists: list[ir.ArrayValue]) -> ir.BooleanValue:
    known = _unknowns(lists[0]) == 0
    return known if len(lists) == 1 else known & (_unknowns(lists[1]) == 0)


def _sum(node: Total, values: ir.ArrayValue) -> Any:
    """Return the sum of a list without NULL; of integers it may need 128 bits until it is known to fit."""
    total = ibis.coalesce(values.sums(), ibis.literal(0, type=values.type().value_type))
    if not node.type.is_exact:
        return known_if(total.abs() <= LARGEST_DOUBLE, total)
    if isinstance(node.body, Literal):
        return ops.Cast(total, dt.int64).to_expr()
    return known_if(total.abs() <= LARGEST, ops.Cast(total, dt.int64).to_expr())
