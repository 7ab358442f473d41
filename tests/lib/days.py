"""The day on which a test runs: asked anew each time, because a suite that is begun before midnight ends after it."""

from datetime import UTC, date, datetime


def today() -> date:
    """Return the day in UTC, whatever instant a test holds the product's clock at."""
    return datetime.now(UTC).date()
