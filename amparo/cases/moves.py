"""How each kind of case goes from state to state: one small table. What is not in it is refused.

Source  requirements ELI-6 (appeal: filed, evidence, review, upheld or dismissed, executed), OPS-5 (flag, review, evidence,
        decision by a second person), OPS-1 (what a check holds is a case with a day) and IBR-5 (a transition is applied for)
"""

from dataclasses import dataclass
from enum import StrEnum

from amparo.cases.types import CLOSED, Act, Kind, State
from amparo.trust.types import Permission


class Apart(StrEnum):
    """Whose human being whoever makes a move must not be."""

    NOBODY = "nobody"
    DECIDERS = "deciders"  # of the decision that is appealed
    ALL_BEFORE = "all-before"  # whoever flagged it or had a part in it until now
    MAKERS = "makers"  # of the list that a held payment is in


@dataclass(frozen=True)
class Move:
    """From some states to one (None: where it stands), by whoever holds a permission; `needs_words` where none is refused.

    `is_told`  its words are an answer to whom the case concerns
    """

    act: Act
    of: frozenset[State]
    to: State | None
    permission: Permission
    apart: Apart = Apart.NOBODY
    needs_words: bool = True
    is_told: bool = False


_ANY = frozenset(State) - CLOSED
_WORK, _REVIEW, _DECIDE = Permission.WORK_CASE, Permission.REVIEW_APPEAL, Permission.DECIDE_SUSPICION
_NEW = frozenset({State.OPEN, State.WORKING})
_UNHEARD = frozenset({State.OPEN, State.EVIDENCE})

_ALWAYS = (
    Move(Act.NOTE, _ANY, None, _WORK),
    Move(Act.HAND_ON, _ANY, None, _WORK),
    Move(Act.REPLY, _ANY, None, Permission.DECIDE_OWN),
)
_ORDINARY = (
    Move(Act.TAKE, _NEW, State.WORKING, _WORK, needs_words=False),
    Move(Act.ADD_EVIDENCE, _NEW, State.WORKING, _WORK),
    Move(Act.RESOLVE, _NEW, State.RESOLVED, _WORK, is_told=True),
    Move(Act.DISMISS, _NEW, State.DISMISSED, _WORK, is_told=True),
    Move(Act.WITHDRAW, _NEW, State.WITHDRAWN, Permission.DECIDE_OWN, needs_words=False),
)
_APPEAL = (
    Move(Act.TAKE, _UNHEARD | {State.REVIEW}, None, _REVIEW, Apart.DECIDERS, needs_words=False),
    Move(Act.ADD_EVIDENCE, _UNHEARD, State.EVIDENCE, _WORK),
    Move(Act.BEGIN_REVIEW, _UNHEARD, State.REVIEW, _REVIEW, Apart.DECIDERS, needs_words=False),
    Move(Act.UPHOLD, frozenset({State.REVIEW}), State.UPHELD, _REVIEW, Apart.DECIDERS, is_told=True),
    Move(Act.DISMISS, frozenset({State.REVIEW}), State.DISMISSED, _REVIEW, Apart.DECIDERS, is_told=True),
    Move(Act.EXECUTE, frozenset({State.UPHELD}), State.EXECUTED, _REVIEW, Apart.DECIDERS, needs_words=False),
    Move(Act.WITHDRAW, _UNHEARD, State.WITHDRAWN, Permission.DECIDE_OWN, needs_words=False),
)
_SUSPICION = (
    Move(Act.TAKE, frozenset({State.OPEN}), State.REVIEW, _WORK, needs_words=False),
    Move(Act.ADD_EVIDENCE, frozenset({State.REVIEW, State.EVIDENCE}), State.EVIDENCE, _WORK),
    Move(Act.HEAR, frozenset({State.REVIEW, State.EVIDENCE}), State.EVIDENCE, _WORK, is_told=True),
    Move(Act.CONFIRM, frozenset({State.EVIDENCE}), State.CONFIRMED, _DECIDE, Apart.ALL_BEFORE, is_told=True),
    Move(
        Act.CLEAR, frozenset({State.REVIEW, State.EVIDENCE}), State.UNFOUNDED, _DECIDE, Apart.ALL_BEFORE, is_told=True
    ),
)
_REFERRAL = (
    Move(Act.TAKE, _NEW, State.WORKING, _WORK, needs_words=False),
    Move(Act.REFER, _NEW, State.REFERRED, _WORK, is_told=True),
    Move(Act.SERVE, frozenset({State.REFERRED}), State.SERVED, _WORK, is_told=True),
    Move(Act.NOT_SERVE, frozenset({State.REFERRED}), State.NOT_SERVED, _WORK, is_told=True),
    Move(Act.FIND_NO_PLACE, frozenset({State.REFERRED}), State.NO_PLACE, _WORK, is_told=True),
    Move(Act.NOT_HEAR, frozenset({State.REFERRED}), State.UNHEARD, _WORK, is_told=True),
    Move(Act.WITHDRAW, _NEW | {State.REFERRED}, State.WITHDRAWN, Permission.DECIDE_OWN, needs_words=False),
)
_PAYMENT = (
    Move(Act.TAKE, _NEW, State.WORKING, _WORK, needs_words=False),
    Move(Act.ADD_EVIDENCE, _NEW, State.WORKING, _WORK),
    Move(Act.RELEASE, _NEW, State.RELEASED, _WORK, Apart.MAKERS),
    Move(Act.WITHHOLD, _NEW, State.WITHHELD, _WORK, Apart.MAKERS),
)
_PENDING = _NEW | {State.APPLIED}
_TRANSITION = (
    Move(Act.TAKE, _NEW, State.WORKING, _WORK, needs_words=False),
    Move(Act.ADD_EVIDENCE, _NEW, State.WORKING, _WORK),
    Move(Act.APPLY, _NEW, State.APPLIED, _WORK, needs_words=False, is_told=True),
    Move(Act.RETURN, frozenset({State.APPLIED}), State.WORKING, _WORK, is_told=True),
    Move(Act.RESOLVE, _PENDING, State.RESOLVED, _WORK, is_told=True),
    Move(Act.DISMISS, _PENDING, State.DISMISSED, _WORK, is_told=True),
    Move(Act.WITHDRAW, _PENDING, State.WITHDRAWN, Permission.DECIDE_OWN, needs_words=False),
)
# Nobody withdraws what the programme has to ask; what is not needed is dismissed, by a person.
_RECERTIFICATION = tuple(each for each in _ORDINARY if each.act is not Act.WITHDRAW)

MOVES: dict[Kind, tuple[Move, ...]] = {
    **{each: (*_ORDINARY, *_ALWAYS) for each in Kind},
    Kind.APPEAL: (*_APPEAL, *_ALWAYS),
    Kind.SUSPICION: (*_SUSPICION, *_ALWAYS),
    Kind.REFERRAL: (*_REFERRAL, *_ALWAYS),
    Kind.PAYMENT: (*_PAYMENT, *_ALWAYS),
    Kind.TRANSITION: (*_TRANSITION, *_ALWAYS),
    Kind.RECERTIFICATION: (*_RECERTIFICATION, *_ALWAYS),
}
# What the house opens by itself, or from what it is about: nobody files one from the list of categories.
UNFILED = frozenset({Kind.APPEAL, Kind.PAYMENT, Kind.RECERTIFICATION})

# Kinds of which whom they concern is told when they are opened; of the others only once somebody asks what they say.
UNTOLD = frozenset({Kind.SUSPICION, Kind.IDENTITY, Kind.ALERT, Kind.PAYMENT})


def move_of(kind: Kind, state: State, act: Act) -> Move | None:
    """Return the one move of an act from a state; None where there is none."""
    return next((each for each in MOVES[kind] if each.act is act and state in each.of), None)


def moves_from(kind: Kind, state: State, permission: Permission) -> list[Move]:
    """Return what a permission may do about a case that stands so."""
    return [each for each in MOVES[kind] if state in each.of and each.permission is permission]
