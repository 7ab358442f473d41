"""What is called by name on single values, as Ibis expressions. NULL is unknown."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops

from amparo.rules.engines.columnar.expressions import expression
from amparo.rules.engines.columnar.once import once, shared
from amparo.rules.engines.columnar.row import Row, known_if
from amparo.rules.lower.bounds import bound
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
from amparo.rules.model.functions import Between, CalendarPart, Default, MonthsLater, Power, RoundedTo, Signed, TextHas
from amparo.rules.model.nodes import Literal, Node

_FIRST, _LAST = 12, 9999 * 12 + 11  # months from the year 0, of the years 1 to 9999


@expression.register
def _(node: Default, row: Row) -> Any:
    return ibis.coalesce(row.of(node.of), expression(node.otherwise, row))


# Days ----------------------------------------------------------------------------------------------------------------


@expression.register
def _(node: Between, row: Row) -> Any:
    nodes = [node.start, node.end]
    return shared(nodes, [expression(each, row) for each in nodes], partial(_between, node.way))


def _between(way: str, start: Any, end: Any) -> Any:
    if way == "days":
        return end.delta(start, unit="day").cast("int64")
    months = _months(end) - _months(start)
    if way == "months":
        return months - (_day(end) < _day(start)).cast("int64")
    is_before = end.month().cast("int64") * 100 + _day(end) < start.month().cast("int64") * 100 + _day(start)
    return end.year().cast("int64") - start.year().cast("int64") - is_before.cast("int64")


def _months(day: Any) -> Any:
    return day.year().cast("int64") * 12 + day.month().cast("int64")


def _day(day: Any) -> Any:
    return day.day().cast("int64")


@expression.register
def _(node: CalendarPart, row: Row) -> Any:
    day = expression(node.of, row)
    return (day.year() if node.way == "year" else day.month()).cast("int64")


@expression.register
def _(node: MonthsLater, row: Row) -> Any:
    if isinstance(node.months, Literal) and abs(node.months.value) <= _LAST:
        return shared([node.of], [expression(node.of, row)], partial(_later_by, node.months.value))
    nodes = [node.of, node.months]
    return shared(nodes, [expression(each, row) for each in nodes], partial(_later, node.months))


def _later_by(months: int, day: Any) -> Any:
    """Return the day a known number of months later: databases do that themselves, and mean the same, but in more years."""
    # As a number of months: a literal interval inside a list that is indexed is more than sqlglot 30 can write.
    later = ops.Cast(day + ibis.literal(months, "int32").as_interval("M"), dt.date).to_expr()
    return known_if(later.between(date.min, date.max), later)


def _later(node: Node, day: Any, months: Any) -> Any:
    return _date(_months(day) - 1 + _limited(node, months, -_LAST, _LAST), _day(day))


def _limited(node: Node, value: Any, least: int, most: int) -> Any:
    """Return the value where it lies within; a literal that does needs no asking."""
    if isinstance(node, Literal) and least <= node.value <= most:
        return value
    return known_if(value.between(least, most), value)


def _date(index: Any, day: Any) -> Any:
    """Return the day of the month with this number, or the month's last; unknown outside the calendar."""
    known = known_if(index.between(_FIRST, _LAST), index)
    month = known % 12 + 1
    year = ((known - known % 12) / 12).cast("int64")
    is_leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
    last = ibis.cases((month == 2, 28 + is_leap.cast("int64")), (month.isin([4, 6, 9, 11]), 30), else_=31)
    return ibis.date(year.cast("int32"), month.cast("int32"), ibis.least(day, last).cast("int32"))


# Texts ---------------------------------------------------------------------------------------------------------------


@expression.register
def _(node: TextHas, row: Row) -> Any:
    of, part = expression(node.of, row), expression(node.part, row)
    return {"startsWith": of.startswith, "endsWith": of.endswith, "contains": of.contains}[node.way](part)


# Numbers -------------------------------------------------------------------------------------------------------------


@expression.register
def _(node: Signed, row: Row) -> Any:
    return shared([node.of], [expression(node.of, row)], partial(_signed, node))


def _signed(node: Signed, of: Any) -> Any:
    if node.way == "sign":
        return (of > 0).cast("int64") - (of < 0).cast("int64")
    if not node.type.is_exact or bound(node.of) <= LARGEST:
        return of.abs()
    return known_if(of.between(-LARGEST, LARGEST), of.abs())


@expression.register
def _(node: RoundedTo, row: Row) -> Any:
    nodes = [node.of, node.multiple]
    return shared(nodes, [expression(each, row) for each in nodes], partial(_rounded_to, node))


def _rounded_to(node: RoundedTo, of: Any, multiple: Any) -> Any:
    """Return the multiple below, and one more where the way says so; all whole numbers but the part below the whole."""
    multiple = _limited(node.multiple, multiple, 1, LARGEST_MULTIPLE)
    if node.of.type.is_exact:
        whole, rest = known_if(of.between(-LARGEST, LARGEST), of), ibis.literal(0.0)
    else:
        known = known_if(of.abs() <= float(LARGEST), of)
        whole, rest = known.floor().cast("int64"), known - known.floor()
    over = (whole % multiple + multiple) % multiple
    up = _goes_up(node.way, of, whole - over, over, rest, multiple)
    found = whole - over + ibis.ifelse(up, multiple, 0)
    return known_if(found.between(-LARGEST, LARGEST), found) if bound(node.of) + LARGEST_MULTIPLE > LARGEST else found


def _goes_up(way: str, of: Any, below: Any, over: Any, rest: Any, multiple: Any) -> Any:
    """Return whether to round up what lies `over + rest` above the multiple `below`."""
    is_between = (over > 0) | (rest > 0.0)
    match way:
        case "floor":
            return ibis.literal(False)
        case "ceil":
            return is_between
        case "trunc":
            return is_between & (of < 0)
    # Twice what is over, against the multiple: whole numbers, so that half is half.
    twice = over * 2 + (rest >= 0.5).cast("int64")
    is_half = (twice == multiple) & (rest == 0.5 * (rest >= 0.5).cast("float64"))
    is_more = (twice >= multiple) & ~is_half
    up_from_half = (of > 0) if way == "round" else below % (multiple * 2) != 0
    return is_more | (is_half & up_from_half)


# Powers --------------------------------------------------------------------------------------------------------------


def _whole(condition: Any) -> Any:
    return condition.cast("float64")


def _floor(x: Any) -> Any:
    return x.floor().cast("float64")


def _exponent(x: Any) -> Any:
    """Return the binary exponent: the engine's logarithm may miss it by one, the powers of two beside it do not."""
    return once(_floor(x.log2()), lambda near: near + _whole(x >= _two_to(near + 1.0)) - _whole(x < _two_to(near)))


def _two_to(k: Any) -> Any:
    return ibis.literal(2.0) ** k


_BY = Reckoner(once, ibis.ifelse, _floor, _two_to, _exponent)


@expression.register
def _(node: Power, row: Row) -> Any:
    def rounded(found: Any) -> Any:
        known = known_if(found.abs() * 10.0**node.decimals <= MOST_SCALED, found)
        return half_even(known, node.decimals, _BY)

    return once(_POWERS[node.way](*(expression(each, row) for each in node.of)), rounded)


def _exp(x: Any) -> Any:
    return once(x, lambda exponent: exponential(known_if(exponent <= HIGHEST, exponent), _BY))


def _ln(x: Any) -> Any:
    return once(x, lambda of: logarithm(known_if(of.between(SMALLEST, GREATEST), of), _BY))


def _pow(x: Any, y: Any) -> Any:
    def raised(base: Any, to: Any) -> Any:
        return ibis.cases((base != 0.0, _exp(_ln(base) * to)), ((base == 0.0) & (to > 0.0), 0.0))

    return once(y, lambda to: once(x, lambda base: raised(base, to)))


_POWERS: dict[str, Callable[..., Any]] = {"exp": _exp, "ln": _ln, "pow": _pow}
