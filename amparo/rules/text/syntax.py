"""What was written: one node per construct, with its place and the depth below it."""

from dataclasses import dataclass
from typing import Any

from amparo.rules.model.nodes import Place


@dataclass(frozen=True)
class Syntax:
    place: Place


@dataclass(frozen=True)
class Name(Syntax):
    name: str


@dataclass(frozen=True)
class Value(Syntax):
    """A literal: bool, int, float or str; None for `null`, which is refused later with a remedy."""

    value: Any


@dataclass(frozen=True)
class ListOf(Syntax):
    items: tuple[Syntax, ...]


@dataclass(frozen=True)
class Select(Syntax):
    of: Syntax
    name: str
    name_place: Place


@dataclass(frozen=True)
class Optional(Select):
    """`of.?name`: a value that may be lacking, for `orValue`."""


@dataclass(frozen=True)
class Call(Syntax):
    """`of.name(arguments)`, or `name(arguments)` where `of` is None."""

    of: Syntax | None
    name: str
    name_place: Place
    arguments: tuple[Syntax, ...]


@dataclass(frozen=True)
class Unary(Syntax):
    operator: str
    of: Syntax


@dataclass(frozen=True)
class Binary(Syntax):
    """Arithmetic or a relation, `in` included."""

    operator: str
    left: Syntax
    right: Syntax


@dataclass(frozen=True)
class Chain(Syntax):
    """`a && b && c` or `a || b || c`, as one."""

    operator: str
    of: tuple[Syntax, ...]


@dataclass(frozen=True)
class Ternary(Syntax):
    condition: Syntax
    then: Syntax
    otherwise: Syntax
