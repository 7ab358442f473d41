"""The one place that asks what time it is, so that a test or a recomputation can say."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime

_fixed: ContextVar[datetime | None] = ContextVar("fixed", default=None)


def now() -> datetime:
    """Return this instant, in UTC."""
    return _fixed.get() or datetime.now(UTC)


def today() -> date:
    """Return the day in UTC."""
    return now().date()


@contextmanager
def fixed(at: datetime) -> Iterator[None]:
    """Hold the clock at one instant, which must carry a time zone."""
    if at.tzinfo is None:
        raise ValueError("an instant without a time zone says nothing")
    token = _fixed.set(at)
    try:
        yield
    finally:
        _fixed.reset(token)
