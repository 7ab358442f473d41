"""Model → fewer kinds of nodes, for engines that compile: parameters and the day become constants.

After it there is no ParameterValue, DecisionDay, Every or ExistsOne; variables are named by their depth; an age compared with a constant is a
comparison of dates. The meaning, and which fields are missing when it is unknown, stay the same.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from amparo.rules.lower.ages import born_by
from amparo.rules.model.functions import DecisionDay
from amparo.rules.model.nodes import (
    Age,
    And,
    Compare,
    Count,
    Every,
    Exists,
    ExistsOne,
    ListRead,
    Literal,
    MemberField,
    Node,
    Not,
    Or,
    OverList,
    ParameterValue,
)
from amparo.rules.model.types import BOOLEAN, DATE, INTEGER, Kind

UNIT_MEMBER = "member"
_SWAPPED = {"==": "==", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}


@dataclass(frozen=True)
class Constants:
    """What a run holds fixed: the decision day, and each parameter's value on it."""

    on: date
    parameters: Mapping[str, Any]


def lowered(node: Node, constants: Constants) -> Node:
    """Return the node in fewer words, with constants in place."""
    return _lowered(renamed(node, {}), constants)


def variable(depth: int) -> str:
    """Return the name of the variable of a list that is asked within `depth` others."""
    return f"m{depth}"


def renamed(node: Node, names: Mapping[str, str]) -> Node:
    """Return the node with variables named by how deep they stand, so that nodes that mean the same are equal."""
    if isinstance(node, OverList):
        names = {**names, node.variable: variable(len(names))}
    node = with_parts(node, lambda part: renamed(part, names))
    if isinstance(node, OverList | MemberField | ListRead):
        return replace(node, variable=names.get(node.variable, node.variable))
    return node


def _lowered(node: Node, constants: Constants) -> Node:
    node = with_parts(node, lambda part: _lowered(part, constants))
    match node:
        case ParameterValue(type=type, place=place, name=name):
            value = constants.parameters[name]
            return Literal(type, place, float(value) if type.kind is Kind.NUMBER else value)
        case DecisionDay(type=type, place=place):
            return Literal(type, place, constants.on)
        case Every():
            return _exists_none(node)
        case ExistsOne(place=place):
            count = Count(INTEGER, place, node.source, node.variable, node.condition)
            return Compare(BOOLEAN, place, "==", count, Literal(INTEGER, place, 1))
        case Compare(left=Age(of=birth), operator=operator, right=Literal(value=int(years))):
            return _born(birth, operator, years, constants.on) or node
        case Compare(left=Literal(value=int(years)), operator=operator, right=Age(of=birth)):
            return _born(birth, _SWAPPED[operator], years, constants.on) or node
    return node


def with_parts(node: Node, change: Callable[[Node], Node]) -> Node:
    """Return the node with each node directly below it changed."""
    changed: dict[str, Any] = {}
    for each in fields(node):
        value = getattr(node, each.name)
        if isinstance(value, Node):
            changed[each.name] = change(value)
        elif isinstance(value, tuple) and value and isinstance(value[0], Node):
            changed[each.name] = tuple(map(change, value))
    return replace(node, **changed) if changed else node


def _exists_none(node: Every) -> Node:
    """Every one holds where none exists that does not; in Kleene's logic too."""
    fails: Node = Not(BOOLEAN, node.place, node.body)
    if node.condition is not None:
        fails = And(BOOLEAN, node.place, (node.condition, fails))
    return Not(BOOLEAN, node.place, Exists(BOOLEAN, node.place, node.source, node.variable, fails))


def _born(birth: Node, operator: str, years: int, on: date) -> Node | None:
    """Return `age(birth) operator years` as a comparison of dates; None where no such date exists."""
    oldest, next_oldest = born_by(on, years), born_by(on, years + 1)
    if oldest is None or next_oldest is None:
        return None

    def is_born(relation: str, day: date) -> Node:
        return Compare(BOOLEAN, birth.place, relation, birth, Literal(DATE, birth.place, day))

    match operator:
        case ">=":
            return is_born("<=", oldest)
        case ">":
            return is_born("<=", next_oldest)
        case "<":
            return is_born(">", oldest)
        case "<=":
            return is_born(">", next_oldest)
        case "==":
            return And(BOOLEAN, birth.place, (is_born("<=", oldest), is_born(">", next_oldest)))
    return Or(BOOLEAN, birth.place, (is_born(">", oldest), is_born("<=", next_oldest)))
