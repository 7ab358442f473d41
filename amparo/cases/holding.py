"""A case in somebody's hands: locked until the act is done, and only for a move that is theirs."""

from uuid import UUID

from amparo.cases import models
from amparo.cases.apart import expect_apart
from amparo.cases.moves import Move, move_of
from amparo.cases.sight import seen
from amparo.cases.types import Act, Kind, State
from amparo.kernel.errors import NotFound, Refused
from amparo.trust.types import Actor


def held(id: UUID, by: Actor) -> models.Case:
    """Return a case that the actor sees, locked until the act is done."""
    row = seen(by).filter(id=id).select_for_update(of=("self",)).first()
    if row is None:
        raise NotFound("cases-case-unknown")
    return row


def expect_move(row: models.Case, act: Act, words: str, by: Actor) -> Move:
    """Return the move of an act from where a case stands, once all that it asks for is there."""
    move = move_of(Kind(row.kind), State(row.state), act)
    if move is None or move.permission is not by.permission:
        raise Refused("cases-move-not-possible", act=act.value)
    if move.needs_words and not words.strip():
        raise Refused("cases-move-without-words")
    expect_apart(row, move, by)
    return move
