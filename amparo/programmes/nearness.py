"""A rule with each of its cut-offs moved by a tenth in favour of whoever is asked about: who passes it now was near.

Shape   a programme in force in; the same with a rule that more people pass out, without amount and order
Units   a tenth of the size of the cut-off, whatever it counts; days and equalities have no tenth, and stay
Nulls   unknown stays unknown: nobody is near a cut-off by what is not known of them. How many there are of something is
        counted from those surely meant to those possibly meant, and has no tenth either
Source  requirement ELI-4: the share of those excluded from everything that lies within ±10 % of a cut-off
"""

from dataclasses import replace

from amparo.programmes.inforce import InForce
from amparo.rules.model.lookups import Stated
from amparo.rules.model.nodes import (
    NOWHERE,
    And,
    Arithmetic,
    AsNumber,
    Compare,
    Count,
    Every,
    Exists,
    Extreme,
    HouseholdField,
    If,
    ListRead,
    Literal,
    MemberField,
    Node,
    Not,
    Or,
    walk,
    with_parts,
)
from amparo.rules.model.rule import ProgrammeRule
from amparo.rules.model.types import BOOLEAN, NUMBER, NUMERIC, Kind

NEAR = 0.1
_MORE, _LESS = ("<", "<="), (">", ">=")


def strict(programme: InForce) -> InForce:
    """Return the programme as a question of eligibility alone."""
    return replace(programme, rule=ProgrammeRule(programme.rule.outcome), ranking=None, keys=())


def relaxed(programme: InForce, number: int) -> InForce:
    """Return the question with its cut-offs moved, under a number of its own."""
    outcome = programme.rule.outcome
    rule = ProgrammeRule(replace(outcome, model=_eased(outcome.model, True), _days={}))
    return replace(strict(programme), programme_id=number, rule=rule)


def _eased(node: Node, is_wanted: bool) -> Node:
    """Return the node made easier to be true, or, where it stands below a negation, easier to be false."""
    match node:
        case Compare():
            return _moved(node, is_wanted)
        case Not():
            return with_parts(node, lambda part: _eased(part, not is_wanted))
        case If():
            then, otherwise = _eased(node.then, is_wanted), _eased(node.otherwise, is_wanted)
            return replace(node, then=then, otherwise=otherwise)
        case Every():
            condition = node.condition and _eased(node.condition, not is_wanted)
            return replace(node, condition=condition, body=_eased(node.body, is_wanted))
        case Exists():
            return replace(node, condition=node.condition and _eased(node.condition, is_wanted))
        case And() | Or() | Stated() if node.type == BOOLEAN:
            return with_parts(node, lambda part: _eased(part, is_wanted))
    return node


def _moved(node: Compare, is_wanted: bool) -> Node:
    """Return the comparison with its cut-off moved: the side that reads nothing of anybody, else the right one."""
    if node.operator not in (*_MORE, *_LESS) or not _has_tenth(node):
        return node
    on_left = not _reads(node.left) and _reads(node.right)
    is_up = (node.operator in _MORE) == is_wanted
    left, right = _number(node.left), _number(node.right)
    if on_left:
        return replace(node, left=_by_a_tenth(left, not is_up), right=right)
    return replace(node, left=left, right=_by_a_tenth(right, is_up))


def _has_tenth(node: Compare) -> bool:
    sides = (node.left, node.right)
    return all(each.type.kind in NUMERIC for each in sides) and not any(
        isinstance(part, Count) for each in sides for part in walk(each)
    )


def _reads(node: Node) -> bool:
    return any(isinstance(each, HouseholdField | MemberField | ListRead) for each in walk(node))


def _number(node: Node) -> Node:
    return node if node.type.kind is Kind.NUMBER else AsNumber(NUMBER, node.place, node)


def _by_a_tenth(node: Node, is_up: bool) -> Node:
    """Return the number moved by a tenth of its size; below zero too, up is up."""
    ends = tuple(
        Arithmetic(NUMBER, NOWHERE, "*", node, Literal(NUMBER, NOWHERE, share)) for share in (1 - NEAR, 1 + NEAR)
    )
    return Extreme(NUMBER, node.place, "greatest" if is_up else "least", ends)
