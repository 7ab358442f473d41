"""Asks again by itself what could not be asked: a source that was down is heard when it is up (VIR-1)."""

from datetime import date

from amparo.kernel import clock
from amparo.kernel.errors import NotFound
from amparo.sources.actions.asking import ask_about
from amparo.sources.models import Retry
from amparo.sources.queries import connections
from amparo.sources.retries import anew, keepable
from amparo.sources.types import ConnectionConfig
from amparo.trust.context import acting
from amparo.trust.scope import within
from amparo.trust.types import Actor, Ground, Permission

MOST = 200


def ask_again(*, by: Actor, on: date) -> int:
    """Ask what is due, each household in a transaction of its own; return how many questions to a source that were.

    Under the purpose for which it was asked first, and on the record as ever. Of a household that is gone nothing is asked.
    """
    by = by.narrowed(Permission.ASK_SOURCES)
    with acting(by):
        due = list(within(Retry.objects.filter(next_at__lte=clock.now()), by).order_by("next_at")[:MOST])
    configs = {each.source: keepable(each) for each in connections()}
    for each in due:
        with acting(by):
            config = configs.get(each.source)
            if config is None or not _asked(each, config, by=by, on=on):
                Retry.objects.filter(id=each.id).delete()
    return len(due)


def _asked(row: Retry, config: ConnectionConfig, *, by: Actor, on: date) -> bool:
    """Whether the household could be asked about."""
    if row.is_told:
        config = anew(config)
    try:
        ask_about(row.household_id, [config], by=by, under=Ground(row.purpose), on=on)
    except NotFound:
        return False
    return True
