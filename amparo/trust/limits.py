"""How often somebody may ask: two buckets that empty with time, in the database, so that all programs of the server count together.

Shape   a key and a limit in; None where the request may go on, else how many seconds to wait
Units   requests in a second and in a minute: as many may come at once, and come back evenly
Errors  none of its own: where nothing can be counted, the database's error ends the request
Source  the generic cell rate algorithm (ITU-T I.371), which keeps of a token bucket only the instant when it is empty
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from django.db import connection

from amparo.kernel import clock
from amparo.trust import prepared

# One statement, so that many at once are counted one after the other. A request that is refused fills nothing: whoever
# keeps asking is not kept out for longer. An instant too far ahead is of a clock that went back, and counts for nothing.
_FILL = "SELECT amparo_fill(%s, %s, %s, %s)"


@dataclass(frozen=True)
class Limit:
    """How many requests may come in one second, and in one minute."""

    in_second: int
    in_minute: int


def wait_for(key: str, limit: Limit) -> int | None:
    """Count one request, and return None; or count nothing, and return after how many seconds to ask again."""
    of_second, of_minute = timedelta(seconds=1) / limit.in_second, timedelta(minutes=1) / limit.in_minute
    connection.ensure_connection()  # may be waited for; the time is asked afterwards
    if prepared.row(_FILL, [key, clock.now(), of_second, of_minute]) == (True,):
        return None
    return how_long(key, limit)


def how_long(key: str, limit: Limit) -> int:
    """Return after how many seconds to ask again, with nothing counted."""
    of_second, of_minute = timedelta(seconds=1) / limit.in_second, timedelta(minutes=1) / limit.in_minute
    with connection.cursor() as cursor:
        cursor.execute("SELECT in_second, in_minute FROM trust_bucket WHERE key = %s", [key])
        filled = cursor.fetchone()
    return _seconds(clock.now(), filled, of_second, of_minute) if filled else 1


def _seconds(at: datetime, filled: tuple[datetime, datetime], of_second: timedelta, of_minute: timedelta) -> int:
    room = max(filled[0] + of_second - timedelta(seconds=1), filled[1] + of_minute - timedelta(minutes=1))
    return max(1, ceil((room - at).total_seconds()))


def forget_empty() -> int:
    """Forget who has not asked for long enough to ask as often as anybody; return how many."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM trust_bucket WHERE in_minute < %s", [clock.now()])
        return cursor.rowcount
