"""Which fields keep an unknown value unknown, as conditions; the same fields as the reference engine names.

For each field a condition that is true only where the node is unknown and the field is among the reasons. Strict
operations hand on their parts' conditions; where an unknown part may not matter, the node itself is asked. Computed
only in rows that are unknown.
"""

import operator
from collections.abc import Iterable
from functools import reduce, singledispatch
from typing import Any

from amparo.rules.engines.columnar.expressions import expression
from amparo.rules.engines.columnar.row import Row
from amparo.rules.lower.bounds import may_be_unknown
from amparo.rules.lower.intervals import is_interval
from amparo.rules.lower.names import plain
from amparo.rules.model.functions import Default
from amparo.rules.model.lists import OverMonths
from amparo.rules.model.nodes import (
    And,
    Arithmetic,
    Compare,
    Exists,
    Extreme,
    HouseholdField,
    If,
    MemberField,
    Node,
    Or,
    OverList,
    Total,
)

Reasons = dict[str, Any]


def reasons(node: Node, row: Row, *, is_known_unknown: bool = False) -> Reasons:
    """Return field name → whether it keeps the node unknown; `is_known_unknown` spares asking the node itself."""
    if not may_be_unknown(node):
        return {}
    found = reasons_within(node, row)
    if is_known_unknown or not _may_be_known_in_spite(node):
        return found
    unknown = expression(node, row).isnull()
    return {name: unknown & reason for name, reason in found.items()}


def _may_be_known_in_spite(node: Node) -> bool:
    """Return whether the node can be known while a part of it is not."""
    match node:
        case Compare(left=left, right=right):
            return is_interval(left) or is_interval(right)
        case Arithmetic() | Extreme():  # an uncertain count times zero is zero, and a cap may hold for all of it
            return is_interval(node)
    return isinstance(node, And | Or | Exists | Default | OverMonths)  # of months, some need not be known


@singledispatch
def reasons_within(node: Node, row: Row) -> Reasons:
    return merged(reasons(part, row) for part in node.parts)


@reasons_within.register(HouseholdField)
@reasons_within.register(MemberField)
def _(node: HouseholdField | MemberField, row: Row) -> Reasons:
    return {plain(node.name): row.of(node).isnull()}


@reasons_within.register
def _(node: If, row: Row) -> Reasons:
    condition = expression(node.condition, row)
    return merged(
        [
            reasons(node.condition, row),
            where(condition, reasons(node.then, row)),
            where(~condition, reasons(node.otherwise, row)),
        ]
    )


@reasons_within.register
def _(node: OverList, row: Row) -> Reasons:
    found = row.elements(node.source)
    names = _of_element(node, row.within(node.variable, found[0])).keys()
    asked = {name: _anyone(node, name, row) for name in names}
    return merged([asked, *unknown_list(node, row)])


def unknown_list(node: OverList, row: Row) -> list[Reasons]:
    """Return the list's own name where it is not known; nothing where it always is."""
    return [] if node.source.is_members else [{node.source.name: row.elements(node.source).isnull()}]


def _anyone(node: OverList, name: str, row: Row) -> Any:
    """Return whether the field keeps the answer about any element unknown."""
    return row.each(node, lambda of: _of_element(node, of)[name]).contains(True)


def _of_element(node: OverList, row: Row) -> Reasons:
    if not isinstance(node, Total):
        return {} if node.condition is None else reasons(node.condition, row)
    if node.condition is None:
        return reasons(node.body, row)
    counts = expression(node.condition, row)
    return merged([reasons(node.condition, row), where(counts, reasons(node.body, row))])


def where(condition: Any, found: Reasons) -> Reasons:
    return {name: condition & reason for name, reason in found.items()}


def merged(several: Iterable[Reasons]) -> Reasons:
    """Return each name with any of its reasons."""
    together: dict[str, list[Any]] = {}
    for found in several:
        for name, reason in found.items():
            together.setdefault(name, []).append(reason)
    return {name: reduce(operator.or_, each) for name, each in together.items()}
