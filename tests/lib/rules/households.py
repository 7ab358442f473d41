"""Draws random records: with and without gaps, empty homes, days around birthdays, numbers at their limits."""

from datetime import date, timedelta
from math import isfinite
from random import Random
from typing import Any

from amparo.rules.catalogue import HOUSEHOLD, MEMBER, RuleField, RuleList
from amparo.rules.lower.names import OBSERVED_ON, SOURCE
from tests.lib.rules.world import CATALOGUE, TODAY

_INTEGERS = (0, 0, 1, 1, 2, 3, 7, 40, -1)
_MONEY = (0, 1, 99, 5000, 9999, 10000, 10001, 30000, 250_000)
_NUMBERS = (0.0, 0.5, 0.35, 1.0, 2.5, -2.5, 39.99, 40.0, 1e3)
_LARGE_INTEGERS = (9_000_000_000_000_000_000, -9_000_000_000_000_000_000, 2**62, 2**53 + 1, -(2**63), 2**63 - 1)
_LARGE_NUMBERS = (1e308, -1e308, 1e-308, 9e18, 9.1e18, float("inf"), float("-inf"), float("nan"), -0.0)
_ANNIVERSARIES = (0, 1, 3, 16, 18, 65, 67, 90)


def records(draw: Random, count: int, *, gaps: float = 0.25, extremes: float = 0.03) -> list[dict[str, Any]]:
    """Return households; `gaps` is the share of unknown values, `extremes` that of numbers at their limits."""
    return [_record(draw, draw.choice([0, gaps, 2 * gaps]), extremes) for _ in range(count)]


def complete_records(draw: Random, count: int) -> list[dict[str, Any]]:
    """Return households of which everything is known; a double that is not finite is not known."""

    def finite(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: finite(each) for name, each in value.items()}
        if isinstance(value, list):
            return list(map(finite, value))
        return 0.5 if isinstance(value, float) and not isfinite(value) else value

    return list(map(finite, records(draw, count, gaps=0)))


def _record(draw: Random, gaps: float, extremes: float) -> dict[str, Any]:
    size = draw.choice([0, 1, 1, 2, 3, 4, 6])
    record = {
        "household": _fields(draw, HOUSEHOLD, gaps, extremes),
        "members": [_fields(draw, MEMBER, gaps, extremes) for _ in range(size)],
    }
    for holder, grain in ((record["household"], HOUSEHOLD), *((each, MEMBER) for each in record["members"])):
        holder.update(_lists(draw, grain, gaps, extremes, size))
    return record


def _lists(draw: Random, grain: str, gaps: float, extremes: float, size: int, depth: int = 2) -> dict[str, Any]:
    """Return the lists of a household or person: not collected, empty, or a few, among them members by their place."""
    found: dict[str, Any] = {}
    for each in CATALOGUE.lists:
        if each.grain == grain:
            few = range(draw.choice([0, 1, 1, 2, 3]) if depth else 0)
            elements = [_element(draw, each, gaps, extremes, size, depth) for _ in few]
            found[each.name] = None if draw.random() < gaps else elements
    return found


def _element(draw: Random, of: RuleList, gaps: float, extremes: float, size: int, depth: int) -> Any:
    if of.elements == MEMBER and size and draw.random() < 0.6:
        return draw.randrange(size)
    fields = _fields(draw, of.elements, gaps, extremes)
    if of.month and fields[of.month]:
        fields[of.month] = _months_ago(draw.choice([0, 1, 1, 2, 3, 12, 13]))
    return fields | _lists(draw, of.elements, gaps, extremes, size, depth - 1)


def _months_ago(months: int) -> date:
    number = TODAY.year * 12 + TODAY.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)


def _fields(draw: Random, grain: str, gaps: float, extremes: float) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in CATALOGUE.fields:
        if each.grain == grain:
            found[each.name] = None if draw.random() < gaps else _value(draw, each, extremes)
            if found[each.name] is not None:
                found[each.name + OBSERVED_ON] = _day(draw)
                found[each.name + SOURCE] = draw.choice(CATALOGUE.sources)
    return found


def _value(draw: Random, field: RuleField, extremes: float) -> Any:
    extreme = draw.random() < extremes
    match field.type:
        case "boolean":
            return draw.random() < 0.5
        case "integer":
            return draw.choice(_LARGE_INTEGERS if extreme else _INTEGERS)
        case "money":
            return draw.choice(_LARGE_INTEGERS if extreme else _MONEY)
        case "number":
            return draw.choice(_LARGE_NUMBERS if extreme else _NUMBERS)
        case "date":
            return _day(draw)
        case "code":
            return draw.choice(field.codes)
    return draw.choice(["Alta", "İzmir", "أمل", ""])


def _day(draw: Random) -> date:
    """Return a day, most often within two days of an anniversary of the decision day or of 29 February."""
    years = draw.choice(_ANNIVERSARIES)
    around = draw.choice([date(TODAY.year - years, TODAY.month, TODAY.day), date(2024 - 4 * (years // 4), 2, 29)])
    return around + timedelta(days=draw.choice([-2, -1, 0, 0, 1, 2, 200]))
