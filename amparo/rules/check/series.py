"""Months of a series: `over(member.items(income_month).map(i, i.amount), 12).mean(10)`.

Units   what flows in a month has the month in its unit: the mean of amounts in money is money a month; a sum keeps its own
"""

from amparo.rules.check.expressions import typed
from amparo.rules.check.members import listed, summable
from amparo.rules.check.scope import Scope
from amparo.rules.check.unify import wanted
from amparo.rules.model.lists import OverMonths
from amparo.rules.model.nodes import Literal, MemberField, Node
from amparo.rules.model.rule import RuleRefused
from amparo.rules.model.types import DATE, INTEGER, NUMERIC, Kind, Type, Unit, exact, inexact
from amparo.rules.text import syntax

OF_MONTHS = ("sum", "mean", "min", "max", "count")
MOST_MONTHS = 60


def is_of_months(written: syntax.Call) -> bool:
    """Return whether something is asked of `over(…)`."""
    return isinstance(written.of, syntax.Call) and written.of.of is None and written.of.name == "over"


def of_months(written: syntax.Call, scope: Scope) -> Node:
    """Return what is asked of the months of a series, by one of OF_MONTHS."""
    over = written.of
    if written.name not in OF_MONTHS or not isinstance(over, syntax.Call) or len(over.arguments) != 2:
        raise RuleRefused("rules-over-form", written.name_place, known=list(OF_MONTHS))
    items = listed(over.arguments[0], scope)
    if items is None or items.body is None or items.key is not None or items.variable is None:
        raise RuleRefused("rules-over-form", over.arguments[0].place, known=list(OF_MONTHS))
    series = next(each for each in scope.catalogue.lists if each.elements == items.source.elements)
    if series.month is None:
        raise RuleRefused("rules-over-no-months", over.arguments[0].place, list=series.name)
    wanted(items.body, *NUMERIC, operation="over")
    summable(items.body, "sum")
    months = _number(over.arguments[1], scope, MOST_MONTHS)
    return OverMonths(
        _type(items.body.type, written.name),
        written.place,
        items.source,
        items.variable,
        items.condition,
        written.name,
        items.body,
        MemberField(DATE, over.place, items.variable, series.month, f"field-item-{series.name}-{series.month}"),
        months,
        _least(written, scope, months),
    )


def _least(written: syntax.Call, scope: Scope, months: int) -> int:
    """Return how many of the months must be known: all, unless the rule says how many."""
    if len(written.arguments) > (written.name != "count"):
        raise RuleRefused("rules-arguments", written.name_place, function=written.name, expected=0)
    if written.name == "count":
        return 0
    return _number(written.arguments[0], scope, months) if written.arguments else months


def _number(written: syntax.Syntax, scope: Scope, most: int) -> int:
    found = typed(written, scope)
    if not (isinstance(found, Literal) and found.type.kind is Kind.INTEGER and 1 <= found.value <= most):
        raise RuleRefused("rules-over-number", found.place, most=most)
    return found.value


def _type(body: Type, way: str) -> Type:
    if way == "count":
        return INTEGER
    if way == "sum":
        return body
    has_time = any(body.unit.power(each) for each in ("month", "year", "week", "day"))
    unit = body.unit if has_time or not body.unit.powers else body.unit.per(Unit.of("month"))
    return exact(unit) if body.is_exact and way != "mean" else inexact(unit)
