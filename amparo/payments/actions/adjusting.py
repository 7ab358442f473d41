"""Money beside the benefit: arrears, top-ups, recoveries and deductions, proposed by one person and confirmed by another."""

from uuid import UUID

from django.db import transaction

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, Refused
from amparo.payments import models
from amparo.payments.queries.terms import enrolment_place
from amparo.payments.types import LineKind
from amparo.trust.eyes import is_same_human
from amparo.trust.log.recording import record
from amparo.trust.scope import within
from amparo.trust.types import Actor, Event, Ground, Permission


@transaction.atomic
def propose_adjustment(
    enrolment_id: UUID, kind: LineKind, amount_minor: int, *, law: str, by: Actor, under: Ground
) -> UUID:
    """Propose that an enrolment's next payment is more or less by an amount, on a ground of law; return the adjustment."""
    by = by.narrowed(Permission.PREPARE_PAYMENTS)
    programme_id, area_number = enrolment_place(enrolment_id, by=by)
    if kind is LineKind.BENEFIT or amount_minor <= 0 or not law.strip():
        raise Refused("payments-adjustment-unsound")
    row = models.Adjustment.objects.create(
        programme_id=programme_id,
        enrolment_id=enrolment_id,
        area_number=area_number,
        kind=kind,
        amount_minor=amount_minor,
        law=law.strip(),
        proposed_by=by.id,
        proposed_at=clock.now(),
    )
    _record(Event.ADJUSTMENT_PROPOSED, row, by, under)
    return row.id


@transaction.atomic
def confirm_adjustment(adjustment_id: UUID, *, by: Actor, under: Ground) -> None:
    """Confirm as another person what was proposed; the next list of the programme takes it in."""
    by = by.narrowed(Permission.APPROVE_PAYMENTS)
    row = within(models.Adjustment.objects.filter(id=adjustment_id), by).first()
    if row is None:
        raise NotFound("payments-adjustment-unknown")
    if row.confirmed_by is not None:
        raise Refused("payments-adjustment-confirmed")
    if is_same_human(by, row.proposed_by):
        raise Refused("payments-same-hands")
    row.confirmed_by, row.confirmed_at = by.id, clock.now()
    row.save(update_fields=["confirmed_by", "confirmed_at"])
    _record(Event.ADJUSTMENT_CONFIRMED, row, by, under)


def _record(event: Event, row: models.Adjustment, by: Actor, under: Ground) -> None:
    record(
        event,
        by=by,
        under=under,
        about_kind="enrolment",
        about_id=row.enrolment_id,
        area_number=row.area_number,
        kind=row.kind,
        amount_minor=row.amount_minor,
    )
