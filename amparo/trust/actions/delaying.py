"""Lawful delay: what an investigation does with a record is shown to the person on a later day, which is always stated.

One data protection officer proposes it by an authority's order, a second one confirms. It never becomes longer.

Units   days; the last day that can be stated is `MOST_DAYS` after the first act, whoever orders it
Errors  Refused without authority, reference, or for longer; NotFound for one that nobody proposed
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from uuid import UUID

from django.db import transaction

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, Refused
from amparo.trust.eyes import is_same_human
from amparo.trust.log.recording import record
from amparo.trust.models import Delay
from amparo.trust.types import Actor, Event, Permission

MOST_DAYS = 731  # two years; the database holds it as well


@dataclass(frozen=True)
class Order:
    """By whose order, and under which reference of theirs."""

    authority: str
    reference: str


@transaction.atomic
def propose_delay(person_id: UUID, actor_id: UUID, order: Order, *, by: Actor, on: date, reveal_on: date) -> Delay:
    """Propose to show what an officer or partner does with a person's record from a day on only on `reveal_on`."""
    by = by.narrowed(Permission.DELAY_TRACKER)
    if not order.authority.strip() or not order.reference.strip():
        raise Refused("trust-delay-without-order")
    today = clock.today()
    if reveal_on <= today or on > today or (reveal_on - on).days > MOST_DAYS:
        raise Refused("trust-delay-days", most=MOST_DAYS)
    row = Delay.objects.create(
        person_id=person_id,
        actor_id=actor_id,
        authority=order.authority.strip(),
        reference=order.reference.strip(),
        since=datetime.combine(on, time(), UTC),
        reveal_on=reveal_on,
        proposed_by=by.id,
        proposed_at=clock.now(),
    )
    _record(Event.DELAY_PROPOSED, row, by=by)
    return row


@transaction.atomic
def confirm_delay(id: UUID, *, by: Actor) -> Delay:
    """Confirm a delay as somebody other than who proposed it: from now on it hides what it names."""
    by = by.narrowed(Permission.DELAY_TRACKER)
    row = _open(id)
    if row.confirmed_at is not None:
        raise Refused("trust-delay-confirmed-already")
    if is_same_human(by, row.proposed_by):
        raise Refused("trust-delay-confirmed-by-proposer")
    row.confirmed_by, row.confirmed_at = by.id, clock.now()
    row.save(update_fields=["confirmed_by", "confirmed_at"])
    _record(Event.DELAY_CONFIRMED, row, by=by)
    return row


@transaction.atomic
def end_delay(id: UUID, *, by: Actor) -> Delay:
    """End a delay before its day, or take back a proposal: to show needs no second person."""
    by = by.narrowed(Permission.DELAY_TRACKER)
    row = _open(id)
    row.ended_by, row.ended_at = by.id, clock.now()
    row.save(update_fields=["ended_by", "ended_at"])
    _record(Event.DELAY_ENDED, row, by=by)
    return row


def _open(id: UUID) -> Delay:
    row = Delay.objects.select_for_update().filter(id=id).first()
    if row is None:
        raise NotFound("trust-delay-unknown")
    if row.ended_at is not None:
        raise Refused("trust-delay-ended-already")
    return row


def _record(event: Event, row: Delay, *, by: Actor) -> None:
    """Name the delay and not the person: else the tracker itself would tell them that there is one."""
    told = {"reference": row.reference, "reveal_on": row.reveal_on.isoformat()}
    record(event, by=by, about_kind="delay", about_id=row.id, **told)
