"""Macros over a list: `members.filter(m, …).map(m, …).sum()` and their like, also within one another."""

from dataclasses import dataclass, replace

from amparo.rules.check import lists
from amparo.rules.check.expressions import typed
from amparo.rules.check.scope import Scope
from amparo.rules.check.unify import wanted
from amparo.rules.model.lists import TotalOfFirst
from amparo.rules.model.nodes import (
    And,
    Count,
    Every,
    Exists,
    ExistsOne,
    ListRead,
    Literal,
    Node,
    ParameterValue,
    Place,
    Size,
    Total,
)
from amparo.rules.model.rule import RuleRefused
from amparo.rules.model.types import BOOLEAN, INTEGER, ORDERED, Kind
from amparo.rules.text import syntax

TOTALS = ("sum", "min", "max")
QUANTIFIERS = ("exists", "exists_one", "all")
_NARROWING = ("filter", "map", "sortBy", "slice")
OF_MEMBERS = (*_NARROWING, *QUANTIFIERS, "size", *TOTALS)


@dataclass(frozen=True)
class Listed:
    """The elements of a list for which `condition` holds, or, with a `body`, one value of each.

    `key`, `most`  of those, in the order of `key`, the first `most`
    """

    source: ListRead
    variable: str | None = None
    condition: Node | None = None
    body: Node | None = None
    key: Node | None = None
    most: Node | None = None

    def named(self, scope: Scope) -> str:
        return self.variable or fresh("m", scope)


def listed(written: syntax.Syntax, scope: Scope) -> Listed | None:
    """Return the list that was written; None when it is none."""
    if found := lists.source(written, scope):
        return Listed(found)
    if isinstance(written, syntax.Call) and written.of is not None and written.name in _NARROWING:
        before = listed(written.of, scope)
        return None if before is None else _NARROWED[written.name](before, written, scope)
    return None


def of_members(written: syntax.Call, scope: Scope) -> Node:
    """Return what is asked of a list, by one of OF_MEMBERS."""
    members = listed(written.of, scope) if written.of else None
    if members is None:
        raise RuleRefused("rules-macro-without-members", written.name_place, function=written.name)
    if written.name in _NARROWING:
        raise RuleRefused("rules-members-alone", written.place)
    if members.key is not None and (members.most is None or written.name not in TOTALS):
        raise RuleRefused("rules-sort-then-slice", written.name_place, function=written.name)
    if written.name in QUANTIFIERS:
        return _quantified(members, written, scope)
    if written.arguments:
        raise RuleRefused("rules-arguments", written.name_place, function=written.name, expected=0)
    return _counted(members, written.place, scope) if written.name == "size" else _totalled(members, written, scope)


def _counted(members: Listed, place: Place, scope: Scope) -> Node:
    # Of a group they are counted: the household is larger.
    if members.condition is None and members.source.is_members and not scope.of_group:
        return Size(INTEGER, place)
    return Count(INTEGER, place, members.source, members.named(scope), members.condition)


def _totalled(members: Listed, written: syntax.Call, scope: Scope) -> Node:
    if members.body is None:
        raise RuleRefused("rules-sum-needs-map", written.name_place, function=written.name)
    summable(members.body, written.name)
    variable, body = members.named(scope), members.body
    shared = (body.type, written.place, members.source, variable, members.condition, written.name, body)
    if members.key is None or members.most is None:
        return Total(*shared)
    return TotalOfFirst(*shared, members.key, members.most)


def summable(body: Node, way: str) -> None:
    """Refuse what cannot be added up, or has no least and greatest."""
    if way == "sum":
        wanted(body, Kind.INTEGER, Kind.NUMBER, Kind.MONEY, operation="sum")
        if body.type.is_unrounded_money:
            raise RuleRefused("rules-money-unrounded", body.place, operation="sum")
    wanted(body, *ORDERED, operation=way)


def _quantified(members: Listed, written: syntax.Call, scope: Scope) -> Node:
    members, body = _bound(members, written, scope)
    wanted(body, Kind.BOOLEAN, operation=written.name)
    variable = members.named(scope)
    if written.name == "all":
        return Every(BOOLEAN, written.place, members.source, variable, members.condition, body)
    kind = Exists if written.name == "exists" else ExistsOne
    return kind(BOOLEAN, written.place, members.source, variable, _both(members.condition, body))


def _filtered(members: Listed, written: syntax.Call, scope: Scope) -> Listed:
    if members.most is not None:
        raise RuleRefused("rules-sort-then-slice", written.name_place, function=written.name)
    members, condition = _bound(members, written, scope)
    wanted(condition, Kind.BOOLEAN, operation="filter")
    return replace(members, condition=_both(members.condition, condition))


def _mapped(members: Listed, written: syntax.Call, scope: Scope) -> Listed:
    members, body = _bound(members, written, scope)
    return replace(members, body=body)


def _sorted(members: Listed, written: syntax.Call, scope: Scope) -> Listed:
    if members.key is not None:
        raise RuleRefused("rules-sort-then-slice", written.name_place, function=written.name)
    members, key = _bound(members, written, scope)
    return replace(members, key=wanted(key, *ORDERED, operation="sortBy"))


def _sliced(members: Listed, written: syntax.Call, scope: Scope) -> Listed:
    """Take the first few of an order: `slice(0, n)` with a number of the rule or of the law."""
    if members.key is None or members.most is not None or members.body is not None or len(written.arguments) != 2:
        raise RuleRefused("rules-sort-then-slice", written.name_place, function=written.name)
    first, most = (typed(each, scope) for each in written.arguments)
    if not (isinstance(first, Literal) and first.value == 0):
        raise RuleRefused("rules-slice-from-zero", first.place)
    if not isinstance(most, Literal | ParameterValue):
        raise RuleRefused("rules-list-not-constant", most.place)
    return replace(members, most=wanted(most, Kind.INTEGER, operation="slice"))


_NARROWED = {"filter": _filtered, "map": _mapped, "sortBy": _sorted, "slice": _sliced}


def _both(before: Node | None, condition: Node) -> Node:
    return condition if before is None else And(BOOLEAN, condition.place, (before, condition))


def fresh(name: str, scope: Scope) -> str:
    """Return a name that no variable in force has in the model."""
    names = (name, *(f"{name}{number}" for number in range(1, len(scope.grains) + 2)))
    return next(each for each in names if each not in scope.grains)


def _bound(members: Listed, written: syntax.Call, scope: Scope) -> tuple[Listed, Node]:
    """Return the list with its variable, and the typed expression of the macro's second argument."""
    if members.body is not None:
        raise RuleRefused("rules-macro-after-map", written.name_place, function=written.name)
    if len(written.arguments) != 2:
        raise RuleRefused("rules-macro-arguments", written.name_place, function=written.name)
    variable, expression = written.arguments
    if not isinstance(variable, syntax.Name):
        raise RuleRefused("rules-macro-arguments", variable.place, function=written.name)
    if variable.name in scope.taken:
        raise RuleRefused("rules-variable-taken", variable.place, name=variable.name)
    name = members.variable or fresh(variable.name, scope)
    within = scope.within(variable.name, name, members.source.elements, are_relatives=not members.source.is_members)
    return replace(members, variable=name), typed(expression, within)
