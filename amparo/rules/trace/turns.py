"""Tells the members of a trace in another order than the one in which engines count them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from amparo.rules.model.nodes import MEMBERS
from amparo.rules.trace.step import MemberStep, Step

Place = tuple[Any, ...]


def turn_of(turns: Sequence[int]) -> Callable[[Place], int]:
    """Return place → its turn, where `turns` holds the members' places in the order wanted; whoever is no member is first."""
    turn = {member: number for number, member in enumerate(turns)}
    return lambda place: turn[int(place[1])] if place[:1] == (MEMBERS,) else -1


def in_turn(step: Step, turn: Callable[[Place], int]) -> Step:
    """Return a step whose members, and those of all its parts, stand in their turn."""

    def told(part: Step | None) -> Step | None:
        return part and in_turn(part, turn)

    members = sorted(step.members, key=lambda each: turn(each.place))
    return replace(
        step,
        parts=tuple(in_turn(each, turn) for each in step.parts),
        members=tuple(MemberStep(each.place, told(each.condition), told(each.body)) for each in members),
    )
