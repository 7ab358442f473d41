"""What the house itself does about cases: opens what waits, closes what is over, and hands on what is late. Done twice, nothing.

Shape   whole tables at once, in the worker's role; one audit row each with how many
Units   late is what was due before the day; it is handed on `escalate_days` after that
Nulls   a category that names nobody to hand on to only lets its cases be late
"""

from datetime import date

from django.db import connections, transaction

from amparo.cases.config import days_of
from amparo.cases.types import Kind
from amparo.kernel import clock
from amparo.trust.log.recording import record
from amparo.trust.types import Actor, Event, Permission

BULK = "bulk"

# A benefit stands and it is no longer known whether it should: somebody must find out. One question a decision.
_OPEN = """
INSERT INTO cases_case (id, code, kind, category_id, channel, state, area_number, household_id, person_id, decision_id,
    programme, filed_on, filed_by, due_on, is_sensitive, suspends, escalated_to)
SELECT amparo_uuid7(), upper(left(replace(gen_random_uuid()::text, '-', ''), 12)), 'quality', c.code, 'system', 'open',
    d.area_number, d.household_id, CASE WHEN d.grain = 'person' THEN d.unit_id END, d.id, p.code, %(on)s, %(by)s,
    %(on)s + coalesce(c.days, %(days)s), coalesce(c.is_sensitive, false), false, ''
FROM programmes_decision d
JOIN programmes_programme p ON p.id = d.programme_id
LEFT JOIN LATERAL (SELECT code, days, is_sensitive FROM cases_category
    WHERE kind = 'quality' AND withdrawn_at IS NULL ORDER BY position LIMIT 1) c ON true
WHERE d.superseded_at IS NULL AND d.state = 'review'
    AND NOT EXISTS (SELECT FROM cases_case k WHERE k.decision_id = d.id AND k.kind = 'quality')
ON CONFLICT DO NOTHING
"""
# What was asked is answered: the facts have decided it meanwhile, or it is no longer asked.
_CLOSE = """
WITH over AS (
    UPDATE cases_case k SET state = 'resolved', closed_at = %(now)s
    WHERE k.kind = 'quality' AND k.channel = 'system' AND k.closed_at IS NULL AND EXISTS (
        SELECT FROM programmes_decision d WHERE d.id = k.decision_id AND d.superseded_at IS NOT NULL)
    RETURNING k.id, k.area_number
)
INSERT INTO cases_step (id, case_id, area_number, act, state, at, by_id, is_told)
SELECT amparo_uuid7(), id, area_number, 'resolve', 'resolved', %(now)s, %(by)s, false FROM over
"""
_ESCALATE = """
WITH late AS (
    UPDATE cases_case k SET escalated_at = %(now)s, escalated_to = c.escalate_to
    FROM cases_category c
    WHERE c.code = k.category_id AND c.escalate_to <> '' AND k.closed_at IS NULL AND k.escalated_at IS NULL
        AND k.due_on + c.escalate_days < %(on)s
    RETURNING k.id, k.area_number, k.state
)
INSERT INTO cases_step (id, case_id, area_number, act, state, at, by_id, is_told)
SELECT amparo_uuid7(), id, area_number, 'escalate', state, %(now)s, %(by)s, false FROM late
"""


def open_waiting(*, on: date, by: Actor) -> int:
    """Open a case for each review of a decision that has none, and close those whose review is over; return how many opened."""
    by = by.narrowed(Permission.WORK_CASE)
    given = {"on": on, "now": clock.now(), "by": by.id, "days": days_of(Kind.QUALITY)}
    with transaction.atomic(using=BULK), connections[BULK].cursor() as cursor:
        cursor.execute(_CLOSE, given)
        closed = cursor.rowcount
        cursor.execute(_OPEN, given)
        opened = cursor.rowcount
        if opened or closed:
            record(Event.CASES_OPENED, by=by, about_kind="case", using=BULK, opened=opened, closed=closed)
    return opened


def escalate(*, on: date, by: Actor) -> int:
    """Hand on what is late on a day, once, to the role that its category names; return how many cases."""
    by = by.narrowed(Permission.WORK_CASE)
    with transaction.atomic(using=BULK), connections[BULK].cursor() as cursor:
        cursor.execute(_ESCALATE, {"on": on, "now": clock.now(), "by": by.id})
        late = cursor.rowcount
        if late:
            record(Event.CASES_ESCALATED, by=by, about_kind="case", using=BULK, cases=late, on=on.isoformat())
    return late
