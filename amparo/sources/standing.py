"""Whether a source is asked at all: not more often than was agreed, and not while it fails (the circuit breaker).

Shape   how many questions a source is to be asked in; how many it may be, and why not the others, out
Units   persons asked about, however many in a message: in a second, a minute and a day (UTC). `FAILURES` questions in a row that went wrong; then nobody asks for `REST`, and after it one question tries
Errors  none of its own: where nothing can be counted, the database's error ends the asking
Source  Nygard, Release It! (2007), chapter 5: circuit breaker
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F

from amparo.kernel import clock
from amparo.sources.models import AskedOfDay, ConnectionState
from amparo.sources.types import FAULTS, ConnectionConfig, Reason
from amparo.trust.limits import Limit, wait_for

FAILURES = 5
REST = timedelta(seconds=30)
# One statement, so that of many who come when the rest is over one alone tries.
_TRY = """
    UPDATE sources_connectionstate SET resting_until = %s
    WHERE source = %s AND failures >= %s AND resting_until <= %s RETURNING true
"""


@transaction.atomic
def may_ask(config: ConnectionConfig, questions: int) -> tuple[int, Reason | None]:
    """Return how many of so many questions may be asked now, and the reason why the others may not."""
    now, others = clock.now(), Reason.LIMITED
    state = ConnectionState.objects.filter(source=config.source).first()
    wanted = questions
    if state is not None and state.failures >= FAILURES and state.resting_until is not None:
        wanted, others = (1 if _is_trying(config.source, now) else 0), Reason.RESTING
    asked = _within_limits(config, now, wanted)
    return asked, (None if asked == questions else others)


def _is_trying(source: str, now: datetime) -> bool:
    """Whether the rest is over, and it is this one who tries."""
    with connection.cursor() as cursor:
        cursor.execute(_TRY, [now + REST, source, FAILURES, now])
        return cursor.fetchone() is not None


def _within_limits(config: ConnectionConfig, now: datetime, wanted: int) -> int:
    limit, of_day = Limit(config.in_second, config.in_minute), _left_of_day(config, now, wanted)
    asked = 0
    while asked < of_day and wait_for(f"source:{config.source}", limit) is None:
        asked += 1
    if config.in_day is not None and asked:
        AskedOfDay.objects.filter(source=config.source, day=now.date()).update(asked=F("asked") + asked)
    return asked


def is_day_over(config: ConnectionConfig) -> bool:
    """Whether of nobody more may be asked today."""
    now = clock.now()
    rows = AskedOfDay.objects.filter(source=config.source, day=now.date()).values_list("asked", flat=True)
    return config.in_day is not None and (rows.first() or 0) >= config.in_day


def _left_of_day(config: ConnectionConfig, now: datetime, questions: int) -> int:
    """Return of how many of so many may be asked today; who comes after waits until these are counted."""
    if config.in_day is None:
        return questions
    AskedOfDay.objects.bulk_create([AskedOfDay(source=config.source, day=now.date())], ignore_conflicts=True)
    held = AskedOfDay.objects.select_for_update().get(source=config.source, day=now.date())
    return max(min(questions, config.in_day - held.asked), 0)


def note(source: str, outcomes: Sequence[Reason | None]) -> None:
    """Keep how a source answered, one outcome for each question; None: it did."""
    if not outcomes:
        return
    now = clock.now()
    state, _ = ConnectionState.objects.get_or_create(source=source)
    state = ConnectionState.objects.select_for_update().get(source=source)
    for each in outcomes:
        if each in FAULTS:
            state.failures, state.last_failure_at, state.last_reason = state.failures + 1, now, each.value
        else:
            state.failures, state.last_success_at = 0, now
    state.resting_until = now + REST if state.failures >= FAILURES else None
    state.save()
