"""What is asked of lists beyond every element, as columns: the first few of an order, months of a series."""

from collections.abc import Callable
from typing import Any

import ibis
import ibis.expr.types as ir

from amparo.rules.engines.columnar.expressions import expression
from amparo.rules.engines.columnar.members import answers, counted, reduced, total, unknowns
from amparo.rules.engines.columnar.row import LARGEST_DOUBLE, Row, each_of, known_if
from amparo.rules.lower.months import window
from amparo.rules.model.lists import DaysSince, OverMonths, TotalOfFirst
from amparo.rules.model.types import Kind


@expression.register(TotalOfFirst)
@expression.register(OverMonths)
def _(node: TotalOfFirst | OverMonths, row: Row) -> Any:
    return row.over(node)[0]


@expression.register
def _(node: DaysSince, row: Row) -> Any:
    return ibis.literal(row.on).delta(expression(node.of, row), unit="day").cast("int64")


@answers.register
def _(node: TotalOfFirst, row: Row) -> list[ir.ArrayValue]:
    # The number is a constant of the rule; in a list of its own it passes from one stage to the next.
    return [ranked(node, row, lambda of: _counted(node, of)), ibis.array([expression(node.most, row)])]


def possible(node: TotalOfFirst, row: Row) -> ir.ArrayValue:
    """Return the elements that are, or may be, among those asked."""
    elements, condition = row.elements(node.source), node.condition
    if condition is None:
        return elements
    return elements.filter(lambda m: ibis.coalesce(expression(condition, row.within(node.variable, m)), True))


def ranked(node: TotalOfFirst, row: Row, value: Callable[[Row], Any]) -> ir.ArrayValue:
    """Return those who may count, each with the key, the place among them, a value, and whether key and all is known."""

    def rank(placed: ir.StructValue) -> ir.StructValue:
        of = row.within(node.variable, placed["f1"])
        key = expression(node.key, of)
        held = ibis.literal(True) if node.condition is None else expression(node.condition, of)
        if node.key.type.kind is Kind.NUMBER:
            key = key + 0.0  # there are two zeros, and they are equal
        are_known = held.notnull() & key.notnull()
        return ibis.struct({"key": key, "place": placed["f2"], "value": value(of), "is_known": are_known})

    elements = possible(node, row)
    return each_of(elements.zip(ibis.range(0, elements.length())), node.variable, rank)


def is_known(ranked: ir.ArrayValue) -> ir.BooleanValue:
    """Return whether it is known who comes first."""
    return ranked.filter(lambda each: ~each["is_known"]).length() == 0


def _counted(node: TotalOfFirst | OverMonths, row: Row) -> Any:
    return expression(node.body, row) if node.condition is None else counted(node, row)


@reduced.register
def _(node: TotalOfFirst, made: list[ir.ArrayValue]) -> list[ir.Value]:
    order, most = made[0], ibis.greatest(made[1][0], 0)
    everybody = order.map(lambda each: each["value"])
    first = order.sort()[:most].map(lambda each: each["value"])
    few = order.length() <= most
    return [ibis.cases((few, _total_if_known(node, everybody)), (is_known(order), _total_if_known(node, first)))]


def _total_if_known(node: TotalOfFirst, values: ir.ArrayValue) -> Any:
    return known_if(unknowns(values) == 0, total(node.type, node.way, values))


@answers.register
def _(node: OverMonths, row: Row) -> list[ir.ArrayValue]:
    """Return the value of each month of the window, and the months of all items."""
    values = each_of(asked_months(node, row), f"{node.variable}_month", lambda month: _of_month(node, month, row))
    return [values, row.each(node, lambda of: month_of(node, of))]


def asked_months(node: OverMonths, row: Row) -> ir.ArrayValue:
    """Return the months of the window as numbers."""
    days = window(row.on, node.months)
    return ibis.array([ibis.literal(day.year * 12 + day.month, type="int64") for day in days])


def month_of(node: OverMonths, row: Row) -> Any:
    """Return the month of the item as a number."""
    day = expression(node.month, row)
    return day.year().cast("int64") * 12 + day.month()


def _of_month(node: OverMonths, month: Any, row: Row) -> Any:
    items = row.elements(node.source).filter(lambda m: month_of(node, row.within(node.variable, m)) == month)
    values = row.each(node, lambda of: _counted(node, of), items)
    return known_if((items.length() > 0) & (unknowns(values) == 0), total(node.body.type, "sum", values))


@reduced.register
def _(node: OverMonths, made: list[ir.ArrayValue]) -> list[ir.Value]:
    known = made[0].filter(lambda value: value.notnull())
    have_months, count = unknowns(made[1]) == 0, known.length()
    if node.way == "count":
        return [known_if(have_months, count)]
    covered = have_months & (count >= node.least)
    if node.way != "mean":
        return [known_if(covered, total(node.type, node.way, known))]
    mean = total(node.body.type, "sum", known).cast("float64") / count.nullif(0)
    return [known_if(covered & (mean.abs() <= LARGEST_DOUBLE), mean)]
