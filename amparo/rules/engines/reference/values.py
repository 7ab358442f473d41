"""The value of each kind of node. None is unknown."""

import math
import operator
from collections.abc import Callable, Iterable
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from functools import cache, singledispatch
from typing import Any

from amparo.kernel.dates import age_on
from amparo.rules.engines.reference.facts import Facts
from amparo.rules.lower.intervals import is_interval
from amparo.rules.lower.numbers import LARGEST
from amparo.rules.model.nodes import (
    Age,
    And,
    Arithmetic,
    AsNumber,
    Compare,
    Count,
    Every,
    Exists,
    ExistsOne,
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
    OverList,
    ParameterValue,
    Rounded,
    Size,
    Total,
)

Interval = tuple[Any, Any]

_WAYS = {
    "round": ROUND_HALF_UP,
    "half_even": ROUND_HALF_EVEN,
    "floor": ROUND_FLOOR,
    "ceil": ROUND_CEILING,
    "trunc": ROUND_DOWN,
}
_NEGATED = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", "<=": ">", ">": "<="}
_WITHIN: dict[str, Callable[[Interval, Interval], bool]] = {
    "==": lambda left, right: left[0] == left[1] == right[0] == right[1],
    "!=": lambda left, right: left[1] < right[0] or left[0] > right[1],
    "<": lambda left, right: left[1] < right[0],
    "<=": lambda left, right: left[1] <= right[0],
    ">": lambda left, right: left[0] > right[1],
    ">=": lambda left, right: left[0] >= right[1],
}
_TRUTHS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def value(node: Node, facts: Facts) -> Any:
    """Return the node's value, or None: unknown."""
    return _way_of(type(node))(node, facts)  # type: ignore[arg-type]


@singledispatch
def _value(node: Node, facts: Facts) -> Any:
    raise TypeError(f"the reference engine does not know {type(node).__name__}")


register = _value.register  # for kinds of nodes whose values stand in a file of their own
_way_of = cache(
    _value.dispatch
)  # asked for every node of every household; singledispatch itself would take twice the time


@_value.register
def _(node: Literal, facts: Facts) -> Any:
    return node.value


@_value.register
def _(node: ParameterValue, facts: Facts) -> Any:
    return facts.parameter(node, node.name)


@_value.register
def _(node: Size, facts: Facts) -> int:
    return len(facts.members)


@_value.register(HouseholdField)
@_value.register(MemberField)
def _(node: HouseholdField | MemberField, facts: Facts) -> Any:
    return facts.of(node)


@_value.register
def _(node: Has, facts: Facts) -> bool:
    return facts.of(node.of) is not None


@_value.register
def _(node: Not, facts: Facts) -> bool | None:
    return negation(value(node.of, facts))


@_value.register
def _(node: And, facts: Facts) -> bool | None:
    return conjunction(value(each, facts) for each in node.of)


@_value.register
def _(node: Or, facts: Facts) -> bool | None:
    return disjunction(value(each, facts) for each in node.of)


def negation(truth: bool | None) -> bool | None:
    return None if truth is None else not truth


def conjunction(truths: Iterable[bool | None]) -> bool | None:
    """Return Kleene's and: false if any is false, else unknown if any is unknown; true of none."""
    return negation(disjunction(map(negation, truths)))


def disjunction(truths: Iterable[bool | None]) -> bool | None:
    """Return Kleene's or: true if any is true, else unknown if any is unknown; false of none."""
    unknown = False
    for truth in truths:
        if truth:
            return True
        unknown = unknown or truth is None
    return None if unknown else False


@_value.register
def _(node: Compare, facts: Facts) -> bool | None:
    if is_interval(node.left) or is_interval(node.right):
        return _compared(node.operator, interval(node.left, facts), interval(node.right, facts))
    left, right = value(node.left, facts), value(node.right, facts)
    return None if left is None or right is None else _TRUTHS[node.operator](left, right)


def _compared(operator: str, left: Interval | None, right: Interval | None) -> bool | None:
    """Return the answer if it is the same for every value in the intervals."""
    if left is None or right is None:
        return None
    if _WITHIN[operator](left, right):
        return True
    return False if _WITHIN[_NEGATED[operator]](left, right) else None


@_value.register
def _(node: In, facts: Facts) -> bool | None:
    of, options = value(node.of, facts), [value(each, facts) for each in node.options]
    return None if of is None else disjunction(None if each is None else of == each for each in options)


@_value.register
def _(node: If, facts: Facts) -> Any:
    condition = value(node.condition, facts)
    return None if condition is None else value(node.then if condition else node.otherwise, facts)


@_value.register
def _(node: AsNumber, facts: Facts) -> float | None:
    if is_interval(node):
        return _certain(interval(node, facts))
    of = value(node.of, facts)
    return None if of is None else float(of)


@_value.register
def _(node: Arithmetic, facts: Facts) -> Any:
    if is_interval(node):
        return _certain(interval(node, facts))
    left, right = value(node.left, facts), value(node.right, facts)
    return None if left is None or right is None else computed(node.operator, left, right)


def computed(operator: str, left: Any, right: Any) -> Any:
    """Return the result of known operands; None when dividing by zero or when it is too large."""
    if operator in "/%" and right == 0:
        return None
    if operator == "%":
        return int(math.copysign(1, left)) * (abs(left) % abs(right))
    if operator == "/":
        return finite(left / right)
    operation = {"+": _add, "-": _subtract, "*": _multiply}[operator]
    if isinstance(left, float):
        return finite(operation(left, right))
    # Judged by the doubles, as the columnar engine must before it may touch the integers.
    return operation(left, right) if abs(operation(float(left), float(right))) <= LARGEST else None


_add, _subtract, _multiply = operator.add, operator.sub, operator.mul


def finite(number: float) -> float | None:
    return number if math.isfinite(number) else None


@_value.register
def _(node: Rounded, facts: Facts) -> int | None:
    of = value(node.of, facts)
    # A decimal holds the double exactly, so half is half.
    return None if of is None or abs(of) > LARGEST else int(Decimal(of).to_integral_value(_WAYS[node.way]))


@_value.register
def _(node: Extreme, facts: Facts) -> Any:
    if is_interval(node):
        return _certain(interval(node, facts))
    values = [value(each, facts) for each in node.of]
    return None if None in values else _least_or_greatest(node)(values)


def _least_or_greatest(node: Extreme) -> Callable[..., Any]:
    return min if node.way == "least" else max


@_value.register
def _(node: Age, facts: Facts) -> int | None:
    return age_on(value(node.of, facts), facts.on)


@_value.register
def _(node: Exists, facts: Facts) -> bool | None:
    held = truths(node, facts)
    return None if held is None else disjunction(held)


@_value.register
def _(node: Every, facts: Facts) -> bool | None:
    held = truths(node, facts)
    return None if held is None else conjunction(held)


def truths(node: Exists | ExistsOne | Every | Count, facts: Facts) -> list[bool | None] | None:
    """Return for each element whether the condition holds; for Every, whether it does not or the body does.

    None where the list is not known.
    """
    each = facts.each_of(node.source, node.variable)
    return None if each is None else [_truth(node, of) for of in each]


def _truth(node: Exists | ExistsOne | Every | Count, facts: Facts) -> bool | None:
    held = holds(node, facts)
    return disjunction([negation(held), value(node.body, facts)]) if isinstance(node, Every) else held


def holds(node: OverList, facts: Facts) -> bool | None:
    """Return whether the element that the node's variable stands for is among those asked."""
    return True if node.condition is None else value(node.condition, facts)


@_value.register
def _(node: Count, facts: Facts) -> int | None:
    return _certain(interval(node, facts))


@_value.register
def _(node: Total, facts: Facts) -> Any:
    each = facts.each_of(node.source, node.variable)
    return None if each is None else totalled([counted(node, of) for of in each if holds(node, of) is not False], node)


def counted(node: Any, facts: Facts) -> Any:
    """Return the body of an element that counts; unknown where it is not known whether it does."""
    return value(node.body, facts) if holds(node, facts) else None


def totalled(values: list[Any], node: Any) -> Any:
    if None in values:
        return None
    return added(values, node) if node.way == "sum" else (min if node.way == "min" else max)(values, default=None)


def added(values: list[Any], node: Node) -> Any:
    if node.type.is_exact:
        return sum(values) if abs(sum(values)) <= LARGEST else None
    total = 0.0
    for each in values:  # one after the other: newer Pythons' sum() corrects for rounding, and no database does
        total += each
    return finite(total)


def interval(node: Node, facts: Facts) -> Interval | None:
    """Return the least and greatest value the node may have; None when it is not known even so far."""
    if not is_interval(node):
        certain = value(node, facts)
        return None if certain is None else (certain, certain)
    match node:
        case Count():
            held = truths(node, facts)
            return None if held is None else (held.count(True), len(held) - held.count(False))
        case AsNumber(of=of):
            ends = interval(of, facts)
            return None if ends is None else (float(ends[0]), float(ends[1]))
        case Arithmetic(operator=operator, left=left, right=right):
            return _combined(operator, interval(left, facts), interval(right, facts))
        case Extreme(of=of):
            all_ends = [interval(each, facts) for each in of]
            choose = _least_or_greatest(node)
            known = [each for each in all_ends if each is not None]
            return tuple(map(choose, zip(*known, strict=True))) if len(known) == len(of) else None  # type: ignore[return-value]
    raise TypeError(type(node).__name__)


def _combined(operator: str, left: Interval | None, right: Interval | None) -> Interval | None:
    if left is None or right is None:
        return None
    if operator == "-":
        right = right[1], right[0]
    if operator in "+-":
        ends = [computed(operator, *pair) for pair in zip(left, right, strict=True)]
    else:  # one side is certain, so the ends of the product are among these
        ends = [computed(operator, one, other) for one in left for other in right]
    return None if None in ends else (min(ends), max(ends))


def _certain(ends: Interval | None) -> Any:
    return ends[0] if ends and ends[0] == ends[1] else None
