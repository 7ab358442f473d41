"""Nodes for what stands in tables and models: the row that answers, and what is stated from day to day.

Nulls   a lookup is known as far as its possible rows agree: with an unknown input every row whose cell might hold is
        possible; where the answers are numbers it lies between the least and the greatest of them
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from amparo.rules.model.nodes import Node


@dataclass(frozen=True)
class Span:
    """From `least` to `greatest`, both included unless open; None: no end. A code or truth is a span of itself."""

    least: Any
    greatest: Any
    is_open_below: bool = False
    is_open_above: bool = False

    @property
    def is_point(self) -> bool:
        return self.least is not None and self.least == self.greatest

    def holds(self, least: Any, greatest: Any) -> bool:
        """Whether some value from `least` to `greatest` lies in the span."""
        if self.least is not None and not (
            greatest > self.least or (greatest == self.least and not self.is_open_below)
        ):
            return False
        return self.greatest is None or least < self.greatest or (least == self.greatest and not self.is_open_above)


@dataclass(frozen=True)
class Cell:
    """The values that one input may have in a row; no span at all: any value. `text` is what was written."""

    spans: tuple[Span, ...] = ()
    text: str = "-"

    def may_hold(self, ends: tuple[Any, Any] | None) -> bool:
        """Whether the cell may hold of an input between two ends; of an unknown input it may."""
        return ends is None or not self.spans or any(each.holds(*ends) for each in self.spans)


@dataclass(frozen=True)
class Nothing(Node):
    """The answer of a gap: unknown."""


@dataclass(frozen=True)
class Lookup(Node):
    """The value of the one row whose cells all hold. Rows never overlap and leave no gap (`check.rows`)."""

    inputs: tuple[Node, ...]
    values: tuple[Node, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Stated(Node):
    """What a table, model or programme says on the decision day. `Rule.on` leaves the one version of the day.

    Versions are no part of the meaning, as a parameter's values are none: a decision keeps them beside the rule.
    `kind`   "table", "score" or "programme"
    `days`   of each version the first and the last, None where it is open
    `laws`   message ids
    """

    kind: str
    name: str
    arguments: tuple[Node, ...]
    versions: tuple[Node, ...] = field(compare=False, repr=False)
    days: tuple[tuple[date, date | None], ...] = field(compare=False, repr=False)
    laws: tuple[str, ...] = field(compare=False, repr=False)

    @property
    def parts(self) -> tuple[Node, ...]:  # type: ignore[override]
        return self.versions

    def place_on(self, day: date) -> int | None:
        """Return which version holds on the day."""
        begun = [place for place, (first, _) in enumerate(self.days) if first <= day]
        latest = max(begun, key=lambda place: self.days[place][0], default=None)
        if latest is None:
            return None
        last = self.days[latest][1]
        return latest if last is None or day <= last else None
