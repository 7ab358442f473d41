"""Reads of sources: which are connected and how each stands. Nobody is in these."""

from typing import Any

from amparo.sources import models
from amparo.sources.types import Attribute, Caching, ConnectionConfig, ConnectionState, Reason
from amparo.trust.types import Actor, Permission


def connections(*, using: str = "default") -> tuple[ConnectionConfig, ...]:
    """Return how each source is asked, in the profile's order."""
    rows = models.Connection.objects.using(using).order_by("position")
    return tuple(restored(each) for each in rows.values_list("definition", flat=True))


def restored(stored: dict[str, Any]) -> ConnectionConfig:
    """Return a connection as it was stored."""
    attributes = tuple(Attribute(**(each | {"caching": Caching(each["caching"])})) for each in stored["attributes"])
    return ConnectionConfig(**(stored | {"attributes": attributes}))


def connection_states(*, by: Actor) -> list[ConnectionState]:
    """Return every connection with when it last answered and last failed (VIR-1): what flows, of nobody."""
    by.narrowed(Permission.READ_AGREEMENT)
    held = {each.source: each for each in models.ConnectionState.objects.all()}
    return [_state(each, held.get(each.source)) for each in connections()]


def _state(config: ConnectionConfig, row: models.ConnectionState | None) -> ConnectionState:
    if row is None:
        return ConnectionState(config)
    reason = Reason(row.last_reason) if row.last_reason else None
    return ConnectionState(config, row.last_success_at, row.last_failure_at, reason, row.failures, row.resting_until)
