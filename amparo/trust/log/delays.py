"""Reads of delays: which acts are shown to the persons concerned on a later day, by whose order, until when."""

from dataclasses import dataclass

from amparo.kernel import clock
from amparo.trust.eyes import is_same_human
from amparo.trust.log.recording import record
from amparo.trust.models import Delay
from amparo.trust.types import Actor, Event, Permission


@dataclass(frozen=True)
class DelayTold:
    """One delay as the data protection officer reads it. `state`: proposed, in force, or over."""

    row: Delay
    state: str
    is_own: bool


def delays(by: Actor) -> list[DelayTold]:
    """Return every delay, the latest first; needs the gates open for DELAY_TRACKER. Looking is on the record."""
    by = by.narrowed(Permission.DELAY_TRACKER)
    rows = list(Delay.objects.order_by("-proposed_at", "-id"))
    record(Event.DELAYS_READ, by=by, about_kind="delay", found=len(rows))
    return [DelayTold(each, _state(each), is_same_human(by, each.proposed_by)) for each in rows]


def _state(row: Delay) -> str:
    if row.ended_at is not None or row.reveal_on <= clock.today():
        return "over"
    return "in-force" if row.confirmed_at is not None else "proposed"
