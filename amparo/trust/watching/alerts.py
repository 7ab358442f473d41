"""Reads of alerts. Whom one is about is shown none of it, by the query and by the database's own policy."""

from uuid import UUID

from django.db.models import QuerySet

from amparo.kernel.errors import NotFound
from amparo.trust.log.auditing import Line, lines_with
from amparo.trust.log.recording import record
from amparo.trust.models import Alert
from amparo.trust.types import Actor, AlertKind, AlertState, Event, Permission


def alerts(by: Actor, *, state: AlertState | None = None, kind: AlertKind | None = None) -> QuerySet[Alert]:
    """Return the alerts that concern others, the newest first."""
    by = by.narrowed(Permission.READ_ALERT)
    rows = Alert.objects.exclude(concerned__contains=[by.id]).order_by("-day", "-found_at", "id")
    asked = {name: value.value for name, value in (("state", state), ("kind", kind)) if value}
    return rows.filter(**asked)


def open_alerts(by: Actor) -> int:
    """Return how many alerts that concern others nobody has looked at yet."""
    return alerts(by, state=AlertState.OPEN).count()


def alert(id: UUID, *, by: Actor) -> Alert:
    """Return one alert with its steps. One that concerns whoever asks is not there for them."""
    found = alerts(by).filter(id=id).prefetch_related("steps").first()
    if found is None:
        raise NotFound("trust-alert-unknown")
    return found


def rows_of(one: Alert, *, by: Actor) -> list[Line]:
    """Return the rows of the log that an alert names, the oldest first; to look is written down."""
    by = by.narrowed(Permission.READ_ALERT)
    lines = lines_with(one.rows, since=one.since, until=one.until, by=by.narrowed(Permission.READ_AUDIT))
    record(Event.ALERT_READ, by=by, about_kind="alert", about_id=one.id, rows=len(lines))
    return lines
