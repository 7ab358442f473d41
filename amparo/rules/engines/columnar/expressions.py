"""The value of each kind of node as an Ibis expression. NULL is unknown.

SQL's AND, OR and comparisons are Kleene's; CASE is not (NULL takes ELSE), so each CASE names the states it means.
"""

import operator
from collections.abc import Callable
from datetime import date
from functools import partial, reduce, singledispatch
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import ibis.expr.types as ir

from amparo.rules.engines.columnar.once import shared
from amparo.rules.engines.columnar.row import DATATYPES, LARGEST_DOUBLE, Row, known_if
from amparo.rules.lower.bounds import bound, may_be_unknown, may_overflow
from amparo.rules.lower.intervals import is_interval
from amparo.rules.lower.numbers import LARGEST
from amparo.rules.lower.writing import copies_nothing
from amparo.rules.model.nodes import (
    Age,
    And,
    Arithmetic,
    AsNumber,
    Compare,
    Count,
    Exists,
    Extreme,
    Has,
    HouseholdField,
    If,
    In,
    Literal,
    MemberField,
    Node,
    Not,
    Or,
    Rounded,
    Size,
    Total,
)

Interval = tuple[ir.Value, ir.Value]

_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {"+": operator.add, "-": operator.sub, "*": operator.mul}
_ROUNDINGS: dict[str, Callable[[Any], Any]] = {
    "round": lambda of: of.round(),
    "floor": lambda of: of.floor(),
    "ceil": lambda of: of.ceil(),
    "trunc": lambda of: ibis.ifelse(of < 0.0, of.ceil(), of.floor()),
    "half_even": lambda of: _half_even(of),
}
_NEGATED = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", "<=": ">", ">": "<="}


@singledispatch
def expression(node: Node, row: Row) -> Any:
    """Return the node's value for each row."""
    raise TypeError(f"the columnar engine does not know {type(node).__name__}")


@expression.register
def _(node: Literal, row: Row) -> Any:
    literal = ibis.literal(node.value, type=DATATYPES[node.type.kind])
    # A bare 3 would be 32 bits wide, and overflow beside another.
    return ops.Cast(literal, dt.int64).to_expr() if node.type.is_exact else literal


@expression.register
def _(node: Size, row: Row) -> Any:
    return row.table["size"].cast("int64")


@expression.register(HouseholdField)
@expression.register(MemberField)
def _(node: HouseholdField | MemberField, row: Row) -> Any:
    return row.of(node)


@expression.register
def _(node: Has, row: Row) -> Any:
    return row.of(node.of).notnull()


@expression.register
def _(node: Not, row: Row) -> Any:
    # Not `~`: Ibis writes `(~x).notnull()` without brackets, and SQL reads that as NOT (x IS NOT NULL).
    return expression(node.of, row) != True  # noqa: E712 - a column


@expression.register
def _(node: And, row: Row) -> Any:
    return reduce(operator.and_, [expression(each, row) for each in node.of])


@expression.register
def _(node: Or, row: Row) -> Any:
    return reduce(operator.or_, [expression(each, row) for each in node.of])


@expression.register
def _(node: Compare, row: Row) -> Any:
    if is_interval(node.left) or is_interval(node.right):
        left, right = interval(node.left, row), interval(node.right, row)
        yes, no = _always(node.operator, left, right), _always(_NEGATED[node.operator], left, right)
        return ibis.cases((yes, True), (no, False))
    return _COMPARISONS[node.operator](expression(node.left, row), expression(node.right, row))


def _always(relation: str, left: Interval, right: Interval) -> Any:
    """Return whether the relation holds between any values of two intervals."""
    match relation:
        case "==":
            return (left[0] == left[1]) & (right[0] == right[1]) & (left[0] == right[0])
        case "!=":
            return (left[1] < right[0]) | (left[0] > right[1])
        case "<" | "<=":
            return _COMPARISONS[relation](left[1], right[0])
    return _COMPARISONS[relation](left[0], right[1])


@expression.register
def _(node: In, row: Row) -> Any:
    return expression(node.of, row).isin([expression(each, row) for each in node.options])


@expression.register
def _(node: If, row: Row) -> Any:
    condition = expression(node.condition, row)
    then, otherwise = expression(node.then, row), expression(node.otherwise, row)
    if not may_be_unknown(node.condition):
        return ibis.ifelse(condition, then, otherwise)
    return shared([node.condition], [condition], lambda held: ibis.cases((held, then), (~held, otherwise)))


@expression.register
def _(node: AsNumber, row: Row) -> Any:
    return certain(interval(node, row)) if is_interval(node) else expression(node.of, row).cast("float64")


@expression.register
def _(node: Arithmetic, row: Row) -> Any:
    if is_interval(node):
        return certain(interval(node, row))
    return _computed(node, expression(node.left, row), expression(node.right, row))


def _computed(node: Arithmetic, left: Any, right: Any) -> Any:
    if copies_nothing(node):
        return _result(node, left, right)
    return shared([node.left, node.right], [left, right], partial(_result, node))


def _result(node: Arithmetic, left: Any, right: Any) -> Any:
    """Return the result of two operands, or NULL where it divides by zero or is too large."""
    if node.operator in "/%" and not (isinstance(node.right, Literal) and node.right.value):
        right = right.nullif(0)
    if node.operator == "%":
        # The least of integers has no opposite: DuckDB stops at -2^63 % -1. Dividing by 1 leaves the same, nothing.
        result = left % ibis.ifelse(right == -1, 1, right)
    elif node.operator == "/":
        result = left / right
    else:
        result = _OPERATIONS[node.operator](left, right)
    if not may_overflow(node):
        return result
    if node.type.is_exact:  # an integer that overflows would stop the run: try with doubles first
        tried = _OPERATIONS[node.operator](left.cast("float64"), right.cast("float64"))
        return known_if(tried.abs() <= float(LARGEST), result)
    return known_if(result.abs() <= LARGEST_DOUBLE, result)


@expression.register
def _(node: Rounded, row: Row) -> Any:
    return shared([node.of], [expression(node.of, row)], partial(_rounded, node))


def _rounded(node: Rounded, of: Any) -> Any:
    whole = _ROUNDINGS[node.way](of).cast("int64")
    return known_if(of.abs() <= float(LARGEST), whole) if bound(node.of) > LARGEST else whole


def _half_even(of: Any) -> Any:
    below = of.floor().cast("float64")
    rest, is_odd = of - below, (below / 2.0).floor() * 2.0 != below
    return below + ((rest > 0.5) | ((rest == 0.5) & is_odd)).cast("float64")


@expression.register
def _(node: Extreme, row: Row) -> Any:
    if is_interval(node):
        return certain(interval(node, row))
    return _extreme(node, [expression(each, row) for each in node.of])


def _extreme(node: Extreme, of: list[Any]) -> Any:
    return shared(node.of, of, partial(_least_or_greatest, node))


def _least_or_greatest(node: Extreme, *of: Any) -> Any:
    """Return the least or greatest of the values; LEAST and GREATEST themselves pass over NULL."""
    found = ibis.least(*of) if node.way == "least" else ibis.greatest(*of)
    doubtful = [value.notnull() for value, each in zip(of, node.of, strict=True) if may_be_unknown(each)]
    return known_if(reduce(operator.and_, doubtful), found) if doubtful else found


@expression.register
def _(node: Age, row: Row) -> Any:
    return age(expression(node.of, row), row.on)


def age(birth: Any, on: date) -> Any:
    """Return completed years on the day: the difference of years, less one before the birthday."""
    is_before_birthday = (birth.month().cast("int64") * 100 + birth.day()) > on.month * 100 + on.day
    return on.year - birth.year().cast("int64") - is_before_birthday.cast("int64")


@expression.register(Exists)
@expression.register(Total)
def _(node: Exists | Total, row: Row) -> Any:
    return row.over(node)[0]


@expression.register
def _(node: Count, row: Row) -> Any:
    return certain(interval(node, row))


def interval(node: Node, row: Row) -> Interval:
    """Return the least and greatest value that the node may have in each row."""
    if not is_interval(node):
        value = expression(node, row)
        return value, value
    return ends_of(node, row)


@singledispatch
def ends_of(node: Node, row: Row) -> Interval:
    raise TypeError(type(node).__name__)


@ends_of.register
def _(node: Count, row: Row) -> Interval:
    made = row.over(node)
    return made[0], made[-1]


@ends_of.register
def _(node: AsNumber, row: Row) -> Interval:
    least, greatest = interval(node.of, row)
    return least.cast("float64"), greatest.cast("float64")


@ends_of.register
def _(node: Arithmetic, row: Row) -> Interval:
    return _combined(node, interval(node.left, row), interval(node.right, row))


@ends_of.register
def _(node: Extreme, row: Row) -> Interval:
    least, greatest = zip(*(interval(each, row) for each in node.of), strict=True)
    return _extreme(node, list(least)), _extreme(node, list(greatest))


def _combined(node: Arithmetic, left: Interval, right: Interval) -> Interval:
    if node.operator == "-":
        right = right[1], right[0]
    first, second = _computed(node, left[0], right[0]), _computed(node, left[1], right[1])
    certain = node.left if not is_interval(node.left) else node.right
    if node.operator in "*/" and not (isinstance(certain, Literal) and certain.value >= 0):
        # One side is certain; where it is negative, the ends change places.
        is_ordered = first <= second
        first, second = ibis.ifelse(is_ordered, first, second), ibis.ifelse(is_ordered, second, first)
    if may_overflow(node):
        are_known = first.notnull() & second.notnull()
        return known_if(are_known, first), known_if(are_known, second)
    return first, second


def certain(ends: Interval) -> Any:
    """Return the one value between the ends, or NULL where they differ."""
    least, greatest = ends
    return least if least is greatest else known_if(least == greatest, least)
