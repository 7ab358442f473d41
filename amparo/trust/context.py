"""Opens the database's gates for one actor, for one transaction.

Settings live inside the transaction only: a session-level setting would meet the next user of the pooled connection.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connections, transaction

from amparo.kernel.errors import NotPermitted
from amparo.trust import prepared
from amparo.trust.log.serving import expect_within_budget, not_sealed, opens_records
from amparo.trust.types import Actor, ScopeKind

DATABASE_ROLE = {kind: f"amparo_{kind.value}" for kind in ScopeKind}

_ACT = "SELECT amparo_act(%s, %s, %s, %s, %s, %s, %s::int)"


def opened_to(by: Actor) -> list[str]:
    """Return what the database's gates are opened by for an actor: a role and settings, as `amparo_act` has them.

    Raises NotPermitted for one that reaches nobody.
    """
    scope = by.scope
    if scope.is_of_areas and not scope.ranges:
        raise NotPermitted("trust-no-area")
    if scope.kind is ScopeKind.PARTNER and scope.agreement is None:
        raise NotPermitted("trust-no-agreement")
    if scope.kind is ScopeKind.CITIZEN and scope.person is None:
        raise NotPermitted("trust-no-person")
    if scope.kind is ScopeKind.PROGRAMME and not scope.programmes:
        raise NotPermitted("trust-no-programme")
    return [
        DATABASE_ROLE[scope.kind],
        scope.multirange,
        str(by.id),
        str(scope.agreement or ""),
        ",".join(scope.programmes),
        str(scope.person or ""),
    ]


@contextmanager
def acting(by: Actor, *, using: str = "default") -> Iterator[Actor]:
    """Run a block in one transaction in which the database shows just what `by` may see.

    `by` must be narrowed to a permission. What was set before is put back when the block ends, because settings
    outlive a savepoint. Raises NotPermitted when the actor reaches no area or programme at all, is a partner without
    agreement, a citizen without a person, or has opened as many records today as anybody may; and NotServed where it
    would open personal data while the audit log is not sealed.
    """
    opened = opened_to(by)
    with transaction.atomic(using=using):
        is_guarded = opens_records(by)
        if is_guarded:
            expect_within_budget(by, using=using)
        (before,) = prepared.row(_ACT, [*opened, settings.AUDIT_HOURS if is_guarded else None], using=using)
        if before is None:
            raise not_sealed()
        yield by
        if not connections[using].needs_rollback:
            prepared.row(_ACT, [before[0], *(each or "" for each in before[1:]), None], using=using)
