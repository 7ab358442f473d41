"""Whether the watch itself goes on: where rows of the log wait to be counted for long, nobody looks for unusual use.

Units   minutes; the watch runs every three (`trust.tasks`), and takes some hundred thousand rows a transaction
Nulls   None: everything is counted, or waits no longer than it may
"""

from datetime import datetime

from django.db import connections

LATE_MINUTES = 30

_WAITS = """
SELECT since FROM amparo_watch_waits_since() since WHERE since < now() - make_interval(mins => %s)
"""


def uncounted_since(*, using: str = "default") -> datetime | None:
    """Return since when the log has rows in which nobody has looked for unusual use, where that is too long."""
    with connections[using].cursor() as cursor:
        cursor.execute(_WAITS, [LATE_MINUTES])
        found = cursor.fetchone()
    return found[0] if found else None
