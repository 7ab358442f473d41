"""Reads of lists, of what is held and unpaid in them, and of what was sent back."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet, Sum

from amparo.kernel.errors import NotFound
from amparo.payments import models
from amparo.payments.queries.terms import terms_of
from amparo.payments.types import (
    UNPAID,
    Check,
    Dispatched,
    DispatchReason,
    DispatchState,
    HeldPayment,
    ListState,
    PaymentList,
    PaymentReturn,
    PaymentState,
    ReturnState,
    UnpaidPayment,
)
from amparo.trust.log.recording import record
from amparo.trust.scope import within
from amparo.trust.types import Actor, Event, Ground

AT_MOST = 200


def payment_lists(*, using: str = "default") -> list[PaymentList]:
    """Return the newest lists, those withdrawn left out: counts and sums, nobody's record."""
    rows = models.List.objects.using(using).exclude(state=ListState.WITHDRAWN).select_related("programme")
    return [list_of(each) for each in rows.order_by("-made_at", "-part")[:AT_MOST]]


def payment_list(id: UUID) -> PaymentList:
    return list_of(list_row(id))


def list_row(id: UUID, *, lock: bool = False, using: str = "default") -> models.List:
    rows = models.List.objects.using(using).filter(id=id).select_related("programme")
    row = (rows.select_for_update(of=("self",)) if lock else rows).first()
    if row is None:
        raise NotFound("payments-list-unknown")
    return row


def list_of(row: models.List) -> PaymentList:
    return PaymentList(
        id=row.id,
        programme=row.programme.code,
        cycle=row.cycle,
        part=row.part,
        state=ListState(row.state),
        rail=row.rail,
        currency=row.currency,
        decimals=row.decimals,
        pays_on=row.pays_on,
        payments=row.payments,
        amount_minor=row.amount_minor,
        held=row.held,
        withheld=row.withheld,
        hands=row.hands,
        made_by=row.made_by,
        made_at=row.made_at,
        proposed_by=row.proposed_by,
        approved_at=row.approved_at,
        digest=row.digest,
        outcomes={state: tuple(each) for state, each in row.outcomes.items()},
        on_time=row.on_time,
    )


def approvers(list_id: UUID) -> list[UUID]:
    """Return who has approved a list so far, the first first."""
    return list(models.Approval.objects.filter(list=list_id).order_by("at").values_list("by_id", flat=True))


def list_digests(list_id: UUID) -> list[tuple[int, int, int, str]]:
    """Return the files that were made of a list: part, payments, minor units, SHA-256."""
    rows = models.Export.objects.filter(list=list_id).order_by("part")
    return list(rows.values_list("part", "payments", "amount_minor", "digest"))


def available_minor(programme: str, *, using: str = "default") -> int:
    """Return what a programme may still spend: its funds without the lists that are proposed, approved or paid."""
    named = {"programme__code": programme}
    funds = models.Fund.objects.using(using).filter(**named).aggregate(sum=Sum("amount_minor"))["sum"] or 0
    states = (ListState.PROPOSED, ListState.APPROVED, ListState.EXPORTED)
    bound = models.List.objects.using(using).filter(**named, state__in=states)
    return int(funds - (bound.aggregate(sum=Sum("amount_minor"))["sum"] or 0))


def held(list_id: UUID, *, by: Actor) -> list[HeldPayment]:
    """Return what the checks hold in a list, the nearest day first; of the first so many."""
    rows = within(models.Payment.objects.filter(list=list_id, state=PaymentState.HELD), by)
    return [
        HeldPayment(
            each.id, each.reference, Check(each.check_failed), each.amount_minor, each.held_until, each.area_number
        )
        for each in rows.order_by("held_until", "reference")[:AT_MOST]
    ]


def unpaid(list_id: UUID, *, by: Actor, under: Ground, on: date) -> list[UnpaidPayment]:
    """Return those of a list whom their money has not reached whole: as who pays said, or by nothing said since it was due."""
    row = list_row(list_id)
    record(Event.UNPAID_LISTED, by=by, under=under, about_kind="payment-list", about_id=list_id, payments=_count(row))
    return [
        UnpaidPayment(
            each.id,
            each.reference,
            PaymentState(each.state),
            each.amount_minor,
            each.paid_minor,
            list_id,
            each.area_number,
            each.unit_id,
        )
        for each in _unpaid_rows(row, by, on).order_by("area_number", "reference")[:AT_MOST]
    ]


def _unpaid_rows(row: models.List, by: Actor, on: date) -> QuerySet[models.Payment]:
    is_due = row.state == ListState.EXPORTED and row.pays_on < on
    silent = Q(state=PaymentState.READY) if is_due else Q(pk=None)
    return within(models.Payment.objects.filter(Q(state__in=UNPAID) | silent, list=row.id), by)


def _count(row: models.List) -> int:
    return sum(payments for state, (payments, _) in row.outcomes.items() if state != PaymentState.PAID)


def returns_of(list_id: UUID) -> list[PaymentReturn]:
    """Return the files that came back about a list, the newest first."""
    return [return_of(each) for each in models.Return.objects.filter(list=list_id).order_by("-received_at")]


def return_of(row: models.Return) -> PaymentReturn:
    return PaymentReturn(
        row.id,
        row.list_id,
        ReturnState(row.state),
        row.lines,
        row.amount_minor,
        row.conflicts,
        row.received_by,
        row.received_at,
        row.overridden_by,
    )


def dispatches_of(list_id: UUID) -> list[Dispatched]:
    """Return the parts of a list that go to who pays by themselves: counts and sums, nobody's record."""
    return [
        Dispatched(
            each.part,
            DispatchState(each.state),
            each.payments,
            each.amount_minor,
            each.attempts,
            each.next_at,
            DispatchReason(each.reason) if each.reason else None,
            each.code,
        )
        for each in models.Dispatch.objects.filter(list=list_id).order_by("part")
    ]


def may_go_again(state: str, reason: str | None) -> bool:
    """Whether a person may let a part go again: it was given up, or was taken and is lost."""
    return state == DispatchState.GIVEN_UP or (state == DispatchState.TAKEN and reason == DispatchReason.LOST)


def answered_dispatch(id: UUID, *, agreement: str) -> models.Dispatch:
    """Return the dispatch that who pays answers by itself. Raises NotFound also under an agreement that its programme does not name."""
    row = models.Dispatch.objects.select_related("list__programme").filter(id=id).first()
    if row is None or not agreement or terms_of(row.list.programme.code)[1].answers_under != agreement:
        raise NotFound("payments-dispatch-unknown")
    return row


def paid_rows(list_id: UUID, *, cursor: object, at_once: int, after: str = "") -> Iterator[list[tuple]]:
    """Yield what goes to who pays, in parts, in the order of references."""
    while True:
        cursor.execute("SELECT * FROM amparo_list_paid(%s, %s, %s)", [list_id, after, at_once])
        rows = cursor.fetchall()
        if not rows:
            return
        yield rows
        after = rows[-1][0]
