"""Which fields keep a value unknown: those without a value that the unknown can be followed down to.

Starting from an unknown node, only its unknown parts are followed: of `a && b` with `a` true, `b`; of `c ? a : b`,
`c`, or else the branch taken; of a list the list itself where it was not collected, else the elements for which the
condition is unknown, and, in a total, the unknown bodies of those that count. A division by zero or an empty minimum is unknown without any field missing.
"""

from collections.abc import Iterator
from functools import singledispatch

from amparo.rules.engines.reference.facts import Facts
from amparo.rules.engines.reference.lists import first_of, of_months
from amparo.rules.engines.reference.values import holds, value
from amparo.rules.lower.months import window
from amparo.rules.lower.names import plain
from amparo.rules.model.lists import OverMonths, TotalOfFirst
from amparo.rules.model.nodes import Every, HouseholdField, If, ListRead, MemberField, Node, OverList, Total


def missing_names(node: Node, facts: Facts) -> tuple[str, ...]:
    """Return the sorted names of the fields and lists that keep the node unknown."""
    return tuple(sorted({plain(each.name) for each, _ in missing_fields(node, facts)}))


def missing_fields(node: Node, facts: Facts) -> Iterator[tuple[HouseholdField | MemberField | ListRead, Facts]]:
    """Yield each field or list that keeps the node unknown, with the facts in which it is read; some more than once."""
    if value(node, facts) is None:
        yield from _followed(node, facts)


@singledispatch
def _followed(node: Node, facts: Facts) -> Iterator:
    for part in node.parts:
        yield from missing_fields(part, facts)


@_followed.register(HouseholdField)
@_followed.register(MemberField)
def _(node: HouseholdField | MemberField, facts: Facts) -> Iterator:
    yield node, facts


@_followed.register
def _(node: If, facts: Facts) -> Iterator:
    condition = value(node.condition, facts)
    followed = node.condition if condition is None else node.then if condition else node.otherwise
    yield from missing_fields(followed, facts)


@_followed.register
def _(node: OverList, facts: Facts) -> Iterator:
    found = facts.each_of(node.source, node.variable)
    if found is None:
        yield node.source, facts
    for each in found or ():
        held = holds(node, each)
        if held is None:
            yield from _of_uncertain(node, each)
        elif held and isinstance(node, Total | Every):
            yield from missing_fields(node.body, each)


def _of_uncertain(node: OverList, facts: Facts) -> Iterator:
    """Of an element that may or may not be meant: for a total the body matters only once that is known."""
    if isinstance(node, Every) and value(node.body, facts):
        return
    yield from missing_fields(node.condition, facts)  # type: ignore[arg-type]
    if isinstance(node, Every):
        yield from missing_fields(node.body, facts)


@_followed.register
def _(node: TotalOfFirst, facts: Facts) -> Iterator:
    """Of whoever may be among the first: condition, key where it matters, and the body of those who count."""
    found = facts.each_of(node.source, node.variable)
    if found is None:
        yield node.source, facts
        return
    first = first_of(node, facts)
    for each in found if first is None else first:
        held = holds(node, each)
        if held is None:
            yield from missing_fields(node.condition, each)  # type: ignore[arg-type]
        elif held:
            yield from missing_fields(node.key if first is None else node.body, each)


@_followed.register
def _(node: OverMonths, facts: Facts) -> Iterator:
    """Where a month has no item the series itself is missing; else what is unknown of its items."""
    found, months = facts.each_of(node.source, node.variable), of_months(node, facts)
    if found is None:
        yield node.source, facts
        return
    if months is None:
        for each in found:
            yield from missing_fields(node.month, each)
        return
    asked = window(facts.on, node.months)
    items = [(value(node.month, each).replace(day=1), each) for each in found]
    if not set(asked) <= {month for month, _ in items}:
        yield node.source, facts
    for month, each in items:
        if month in asked:
            part = node.body if holds(node, each) else node.condition
            yield from missing_fields(part, each)  # type: ignore[arg-type]
