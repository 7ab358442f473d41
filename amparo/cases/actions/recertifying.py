"""Recertification: a case ahead of the day by which it is to be confirmed that somebody still takes part rightly.

Shape   all enrolments of a programme that states a term, at once, in the worker's role; one audit row with how many. Done twice,
        or after days on which it was not done, nothing is opened twice: the database holds one open case for an enrolment
Units   months from enrolment, or from the last that was done, to the next; days ahead. A day that a month has not is its last
Nulls   a programme without a term opens nothing; whoever has died, or lives in no household and is nobody, is asked nothing
Errors  none: a term whose category takes no cases opens nothing, and `profile check` refuses it
Source  requirements ELI-7 and OPS-4; docs/decisions/0052-recertification.md

Nothing ends, stops or is suspended by it. One that is not done by its day is handed on (`tending.escalate`).
"""

from datetime import date
from typing import Any

from django.db import connections, transaction

from amparo.kernel import clock
from amparo.programmes import queries as programmes
from amparo.trust.log.recording import record
from amparo.trust.types import Actor, Event, Permission

BULK = "bulk"
_TAKING_PART = "('enrolled', 'suspended')"
# What was done on its day or before keeps its rhythm; what was done late counts from when it was done. Dismissed is done too: a
# person found that nothing is needed.
_DUE = f"""
    SELECT e.id, e.person_id, e.recipient_id, coalesce(home.household_id, e.household_id) AS household_id, e.area_number,
        (coalesce(done.last_on, e.starts_on) + make_interval(months => %(months)s))::date AS day
    FROM programmes_programme pr
    JOIN programmes_enrolment e ON e.programme_id = pr.id AND e.source = 'own' AND e.state IN {_TAKING_PART}
        AND e.starts_on + make_interval(months => %(months)s) <= %(on)s::date + %(ahead)s
    LEFT JOIN (
        SELECT enrolment_id, max(greatest(event_on, closed_at::date)) AS last_on FROM cases_case
        WHERE kind = 'recertification' AND event_on IS NOT NULL AND state IN ('resolved', 'dismissed') GROUP BY enrolment_id
    ) done ON done.enrolment_id = e.id
    LEFT JOIN registry_membership home ON home.person_id = e.person_id AND home.ends_on IS NULL
    LEFT JOIN registry_person p ON p.id = e.person_id
    WHERE pr.code = %(programme)s AND pr.withdrawn_at IS NULL AND p.deceased_on IS NULL AND p.erased_on IS NULL
"""
# Told to whose benefit it is, or to whoever of the home collects for it. Whoever is late to be asked has the category's days.
_OPEN = f"""
INSERT INTO cases_case (id, code, kind, category_id, channel, state, area_number, household_id, person_id, enrolment_id,
    programme, filed_on, filed_by, due_on, is_sensitive, suspends, escalated_to, told_at, event_on)
SELECT amparo_uuid7(), upper(left(replace(gen_random_uuid()::text, '-', ''), 12)), 'recertification', c.code, 'system', 'open',
    due.area_number, due.household_id, whom.id, due.id, %(programme)s, %(on)s, %(by)s, greatest(due.day, %(on)s::date + c.days),
    c.is_sensitive, false, '', CASE WHEN whom.id IS NOT NULL AND NOT c.is_sensitive THEN %(now)s END, due.day
FROM ({_DUE}) due
JOIN cases_category c ON c.code = %(category)s AND c.kind = 'recertification' AND c.withdrawn_at IS NULL
LEFT JOIN LATERAL (
    SELECT due.person_id AS id WHERE due.person_id IS NOT NULL
    UNION ALL SELECT m.person_id FROM registry_membership m WHERE due.person_id IS NULL AND m.person_id = due.recipient_id
        AND m.household_id = due.household_id AND m.ends_on IS NULL
) whom ON true
WHERE due.day <= %(on)s::date + %(ahead)s AND num_nonnulls(due.household_id, whom.id) > 0 AND NOT EXISTS (
    SELECT FROM cases_case k WHERE k.enrolment_id = due.id AND k.kind = 'recertification' AND k.closed_at IS NULL)
ON CONFLICT DO NOTHING
"""
# Whoever takes part no more is not asked whether they still do rightly.
_OVER = """
WITH over AS (
    UPDATE cases_case k SET state = 'withdrawn', closed_at = %(now)s
    FROM programmes_enrolment e
    WHERE e.id = k.enrolment_id AND e.state = 'ended' AND k.kind = 'recertification' AND k.event_on IS NOT NULL
        AND k.closed_at IS NULL
    RETURNING k.id, k.area_number, k.told_at IS NOT NULL AS is_told
)
INSERT INTO cases_step (id, case_id, area_number, act, state, at, by_id, is_told)
SELECT amparo_uuid7(), id, area_number, 'withdraw', 'withdrawn', %(now)s, %(by)s, is_told FROM over
"""


def open_recertifications(*, on: date, by: Actor) -> int:
    """Open a case for each enrolment whose day is near or past and that has none; close those of who left; return how many opened."""
    by = by.narrowed(Permission.WORK_CASE)
    given: dict[str, Any] = {"on": on, "by": by.id, "now": clock.now()}
    with transaction.atomic(using=BULK), connections[BULK].cursor() as cursor:
        cursor.execute(_OVER, given)
        closed, opened = cursor.rowcount, 0
        for programme, term in _terms():
            cursor.execute(
                _OPEN,
                given
                | {
                    "programme": programme,
                    "months": term.every_months,
                    "ahead": term.days_ahead,
                    "category": term.category,
                },
            )
            opened += cursor.rowcount
        if opened or closed:
            record(Event.CASES_OPENED, by=by, about_kind="case", using=BULK, opened=opened, closed=closed)
    return opened


def _terms() -> list[tuple[str, Any]]:
    stated = ((code, programmes.terms_of(code).recertification) for code in programmes.programme_codes())
    return [(code, term) for code, term in stated if term is not None]
