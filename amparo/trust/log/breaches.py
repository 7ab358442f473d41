"""Reads of breaches: what is open, until when the authority must be told, and whom it concerns.

Units   times in UTC; the clock runs in hours from the finding
Nulls   a breach that is not counted yet has no counts: not none
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from amparo.kernel import clock
from amparo.kernel.errors import NotFound
from amparo.trust.log.recording import record
from amparo.trust.models import Breach, BreachAct
from amparo.trust.types import Actor, Event, Permission


@dataclass(frozen=True)
class Clock:
    """How the duty to tell the authority stands: until when, when it was met, how long is left (below zero: overdue)."""

    notify_by: datetime
    told_at: datetime | None
    left: timedelta

    @property
    def is_running(self) -> bool:
        return self.told_at is None

    @property
    def is_overdue(self) -> bool:
        return self.is_running and self.left < timedelta(0)

    @property
    def is_late(self) -> bool:
        """Whether the authority was told, but after the time."""
        return self.told_at is not None and self.told_at > self.notify_by

    @property
    def hours(self) -> int:
        """Whole hours left, or whole hours over."""
        return int(abs(self.left).total_seconds() // 3600)


def clock_of(row: Breach) -> Clock:
    return Clock(row.notify_by, row.told_at, row.notify_by - clock.now())


def breaches(by: Actor) -> QuerySet[Breach]:
    """Return all breaches, the open ones first, the most urgent of them first."""
    by.narrowed(Permission.READ_ALERT)
    return Breach.objects.exclude(by_id=by.id).order_by("closed_at", "notify_by", "id")


def running_clocks(by: Actor) -> list[tuple[Breach, Clock]]:
    """Return the breaches whose authority nobody has told yet, with their clocks, the most urgent first."""
    rows = breaches(by).filter(told_at=None, closed_at=None).order_by("notify_by", "id")
    return [(each, clock_of(each)) for each in rows]


def breach(id: UUID, *, by: Actor) -> Breach:
    """Return one breach with its steps. One that is about whoever asks is not there for them."""
    found = breaches(by).filter(id=id).prefetch_related("steps").first()
    if found is None:
        raise NotFound("trust-breach-unknown")
    return found


def acts_in(row: Breach, *, by: Actor) -> Iterator[BreachAct]:
    """Yield every act of a breach, by kind, id and time; on the record, for it names everybody concerned."""
    by = by.narrowed(Permission.HANDLE_BREACH)
    record(Event.BREACH_READ, by=by, about_kind="breach", about_id=row.id, persons_counted=row.persons)
    yield from row.acts.order_by("kind", "entity", "at", "id").iterator(chunk_size=5_000)
