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
from amparo.rules.lower.core import VARIABLE
from amparo.rules.lower.intervals import is_interval
from amparo.rules.model.functions import Default
from amparo.rules.model.lookups import Lookup
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
    OverMembers,
    Total,
)

Reasons = dict[str, Any]


def reasons(node: Node, row: Row, *, is_known_unknown: bool = False) -> Reasons:
    """Return field name → whether it keeps the node unknown; `is_known_unknown` spares asking the node itself."""
    if not may_be_unknown(node):
        return {}
    found = reasons_of(node, row)
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
    return isinstance(node, And | Or | Exists | Default | Lookup)


@singledispatch
def reasons_of(node: Node, row: Row) -> Reasons:
    return merged(reasons(part, row) for part in node.parts)


@reasons_of.register(HouseholdField)
@reasons_of.register(MemberField)
def _(node: HouseholdField | MemberField, row: Row) -> Reasons:
    return {node.name: row.of(node).isnull()}


@reasons_of.register
def _(node: If, row: Row) -> Reasons:
    condition = expression(node.condition, row)
    return merged(
        [
            reasons(node.condition, row),
            where(condition, reasons(node.then, row)),
            where(~condition, reasons(node.otherwise, row)),
        ]
    )


@reasons_of.register
def _(node: OverMembers, row: Row) -> Reasons:
    names = _of_member(node, row.within(VARIABLE, row.table["members"][0])).keys()
    return {name: _anyone(node, name, row) for name in names}


def _anyone(node: OverMembers, name: str, row: Row) -> Any:
    """Return whether the field keeps the answer about any member unknown."""
    return row.table["members"].map(lambda m: _of_member(node, row.within(VARIABLE, m))[name]).contains(True)


def _of_member(node: OverMembers, row: Row) -> Reasons:
    if not isinstance(node, Total):
        return reasons(node.condition, row)  # type: ignore[arg-type]
    if node.condition is None:
        return reasons(node.body, row)
    counts = expression(node.condition, row)
    return merged([reasons(node.condition, row), where(counts, reasons(node.body, row))])


def where(condition: Any, found: Reasons) -> Reasons:
    """Return the reasons as far as the condition holds."""
    return {name: condition & reason for name, reason in found.items()}


def merged(several: Iterable[Reasons]) -> Reasons:
    """Return each name with any of its reasons."""
    together: dict[str, list[Any]] = {}
    for found in several:
        for name, reason in found.items():
            together.setdefault(name, []).append(reason)
    return {name: reduce(operator.or_, each) for name, each in together.items()}
