"""What cases do when programmes announce something."""

from contextlib import suppress

from django.db import transaction
from procrastinate.exceptions import AlreadyEnqueued

from amparo.cases.actions import open_overlaps
from amparo.cases.tasks import tend
from amparo.programmes.types import DecisionsMade, OverlapsClassed
from amparo.trust.types import system


def look_for_reviews(event: DecisionsMade) -> None:
    """Have the worker open what waits as soon as a run's decisions are committed; of single households the hour does it."""
    if event.run is not None and any(each.review for each in event.counts.values()):
        transaction.on_commit(_tend_soon, using="bulk")


def open_incompatible(event: OverlapsClassed) -> None:
    open_overlaps(event.sql, on=event.on, by=system("cases"))


def _tend_soon() -> None:
    with suppress(AlreadyEnqueued):  # then it finds these too
        tend.defer(timestamp=0)
