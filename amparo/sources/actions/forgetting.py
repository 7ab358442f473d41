"""Deletes what was kept of answers until a day that has passed."""

from datetime import date

from django.db import transaction

from amparo.sources.models import KeptAnswer
from amparo.trust.log.recording import record
from amparo.trust.types import Actor, Event


@transaction.atomic(using="bulk")
def forget_answers(*, by: Actor, on: date) -> int:
    """Delete every kept answer past its last day; return how many (VIR-4)."""
    gone, _ = KeptAnswer.objects.using("bulk").filter(until__lt=on).delete()
    if gone:
        record(Event.ANSWERS_FORGOTTEN, by=by, using="bulk", answers=gone)
    return gone
