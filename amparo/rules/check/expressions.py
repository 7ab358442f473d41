"""Syntax → typed model, or a refusal with the place, the reason and the remedy."""

from dataclasses import replace
from functools import singledispatch

from amparo.rules.check.scope import DECISION_DAY, Scope, bound_node, offers
from amparo.rules.check.unify import as_number, united, wanted
from amparo.rules.model.functions import DecisionDay
from amparo.rules.model.nodes import (
    And,
    Arithmetic,
    Compare,
    If,
    In,
    Literal,
    Node,
    Not,
    Or,
    ParameterValue,
    Place,
)
from amparo.rules.model.rule import PERSON_UNIT, RuleRefused
from amparo.rules.model.types import BOOLEAN, DATE, INTEGER, NUMBER, NUMERIC, ORDERED, TEXT, Kind, exact, inexact
from amparo.rules.text import syntax

_RELATIONS = {"==", "!=", "<", "<=", ">", ">="}
_LITERAL_TYPES = {bool: BOOLEAN, int: INTEGER, float: NUMBER, str: TEXT}


@singledispatch
def typed(written: syntax.Syntax, scope: Scope) -> Node:
    """Return the model of what was written."""
    raise RuleRefused("rules-list-alone", written.place)


@typed.register
def _(written: syntax.Value, scope: Scope) -> Node:
    return Literal(_LITERAL_TYPES[type(written.value)], written.place, written.value)


@typed.register
def _(written: syntax.Name, scope: Scope) -> Node:
    if written.name == "members":
        raise RuleRefused("rules-members-alone", written.place)
    if written.name == DECISION_DAY:
        return DecisionDay(DATE, written.place)
    if written.name in scope.bound:
        return bound_node(written.name, written.place, scope)
    if written.name in scope.names:
        raise RuleRefused("rules-root-alone", written.place, name=written.name)
    raise _unknown_name(written, scope)


def root(written: syntax.Syntax, scope: Scope) -> str:
    """Return the name before a point: household, member, param or a macro's variable; refuse anything else."""
    if not isinstance(written, syntax.Name):
        raise RuleRefused("rules-no-fields", written.place)
    if written.name == "members":
        raise RuleRefused("rules-members-alone", written.place)
    if written.name == "member" and "member" not in scope.variables and scope.unit != PERSON_UNIT:
        raise RuleRefused("rules-member-in-household-unit", written.place)
    if written.name == DECISION_DAY or written.name in scope.bound:
        raise RuleRefused("rules-no-fields", written.place)
    if written.name == "math" or written.name not in scope.names:
        raise _unknown_name(written, scope)
    return written.name


def _unknown_name(written: syntax.Name, scope: Scope) -> RuleRefused:
    return RuleRefused("rules-name-unknown", written.place, name=written.name, known=offers(written.name, scope.names))


@typed.register
def _(written: syntax.Unary, scope: Scope) -> Node:
    of = typed(written.of, scope)
    if written.operator == "!":
        return Not(BOOLEAN, written.place, wanted(of, Kind.BOOLEAN, operation="!"))
    wanted(of, *NUMERIC, operation="-")
    if isinstance(of, Literal):
        return replace(of, value=-of.value, place=written.place)
    zero = Literal(of.type, written.place, 0 if of.type.is_exact else 0.0)
    return Arithmetic(of.type, written.place, "-", zero, of)


@typed.register
def _(written: syntax.Chain, scope: Scope) -> Node:
    of = tuple(wanted(typed(each, scope), Kind.BOOLEAN, operation=written.operator) for each in written.of)
    return (And if written.operator == "&&" else Or)(BOOLEAN, written.place, of)


@typed.register
def _(written: syntax.Ternary, scope: Scope) -> Node:
    condition = wanted(typed(written.condition, scope), Kind.BOOLEAN, operation="? :")
    branches = [typed(each, scope) for each in (written.then, written.otherwise)]
    then, otherwise = united(branches, written.place, "? :")
    return If(then.type, written.place, condition, then, otherwise)


@typed.register
def _(written: syntax.Binary, scope: Scope) -> Node:
    if written.operator == "in":
        return _membership(written, scope)
    left, right = typed(written.left, scope), typed(written.right, scope)
    if written.operator in _RELATIONS:
        return _comparison(written.operator, left, right, written.place)
    for each in (left, right):
        wanted(each, *NUMERIC, operation=written.operator)
    return arithmetic(written.operator, left, right, written.place)


def _comparison(operator: str, left: Node, right: Node, place: Place) -> Node:
    if operator not in ("==", "!="):
        for each in (left, right):
            wanted(each, *ORDERED, operation=operator)
    return Compare(BOOLEAN, place, operator, *united((left, right), place, operator))


def _membership(written: syntax.Binary, scope: Scope) -> Node:
    if not isinstance(written.right, syntax.ListOf):
        raise RuleRefused("rules-in-needs-list", written.right.place)
    if not written.right.items:
        raise RuleRefused("rules-list-empty", written.right.place)
    options = [typed(each, scope) for each in written.right.items]
    for each in options:
        if not isinstance(each, Literal | ParameterValue):
            raise RuleRefused("rules-list-not-constant", each.place)
    of, *options = united((typed(written.left, scope), *options), written.place, "in")
    return In(BOOLEAN, written.place, of, tuple(options))


def arithmetic(operator: str, left: Node, right: Node, place: Place) -> Node:
    """Return the typed operation: `+ -` want one unit, `* /` multiply and divide units, `/` is of doubles."""
    if operator in "+-":
        left, right = united((left, right), place, operator)
        return Arithmetic(left.type, place, operator, left, right)
    if operator == "%":
        wanted(left, Kind.INTEGER, operation="%")
        wanted(right, Kind.INTEGER, operation="%")
        return Arithmetic(left.type, place, "%", left, right)
    unit = left.type.unit.times(right.type.unit, 1 if operator == "*" else -1)
    if operator == "*" and left.type.is_exact and right.type.is_exact:
        return Arithmetic(exact(unit), place, "*", left, right)
    return Arithmetic(inexact(unit), place, operator, as_number(left), as_number(right))
