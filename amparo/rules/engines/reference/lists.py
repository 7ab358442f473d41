"""Values of what is asked of lists beyond every element: the first few of an order, months of a series; and of a fact's age."""

from datetime import date
from typing import Any

from amparo.rules.engines.reference.facts import Facts
from amparo.rules.engines.reference.values import _value, added, counted, finite, holds, totalled, value
from amparo.rules.lower.months import window
from amparo.rules.model.lists import DaysSince, OverMonths, TotalOfFirst


@_value.register
def _(node: TotalOfFirst, facts: Facts) -> Any:
    first = first_of(node, facts)
    return None if first is None else totalled([counted(node, each) for each in first], node)


def first_of(node: TotalOfFirst, facts: Facts) -> list[Facts] | None:
    """Return the elements that count; None where it is not known which."""
    each, most = facts.each_of(node.source, node.variable), value(node.most, facts)
    if each is None or most is None:
        return None
    possible = [of for of in each if holds(node, of) is not False]
    if len(possible) <= most:
        return possible
    if any(holds(node, of) is None or value(node.key, of) is None for of in possible):
        return None
    return sorted(possible, key=lambda of: value(node.key, of))[: max(most, 0)]


@_value.register
def _(node: OverMonths, facts: Facts) -> Any:
    months = of_months(node, facts)
    if months is None:
        return None
    known = [each for each in months if each is not None]
    if node.way == "count":
        return len(known)
    if len(known) < node.least:
        return None
    if node.way in ("sum", "min", "max"):
        return totalled(known, node)
    total = added(known, node.body)
    return None if total is None else finite(float(total) / len(known))


def of_months(node: OverMonths, facts: Facts) -> list[Any] | None:
    """Return the value of each month of the window, None where it is not known; None where no month is."""
    each = facts.each_of(node.source, node.variable)
    if each is None or any(value(node.month, of) is None for of in each):
        return None
    by_month: dict[date, list[Facts]] = {}
    for of in each:
        by_month.setdefault(value(node.month, of).replace(day=1), []).append(of)
    return [_of_month(node, by_month.get(month)) for month in window(facts.on, node.months)]


def _of_month(node: OverMonths, items: list[Facts] | None) -> Any:
    if items is None:
        return None
    values = [counted(node, each) for each in items if holds(node, each) is not False]
    return None if None in values else added(values, node.body)


@_value.register
def _(node: DaysSince, facts: Facts) -> int | None:
    day = value(node.of, facts)
    return None if day is None else (facts.on - day).days
