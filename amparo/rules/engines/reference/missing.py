"""Which fields keep a value unknown: those without a value that the unknown can be followed down to.

Starting from an unknown node, only its unknown parts are followed: of `a && b` with `a` true, `b`; of `c ? a : b`,
`c`, or else the branch taken; of members, those for whom the condition is unknown, and, in a total, the unknown bodies
of those who count. A division by zero or an empty minimum is unknown without any field missing.
"""

from collections.abc import Iterator
from functools import singledispatch

from amparo.rules.engines.reference.facts import Facts
from amparo.rules.engines.reference.values import value
from amparo.rules.model.nodes import Every, HouseholdField, If, MemberField, Node, OverMembers, Total


def missing_names(node: Node, facts: Facts) -> tuple[str, ...]:
    """Return the sorted names of the fields that keep the node unknown."""
    return tuple(sorted({each.name for each, _ in missing_fields(node, facts)}))


def missing_fields(node: Node, facts: Facts) -> Iterator[tuple[HouseholdField | MemberField, Facts]]:
    """Yield each field node that keeps the node unknown, with the facts in which it is read; some more than once."""
    if value(node, facts) is None:
        yield from followed(node, facts)


@singledispatch
def followed(node: Node, facts: Facts) -> Iterator:
    for part in node.parts:
        yield from missing_fields(part, facts)


@followed.register(HouseholdField)
@followed.register(MemberField)
def _(node: HouseholdField | MemberField, facts: Facts) -> Iterator:
    yield node, facts


@followed.register
def _(node: If, facts: Facts) -> Iterator:
    condition = value(node.condition, facts)
    followed = node.condition if condition is None else node.then if condition else node.otherwise
    yield from missing_fields(followed, facts)


@followed.register
def _(node: OverMembers, facts: Facts) -> Iterator:
    for each in facts.each_member(node.variable):
        held = True if node.condition is None else value(node.condition, each)
        if held is None:
            yield from _of_uncertain(node, each)
        elif held and isinstance(node, Total | Every):
            yield from missing_fields(node.body, each)


def _of_uncertain(node: OverMembers, facts: Facts) -> Iterator:
    """Of a member who may or may not be meant: for a total the body matters only once that is known."""
    if isinstance(node, Every) and value(node.body, facts):
        return
    yield from missing_fields(node.condition, facts)  # type: ignore[arg-type]
    if isinstance(node, Every):
        yield from missing_fields(node.body, facts)
