"""Nodes of what is called by name on single values: days, texts, roundings, powers, defaults.

Nulls   strict unless a class says otherwise: unknown when any part is
"""

from dataclasses import dataclass

from amparo.rules.model.nodes import HouseholdField, MemberField, Node


@dataclass(frozen=True)
class Default(Node):
    """The field's value, or `otherwise` where it has none."""

    of: HouseholdField | MemberField
    otherwise: Node


@dataclass(frozen=True)
class DecisionDay(Node):
    """The day on which is decided. Known."""


@dataclass(frozen=True)
class Between(Node):
    """`way`: completed "years" or "months", or "days", from one day to another; negative where the other comes first.

    A month is complete on the same day of a later month; in a month without that day, on the first day of the next.
    """

    way: str
    start: Node
    end: Node


@dataclass(frozen=True)
class MonthsLater(Node):
    """The same day of the month so many months later, or that month's last day. Unknown outside the years 1 to 9999."""

    of: Node
    months: Node


@dataclass(frozen=True)
class CalendarPart(Node):
    """`way`: the "year" of a day, or its "month", 1 to 12."""

    way: str
    of: Node


@dataclass(frozen=True)
class TextHas(Node):
    """Whether a text or code has a part; `way`: "startsWith", "endsWith", "contains". Letters count as they are written."""

    way: str
    of: Node
    part: Node


@dataclass(frozen=True)
class Signed(Node):
    """`way`: "abs", the value without its sign, unknown beyond ±9e18; or "sign", -1, 0 or 1."""

    way: str
    of: Node


@dataclass(frozen=True)
class RoundedTo(Node):
    """A number as a whole multiple; `way` as of Rounded. Unknown beyond ±9e18, and unless 1 <= multiple <= 1e9."""

    way: str
    of: Node
    multiple: Node


@dataclass(frozen=True)
class Power(Node):
    """`way`: "exp", "ln" of one double, "pow" of two, half-even to `decimals`. Unknown outside the domain, and too large.

    How it is reckoned, so that every engine gives the same digits: lower.powers.
    """

    way: str
    of: tuple[Node, ...]
    decimals: int
