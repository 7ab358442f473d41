"""Reads of rounds: how far each is, and which sources one could be about. Of nobody: counts, reasons and instants."""

from datetime import date
from uuid import UUID

from django.db.models import Q

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, Refused
from amparo.kernel.messages import Message
from amparo.sources import models, rounds
from amparo.sources.connected import connections
from amparo.sources.types import Reason, Round, RoundState
from amparo.trust.types import Actor, Ground, Permission

LISTED = 100


def round_of(row: models.Round) -> Round:
    """Return a round as it stands in its row."""
    return Round(
        id=row.id,
        source=row.source,
        purpose=row.purpose,
        area=row.area,
        persons=row.persons,
        started_by=row.started_by,
        started_at=row.started_at,
        state=RoundState(row.state),
        ended_at=row.ended_at,
        done=row.done,
        asked=row.asked,
        kept=row.kept,
        counts=row.counts,
        worked_at=row.worked_at,
        waits_for=Reason(row.waits_for) if row.waits_for else None,
        next_at=row.next_at,
        problem=Message(row.problem["id"], row.problem["values"]) if row.problem else None,
    )


def all_rounds(*, by: Actor) -> list[Round]:
    """Return the rounds that were started last, the newest first."""
    by.narrowed(Permission.ASK_AREA)
    return [round_of(each) for each in models.Round.objects.order_by("-started_at", "-id")[:LISTED]]


def one_round(id: UUID, *, by: Actor) -> Round:
    """Return a round. Raises NotFound where there is none."""
    by.narrowed(Permission.ASK_AREA)
    row = models.Round.objects.filter(id=id).first()
    if row is None:
        raise NotFound("sources-round-unknown")
    return round_of(row)


def due_rounds() -> list[UUID]:
    """Return the rounds that are to be worked on now, the one that waited longest first."""
    rows = models.Round.objects.filter(Q(next_at=None) | Q(next_at__lte=clock.now()), state=RoundState.RUNNING.value)
    return list(rows.order_by("worked_at", "started_at").values_list("id", flat=True))


def askable_sources(*, by: Actor, under: Ground, on: date) -> dict[str, Message | None]:
    """Return source → why a round may not ask it under a purpose; None: it may."""
    by = rounds.reading_for(by, under, on=on)
    return {each.source: _hindrance(each.source, by, under, on) for each in connections()}


def _hindrance(source: str, by: Actor, under: Ground, on: date) -> Message | None:
    try:
        rounds.askable(source, by=by, under=under, on=on)
    except Refused as refused:
        return refused.message
    return None
