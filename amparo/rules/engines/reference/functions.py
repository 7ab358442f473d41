"""The value of what is called by name on single values. None is unknown."""

import math
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any

from amparo.kernel.dates import add_months, age_on
from amparo.rules.engines.reference.facts import Facts
from amparo.rules.engines.reference.values import register, truths, value
from amparo.rules.lower.numbers import LARGEST, LARGEST_MULTIPLE
from amparo.rules.lower.powers import (
    GREATEST,
    HIGHEST,
    MOST_SCALED,
    SMALLEST,
    Reckoner,
    exponential,
    half_even,
    logarithm,
)
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
from amparo.rules.model.nodes import ExistsOne, Node

_HALF = Fraction(1, 2)
_ROUNDINGS: dict[str, Callable[[Fraction], int]] = {
    "floor": math.floor,
    "ceil": math.ceil,
    "trunc": math.trunc,
    "half_even": round,
    "round": lambda of: math.floor(of + _HALF) if of >= 0 else math.ceil(of - _HALF),
}
_SPANS: dict[str, Callable[[date, date], int | None]] = {
    "years": age_on,
    "months": lambda start, end: (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day),
    "days": lambda start, end: (end - start).days,
}
_PARTS: dict[str, Callable[[str, str], bool]] = {
    "startsWith": str.startswith,
    "endsWith": str.endswith,
    "contains": str.__contains__,
}
_BY = Reckoner(
    once=lambda value, use: use(value),
    choose=lambda condition, then, otherwise: then if condition else otherwise,
    floor=lambda x: float(math.floor(x)),
    two_to=lambda k: math.ldexp(1.0, int(k)),
    exponent=lambda x: float(math.frexp(x)[1] - 1),
)


def _strict(node: Node, facts: Facts, known: Callable[..., Any]) -> Any:
    """Return what is made of the parts, where all are known."""
    parts = [value(each, facts) for each in node.parts]
    return None if None in parts else known(*parts)


@register
def _(node: Default, facts: Facts) -> Any:
    found = facts.of(node.of)
    return value(node.otherwise, facts) if found is None else found


@register
def _(node: DecisionDay, facts: Facts) -> date:
    return facts.on


@register
def _(node: Between, facts: Facts) -> int | None:
    return _strict(node, facts, _SPANS[node.way])


@register
def _(node: MonthsLater, facts: Facts) -> date | None:
    return _strict(node, facts, _months_later)


def _months_later(day: date, months: int) -> date | None:
    try:
        return add_months(day, months)
    except (ValueError, OverflowError):  # no such year
        return None


@register
def _(node: CalendarPart, facts: Facts) -> int | None:
    return _strict(node, facts, lambda day: day.year if node.way == "year" else day.month)


@register
def _(node: TextHas, facts: Facts) -> bool | None:
    return _strict(node, facts, _PARTS[node.way])


@register
def _(node: Signed, facts: Facts) -> Any:
    return _strict(node, facts, _absolute if node.way == "abs" else _sign)


def _sign(of: Any) -> int:
    return (of > 0) - (of < 0)


def _absolute(of: Any) -> Any:
    return abs(of) if isinstance(of, float) or abs(of) <= LARGEST else None


@register
def _(node: RoundedTo, facts: Facts) -> int | None:
    return _strict(node, facts, lambda of, multiple: _rounded_to(node.way, of, multiple))


def _rounded_to(way: str, of: Any, multiple: int) -> int | None:
    if abs(of) > LARGEST or not 1 <= multiple <= LARGEST_MULTIPLE:
        return None
    found = _ROUNDINGS[way](Fraction(of) / multiple) * multiple
    return found if abs(found) <= LARGEST else None


@register
def _(node: Power, facts: Facts) -> float | None:
    found = _strict(node, facts, _POWERS[node.way])
    if found is None or abs(found) * 10.0**node.decimals > MOST_SCALED:
        return None
    return half_even(found, node.decimals, _BY)


def _exp(x: float) -> float | None:
    return exponential(x, _BY) if x <= HIGHEST else None


def _ln(x: float) -> float | None:
    return logarithm(x, _BY) if SMALLEST <= x <= GREATEST else None


def _pow(x: float, y: float) -> float | None:
    if x == 0:
        return 0.0 if y > 0 else None
    of_base = _ln(x)
    return None if of_base is None else _exp(of_base * y)


_POWERS: dict[str, Callable[..., float | None]] = {"exp": _exp, "ln": _ln, "pow": _pow}


@register
def _(node: ExistsOne, facts: Facts) -> bool | None:
    held = truths(node, facts)
    if held is None:
        return None
    sure, possible = held.count(True), len(held) - held.count(False)
    if sure > 1 or possible < 1:
        return False
    return True if sure == possible else None
