"""What sources do when it is announced that an institution told of something without telling what."""

from contextlib import suppress

from django.db import transaction
from procrastinate.exceptions import AlreadyEnqueued

from amparo.sources.tasks import ask_again
from amparo.sources.types import UpdateTaken


def ask_soon(event: UpdateTaken) -> None:
    """Have the worker ask as soon as this is committed, not at the minute."""
    if event.is_to_ask:
        transaction.on_commit(_now)


def _now() -> None:
    with suppress(AlreadyEnqueued):  # then it finds this too
        ask_again.defer(timestamp=0)
