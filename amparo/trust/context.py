"""Opens the database's gates for one actor, for one transaction.

Settings live inside the transaction only: a session-level setting would meet the next user of the pooled connection.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections, transaction

from amparo.kernel.errors import NotPermitted
from amparo.trust.log.serving import expect_sealed, expect_within_budget, opens_records
from amparo.trust.types import Actor, ScopeKind

DATABASE_ROLE = {kind: f"amparo_{kind.value}" for kind in ScopeKind}

_SETTINGS = ("amparo.scope", "amparo.by", "amparo.agreement", "amparo.programmes", "amparo.person")
_READ = "SELECT current_setting('role')" + "".join(f", current_setting('{each}', true)" for each in _SETTINGS)
_SET = "SELECT set_config('role', %s, true)" + "".join(f", set_config('{each}', %s, true)" for each in _SETTINGS)


@contextmanager
def acting(by: Actor, *, using: str = "default") -> Iterator[Actor]:
    """Run a block in one transaction in which the database shows just what `by` may see.

    `by` must be narrowed to a permission. What was set before is put back when the block ends, because settings
    outlive a savepoint. Raises NotPermitted when the actor reaches no area or programme at all, is a partner without
    agreement, a citizen without a person, or has opened as many records today as anybody may; and NotServed where it
    would open personal data while the audit log is not sealed.
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
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        if opens_records(by):
            expect_sealed(using=using)
            expect_within_budget(by, using=using)
        before = cursor.execute(_READ).fetchone()
        settings = (scope.multirange, str(by.id), str(scope.agreement or ""), ",".join(scope.programmes))
        cursor.execute(_SET, [DATABASE_ROLE[scope.kind], *settings, str(scope.person or "")])
        yield by
        if not connections[using].needs_rollback:
            cursor.execute(_SET, [before[0], *(each or "" for each in before[1:])])
