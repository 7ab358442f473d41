"""What a new outcome does to the decision that stands: the one place where "nothing adverse happens by itself" is law.

A decision for the worse (granted → not granted, a lower amount, a lost rank) is proposed beside the one in effect. A rank
is lost with the place it gave: granted → waiting, or a place further down the waiting list, or none there. Where a
benefit or a place stands and it is no longer known whether it should, the benefit goes on and a review is written beside it.
Everything else takes effect at once. The same in Python, for one household, and in SQL, for a country; a test holds
the two together over every combination.

Source  docs/decisions/0006-for-the-worse.md
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from amparo.programmes.types import State


class Step(StrEnum):
    TAKE_EFFECT = "take-effect"  # write in effect, supersede what stood and what was pending
    PROPOSE = "propose"  # write proposed beside it, supersede what was pending
    REVIEW = "review"  # write a review beside it, supersede what was pending
    CONFIRM = "confirm"  # write nothing
    WITHDRAW = "withdraw"  # write nothing, supersede what was pending


WRITES = {Step.TAKE_EFFECT: State.IN_EFFECT, Step.PROPOSE: State.PROPOSED, Step.REVIEW: State.REVIEW}


@dataclass(frozen=True)
class Stand:
    """What counts of a decision when two are compared: what it says, the rule's hash and the household it was made for."""

    outcome: bool | None
    amount: int | None
    missing: tuple[str, ...]
    rule_hash: str
    household_id: UUID
    state: State = State.IN_EFFECT
    waiting: int | None = None  # place on the waiting list: eligible, and the places are taken

    def says_the_same(self, other: "Stand") -> bool:
        return replace(self, state=other.state) == other


def step(new: Stand, standing: Stand | None, pending: Stand | None) -> Step:
    """Return what to do about a new outcome. `pending` is a proposal or review beside the standing decision."""
    if standing is None:
        return Step.TAKE_EFFECT
    if new.says_the_same(standing):
        return Step.WITHDRAW if pending else Step.CONFIRM
    wanted = Step.TAKE_EFFECT
    if standing.outcome:
        wanted = _against_a_benefit(new, standing)
    elif standing.waiting:
        wanted = _against_a_place(new, standing.waiting)
    if pending and wanted in WRITES and WRITES[wanted] is pending.state and new.says_the_same(pending):
        return Step.CONFIRM
    return wanted


def _against_a_benefit(new: Stand, standing: Stand) -> Step:
    if new.outcome is None:
        return Step.REVIEW
    if not new.outcome:
        return Step.PROPOSE
    if new.amount is None and standing.amount is not None:
        return Step.REVIEW if new.missing else Step.PROPOSE
    if new.amount is not None and standing.amount is not None and new.amount < standing.amount:
        return Step.PROPOSE
    return Step.TAKE_EFFECT


def _against_a_place(new: Stand, waiting: int) -> Step:
    if new.outcome:
        return Step.TAKE_EFFECT
    if new.outcome is None:
        return Step.REVIEW
    return Step.PROPOSE if new.waiting is None or new.waiting > waiting else Step.TAKE_EFFECT


# The same over columns: n_… of the new outcome, s_… of the standing decision, p_… of the pending one; s_id and p_id are
# null where there is none. "Same" compares with nulls.
def _same(other: str) -> str:
    columns = ("outcome", "amount", "missing", "rule_hash", "household_id", "waiting")
    return " AND ".join(f"n_{each} IS NOT DISTINCT FROM {other}_{each}" for each in columns)


_WANTED = f"""CASE
    WHEN s_outcome IS NOT TRUE AND (s_waiting IS NULL OR n_outcome) THEN '{Step.TAKE_EFFECT}'
    WHEN n_outcome IS NULL THEN '{Step.REVIEW}'
    WHEN n_waiting <= s_waiting THEN '{Step.TAKE_EFFECT}'
    WHEN NOT n_outcome THEN '{Step.PROPOSE}'
    WHEN n_amount IS NULL AND s_amount IS NOT NULL
        THEN CASE WHEN len(n_missing) > 0 THEN '{Step.REVIEW}' ELSE '{Step.PROPOSE}' END
    WHEN n_amount < s_amount THEN '{Step.PROPOSE}'
    ELSE '{Step.TAKE_EFFECT}'
END"""
STEP_SQL = f"""CASE
    WHEN s_id IS NULL THEN '{Step.TAKE_EFFECT}'
    WHEN {_same("s")} THEN CASE WHEN p_id IS NULL THEN '{Step.CONFIRM}' ELSE '{Step.WITHDRAW}' END
    WHEN p_id IS NOT NULL AND {_same("p")}
        AND p_state = CASE {_WANTED} WHEN '{Step.PROPOSE}' THEN '{State.PROPOSED}' WHEN '{Step.REVIEW}' THEN '{State.REVIEW}' END
        THEN '{Step.CONFIRM}'
    ELSE {_WANTED}
END"""
