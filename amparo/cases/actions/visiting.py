"""A condition that was missed again is a case: an officer finds out why, and whoever it concerns is told of it and may answer.

Shape   whole conditions at once, in the transaction that found them; one audit row with how many
Units   due so many days after it was opened, as its category says
Nulls   without the category nothing is opened. Whoever nobody collects for is told of nothing; an officer still looks
"""

from datetime import date

from django.db import connections

from amparo.kernel import clock
from amparo.trust.log.recording import record
from amparo.trust.types import Actor, Event, Permission

BULK = "bulk"
# One for each enrolment at a time. What somebody looked into since it was found is not asked again.
_OPEN = """
INSERT INTO cases_case (id, code, kind, category_id, channel, state, area_number, household_id, person_id, enrolment_id,
    programme, filed_on, filed_by, due_on, is_sensitive, suspends, escalated_to, told_at)
SELECT amparo_uuid7(), upper(left(replace(gen_random_uuid()::text, '-', ''), 12)), c.kind, c.code, 'system', 'open',
    v.area_number, v.household_id, v.person_id, v.enrolment_id, %(programme)s, %(on)s, %(by)s, %(on)s + c.days,
    c.is_sensitive, false, '', CASE WHEN v.person_id IS NOT NULL AND NOT c.is_sensitive THEN %(now)s END
FROM ({visits}) v JOIN cases_category c ON c.code = %(category)s AND c.withdrawn_at IS NULL
WHERE NOT EXISTS (SELECT FROM cases_case k WHERE k.enrolment_id = v.enrolment_id AND k.category_id = c.code
    AND (k.closed_at IS NULL OR k.filed_on >= v.found_on))
"""
# What nobody took up yet; whoever began to look goes on, and decides.
_CLOSE = """
WITH gone AS (
    UPDATE cases_case k SET closed_at = %(now)s, state = 'withdrawn'
    FROM ({over}) o
    WHERE k.enrolment_id = o.enrolment_id AND k.category_id = %(category)s AND k.closed_at IS NULL AND k.state = 'open'
        AND k.owner IS NULL AND k.channel = 'system'
    RETURNING k.id, k.area_number
)
INSERT INTO cases_step (id, case_id, area_number, act, state, at, by_id, is_told)
SELECT amparo_uuid7(), id, area_number, 'withdraw', 'withdrawn', %(now)s, %(by)s, true FROM gone
"""


def open_visits(programme: str, category: str, *, visits: str, over: str, on: date, by: Actor) -> tuple[int, int]:
    """Open a case for each enrolment that somebody is to look into, and close those that prove to be needless; return how many.

    `visits`, `over`  statements of whoever found them, as `programmes.types.ConditionFollowed` describes. Part of a transaction.
    """
    by = by.narrowed(Permission.WORK_CASE)
    given = {"programme": programme, "category": category, "on": on, "now": clock.now(), "by": by.id}
    with connections[BULK].cursor() as cursor:
        cursor.execute(_OPEN.format(visits=visits), given)
        opened = cursor.rowcount
        cursor.execute(_CLOSE.format(over=over), given)
        closed = cursor.rowcount
    if opened or closed:
        record(Event.CASES_OPENED, by=by, about_kind="case", using=BULK, opened=opened, closed=closed)
    return opened, closed
