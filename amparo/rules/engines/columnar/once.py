"""Says a value once.

SQL has no name for a value inside an expression: what is used twice is written twice, and a rule nested twenty deep would
be written a million times. A long value is therefore made a list of one, and used in the lambda over that list. That
costs a little time in every row, so short values are written out.
"""

from collections.abc import Callable, Sequence
from inspect import Parameter, Signature
from typing import Any

import ibis

from amparo.rules.lower.writing import LONG, written
from amparo.rules.model.nodes import NOWHERE, Literal, Node
from amparo.rules.model.types import BOOLEAN

_SHORT = Literal(BOOLEAN, NOWHERE, True)  # stands for what was bound


def once(value: Any, use: Callable[..., Any]) -> Any:
    """Return `use(value)` with the value reckoned once; what `use` calls its parameter hides an outer one of that name."""
    return ibis.array([value]).map(use)[0]


def shared(nodes: Sequence[Node], values: Sequence[Any], use: Callable[..., Any]) -> Any:
    """Return `use(*values)`, with those reckoned once that are long."""
    place = next((place for place, node in enumerate(nodes) if written(node) > LONG), None)
    if place is None:
        return use(*values)
    before, after = values[:place], values[place + 1 :]
    shorter = [*nodes[:place], _SHORT, *nodes[place + 1 :]]
    return once(values[place], _named(f"v{place}", lambda bound: shared(shorter, [*before, bound, *after], use)))


def named_once(name: str, values: Sequence[Any], use: Callable[..., Any]) -> Any:
    """Return `use(*values)` with each value reckoned once, under the name and its place."""
    if not values:
        return use()
    rest = values[1:]
    bound = _named(f"{name}{len(rest)}", lambda first: named_once(name, rest, lambda *others: use(first, *others)))
    return once(values[0], bound)


def _named(name: str, use: Callable[[Any], Any]) -> Callable[..., Any]:
    """Return the function with its parameter so called; Ibis calls the lambda's by it."""

    def bound(**values: Any) -> Any:
        return use(values[name])

    bound.__signature__ = Signature([Parameter(name, Parameter.KEYWORD_ONLY)])  # type: ignore[attr-defined]
    return bound
