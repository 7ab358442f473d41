"""Purposes that end: an emergency's, for instance. After its last day nobody reads, writes or hands over for one.

It is held twice. Here each act says its purpose before its audit row is written; in the database a trigger refuses the row
of an act for a purpose that is over (migration 0011), and an agreement under one reaches nobody.
"""

from datetime import date

from django.db import connections

from amparo.kernel.errors import NotPermitted
from amparo.trust.types import Event

# What only ends something is done whatever has ended before. The trigger has the same list.
ENDS = frozenset(
    {Event.BATCH_STOPPED, Event.BATCH_REFUSED, Event.CONSENT_WITHDRAWN, Event.HOLD_ENDED, Event.EXCHANGE_REFUSED}
)
_OVER = "SELECT last_day FROM trust_purpose WHERE code = %s AND last_day < %s"


def expect_live(purpose: str, *, on: date, using: str = "default") -> None:
    """Raise NotPermitted where a purpose was over before a day."""
    with connections[using].cursor() as cursor:
        cursor.execute(_OVER, [purpose, on])
        if row := cursor.fetchone():
            raise NotPermitted("trust-purpose-over", purpose=purpose, day=row[0])
