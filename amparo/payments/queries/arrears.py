"""Reads of what upheld appeals owe, cycle by cycle, and what has become of it."""

from uuid import UUID

from django.db import connections

from amparo.payments.owing import LISTED
from amparo.payments.types import ArrearsOwed, ArrearsState
from amparo.trust.scope import where
from amparo.trust.types import Actor

_OF_CASE = f"""
SELECT a.cycle, a.due_minor, in_list.cycle, a.due_minor - {LISTED},
    (SELECT sum(line.amount_minor)::bigint FROM payments_line line JOIN payments_payment p ON p.id = line.payment_id
        WHERE p.list_id = a.list_id AND line.owed_for = a.cycle AND line.unit_id = a.unit_id)
FROM payments_arrears a LEFT JOIN payments_list in_list ON in_list.id = a.list_id
WHERE a.case_id = %s AND {{condition}} ORDER BY a.cycle
"""


def arrears_of(case: UUID, *, by: Actor) -> list[ArrearsOwed]:
    """Return what an executed appeal owes, to whoever reaches whom it is about."""
    condition, values = where(by, of="payments_arrears", row="a")
    with connections["default"].cursor() as cursor:
        cursor.execute(_OF_CASE.format(condition=condition), [case, *values])
        return [_owed(*row) for row in cursor.fetchall()]


def _owed(cycle: str, due: int | None, listed_in: str | None, missing: int | None, listed: int | None) -> ArrearsOwed:
    if listed_in:
        return ArrearsOwed(cycle, ArrearsState.LISTED, listed, listed_in)
    if due is None or missing is None:
        return ArrearsOwed(cycle, ArrearsState.UNKNOWN, None, "")
    if missing <= 0:
        return ArrearsOwed(cycle, ArrearsState.NOTHING, 0, "")
    return ArrearsOwed(cycle, ArrearsState.WAITING, missing, "")
