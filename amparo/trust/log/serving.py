"""No audit, no data: nothing of anybody is served while rows of the audit log wait too long for their seal.

Nor is an officer served who has opened as many records today as anybody may: what was counted is in the log itself.
"""

from django.conf import settings
from django.db import connections

from amparo.kernel.errors import NotPermitted, NotServed
from amparo.trust.types import IMPERSONAL, Actor, ActorKind

BUDGET_SPENT = "trust-budget-spent"
_IS_SEALED = "SELECT coalesce(amparo_audit_waits_since() > now() - make_interval(hours => %s), true)"


def expect_sealed(*, using: str = "default") -> None:
    """Raise NotServed where the oldest row without a seal is older than the limit: one read of one index entry.

    Where the question cannot be answered, its error ends the request: nothing is served either.
    """
    with connections[using].cursor() as cursor:
        cursor.execute(_IS_SEALED, [settings.AUDIT_HOURS])
        if cursor.fetchone() != (True,):
            raise not_sealed()


def not_sealed() -> NotServed:
    return NotServed("trust-audit-not-sealed", hours=settings.AUDIT_HOURS)


def expect_within_budget(by: Actor, *, using: str = "default") -> None:
    """Raise NotPermitted where an officer has opened as many records today as one may. Jobs and partners have other limits."""
    if by.kind is not ActorKind.OFFICER:
        return
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT amparo_within_budget(%s)", [by.id])
        if cursor.fetchone() != (True,):
            raise NotPermitted(BUDGET_SPENT)


def is_waiting_long(*, using: str) -> bool:
    """Whether the oldest row without a seal waits since more than half the limit."""
    with connections[using].cursor() as cursor:
        cursor.execute(_IS_SEALED, [settings.AUDIT_HOURS // 2])
        return cursor.fetchone() != (True,)


def opens_records(by: Actor) -> bool:
    """Whether what somebody acts under opens anybody's record; a permission nobody thought of does."""
    return by.permission not in IMPERSONAL
