"""What is asked of a list: one pass over it makes a list of answers, the next stage reduces it to a value.

SQL's list aggregates skip NULL, so each reduction also asks whether the list holds one.
"""

from functools import singledispatch
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import ibis.expr.types as ir

from amparo.rules.engines.columnar.expressions import expression
from amparo.rules.engines.columnar.row import LARGEST_DOUBLE, Row, known_if
from amparo.rules.lower.bounds import may_be_unknown
from amparo.rules.lower.numbers import LARGEST
from amparo.rules.model.nodes import Count, Exists, Literal, Node, OverList, Total
from amparo.rules.model.types import Type


def over(node: OverList, row: Row) -> list[ir.Value]:
    """Return what is asked of a list, in one expression: where it hangs off an element of another."""
    return reduced(node, answers(node, row))


@singledispatch
def answers(node: OverList, row: Row) -> list[ir.ArrayValue]:
    """Return the lists that `reduced` needs: of conditions, or of the values that count."""
    match node:
        case Count(condition=None):
            return [row.elements(node.source)]
        case Total(condition=None):
            return [row.each(node, lambda of: expression(node.body, of))]
        case Total(way="sum"):
            return [row.each(node, lambda of: counted(node, of))]
        case Total(condition=Node() as condition, body=body):
            # A filter of its own beside the map: DuckDB is faster so.
            meant = row.elements(node.source).filter(lambda m: expression(condition, row.within(node.variable, m)))
            return [row.each(node, lambda of: expression(body, of), meant), _conditions(node, row)]
    return [_conditions(node, row)]


def _conditions(node: OverList, row: Row) -> ir.ArrayValue:
    return row.each(node, lambda of: expression(node.condition, of))  # type: ignore[arg-type]


def counted(node: Any, row: Row) -> Any:
    """Return the body where the condition is true, 0 where it is false, NULL where it is unknown."""
    condition, body = expression(node.condition, row), expression(node.body, row)
    zero = ibis.literal(0, type=body.type())
    return ibis.cases((condition, body), (~condition, zero))


@singledispatch
def reduced(node: OverList, made: list[ir.ArrayValue]) -> list[ir.Value]:
    """Return the value of the lists that `answers` made; of an uncertain Count the sure and the possible number."""
    match node:
        case Exists():
            return [_any_true(node, made[0])]
        case Count(condition=None):
            return [made[0].length()]
        case Count():
            sure = made[0].filter(lambda held: held).length()
            return [sure, sure + unknowns(made[0])] if may_be_unknown(node.condition) else [sure]  # type: ignore[arg-type]
        case Total(way=way):
            return [
                known_if(none_unknown(made), total(node.type, way, made[0], is_small=isinstance(node.body, Literal)))
            ]
    raise TypeError(f"the columnar engine does not know {type(node).__name__}")


def total(type: Type, way: str, values: ir.ArrayValue, *, is_small: bool = False) -> Any:
    """Return the sum, least or greatest of a list without NULL; `is_small`: the sum cannot be too large."""
    if way == "sum":
        return _sum(type, values, is_small)
    return values.mins() if way == "min" else values.maxs()


def _any_true(node: Exists, held: ir.ArrayValue) -> Any:
    found = held.contains(True)
    return ibis.cases((found, True), (unknowns(held) == 0, False)) if may_be_unknown(node) else found


def unknowns(values: ir.ArrayValue) -> ir.IntegerValue:
    return values.filter(lambda value: value.isnull()).length()


def none_unknown(made: list[ir.ArrayValue]) -> ir.BooleanValue:
    known = unknowns(made[0]) == 0
    return known if len(made) == 1 else known & (unknowns(made[1]) == 0)


def _sum(type: Type, values: ir.ArrayValue, is_small: bool) -> Any:
    """Return the sum of a list without NULL; of integers it may need 128 bits until it is known to fit."""
    total = ibis.coalesce(values.sums(), ibis.literal(0, type=values.type().value_type))
    if not type.is_exact:
        return known_if(total.abs() <= LARGEST_DOUBLE, total)
    if is_small:
        return ops.Cast(total, dt.int64).to_expr()
    return known_if(total.abs() <= LARGEST, ops.Cast(total, dt.int64).to_expr())
