"""Roundings: to whole numbers, and to a multiple, as `ceil_to(amount, param.coin)`."""

from collections.abc import Callable

from amparo.rules.check.expressions import typed
from amparo.rules.check.scope import Scope
from amparo.rules.check.unify import beside, wanted
from amparo.rules.model.functions import RoundedTo, Signed
from amparo.rules.model.nodes import Literal, Node, Rounded
from amparo.rules.model.rule import RuleRefused
from amparo.rules.model.types import INTEGER, NUMERIC, Kind, Unit, exact
from amparo.rules.text import syntax

_MONEY = Unit.of("money")


def rounded(way: str, name: str) -> Callable[[syntax.Call, Scope], Node]:
    """Return how a call is typed that makes a number whole; what is whole already stays."""

    def called(written: syntax.Call, scope: Scope) -> Node:
        of = wanted(typed(written.arguments[0], scope), *NUMERIC, operation=name)
        return of if of.type.is_exact else Rounded(exact(of.type.unit), written.place, way, of)

    return called


def rounded_to(way: str) -> Callable[[syntax.Call, Scope], Node]:
    def called(written: syntax.Call, scope: Scope) -> Node:
        of, multiple = (typed(each, scope) for each in written.arguments)
        wanted(of, *NUMERIC, operation=written.name)
        wanted(multiple, Kind.INTEGER, Kind.MONEY, operation=written.name)
        if isinstance(multiple, Literal) and multiple.value < 1:
            raise RuleRefused("rules-multiple", multiple.place, function=written.name)
        if not (multiple.type.unit == _MONEY and of.type.unit.power("money") == 1):  # a coin has no month
            multiple = beside(multiple, of, written.name)
        return RoundedTo(exact(of.type.unit), written.place, way, of, multiple)

    return called


def magnitude(written: syntax.Call, scope: Scope) -> Node:
    of = wanted(typed(written.arguments[0], scope), *NUMERIC, operation=f"math.{written.name}")
    return Signed(of.type if written.name == "abs" else INTEGER, written.place, written.name, of)
