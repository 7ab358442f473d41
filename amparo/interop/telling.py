"""What both roads by which a source pushes updates share: who it is, what it may cause, and what it is told of it.

A source is told what of its message could not be read, and never whom the registry knows.
"""

from collections.abc import Iterable
from time import monotonic

from amparo.kernel import clock
from amparo.kernel.errors import NotServed
from amparo.sources.actions import refuse_update, take_updates
from amparo.sources.queries import connections
from amparo.sources.types import ConnectionConfig, Road, Update, UpdateReason
from amparo.sources.updates.reading import Unread
from amparo.trust.log.recording import record_denial
from amparo.trust.machines.jose import NotBelieved, Why
from amparo.trust.types import Permission, system
from amparo.trust.types.charged import charged_with

BY = system("updates")
MAY = (Permission.REGISTER, Permission.DETERMINE, Permission.ASK_SOURCES, Permission.WORK_CASE)
# What says nothing of whom it was about.
TOLD = frozenset(
    {UpdateReason.MALFORMED, UpdateReason.KIND, UpdateReason.DAY, UpdateReason.DRIFT, UpdateReason.NOT_KEPT}
)


def source_of(code: str, road: Road, *, asked: str) -> ConnectionConfig:
    """Return the source that tells by this road. Raises NotBelieved, and writes that down: nobody learns which there are."""
    for each in connections():
        if each.source == code and each.updates and each.updates.road is road:
            return each
    record_denial(by=None, asked=asked, reason="trust-machine-not-believed")
    raise NotBelieved(Why.UNKNOWN)


def refused(config: ConnectionConfig, unread: Unread) -> None:
    """Keep that a message was refused whole, and why. Raises NotBelieved where it is not the source's, or not of now."""
    refuse_update(config.source, unread.reason, by=BY)
    if unread.reason is UpdateReason.SIGNATURE:
        raise NotBelieved(Why.SIGNATURE)
    if unread.reason is UpdateReason.OLD:
        raise NotBelieved(Why.EXPIRED)


def taken(
    updates: Iterable[Update | Unread], config: ConnectionConfig, *, begun: float
) -> list[tuple[int, UpdateReason]]:
    """Take updates; return the place and reason of each that could not be read. Raises NotServed where ours is broken."""
    with charged_with(*MAY):
        outcomes = take_updates(updates, config, by=BY, on=clock.today(), begun=begun)
    if UpdateReason.BROKEN in outcomes:
        raise NotServed("interop-update-later")
    return [(place, each) for place, each in enumerate(outcomes) if each in TOLD]


def now() -> float:
    """Return when a message came in, to measure from."""
    return monotonic()
