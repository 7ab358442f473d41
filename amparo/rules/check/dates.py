"""Days: ages, days and months between, months later, the year and month of a day."""

from collections.abc import Callable

from amparo.rules.check.expressions import typed
from amparo.rules.check.scope import Scope
from amparo.rules.check.unify import beside, wanted
from amparo.rules.model.functions import Between, CalendarPart, MonthsLater
from amparo.rules.model.nodes import Age, Literal, Node
from amparo.rules.model.types import DATE, DAYS, INTEGER, MONTHS, YEARS, Kind
from amparo.rules.text import syntax


def _days(written: syntax.Call, scope: Scope) -> list[Node]:
    return [wanted(typed(each, scope), Kind.DATE, operation=written.name) for each in written.arguments]


def age(written: syntax.Call, scope: Scope) -> Node:
    birth, *on = _days(written, scope)
    return Between(YEARS, written.place, "years", birth, on[0]) if on else Age(YEARS, written.place, birth)


def between(way: str) -> Callable[[syntax.Call, Scope], Node]:
    type = {"months": MONTHS, "days": DAYS}[way]
    return lambda written, scope: Between(type, written.place, way, *_days(written, scope))


def months_later(written: syntax.Call, scope: Scope) -> Node:
    day = wanted(typed(written.arguments[0], scope), Kind.DATE, operation=written.name)
    months = wanted(typed(written.arguments[1], scope), Kind.INTEGER, operation=written.name)
    return MonthsLater(DATE, written.place, day, beside(months, Literal(MONTHS, written.place, 1), written.name))


def part(written: syntax.Call, scope: Scope) -> Node:
    return CalendarPart(INTEGER, written.place, written.name, *_days(written, scope))
