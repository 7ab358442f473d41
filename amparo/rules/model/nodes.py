"""Nodes of the model. Every node knows its type and where in the text it stands; the place is no part of its meaning.

Nulls   a node's value may be unknown (None) in the ways each class states; "strict" means unknown when any part is
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

from amparo.rules.model.types import Type


@dataclass(frozen=True)
class Place:
    """Where in the rule's text: line and column from 1, `start` and `end` from 0."""

    line: int
    column: int
    start: int
    end: int


NOWHERE = Place(1, 1, 0, 0)
HOUSEHOLD, MEMBERS = "household", "members"


@dataclass(frozen=True)
class Node:
    type: Type
    place: Place = field(compare=False, repr=False)

    @cached_property
    def parts(self) -> tuple["Node", ...]:
        """The nodes directly below, in the order of the text."""
        found: list[Node] = []
        for each in fields(self):
            value = getattr(self, each.name)
            found.extend([value] if isinstance(value, Node) else [])
            found.extend(value if isinstance(value, tuple) and value and isinstance(value[0], Node) else [])
        return tuple(found)


@dataclass(frozen=True)
class Literal(Node):
    """A value written in the rule: bool, int, float, str or date. Known."""

    value: Any


@dataclass(frozen=True)
class ParameterValue(Node):
    """The parameter's value on the decision day. Known."""

    name: str


@dataclass(frozen=True)
class Size(Node):
    """Number of live members of the household. Known."""


@dataclass(frozen=True)
class HouseholdField(Node):
    """Unknown where the field has no value."""

    name: str
    label_id: str = field(compare=False)


@dataclass(frozen=True)
class MemberField(Node):
    """A field of the member that `variable` stands for. Unknown where it has no value.

    `variable` is a macro's variable, or "member" for the person a person-unit rule decides about.
    """

    variable: str
    name: str
    label_id: str = field(compare=False)


@dataclass(frozen=True)
class Has(Node):
    """Whether the field has a value. Known."""

    of: HouseholdField | MemberField


@dataclass(frozen=True)
class Not(Node):
    of: Node


@dataclass(frozen=True)
class And(Node):
    """False if any is false; else unknown if any is unknown; else true."""

    of: tuple[Node, ...]


@dataclass(frozen=True)
class Or(Node):
    """True if any is true; else unknown if any is unknown; else false."""

    of: tuple[Node, ...]


@dataclass(frozen=True)
class Compare(Node):
    """Strict, except that counts compare as intervals. Both sides have one kind. `operator`: == != < <= > >="""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True)
class In(Node):
    """Whether the value equals one of the options, which are literals and parameters. Strict."""

    of: Node
    options: tuple[Node, ...]


@dataclass(frozen=True)
class If(Node):
    """Unknown when the condition is unknown, whatever the branches are."""

    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True)
class Arithmetic(Node):
    """Strict. `operator`: + - * / %; both sides are whole, or both are doubles, and always doubles for `/`.

    Unknown also when dividing by zero, when a whole result lies beyond ±9e18, or a double result is not finite.
    """

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True)
class AsNumber(Node):
    """A whole number as a double. Strict."""

    of: Node


@dataclass(frozen=True)
class Rounded(Node):
    """A double as a whole number; `way`: "round" (half away from zero), "half_even", "floor", "ceil", "trunc".

    Strict; unknown beyond ±9e18.
    """

    way: str
    of: Node


@dataclass(frozen=True)
class Extreme(Node):
    """The least or greatest of several values. Strict. `way`: "least" or "greatest"."""

    way: str
    of: tuple[Node, ...]


@dataclass(frozen=True)
class Age(Node):
    """Completed years on the decision day. Strict; negative before birth."""

    of: Node


@dataclass(frozen=True)
class ListRead(Node):
    """A list that hangs off the household (`variable` is "household") or off the element that `variable` stands for.

    Unknown where it was not collected; never empty because nobody asked. `members` is known.
    `elements`  the grain of what it holds: "member", or "item:<kind>"; `most`: how many to reckon with for the cost
    """

    variable: str
    name: str
    elements: str = field(compare=False)
    most: int = field(compare=False)
    label_id: str = field(compare=False)

    @property
    def is_members(self) -> bool:
        return (self.variable, self.name) == (HOUSEHOLD, MEMBERS)


@dataclass(frozen=True)
class OverList(Node):
    """Base of what is asked of the elements of a list for which `condition` holds; without one, of all.

    Unknown where the list is.
    """

    source: ListRead
    variable: str
    condition: Node | None


@dataclass(frozen=True)
class Count(OverList):
    """How many. An interval: from those surely meant to those possibly meant."""


@dataclass(frozen=True)
class Exists(OverList):
    """Whether there is one: Kleene's or. False of an empty list."""


@dataclass(frozen=True)
class ExistsOne(OverList):
    """Whether there is exactly one: decided where the interval of the count has one answer."""


@dataclass(frozen=True)
class Every(OverList):
    """Whether `body` holds of each: Kleene's and of (not condition, or body). True of an empty list."""

    body: Node


@dataclass(frozen=True)
class Total(OverList):
    """`way`: "sum", "min" or "max" of `body`. Unknown if condition or body is unknown of anyone it may count.

    An empty sum is 0; an empty minimum or maximum is unknown.
    """

    way: str
    body: Node


def walk(node: Node) -> Iterator[Node]:
    """Yield the node and all below it, in the order of the text."""
    yield node
    for part in node.parts:
        yield from walk(part)


def meaning(node: Node) -> str:
    """Return one line that is the same for two nodes if and only if they mean the same; variables' names aside."""
    return _meaning(node, {})


def _meaning(node: Node, variables: dict[str, str]) -> str:
    if isinstance(node, OverList):
        variables = {**variables, node.variable: f"#{len(variables)}"}
    words = [type(node).__name__, str(node.type)]
    for each in fields(node):
        if not each.compare or each.name == "type":
            continue
        value = getattr(node, each.name)
        words.append(variables.get(value, value) if each.name == "variable" else _part(value, variables))
    return f"({' '.join(words)})"


def _part(value: Any, variables: dict[str, str]) -> str:
    if isinstance(value, Node):
        return _meaning(value, variables)
    if isinstance(value, tuple):
        return "[" + " ".join(_part(each, variables) for each in value) + "]"
    return repr(value)
