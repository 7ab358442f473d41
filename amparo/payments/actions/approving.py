"""Approval: by people other than who made and proposed a list, as many as its sum demands; the last of them signs it.

Source  RFC 8032 (Ed25519), with the key that signs the audit log's seals
"""

from uuid import UUID

from django.db import transaction

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.payments import models
from amparo.payments.queries.lists import list_of, list_row
from amparo.payments.signing import sign
from amparo.payments.types import ListState, PaymentList
from amparo.trust.eyes import is_same_human
from amparo.trust.log.recording import record
from amparo.trust.types import Actor, Event, Ground, Permission


@transaction.atomic
def approve(list_id: UUID, *, by: Actor, under: Ground) -> PaymentList:
    """Approve a proposed list as it stands. The hand that makes them enough approves it for good, and signs."""
    by = by.narrowed(Permission.APPROVE_PAYMENTS)
    row = list_row(list_id, lock=True)
    if row.state != ListState.PROPOSED:
        raise Refused("payments-list-not-so", state=ListState(row.state).words)
    earlier = list(row.approvals.values_list("by_id", flat=True))
    if is_same_human(by, row.made_by, row.proposed_by, *earlier):
        raise Refused("payments-same-hands")
    models.Approval.objects.create(list=row, made_by=row.made_by, by_id=by.id, at=clock.now(), digest=row.digest)
    if len(earlier) + 1 >= row.hands:
        row.state, row.approved_at, row.signature = ListState.APPROVED, clock.now(), sign(row)
        row.save(update_fields=["state", "approved_at", "signature"])
    record(
        Event.LIST_APPROVED,
        by=by,
        under=under,
        about_kind="payment-list",
        about_id=row.id,
        programme=row.programme.code,
        cycle=row.cycle,
        amount_minor=row.amount_minor,
        digest=row.digest,
        hands=len(earlier) + 1,
        needed=row.hands,
    )
    return list_of(row)
