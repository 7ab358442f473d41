"""What a programme may spend."""

from django.db import transaction

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.payments import models
from amparo.payments.queries.terms import terms_of
from amparo.trust.log.recording import record
from amparo.trust.types import Actor, Event, Ground, Permission


@transaction.atomic
def record_funds(programme: str, amount_minor: int, document: str, *, by: Actor, under: Ground) -> None:
    """Record that a document gives a programme money, in minor units; below zero, that it takes some back."""
    by = by.narrowed(Permission.APPROVE_PAYMENTS)
    programme_id, _ = terms_of(programme)
    if not amount_minor or not document.strip():
        raise Refused("payments-funds-without-document")
    models.Fund.objects.create(
        programme_id=programme_id,
        amount_minor=amount_minor,
        document=document.strip()[:64],
        recorded_by=by.id,
        recorded_at=clock.now(),
    )
    record(
        Event.FUNDS_RECORDED, by=by, under=under, about_kind="programme", about_id=programme, amount_minor=amount_minor
    )
