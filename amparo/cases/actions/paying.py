"""Cases about held payments: one opens for each when a list is made, and is over when somebody or the default has decided.

Shape   whole lists at once, in the worker's role and the transaction of whoever made the list; one audit row with how many
Units   due on the last day on which somebody may decide
Nulls   of whom the registry does not know the case names nobody, and lies where their payment lies
"""

from collections.abc import Sequence
from uuid import UUID

from django.db import connections

from amparo.cases import models
from amparo.cases.types import Act, Kind, Said, State
from amparo.cases.writing import add_step, change, note
from amparo.kernel import clock
from amparo.trust.context import acting
from amparo.trust.log.recording import record
from amparo.trust.types import Actor, Event, Permission

BULK = "bulk"

_OPEN = """
INSERT INTO cases_case (id, code, kind, category_id, channel, state, area_number, household_id, person_id, enrolment_id,
    payment_id, programme, filed_on, filed_by, due_on, is_sensitive, suspends, escalated_to)
SELECT amparo_uuid7(), upper(left(replace(gen_random_uuid()::text, '-', ''), 12)), 'payment', c.code, 'system', 'open',
    p.area_number, home.id, person.id, p.enrolment_id, p.id, %(programme)s, least(%(on)s, p.held_until), %(by)s,
    p.held_until, coalesce(c.is_sensitive, false), false, ''
FROM payments_payment p
LEFT JOIN registry_household home ON home.id = p.household_id
LEFT JOIN registry_person person ON person.id = p.person_id
LEFT JOIN LATERAL (SELECT code, is_sensitive FROM cases_category
    WHERE kind = 'payment' AND withdrawn_at IS NULL ORDER BY position LIMIT 1) c ON true
WHERE p.list_id = %(list)s AND p.state = 'held'
ON CONFLICT DO NOTHING
"""
# What a default decided, or went with its list. What is still held in a part of the cycle stays open.
_CLOSE = """
WITH over AS (
    UPDATE cases_case k SET closed_at = %(now)s,
        state = CASE p.state WHEN 'withheld' THEN 'withheld' ELSE 'released' END
    FROM payments_payment p
    WHERE p.list_id = ANY (%(lists)s) AND p.state <> 'held' AND p.check_failed IS NOT NULL
        AND k.payment_id = p.id AND k.kind = 'payment' AND k.closed_at IS NULL
    RETURNING k.id, k.area_number, k.state
), gone AS (
    UPDATE cases_case k SET closed_at = %(now)s, state = 'withdrawn'
    WHERE k.kind = 'payment' AND k.closed_at IS NULL
        AND NOT EXISTS (SELECT FROM payments_payment p WHERE p.id = k.payment_id)
    RETURNING k.id, k.area_number, k.state
)
INSERT INTO cases_step (id, case_id, area_number, act, state, at, by_id, is_told)
SELECT amparo_uuid7(), id, area_number, CASE state WHEN 'withheld' THEN 'withhold' WHEN 'released' THEN 'release'
    ELSE 'withdraw' END, state, %(now)s, %(by)s, false
FROM (SELECT * FROM over UNION ALL SELECT * FROM gone) ended
"""


def open_held(list_id: UUID, programme: str, *, by: Actor) -> int:
    """Open a case for each payment that the checks hold in a list, once; return how many. Part of the list's making."""
    by = by.narrowed(Permission.WORK_CASE)
    given = {"list": list_id, "programme": programme, "on": clock.today(), "by": by.id}
    with connections[BULK].cursor() as cursor:
        cursor.execute(_OPEN, given)
        opened = cursor.rowcount
    if opened:
        about = {"about_kind": "payment-list", "about_id": list_id}
        record(Event.CASES_OPENED, by=by, using=BULK, opened=opened, closed=0, **about)
    return opened


def close_over(lists: Sequence[UUID], *, by: Actor) -> int:
    """Close the cases about what is held no more in some lists, or went with them; return how many."""
    by = by.narrowed(Permission.WORK_CASE)
    with connections[BULK].cursor() as cursor:
        cursor.execute(_CLOSE, {"lists": list(lists), "now": clock.now(), "by": by.id})
        closed = cursor.rowcount
    if closed:
        record(Event.CASES_OPENED, by=by, about_kind="case", using=BULK, opened=0, closed=closed)
    return closed


def close_decided(payment_id: UUID, *, pays: bool, decided_by: UUID, by: Actor) -> None:
    """Close the case about a payment that was decided on the payments page: the step is of whoever decided there."""
    act, state = (Act.RELEASE, State.RELEASED) if pays else (Act.WITHHOLD, State.WITHHELD)
    with acting(by.narrowed(Permission.WORK_CASE)) as by:
        waiting = models.Case.objects.filter(kind=Kind.PAYMENT.value, payment_id=payment_id, closed_at=None)
        for row in waiting.select_for_update():
            change(row, state, by=by)
            add_step(row, act, Said(), by_id=decided_by)
            note(Event.CASE_STEP, row, by, None, act=act.value, state=row.state)
