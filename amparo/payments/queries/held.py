"""Reads of one held payment: what holds it, and whose list it is in."""

from dataclasses import dataclass
from uuid import UUID

from amparo.payments import models
from amparo.payments.queries.terms import terms_of
from amparo.payments.types import Check, Default, HeldPayment, ListState, PaymentState
from amparo.trust.scope import within
from amparo.trust.types import Actor


@dataclass(frozen=True)
class HeldInList:
    """A held payment, the cycle of its list, and what becomes of it at its day where nobody decided."""

    payment: HeldPayment
    cycle: str
    default: Default


def makers_of(payment_id: UUID) -> list[UUID]:
    """Return who made the lists of a payment's cycle, its parts included."""
    in_list = models.Payment.objects.filter(id=payment_id).values_list("list", flat=True).first()
    return list_makers(in_list) if in_list else []


def list_makers(list_id: UUID) -> list[UUID]:
    """Return who made the lists of a list's cycle: none of them decides about what is held in it."""
    mine = models.List.objects.filter(id=list_id).values("programme", "cycle").get()
    rows = models.List.objects.filter(**mine).exclude(state=ListState.WITHDRAWN)
    return list(rows.values_list("made_by", flat=True).distinct())


def held_payment(id: UUID, *, by: Actor) -> HeldInList | None:
    """Return a payment that is held; None where it is no longer, or outside the actor's reach."""
    rows = models.Payment.objects.filter(id=id, state=PaymentState.HELD).select_related("list__programme")
    row = within(rows, by).first()
    if row is None:
        return None
    _, terms = terms_of(row.list.programme.code)
    found = HeldPayment(
        row.id, row.reference, Check(row.check_failed), row.amount_minor, row.held_until, row.area_number
    )
    return HeldInList(found, row.list.cycle, terms.default)
