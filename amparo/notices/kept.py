"""Where notices keep personal data: that somebody was told of something, when and by what. It goes with whoever is erased.

What owners of accounts are warned of stays: that is about those who sign in here, by their accounts.
"""

from datetime import date
from typing import Any

from amparo.trust.keeping.kept import FoundBy, Holds, Kept, Lapse, Leaves, Stone

_WHOSE = "SELECT id FROM notices_sending WHERE person_id = ANY(%(persons)s) OR household_id = ANY(%(households)s)"

# Attempts first: they are found by their sendings.
KEPT = (
    Kept(
        "notices_attempt",
        Holds.ROWS,
        FoundBy.PERSON,
        Leaves.NOTHING,
        bare=("channel", "reason"),
        erase=f"DELETE FROM notices_attempt WHERE sending_id IN ({_WHOSE})",
    ),
    Kept(
        "notices_sending",
        Holds.ROWS,
        FoundBy.PERSON,
        Leaves.NOTHING,
        bare=("kind", "programme", "code", "state", "channel", "reason", "told_how"),
        erase=f"DELETE FROM notices_sending WHERE id IN ({_WHOSE})",
    ),
    Kept(
        "notices_accountwarning",
        Holds.ACCOUNTS,
        FoundBy.ACCOUNT,
        Leaves.ALL,
        columns=("former",),
        bare=("of", "state", "reason"),
    ),
)

# Nothing is tried any more: it went out, nobody wanted it, or it was given up. What waits stays, however long it waits.
_OVER = """
FROM notices_sending WHERE state IN ('sent', 'printed', 'told', 'unwanted', 'given-up') AND settled_at::date < %(until)s
"""
_BATCH = f"SELECT id {_OVER} ORDER BY settled_at, id LIMIT %(at_most)s"


def _take(cursor: Any, until: date, at_most: int, stone: Stone) -> int:
    """Let go of sendings with their attempts: what somebody was told is in the notice, decision or case itself."""
    asked = {"until": until, "at_most": at_most}
    cursor.execute(f"DELETE FROM notices_attempt WHERE sending_id IN ({_BATCH})", asked)
    cursor.execute(f"DELETE FROM notices_sending WHERE id IN ({_BATCH})", asked)
    return cursor.rowcount


LAPSES = (Lapse("sendings", "settled", due=f"SELECT count(*) {_OVER}", take=_take),)
