"""How large a number can get and whether it can be unknown, so that compiled code guards only where it must."""

import math
import sys

from amparo.rules.lower.numbers import LARGEST, LARGEST_MULTIPLE
from amparo.rules.lower.powers import MOST_SCALED
from amparo.rules.model.functions import (
    Between,
    CalendarPart,
    DecisionDay,
    Default,
    MonthsLater,
    Power,
    RoundedTo,
    Signed,
)
from amparo.rules.model.lists import DaysSince, OverMonths, TotalOfFirst
from amparo.rules.model.lookups import Lookup, Nothing, Stated
from amparo.rules.model.nodes import (
    Age,
    Arithmetic,
    AsNumber,
    Count,
    Extreme,
    Has,
    HouseholdField,
    If,
    Literal,
    MemberField,
    Node,
    OverList,
    Rounded,
    Size,
    Total,
)
from amparo.rules.model.types import Kind

_INT64 = float(2**63)
_MEMBERS = 1e9
_YEARS = 1e5
_DAYS = 1e7  # of all the calendar; years and months are fewer


_OF_KIND: dict[type[Node], float] = {
    **dict.fromkeys((Size, Count), _MEMBERS),
    **dict.fromkeys((Between, CalendarPart), _DAYS),
    Age: _YEARS,
    DaysSince: _YEARS * 366,
    Nothing: 0.0,
}


def bound(node: Node) -> float:
    """Return a number that the node's absolute value never exceeds; infinity where there is none."""
    match node:
        case Literal(value=value):
            return abs(float(value))
        case Power(decimals=decimals):
            return MOST_SCALED / 10**decimals
        case Signed(way="sign"):
            return 1.0
        case Default(of=of, otherwise=otherwise):
            return max(bound(of), bound(otherwise))
        case HouseholdField(type=held) | MemberField(type=held):
            return sys.float_info.max if held.kind is Kind.NUMBER else _INT64
        case AsNumber(of=of):
            return bound(of)
        case If(then=then, otherwise=otherwise):
            return max(bound(then), bound(otherwise))
        case Extreme(of=of) | Lookup(values=of) | Stated(versions=of):
            return max(map(bound, of))
        case OverMonths(way="count", months=months):
            return float(months)
        case OverMonths(way="mean", body=body):
            return float(LARGEST) if body.type.is_exact else sys.float_info.max
        case OverMonths():
            return float(LARGEST) if node.type.is_exact else sys.float_info.max
        case Total(way=way, body=body) | TotalOfFirst(way=way, body=body):
            return bound(body) if way != "sum" else LARGEST if node.type.is_exact else sys.float_info.max
        case Rounded(of=of):
            return min(bound(of) + 1, LARGEST)
        case RoundedTo(of=of):
            return min(bound(of) + LARGEST_MULTIPLE, LARGEST)
        case Signed(of=of):
            return min(bound(of), LARGEST) if node.type.is_exact else bound(of)
        case Arithmetic():
            return min(raw_bound(node), float(LARGEST) if node.type.is_exact else sys.float_info.max)
    return _OF_KIND.get(type(node), math.inf)


def raw_bound(node: Arithmetic) -> float:
    """Return the bound of a result before what is too large becomes unknown."""
    left, right = bound(node.left), bound(node.right)
    match node.operator:
        case "*":
            return left * right
        case "/":
            return left / _least_divisor(node.right)
        case "%":
            return right
    return left + right


def _least_divisor(node: Node) -> float:
    """Return the least absolute value of a divisor that is not zero; zero would be unknown."""
    if isinstance(node, Literal):
        return abs(node.value) or 1.0
    return 1.0 if isinstance(node, AsNumber) else math.ulp(0.0)


def may_overflow(node: Arithmetic) -> bool:
    """Return whether the result may be too large to be known."""
    if node.operator == "%":
        return False
    return not raw_bound(node) <= (LARGEST if node.type.is_exact else sys.float_info.max)


def may_be_unknown(node: Node) -> bool:
    """Return whether the node may be unknown for some unit; an uncertain count counts as unknown."""
    match node:
        case HouseholdField() | MemberField() | Total() | TotalOfFirst() | OverMonths() | Nothing():
            return True
        case RoundedTo() | Power() | MonthsLater():
            return True
        case Default(otherwise=otherwise):
            return may_be_unknown(otherwise)
        case Has() | DecisionDay() | Size() | Literal():
            return False
        case OverList(source=source, condition=condition):
            return not source.is_members or (condition is not None and may_be_unknown(condition))
        case Arithmetic(operator=operator, right=right) if operator in "/%":
            nonzero = isinstance(right, Literal) and right.value != 0
            return not nonzero or may_overflow(node) or any(map(may_be_unknown, node.parts))
        case Arithmetic():
            return may_overflow(node) or any(map(may_be_unknown, node.parts))
        case Rounded(of=of) | Signed(way="abs", of=of):
            return bound(of) > LARGEST or may_be_unknown(of)
    return any(map(may_be_unknown, node.parts))
