"""Opening a case for each home that receives what does not go together: somebody looks, and whoever it concerns is heard.

Shape   whole tables at once, in the transaction that found them; one audit row with how many
Nulls   whoever lives in no household is a case of their own
"""

from datetime import date

from django.db import connections

from amparo.cases.config import days_of
from amparo.cases.types import Kind
from amparo.trust.log.recording import record
from amparo.trust.types import Actor, Event, Permission

BULK = "bulk"
# One case a home, however much does not go together: whoever looks sees all that it receives. What somebody looked into is
# not asked again for a year.
_OPEN = """
INSERT INTO cases_case (id, code, kind, category_id, channel, state, area_number, household_id, person_id, decision_id,
    programme, filed_on, filed_by, due_on, is_sensitive, suspends, escalated_to)
SELECT amparo_uuid7(), upper(left(replace(gen_random_uuid()::text, '-', ''), 12)), 'overlap', c.code, 'system', 'open',
    o.area_number, o.household_id, CASE WHEN o.household_id IS NULL THEN o.unit END, NULL,
    coalesce(p.code, ''), %(on)s, %(by)s, %(on)s + coalesce(c.days, %(days)s), coalesce(c.is_sensitive, false), false, ''
FROM (SELECT DISTINCT ON (unit) * FROM ({found}) found ORDER BY unit, first, second) o
LEFT JOIN LATERAL (SELECT code FROM programmes_programme
    WHERE code IN (o.first, o.second) ORDER BY position LIMIT 1) p ON true
LEFT JOIN LATERAL (SELECT code, days, is_sensitive FROM cases_category
    WHERE kind = 'overlap' AND withdrawn_at IS NULL ORDER BY position LIMIT 1) c ON true
WHERE NOT EXISTS (SELECT FROM cases_case k WHERE k.kind = 'overlap' AND o.unit IN (k.household_id, k.person_id)
    AND (k.closed_at IS NULL OR k.filed_on > %(on)s - 365))
"""


def open_overlaps(found: str, *, on: date, by: Actor) -> int:
    """Open a case for each of those that a statement gives who has none; return how many. Part of a transaction."""
    by = by.narrowed(Permission.WORK_CASE)
    with connections[BULK].cursor() as cursor:
        cursor.execute(_OPEN.format(found=found), {"on": on, "by": by.id, "days": days_of(Kind.OVERLAP)})
        opened = cursor.rowcount
    if opened:
        record(Event.CASES_OPENED, by=by, about_kind="case", using=BULK, opened=opened, closed=0)
    return opened
