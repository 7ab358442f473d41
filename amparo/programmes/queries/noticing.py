"""Reads of notices with what was answered and found, and the check that nothing for the worse came by itself."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connections

from amparo.kernel.errors import NotFound, Refused
from amparo.programmes import models
from amparo.programmes.types import Notice, Reply, Review, State
from amparo.programmes.withholding import expect_decisions
from amparo.trust.keys.encryption import decrypt
from amparo.trust.log.recording import record
from amparo.trust.scope import within
from amparo.trust.types import Actor, Event, Ground


def notice(id: UUID, *, by: Actor, under: Ground) -> Notice:
    """Return a notice with its replies and reviews, opened. Raises NotFound also outside the actor's areas."""
    row = within(models.Notice.objects.filter(id=id), by).select_related("programme").first()
    if row is None:
        raise NotFound("programmes-notice-unknown")
    expect_decisions(by.classes_at(row.area_number))
    record(
        Event.NOTICE_READ,
        by=by,
        under=under,
        about_kind="household" if row.unit_id == row.household_id else "person",
        about_id=row.unit_id,
        area_number=row.area_number,
        programme=row.programme.code,
    )
    return notice_of(row)


def notice_about(decision_id: UUID, *, by: Actor) -> UUID | None:
    """Return the id of the notice that was given of a decision."""
    return within(models.Notice.objects.filter(decision_id=decision_id), by).values_list("id", flat=True).first()


def amount_in_effect(programme: str, unit_id: UUID, *, by: Actor) -> int | None:
    """Return the amount that a unit receives now; None where nothing is granted to it, or the programme pays nothing."""
    granted = {"state": State.IN_EFFECT, "superseded_at": None, "outcome": True}
    rows = within(models.Decision.objects.filter(programme__code=programme, unit_id=unit_id, **granted), by)
    expect_decisions(by.classes)
    return rows.values_list("amount_minor", flat=True).first()


def pending_row(decision_id: UUID, *, by: Actor) -> models.Decision:
    """Return a decision that stands proposed. Raises NotFound outside the actor's areas, Refused where it is not so."""
    row = within(models.Decision.objects.filter(id=decision_id), by).first()
    if row is None:
        raise NotFound("programmes-decision-unknown")
    if row.state != State.PROPOSED or row.superseded_at is not None:
        raise Refused("programmes-decision-not-proposed")
    return row


def makers_of(row: models.Notice) -> set[UUID]:
    """Return who made a decision: who planned the run, or acted when it was decided alone; and who gave the notice."""
    made = models.Decision.objects.get(id=row.decision_id, decided_at=row.decided_at)
    run = models.Determination.objects.filter(id=made.run_id).first() if made.run_id else None
    return {row.given_by, *([run.started_by] if run else []), *([made.made_by] if made.made_by else [])}


def notice_of(row: models.Notice) -> Notice:
    standing = models.Decision.objects.filter(id=row.decision_id, decided_at=row.decided_at, superseded_at=None)
    return Notice(
        id=row.id,
        decision=row.decision_id,
        programme=row.programme.code,
        unit_id=row.unit_id,
        household_id=row.household_id,
        area_number=row.area_number,
        was=row.was_minor,
        law=row.law,
        needs_review=row.needs_review,
        appeal_days=row.appeal_days,
        given_on=row.given_on,
        given_by=row.given_by,
        takes_effect_on=row.takes_effect_on,
        took_effect_at=row.took_effect_at,
        is_overtaken=row.effect is None and not standing.exists(),
        replies=tuple(_reply(each) for each in row.replies.order_by("recorded_at", "id")),
        reviews=tuple(_review(each) for each in row.reviews.order_by("reviewed_at", "id")),
    )


def _reply(row: models.Reply) -> Reply:
    return Reply(row.received_on, _opened("reply", row.id, row.words), row.recorded_by, row.recorded_at, row.tombstone)


def _review(row: models.Review) -> Review:
    reason = _opened("review", row.id, row.reason)
    return Review(row.confirms, reason, row.reviewed_by, row.reviewed_at, row.tombstone)


def _opened(what: str, id: UUID, sealed: bytes | None) -> str:
    """Return words in the clear; none where they were erased."""
    return decrypt(what, sealed, place_of(what, id)).decode() if sealed is not None else ""


def place_of(what: str, id: UUID) -> bytes:
    """What binds sealed words to their row."""
    return f"programmes_{what}:{id}".encode()


@dataclass(frozen=True)
class Adverse:
    """How many decisions in effect are for the worse; how many of them without a notice, and how many before its day."""

    decisions: int
    without_notice: int
    before_their_day: int


# From the decisions alone: what was in effect before, by unit and programme. It knows nothing of how they came about.
_ADVERSE = """
WITH made AS (
    SELECT *, CASE WHEN outcome IS FALSE THEN rank - places END AS waiting
    FROM programmes_decision WHERE state = 'in-effect'
), sequence AS (
    SELECT id, decided_at, outcome, amount_minor, waiting,
        lag(outcome) OVER earlier AS was, lag(amount_minor) OVER earlier AS was_minor, lag(waiting) OVER earlier AS was_waiting
    FROM made
    WINDOW earlier AS (PARTITION BY programme_id, unit_id ORDER BY decided_at, id)
), adverse AS (
    SELECT * FROM sequence
    WHERE (was AND (outcome IS NOT TRUE OR coalesce(amount_minor < was_minor, was_minor IS NOT NULL AND amount_minor IS NULL)))
        OR (was_waiting IS NOT NULL AND outcome IS NOT TRUE AND coalesce(waiting > was_waiting, true))
)
SELECT count(*), count(*) FILTER (WHERE n.id IS NULL),
    count(*) FILTER (WHERE a.decided_at::date < n.takes_effect_on OR n.given_on >= a.decided_at::date)
FROM adverse a LEFT JOIN programmes_notice n ON n.effect = a.id
"""


def adverse_effects(*, using: str = "bulk") -> Adverse:
    """Count what ever came into effect for the worse, and what of it did against the rules; counts, nobody's record."""
    with connections[using].cursor() as cursor:
        cursor.execute(_ADVERSE)
        return Adverse(*cursor.fetchone())
