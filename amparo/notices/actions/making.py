"""Something is to be told: written by whoever did it, in the same transaction, so that nothing is told that was not done.

Shape   a statement that gives a row for each whom it concerns; one insert, of a million rows as of one
Nulls   `person` null: the household is told. Who lies below zero, in danger, is written too, and never sent by itself
Errors  none: what the profile does not tell is not written, and what was told before is not told again
"""

from typing import Any

from django.db import connections

from amparo.kernel import clock
from amparo.notices.types import Kind
from amparo.trust.log.recording import record
from amparo.trust.types import Actor, Event

# What was taken back and proves to be so after all.
_AGAIN = """
UPDATE notices_sending s SET state = 'waiting', reason = '', settled_at = NULL, made_at = %(now)s, next_at = %(now)s
WHERE s.kind = %(kind)s AND s.state = 'given-up' AND s.reason = 'taken-back' AND s.about_id IN ({about})
"""
_INSERT = """
INSERT INTO notices_sending (id, kind, about_id, person_id, household_id, area_number, programme, day, code, made_at,
    state, channel, reason, attempts, next_at)
SELECT amparo_uuid7(), %(kind)s, t.about, t.person, t.household, t.area_number, t.programme, t.day, t.code, %(now)s,
    'waiting', '', '', 0, %(now)s
FROM ({concerned}) t
WHERE EXISTS (SELECT FROM notices_noticeconfig WHERE %(kind)s = ANY (kinds))
ON CONFLICT DO NOTHING
"""
# What was begun is out of our hands: it may be on its way.
_TAKE_BACK = """
UPDATE notices_sending s SET state = 'given-up', reason = 'taken-back', settled_at = %(now)s
WHERE s.kind = %(kind)s AND s.state IN ('waiting', 'to-print') AND s.attempts = 0 AND s.about_id IN ({about})
"""


def take_back(kind: Kind, about: str, values: dict[str, Any], *, by: Actor, using: str = "default") -> int:
    """Keep from being told what proved to be wrong, as long as nobody began to tell it; return how many.

    `about`  a statement that gives the ids of what would have been told. Part of the caller's transaction.
    """
    given = {**values, "kind": kind.value, "now": clock.now()}
    with connections[using].cursor() as cursor:
        cursor.execute(_TAKE_BACK.format(about=about), given)
        taken = cursor.rowcount
    if taken:
        record(Event.SENDINGS_TAKEN_BACK, by=by, about_kind="notice", using=using, kind=kind.value, sendings=taken)
    return taken


def tell_again(kind: Kind, about: str, values: dict[str, Any], *, by: Actor, using: str = "default") -> int:
    """Have told after all what was taken back and then proved to be so; return how many. `about`: as of `take_back`."""
    given = {**values, "kind": kind.value, "now": clock.now()}
    with connections[using].cursor() as cursor:
        cursor.execute(_AGAIN.format(about=about), given)
        made = cursor.rowcount
    if made:
        record(Event.SENDINGS_MADE, by=by, about_kind="notice", using=using, kind=kind.value, sendings=made)
    return made


def tell(kind: Kind, concerned: str, values: dict[str, Any], *, by: Actor, using: str = "default") -> int:
    """Write what happened for each row of a statement: `about, person, household, area_number, programme, day, code`; return how many.

    The statement stands in the code of whoever calls; what it names is given in `values`. Part of the caller's transaction.
    """
    given = {**values, "kind": kind.value, "now": clock.now()}
    with connections[using].cursor() as cursor:
        cursor.execute(_INSERT.format(concerned=concerned), given)
        made = cursor.rowcount
    if made:
        record(Event.SENDINGS_MADE, by=by, about_kind="notice", using=using, kind=kind.value, sendings=made)
    return made
