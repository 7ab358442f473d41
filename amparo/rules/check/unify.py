"""Brings operands to one type, or refuses: no unit is converted and no money guessed silently.

Units   a number written in the rule takes the unit of what it stands beside, except money: an amount needs a law and a
        date, so it is a parameter; only 0 is an amount without one
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce

from amparo.kernel.messages import Message, message
from amparo.rules.model.nodes import AsNumber, Literal, Node, Place
from amparo.rules.model.rule import RuleRefused
from amparo.rules.model.types import Kind, Type, inexact


def described(type: Type) -> Message:
    """Return the type's name for people."""
    if type.is_unrounded_money:
        return message("rules-kind-unrounded-money", unit=str(type.unit))
    if type.unit.powers:
        return message("rules-kind-with-unit", kind=message(f"rules-kind-{type.kind}"), unit=str(type.unit))
    return message(f"rules-kind-{type.kind}")


def wanted(node: Node, *kinds: Kind, operation: str) -> Node:
    """Return the node if its kind is among those wanted."""
    if node.type.kind not in kinds:
        expected = [message(f"rules-kind-{kind}") for kind in kinds]
        raise RuleRefused("rules-type", node.place, operation=operation, found=described(node.type), expected=expected)
    return node


def as_number(node: Node) -> Node:
    """Return the node as a double, explicitly, so that no engine converts by itself."""
    if isinstance(node, Literal) and node.type.is_exact:
        return Literal(inexact(node.type.unit), node.place, float(node.value))
    return AsNumber(inexact(node.type.unit), node.place, node) if node.type.is_exact else node


def united(nodes: Sequence[Node], place: Place, operation: str) -> tuple[Node, ...]:
    """Return the nodes in one common type: same kind, same unit, same vocabulary."""
    model = next((node for node in nodes if not isinstance(node, Literal)), nodes[0])
    adapted = [_adapted(node, model.type) for node in nodes]
    reduce(lambda left, right: _agree(left, right, place, operation), adapted)
    if any(node.type.kind is Kind.NUMBER for node in adapted):
        return tuple(map(as_number, adapted))
    return tuple(adapted)


def beside(node: Node, other: Node, operation: str) -> Node:
    """Return the node in the unit and vocabulary of the other, which a literal takes; the kind stays its own."""
    return _agree(other, _adapted(node, other.type), node.place, operation)


def _adapted(node: Node, type: Type) -> Node:
    if not isinstance(node, Literal):
        return node
    if node.type.kind is Kind.TEXT and type.kind is Kind.CODE:
        return _code(node, type)
    if node.type.is_numeric and not node.type.unit.powers and type.is_numeric:
        return _amount(node, type)
    return node


def _code(literal: Literal, type: Type) -> Node:
    if type.codes and literal.value not in type.codes:
        raise RuleRefused("rules-code-unknown", literal.place, code=literal.value, codes=list(type.codes[:20]))
    return replace(literal, type=type)


def _amount(literal: Literal, type: Type) -> Node:
    if not type.unit.power("money"):
        return replace(literal, type=Type(literal.type.kind, type.unit))
    if literal.value == 0:
        return Literal(type, literal.place, 0 if type.is_exact else 0.0)
    raise RuleRefused("rules-money-literal", literal.place)


def _agree(left: Node, right: Node, place: Place, operation: str) -> Node:
    one, other = left.type, right.type
    if one.is_numeric and other.is_numeric:
        if one.unit != other.unit:
            values = {"left": described(one), "right": described(other)}
            raise RuleRefused("rules-unit", right.place, operation=operation, **values)
    elif one.kind != other.kind:
        raise RuleRefused(
            "rules-types-differ", right.place, operation=operation, left=described(one), right=described(other)
        )
    elif set(one.codes) != set(other.codes):
        raise RuleRefused("rules-vocabularies-differ", place, operation=operation)
    return right
