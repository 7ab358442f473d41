"""Nodes about lists beyond those of every list: the first few in an order, and months of a series.

Nulls   as each class states; all are unknown where the list is
"""

from dataclasses import dataclass

from amparo.rules.model.nodes import MemberField, Node, OverList


@dataclass(frozen=True)
class TotalOfFirst(OverList):
    """`way`: "sum", "min" or "max" of `body` over the first `most` elements in the order of `key`, the least first.

    Of equal keys the element that stands first in the list comes first: lists are in the order of our own ids. Where no
    more than `most` may count the order does not matter. Otherwise unknown if a condition or key is unknown.
    """

    way: str
    body: Node
    key: Node
    most: Node


@dataclass(frozen=True)
class OverMonths(OverList):
    """`way`: "sum", "mean", "min", "max" or "count" of months, each with the sum of `body` over its items that count.

    The months are the `months` calendar months before that of the decision day. A month is known if it has an item, and
    neither condition nor body is unknown of one. Unknown if fewer than `least` months are known ("count" never asks), or
    if the month of an item is not known.
    """

    way: str
    body: Node
    month: MemberField
    months: int
    least: int


@dataclass(frozen=True)
class DaysSince(Node):
    """Days from a day to the decision day. Strict; negative of a day to come."""

    of: Node
