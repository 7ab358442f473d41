"""Whether a source is asked at all: not more often than was agreed, and not while it fails (the circuit breaker).

Shape   how many questions a source is to be asked in; how many it may be, and why not the others, out
Units   `FAILURES` questions in a row that went wrong; then nobody asks for `REST`, and after it one question tries
Errors  none of its own: where nothing can be counted, the database's error ends the asking
Source  Nygard, Release It! (2007), chapter 5: circuit breaker
"""

from collections.abc import Sequence
from datetime import timedelta

from django.db import connection

from amparo.kernel import clock
from amparo.sources.models import ConnectionState
from amparo.sources.types import FAULTS, ConnectionConfig, Reason
from amparo.trust.limits import Limit, wait_for

FAILURES = 5
REST = timedelta(seconds=30)
# One statement, so that of many who come when the rest is over one alone tries.
_TRY = """
    UPDATE sources_connectionstate SET resting_until = %s
    WHERE source = %s AND failures >= %s AND resting_until <= %s RETURNING true
"""


def may_ask(config: ConnectionConfig, questions: int) -> tuple[int, Reason | None]:
    """Return how many of so many questions may be asked now, and the reason why the others may not."""
    now = clock.now()
    state = ConnectionState.objects.filter(source=config.source).first()
    if state is not None and state.failures >= FAILURES and state.resting_until is not None:
        with connection.cursor() as cursor:
            cursor.execute(_TRY, [now + REST, config.source, FAILURES, now])
            is_trying = cursor.fetchone() is not None
        return (1 if is_trying else 0), Reason.RESTING
    limit = Limit(config.in_second, config.in_minute)
    for asked in range(questions):
        if wait_for(f"source:{config.source}", limit) is not None:
            return asked, Reason.LIMITED
    return questions, None


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
