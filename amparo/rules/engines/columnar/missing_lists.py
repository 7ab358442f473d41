"""What keeps unknown what is asked of the first few of an order, and of the months of a series."""

from typing import Any

import ibis

from amparo.rules.engines.columnar.expressions import expression
from amparo.rules.engines.columnar.lists import asked_months, is_known, month_of, possible, ranked
from amparo.rules.engines.columnar.members import unknowns
from amparo.rules.engines.columnar.missing import Reasons, merged, reasons, reasons_within, unknown_list, where
from amparo.rules.engines.columnar.row import Row
from amparo.rules.lower.names import plain
from amparo.rules.model.lists import OverMonths, TotalOfFirst
from amparo.rules.model.nodes import Node


@reasons_within.register
def _(node: TotalOfFirst, row: Row) -> Reasons:
    """Where it is not known who is first, conditions and keys; else conditions and bodies of the first."""
    sample = row.within(node.variable, row.elements(node.source)[0])
    names = merged([_of(node, node.key, sample), _of(node, node.body, sample)])
    return merged([{name: _of_first(node, name, row) for name in names}, *unknown_list(node, row)])


def _of(node: TotalOfFirst | OverMonths, part: Node, row: Row) -> Reasons:
    """Return what keeps the condition unknown, and where it holds what keeps the part unknown."""
    if node.condition is None:
        return reasons(part, row)
    return merged([reasons(node.condition, row), where(expression(node.condition, row), reasons(part, row))])


def _of_first(node: TotalOfFirst, name: str, row: Row) -> Any:
    def asked(part: Node) -> Any:
        return lambda of: _of(node, part, of).get(name, ibis.literal(False))

    most = ibis.greatest(expression(node.most, row), 0)
    order = ranked(node, row, asked(node.body))
    bodies, keys = order.map(lambda each: each["value"]), row.each(node, asked(node.key), possible(node, row))
    first = order.sort()[:most].map(lambda each: each["value"])
    return ibis.cases(
        (order.length() <= most, bodies.contains(True)),
        (is_known(order), first.contains(True)),
        (order.notnull(), keys.contains(True)),
    )


@reasons_within.register
def _(node: OverMonths, row: Row) -> Reasons:
    """Where the month of an item is not known, that; where a month has no item, the series; else what items lack."""
    months = row.each(node, lambda of: month_of(node, of))
    have_months = unknowns(months) == 0
    sample = row.within(node.variable, row.elements(node.source)[0])
    asked = asked_months(node, row)
    uncovered = asked.filter(lambda month: ~months.contains(month)).length() > 0

    def lacks(name: str) -> Any:
        return row.each(node, lambda of: asked.contains(month_of(node, of)) & _of(node, node.body, of)[name])

    found: list[Reasons] = [{name: have_months & lacks(name).contains(True)} for name in _of(node, node.body, sample)]
    found.append({plain(node.month.name): ~have_months, node.source.name: have_months & uncovered})
    return merged([*found, *unknown_list(node, row)])
