"""`exp(x, decimals)`, `ln(x, decimals)`, `pow(x, y, decimals)`: of numbers, and never of money."""

from amparo.rules.check.expressions import typed
from amparo.rules.check.scope import Scope
from amparo.rules.check.unify import as_number, wanted
from amparo.rules.lower.powers import MOST_DECIMALS
from amparo.rules.model.functions import Power
from amparo.rules.model.nodes import Node
from amparo.rules.model.rule import RuleRefused
from amparo.rules.model.types import NUMBER, Kind
from amparo.rules.text import syntax


def power(written: syntax.Call, scope: Scope) -> Node:
    *arguments, decimals = written.arguments
    of = tuple(as_number(_bare(typed(each, scope), written.name)) for each in arguments)
    return Power(NUMBER, written.place, written.name, of, _decimals(decimals, written.name))


def _bare(node: Node, name: str) -> Node:
    wanted(node, Kind.INTEGER, Kind.NUMBER, operation=name)
    if node.type.unit.power("money"):
        raise RuleRefused("rules-power-of-money", node.place, function=name)
    return node


def _decimals(written: syntax.Syntax, name: str) -> int:
    if isinstance(written, syntax.Value) and type(written.value) is int and written.value <= MOST_DECIMALS:
        return written.value
    raise RuleRefused("rules-decimals", written.place, function=name, most=MOST_DECIMALS)
