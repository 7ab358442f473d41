"""Asks sources that cannot push what changed, and takes it: at least once each, and each once."""

import time
from datetime import date

from django.db import transaction

from amparo.kernel import clock
from amparo.sources import standing
from amparo.sources.actions.updating import refuse_update, take_updates
from amparo.sources.models import UpdateStanding
from amparo.sources.queries import connections
from amparo.sources.types import ConnectionConfig, Reason, Road, UpdateReason
from amparo.sources.updates.polling import changes
from amparo.sources.updates.reading import Unread
from amparo.trust.types import Actor

PAGES = 20  # of one source at a time; the rest the next minute


def ask_for_updates(*, by: Actor, on: date) -> int:
    """Ask every source that is asked for its updates; return how many came.

    Where it goes on is kept after a page was taken whole. Where something of ours is broken it stays, and comes again.
    """
    polled = [each for each in connections() if each.updates and each.updates.road is Road.POLL]
    return sum(_of(each, by=by, on=on) for each in polled)


def _of(config: ConnectionConfig, *, by: Actor, on: date) -> int:
    count = 0
    for _ in range(PAGES):
        asked, reason = standing.may_ask(config, 1)
        if reason is not None or not asked:
            return count
        came, goes_on = _page(config, by=by, on=on)
        count += came
        if not goes_on:
            return count
    return count


def _page(config: ConnectionConfig, *, by: Actor, on: date) -> tuple[int, bool]:
    """Ask once; return how many updates came, and whether to ask on."""
    begun = time.monotonic()
    held, _ = UpdateStanding.objects.get_or_create(source=config.source)
    try:
        found = changes(config, held.cursor)
    except Unread as unread:
        refuse_update(config.source, unread.reason, by=by)
        found = Reason.MALFORMED
    is_answer = not isinstance(found, Reason)
    with transaction.atomic():
        standing.note(config.source, [None if is_answer else found])
    if isinstance(found, Reason):
        return 0, False
    updates, onward = found
    outcomes = take_updates(updates, config, by=by, on=on, begun=begun)
    if UpdateReason.BROKEN in outcomes:
        return len(updates), False
    UpdateStanding.objects.filter(source=config.source).update(cursor=onward, asked_at=clock.now())
    return len(updates), bool(updates) and onward != held.cursor
