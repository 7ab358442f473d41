"""The value of what stands in tables and models, for one unit."""

from collections.abc import Iterator
from typing import Any

from amparo.rules.engines.reference.facts import Facts
from amparo.rules.engines.reference.missing import followed, missing_fields
from amparo.rules.engines.reference.values import Interval, ends_of, interval, value, value_of
from amparo.rules.lower.intervals import is_interval
from amparo.rules.model.lookups import Lookup, Nothing, Stated
from amparo.rules.model.nodes import Node


@value_of.register
def _(node: Nothing, facts: Facts) -> None:
    return None


@value_of.register
def _(node: Stated, facts: Facts) -> Any:
    return value(node.versions[0], facts)


@ends_of.register
def _(node: Stated, facts: Facts) -> Interval | None:
    return interval(node.versions[0], facts)


@followed.register
def _(node: Lookup, facts: Facts) -> Iterator:
    """The inputs, and what keeps the answer of a row unknown that may be the one."""
    for each in (*node.inputs, *possible(node, facts)):
        yield from missing_fields(each, facts)


@value_of.register
def _(node: Lookup, facts: Facts) -> Any:
    if is_interval(node):
        ends = interval(node, facts)
        return ends[0] if ends and ends[0] == ends[1] else None
    answers = [value(each, facts) for each in possible(node, facts)]
    return answers[0] if all(each == answers[0] for each in answers) else None


@ends_of.register
def _(node: Lookup, facts: Facts) -> Interval | None:
    ends = [interval(each, facts) for each in possible(node, facts)]
    known = [each for each in ends if each is not None]
    if len(known) < len(ends):
        return None
    return min(each[0] for each in known), max(each[1] for each in known)


def possible(node: Lookup, facts: Facts) -> list[Node]:
    """Return the answers of all rows that may be the one."""
    return [node.values[place] for place in possible_rows(node, facts)]


def possible_rows(node: Lookup, facts: Facts) -> list[int]:
    given = [interval(each, facts) for each in node.inputs]
    return [
        place
        for place, cells in enumerate(node.rows)
        if all(cell.may_hold(ends) for cell, ends in zip(cells, given, strict=True))
    ]
