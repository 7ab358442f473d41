"""What becomes of a held payment: somebody decides by its day, or else the programme's default does.

Nulls   without an amount or an account nothing can be paid: such a payment stays held until both are known, or it is withheld
"""

from collections import Counter
from datetime import date
from uuid import UUID

from django.db import connections, transaction

from amparo.kernel.errors import NotFound, Refused
from amparo.kernel.events import announce
from amparo.payments import making, models
from amparo.payments.queries.held import makers_of
from amparo.payments.queries.terms import all_terms
from amparo.payments.types import IMPOSSIBLE, Check, Default, HeldDecided, HeldOver, ListState, PaymentState
from amparo.trust.context import acting
from amparo.trust.eyes import is_same_human
from amparo.trust.log.recording import record
from amparo.trust.scope import within
from amparo.trust.types import Actor, Event, Ground, Permission, system

BULK = "bulk"
_AFTER = {Default.PAY: PaymentState.READY, Default.WITHHOLD: PaymentState.WITHHELD}


@transaction.atomic
def decide_held(payment_id: UUID, *, pays: bool, by: Actor, under: Ground) -> UUID:
    """Say of a held payment whether it is paid, as another than who made its list; return the list.

    Raises NotFound also outside the actor's reach.
    """
    by = by.narrowed(Permission.PREPARE_PAYMENTS)
    return _decided(payment_id, pays=pays, by=by, reach=by, under=under)


@transaction.atomic
def decide_held_in_case(payment_id: UUID, *, pays: bool, by: Actor, under: Ground) -> UUID:
    """Do the same as whoever works on the case about it: that they reach it was asked of the case."""
    by = by.narrowed(Permission.WORK_CASE)
    with acting(system("payments").narrowed(Permission.PREPARE_PAYMENTS)) as reach:
        return _decided(payment_id, pays=pays, by=by, reach=reach, under=under)


def _decided(payment_id: UUID, *, pays: bool, by: Actor, reach: Actor, under: Ground) -> UUID:
    rows = within(models.Payment.objects.filter(id=payment_id, list__state=ListState.PREPARED), reach)
    row = rows.filter(state=PaymentState.HELD).first()
    if row is None:
        raise NotFound("payments-held-unknown")
    if pays and row.check_failed in IMPOSSIBLE:
        raise Refused("payments-cannot-be-paid", reason=Check(row.check_failed).words)
    if is_same_human(by, *makers_of(row.id)):
        raise Refused("payments-held-same-hands")
    state = PaymentState.READY if pays else PaymentState.WITHHELD
    # Whoever decided first has decided: the row is written only while it is still held.
    if not rows.filter(state=PaymentState.HELD).update(state=state, settled_by=by.id):
        raise NotFound("payments-held-unknown")
    with connections["default"].cursor() as cursor:
        making.count(cursor, row.list_id)
    record(
        Event.PAYMENT_SETTLED,
        by=by,
        under=under,
        about_kind="payment",
        about_id=row.id,
        area_number=row.area_number,
        state=state.value,
        check=row.check_failed,
    )
    announce(HeldDecided(row.id, pays, by.id))
    return row.list_id


def apply_defaults(*, by: Actor, on: date) -> int:
    """Let each programme's default decide about what was held until a day that has passed; return about how many."""
    by = by.narrowed(Permission.PREPARE_PAYMENTS)
    settled: Counter[str] = Counter()
    over_in: list[UUID] = []
    with transaction.atomic(using=BULK), connections[BULK].cursor() as cursor:
        for programme_id, terms in all_terms(using=BULK).items():
            lists = models.List.objects.using(BULK).select_for_update()
            ids = list(lists.filter(programme=programme_id, state=ListState.PREPARED).values_list("id", flat=True))
            over = models.Payment.objects.using(BULK).filter(list__in=ids, state=PaymentState.HELD, held_until__lt=on)
            over = over.exclude(check_failed__in=[each.value for each in IMPOSSIBLE])
            settled[terms.programme] += over.update(state=_AFTER[terms.default], settled_by=by.id)
            for each in ids:
                making.count(cursor, each)
            over_in += ids
        if +settled:
            record(Event.HELD_BY_DEFAULT, by=by, using=BULK, on=on.isoformat(), payments=dict(+settled))
            announce(HeldOver(tuple(over_in)))
    return settled.total()
