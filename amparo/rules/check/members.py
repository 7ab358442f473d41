"""Macros over the members of a household: `members.filter(m, …).map(m, …).sum()` and their like."""

from dataclasses import dataclass, replace

from amparo.rules.check.expressions import typed
from amparo.rules.check.scope import ROOTS, Scope
from amparo.rules.check.unify import wanted
from amparo.rules.model.nodes import And, Count, Every, Exists, ExistsOne, Node, Place, Size, Total
from amparo.rules.model.rule import RuleRefused
from amparo.rules.model.types import BOOLEAN, INTEGER, ORDERED, Kind
from amparo.rules.text import syntax

_RESERVED = {"true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if"} | {
    "import", "let", "loop", "package", "namespace", "return", "var", "void", "while"
}  # fmt: skip
TOTALS = ("sum", "min", "max")
QUANTIFIERS = ("exists", "exists_one", "all")
OF_MEMBERS = ("filter", "map", *QUANTIFIERS, "size", *TOTALS)


@dataclass(frozen=True)
class Listed:
    """The members for whom `condition` holds, or, with a `body`, one value of each."""

    variable: str | None = None
    condition: Node | None = None
    body: Node | None = None


def listed(written: syntax.Syntax, scope: Scope) -> Listed | None:
    """Return the list that was written; None when it is no list of members."""
    if isinstance(written, syntax.Name) and written.name == "members" and "members" not in scope.variables:
        return Listed()
    if isinstance(written, syntax.Call) and written.of is not None and written.name in ("filter", "map"):
        before = listed(written.of, scope)
        return None if before is None else (_filtered if written.name == "filter" else _mapped)(before, written, scope)
    return None


def of_members(written: syntax.Call, scope: Scope) -> Node:
    """Return what is asked of a list of members, by one of OF_MEMBERS."""
    members = listed(written.of, scope) if written.of else None
    if members is None:
        raise RuleRefused("rules-macro-without-members", written.name_place, function=written.name)
    if scope.variables:
        raise RuleRefused("rules-nested", written.place)
    if written.name in ("filter", "map"):
        raise RuleRefused("rules-members-alone", written.place)
    if written.name in QUANTIFIERS:
        return _quantified(members, written, scope)
    if written.arguments:
        raise RuleRefused("rules-arguments", written.name_place, function=written.name, expected=0)
    return _counted(members, written.place, scope) if written.name == "size" else _totalled(members, written)


def _counted(members: Listed, place: Place, scope: Scope) -> Node:
    if members.condition is None and not scope.of_group:  # of a group they are counted: the household is larger
        return Size(INTEGER, place)
    return Count(INTEGER, place, members.variable or "m", members.condition)


def _totalled(members: Listed, written: syntax.Call) -> Node:
    if members.body is None:
        raise RuleRefused("rules-sum-needs-map", written.name_place, function=written.name)
    if written.name == "sum":
        wanted(members.body, Kind.INTEGER, Kind.NUMBER, Kind.MONEY, operation="sum")
        if members.body.type.is_unrounded_money:
            raise RuleRefused("rules-money-unrounded", members.body.place, operation="sum")
    wanted(members.body, *ORDERED, operation=written.name)
    return Total(
        members.body.type, written.place, members.variable or "m", members.condition, written.name, members.body
    )


def _quantified(members: Listed, written: syntax.Call, scope: Scope) -> Node:
    members, body = _bound(members, written, scope)
    wanted(body, Kind.BOOLEAN, operation=written.name)
    if written.name == "all":
        return Every(BOOLEAN, written.place, members.variable or "m", members.condition, body)
    condition = _both(members.condition, body)
    kind = Exists if written.name == "exists" else ExistsOne
    return kind(BOOLEAN, written.place, members.variable or "m", condition)


def _filtered(members: Listed, written: syntax.Call, scope: Scope) -> Listed:
    members, condition = _bound(members, written, scope)
    wanted(condition, Kind.BOOLEAN, operation="filter")
    return replace(members, condition=_both(members.condition, condition))


def _mapped(members: Listed, written: syntax.Call, scope: Scope) -> Listed:
    members, body = _bound(members, written, scope)
    return replace(members, body=body)


def _both(before: Node | None, condition: Node) -> Node:
    return condition if before is None else And(BOOLEAN, condition.place, (before, condition))


def _bound(members: Listed, written: syntax.Call, scope: Scope) -> tuple[Listed, Node]:
    """Return the list with its variable, and the typed expression of the macro's second argument."""
    if members.body is not None:
        raise RuleRefused("rules-macro-after-map", written.name_place, function=written.name)
    if len(written.arguments) != 2:
        raise RuleRefused("rules-macro-arguments", written.name_place, function=written.name)
    variable, expression = written.arguments
    if not isinstance(variable, syntax.Name):
        raise RuleRefused("rules-macro-arguments", variable.place, function=written.name)
    if variable.name in _RESERVED or variable.name in ROOTS or variable.name in scope.variables:
        raise RuleRefused("rules-variable-taken", variable.place, name=variable.name)
    name = members.variable or variable.name
    return replace(members, variable=name), typed(expression, scope.within(variable.name, name))
