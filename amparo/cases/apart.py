"""Four eyes on cases: whoever decided hears no appeal, whoever had a part in a suspicion does not judge it, and whoever made a
list decides about nothing that is held in it.

Asked of human beings, not of accounts (`trust.eyes`), and by the database once more (migration 0002; of held payments,
`payments` 0003).
"""

from uuid import UUID

from amparo.cases import models
from amparo.cases.moves import Apart, Move
from amparo.kernel.errors import Refused
from amparo.payments.queries import makers_of
from amparo.programmes.queries.appealing import appealable
from amparo.trust.eyes import is_same_human
from amparo.trust.types import Actor, ActorKind


def expect_apart(row: models.Case, move: Move, by: Actor) -> None:
    """Raise Refused for whoever must be another human being, and for whoever is none: no job and no command judges."""
    if move.apart is Apart.NOBODY:
        return
    if by.kind is not ActorKind.OFFICER:
        raise Refused("cases-judged-by-nobody")
    if move.apart is Apart.DECIDERS and is_same_human(by, *appealable(row.decision_id, by=by).deciders):
        raise Refused("cases-reviewer-is-decider")
    if move.apart is Apart.MAKERS and is_same_human(by, *makers_of(row.payment_id)):
        raise Refused("payments-held-same-hands")
    if move.apart is Apart.ALL_BEFORE and is_same_human(by, *_had_a_part(row)):
        raise Refused("cases-judge-had-a-part")


def _had_a_part(row: models.Case) -> list[UUID]:
    return [each for each in row.steps.values_list("by_id", flat=True).distinct() if each]


def is_apart(row: models.Case, move: Move, by: Actor) -> bool:
    """Whether somebody may make a move as far as four eyes go, for what a page offers."""
    try:
        expect_apart(row, move, by)
    except Refused:
        return False
    return True
