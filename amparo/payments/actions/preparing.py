"""A list on its way: made of payable enrolments, proposed as it stands, or withdrawn.

Units   minor units; a list's sum is of what is paid, without what is held or withheld
Nulls   what is held when a list is proposed goes over to the next part of its cycle, and is paid by that or not at all
Errors  Refused where nobody is payable, where the cycle has its list, and where the sum is over the programme's funds
"""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connections, transaction
from django.db.models import Max

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, Refused
from amparo.kernel.events import announce
from amparo.kernel.ids import uuid7
from amparo.kernel.money import Money
from amparo.payments import making, models
from amparo.payments.config import PaymentConfig
from amparo.payments.cycles import cycle_named
from amparo.payments.queries.lists import available_minor, list_of
from amparo.payments.queries.terms import terms_of
from amparo.payments.types import Cycle, HeldOver, ListState, PaymentList, PaymentsHeld, PaymentState
from amparo.registry.queries import dictionary
from amparo.trust.log.recording import record
from amparo.trust.types import Actor, Event, Ground, Permission

BULK = "bulk"
# The kind of advisory lock by which lists of one programme are held against its funds one after the other.
FUNDS_LOCK = 7270


def prepare(programme: str, cycle: str, *, by: Actor, under: Ground, on: date) -> PaymentList:
    """Make the list of a programme's cycle from those enrolled on a day; return it, with what the checks hold.

    Asked at the same moment by many, it is made once, and the others are refused.
    """
    by = by.narrowed(Permission.PREPARE_PAYMENTS)
    programme_id, terms = terms_of(programme, using=BULK)
    asked = cycle_named(terms, cycle)
    with transaction.atomic(using=BULK), connections[BULK].cursor() as cursor:
        row = _opened(programme_id, terms, asked, part=1, by=by, on=on)
        held = making.fill(cursor, row.id, programme_id, terms, asked, on)
        row.refresh_from_db()
        if row.payments + row.held == 0:
            raise Refused("payments-nobody-payable", programme=programme, cycle=cycle, day=on)
        _record(Event.LIST_PREPARED, row, programme, by, under, held=held)
        if held:
            announce(PaymentsHeld(row.id, programme, held, making.held_until(terms, on)))
    return list_of(row)


def propose(list_id: UUID, *, by: Actor, under: Ground) -> PaymentList:
    """Let a list stand as it is, for others to approve; what is still held goes over to the next part of its cycle."""
    by = by.narrowed(Permission.PREPARE_PAYMENTS)
    with transaction.atomic(using=BULK), connections[BULK].cursor() as cursor:
        row = _locked(list_id, ListState.PREPARED)
        programme = row.programme.code
        if row.held:
            _carry_over(cursor, row, by)
        making.count(cursor, row.id)
        row.refresh_from_db()
        if row.payments == 0:
            raise Refused("payments-list-empty", cycle=row.cycle)
        _, terms = terms_of(programme, using=BULK)
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [FUNDS_LOCK, row.programme_id])
        available = available_minor(programme, using=BULK)
        if row.amount_minor > available:
            over = Money(row.amount_minor - available, row.currency, row.decimals)
            raise Refused("payments-over-funds", programme=programme, over=over)
        cursor.execute("SELECT amparo_list_digest(%s)", [row.id])
        row.digest = cursor.fetchone()[0]
        row.hands, row.state = terms.hands(row.amount_minor), ListState.PROPOSED
        row.proposed_by, row.proposed_at = by.id, clock.now()
        row.save()
        _record(Event.LIST_PROPOSED, row, programme, by, under, digest=row.digest)
    return list_of(row)


def withdraw(list_id: UUID, *, by: Actor, under: Ground) -> None:
    """Take back a list that nobody approved, with all that is in it, so that it can be made anew."""
    by = by.narrowed(Permission.PREPARE_PAYMENTS)
    with transaction.atomic(using=BULK), connections[BULK].cursor() as cursor:
        row = _locked(list_id, ListState.PREPARED, ListState.PROPOSED)
        if row.part > 1:
            raise Refused("payments-part-stays", cycle=row.cycle)
        later = {"programme": row.programme_id, "cycle": row.cycle, "part__gt": row.part}
        if models.List.objects.using(BULK).filter(**later).exclude(state=ListState.WITHDRAWN).exists():
            raise Refused("payments-part-stays", cycle=row.cycle)
        models.List.objects.using(BULK).filter(id=row.id).update(state=ListState.WITHDRAWN)
        for waiting in (models.Adjustment, models.Arrears):
            waiting.objects.using(BULK).filter(list=row.id).update(list=None)
        lines = "DELETE FROM payments_line USING payments_payment p WHERE p.id = payment_id AND p.list_id = %s"
        for statement in (lines, "DELETE FROM payments_payment WHERE list_id = %s"):
            cursor.execute(statement, [row.id])
        announce(HeldOver((row.id,)))
        _record(Event.LIST_WITHDRAWN, row, row.programme.code, by, under)


def _opened(programme_id: int, terms: PaymentConfig, cycle: Cycle, *, part: int, by: Actor, on: date) -> models.List:
    """Enter a list; whoever enters the same at the same moment waits for the first, and is then refused."""
    words = dictionary(using=BULK)
    try:
        with transaction.atomic(using=BULK):
            return models.List.objects.using(BULK).create(
                id=uuid7(),
                programme_id=programme_id,
                cycle=cycle.name,
                part=part,
                rail=terms.rail,
                currency=words.currency,
                decimals=words.decimals,
                on_day=on,
                pays_on=cycle.pays_on,
                made_by=by.id,
                made_at=clock.now(),
            )
    except IntegrityError:
        raise Refused("payments-list-exists", programme=terms.programme, cycle=cycle.name) from None


def _carry_over(cursor: Any, row: models.List, by: Actor) -> None:
    """Open the next part of a list's cycle, and put there what is held."""
    every = models.List.objects.using(BULK).filter(programme=row.programme_id, cycle=row.cycle)
    _, terms = terms_of(row.programme.code, using=BULK)
    part = every.aggregate(last=Max("part"))["last"] + 1
    cycle = cycle_named(terms, row.cycle)
    following = _opened(row.programme_id, terms, cycle, part=part, by=by, on=row.on_day)
    held = models.Payment.objects.using(BULK).filter(list=row.id, state=PaymentState.HELD)
    held.update(list_id=following.id)
    making.count(cursor, following.id)


def _locked(list_id: UUID, *states: ListState) -> models.List:
    """Return a list that stands in one of these states, held until the transaction ends."""
    rows = models.List.objects.using(BULK).select_for_update(of=("self",)).select_related("programme")
    row = rows.filter(id=list_id).first()
    if row is None:
        raise NotFound("payments-list-unknown")
    if row.state not in states:
        raise Refused("payments-list-not-so", state=ListState(row.state).words)
    return row


def _record(
    event: Event, row: models.List, programme: str, by: Actor, under: Ground, **details: Mapping[str, int] | str
) -> None:
    record(
        event,
        by=by,
        under=under,
        about_kind="payment-list",
        about_id=row.id,
        using=BULK,
        programme=programme,
        cycle=row.cycle,
        part=row.part,
        payments=row.payments,
        amount_minor=row.amount_minor,
        **details,
    )
