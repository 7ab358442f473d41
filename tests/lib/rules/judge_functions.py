"""What the judge knows of functions that CEL lacks: reckoned another way than both engines do, from the definition.

Units   days are days since 1970
Errors  raised where we say unknown
"""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from functools import singledispatch
from typing import Any

from cel_expr_python import cel

from amparo.rules.model.functions import (
    Between,
    CalendarPart,
    DecisionDay,
    Default,
    MonthsLater,
    Power,
    RoundedTo,
    Signed,
    TextHas,
)
from amparo.rules.model.nodes import Node

_EPOCH = date(1970, 1, 1)
_DYN = cel.Type.DYN


def _day(days: int) -> date:
    return _EPOCH + timedelta(days=days)


def _completed(start: date, months: int) -> date:
    """Return the day on which so many months are complete: in a month without the day, the first of the next."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    try:
        return date(year, month + 1, start.day)
    except ValueError:
        return date(year, month + 2, 1)


def _months(start: int, end: int) -> int:
    first, last = _day(start), _day(end)
    months = (last - first).days // 31 - 2
    while _completed(first, months + 1) <= last:
        months += 1
    return months


def _later(start: int, months: int) -> int:
    """Return the day of the month, or the day before the first of the month after."""
    day = _day(start)
    first = day.replace(day=1)
    step = 1 if months > 0 else -1
    for _ in range(abs(months)):
        first = (first + timedelta(days=32 if step > 0 else -1)).replace(day=1)
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return (min(first + timedelta(days=day.day - 1), last) - _EPOCH).days


def _to_multiple(way: str, of: Any, multiple: int) -> int:
    return _fitting(_nearby(way, Decimal(of), multiple))


def _fitting(found: int) -> int:
    if abs(found) >= 2**63:
        raise OverflowError
    return found


def _nearby(way: str, exact: Decimal, multiple: int) -> int:
    """Return the multiple chosen among the two beside."""
    with localcontext(prec=400):
        below = int((exact / multiple).to_integral_value("ROUND_FLOOR")) * multiple
        over = exact - below
    if not over:
        return below
    above = below + multiple
    match way:
        case "floor":
            return below
        case "ceil":
            return above
        case "trunc":
            return min(below, above, key=abs)
    if over * 2 != multiple:
        return below if over * 2 < multiple else above
    return max(below, above, key=abs) if way == "round" else (below if below // multiple % 2 == 0 else above)


def _power(way: str, decimals: int, *of: float) -> float:
    with localcontext(prec=80):
        x, *y = map(Decimal, of)
        found = x.exp() if way == "exp" else x.ln() if way == "ln" else x ** y[0]
        return float(found.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_EVEN))


def _declared(name: str, count: int, run: Callable[..., Any]) -> cel.FunctionDecl:
    return cel.FunctionDecl(name, [cel.Overload(f"{name}_{count}", _DYN, [_DYN] * count, False, run)])


DECLARED = [
    _declared("months_between", 2, _months),
    _declared("years_between", 2, lambda start, end: _months(start, end) // 12),
    _declared("add_months", 2, _later),
    _declared("year", 1, lambda day: _day(day).year),
    _declared("month", 1, lambda day: _day(day).month),
    _declared("half_even", 1, lambda of: _fitting(int(Decimal(of).to_integral_value(ROUND_HALF_EVEN)))),
    _declared("to_multiple", 3, _to_multiple),
    _declared("power_of", 3, _power),
    _declared("power_of_two", 4, _power),
]


@singledispatch
def written(node: Node, *parts: str) -> str:
    """Return the node in CEL, of its printed parts."""
    raise TypeError(type(node).__name__)


@written.register
def _(node: Default, of: str, otherwise: str) -> str:
    root, name = of.split(".")
    return f"{root}.?{name}.orValue({otherwise})"


@written.register
def _(node: DecisionDay) -> str:
    return "decision_day"


@written.register
def _(node: Between, start: str, end: str) -> str:
    return f"({end} - {start})" if node.way == "days" else f"{node.way}_between({start}, {end})"


@written.register
def _(node: MonthsLater, of: str, months: str) -> str:
    return f"add_months({of}, {months})"


@written.register
def _(node: CalendarPart, of: str) -> str:
    return f"{node.way}({of})"


@written.register
def _(node: TextHas, of: str, part: str) -> str:
    return f"{of}.{node.way}({part})"


@written.register
def _(node: Signed, of: str) -> str:
    return f"int(math.sign({of}))" if node.way == "sign" else f"math.abs({of})"


@written.register
def _(node: RoundedTo, of: str, multiple: str) -> str:
    return f'to_multiple("{node.way}", {of}, {multiple})'


@written.register
def _(node: Power, *of: str) -> str:
    return f'power_of{"_two" if len(of) == 2 else ""}("{node.way}", {node.decimals}, {", ".join(of)})'
