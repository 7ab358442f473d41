"""What who pays sends back is held against what was sent: whole, or not at all.

Shape   a file in; its lines by reference, each with an outcome; payments of the list with a new state
Units   minor units; on time is who was paid by the list's day
Nulls   a paid line without an amount paid all of it; a payment of which nothing is said stays as it is
Errors  a line that is unknown, stands twice, is too much, in another currency, or contradicts what is on record refuses the
        whole file; another person may then let the rest of it count
"""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import astuple
from uuid import UUID

from django.db import IntegrityError, connections, transaction

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, Refused
from amparo.kernel.events import announce
from amparo.kernel.ids import uuid7
from amparo.notices.actions import tell
from amparo.notices.types import Kind
from amparo.payments import models
from amparo.payments.queries.lists import list_row, return_of
from amparo.payments.returned import Told, read
from amparo.payments.types import ListState, PaymentReturn, PaymentsSettled, PaymentState, ReturnState
from amparo.trust.eyes import is_same_human
from amparo.trust.log.recording import record
from amparo.trust.types import Actor, Event, Ground, Permission

BULK = "bulk"
NOT_SO = "payments-return-not-so"
# Of a line: what it says was paid, and the state in which it leaves its payment.
_PAID = "coalesce(r.amount_minor, CASE r.outcome WHEN 'paid' THEN p.amount_minor ELSE 0 END)"
_STATE = f"""CASE WHEN r.outcome IN ('error', 'returned', 'zero') THEN r.outcome WHEN {_PAID} = 0 THEN 'zero'
    WHEN {_PAID} = p.amount_minor THEN 'paid' ELSE 'partial' END"""
_LEFT = f"CASE WHEN {_STATE} IN ('paid', 'partial') THEN {_PAID} ELSE 0 END"
# The first reason why a line cannot count. What was paid may come back; whoever did not get it may get it later.
_FAULTS = f"""
UPDATE payments_returnline line SET conflict = found.conflict FROM (
    SELECT r.id, CASE
        WHEN p.id IS NULL THEN 'unknown-line'
        WHEN l.state <> 'exported' OR p.state = 'withheld' THEN 'not-sent'
        WHEN count(*) OVER (PARTITION BY r.reference) > 1 THEN 'twice'
        WHEN r.currency NOT IN ('', l.currency) THEN 'currency'
        WHEN r.amount_minor > p.amount_minor THEN 'too-much'
        WHEN p.state NOT IN ('ready', 'error', 'zero') AND NOT (p.state IN ('paid', 'partial') AND r.outcome = 'returned')
            AND (p.state, p.paid_minor) IS DISTINCT FROM ({_STATE}, {_LEFT}) THEN 'otherwise'
    END AS conflict
    FROM payments_returnline r
    LEFT JOIN payments_payment p ON p.reference = r.reference AND p.list_id = %(list)s
    LEFT JOIN payments_list l ON l.id = p.list_id
    WHERE r.returned_id = %(id)s
) found WHERE line.id = found.id AND line.conflict IS DISTINCT FROM found.conflict
"""
_SETTLE = f"""
UPDATE payments_payment p SET state = {_STATE}, paid_minor = {_LEFT}, return_id = %(id)s,
    paid_on = CASE WHEN {_STATE} IN ('paid', 'partial') THEN coalesce(r.on_day, %(on)s) END
FROM payments_returnline r
WHERE r.returned_id = %(id)s AND r.conflict IS NULL AND p.reference = r.reference AND p.list_id = %(list)s
"""
# What went by itself is asked about until something is known of each payment in it.
_ANSWERED = """
UPDATE payments_dispatch d SET state = 'answered' WHERE d.list_id = %(list)s AND d.state <> 'answered' AND NOT EXISTS (
    SELECT FROM payments_payment p WHERE p.list_id = d.list_id AND p.reference > d.after AND p.reference <= d.last
        AND p.state = 'ready')
"""
_OUTCOMES = """
SELECT state, count(*), coalesce(sum(CASE WHEN state IN ('paid', 'partial') THEN paid_minor ELSE amount_minor END), 0)::bigint,
    count(*) FILTER (WHERE state = 'paid' AND paid_on <= %(due)s)
FROM payments_payment WHERE list_id = %(list)s AND state NOT IN ('ready', 'withheld') GROUP BY state
"""
_NOTHING = (PaymentState.ZERO.value, PaymentState.ERROR.value, PaymentState.RETURNED.value)
# Whom a file says nothing arrived at: whoever should have got it, or the home where nobody was named or an institution collects.
_UNPAID = """
SELECT p.id AS about, CASE WHEN o.id IS NULL THEN p.recipient_id END AS person, p.household_id AS household, p.area_number, g.code AS programme,
    l.pays_on AS day, '' AS code
FROM payments_payment p
JOIN payments_list l ON l.id = p.list_id
JOIN programmes_programme g ON g.id = l.programme_id
LEFT JOIN trust_organisation o ON o.id = p.recipient_id
WHERE p.return_id = %(id)s AND p.state = ANY (%(unpaid)s)
"""
_COLUMNS = "returned_id, position, reference, outcome, amount_minor, currency, on_day, reason"


@transaction.atomic
def receive(list_id: UUID, content: bytes, *, by: Actor, under: Ground) -> PaymentReturn:
    """Take in a file about a list that was sent. It counts once `settle` has held it against the list."""
    by = by.narrowed(Permission.RECONCILE_PAYMENTS)
    row = list_row(list_id)
    if row.state != ListState.EXPORTED:
        raise Refused("payments-list-not-so", state=ListState(row.state).words)
    lines = read(content, decimals=row.decimals)
    if not lines:
        raise Refused("payments-return-empty")
    returned = _entered(row.id, hashlib.sha256(content).hexdigest(), lines, by)
    if returned is None:
        raise Refused("payments-return-known", list=row.id)
    _record(Event.RETURN_RECEIVED, returned, by, under)
    return return_of(returned)


def receive_told(dispatch: models.Dispatch, lines: Sequence[Told], *, by: Actor, under: Ground, using: str) -> None:
    """Take in what who pays says by itself of a dispatch. What was said before, word for word, is not taken in again.

    It counts once `settle_told` has held it against the list. Of nothing final nothing is taken in.
    """
    if not lines:
        return
    said = [str(dispatch.id), *sorted(map(repr, map(astuple, lines)))]
    digest = hashlib.sha256(json.dumps(said).encode()).hexdigest()
    with transaction.atomic(using=using):
        returned = _entered(dispatch.list_id, digest, lines, by, dispatch=dispatch.id, using=using)
        if returned is not None:
            _record(Event.RETURN_RECEIVED, returned, by, under, using=using)


def _entered(
    list_id: UUID,
    digest: str,
    lines: Sequence[Told],
    by: Actor,
    *,
    dispatch: UUID | None = None,
    using: str = "default",
) -> models.Return | None:
    """Enter what came back, with its lines; nothing where it was entered before."""
    try:
        with transaction.atomic(using=using):
            returned = models.Return.objects.using(using).create(
                id=uuid7(),
                list_id=list_id,
                dispatch_id=dispatch,
                digest=digest,
                lines=len(lines),
                amount_minor=sum(each.amount_minor or 0 for each in lines),
                received_by=by.id,
                received_at=clock.now(),
            )
    except IntegrityError:
        return None
    with (
        connections[using].cursor() as cursor,
        cursor.copy(f"COPY payments_returnline ({_COLUMNS}) FROM STDIN") as copy,
    ):
        for position, each in enumerate(lines, 1):
            told = (each.reference, each.outcome.value, each.amount_minor, each.currency, each.on_day, each.reason)
            copy.write_row((returned.id, position, *told))
    return returned


def settle_told(*, by: Actor, under: Ground) -> int:
    """Hold against their lists all that who pays has said by itself and nobody has yet; return how many there were."""
    by = by.narrowed(Permission.RECONCILE_PAYMENTS)
    waiting = models.Return.objects.using(BULK).filter(state=ReturnState.RECEIVED).exclude(dispatch=None)
    ids = list(waiting.order_by("received_at").values_list("id", flat=True))
    for id in ids:
        try:
            settle(id, by=by, under=under)
        except Refused as refused:
            if refused.message.id != NOT_SO:  # another worker has it by now
                raise
    return len(ids)


def settle(return_id: UUID, *, by: Actor, under: Ground) -> PaymentReturn:
    """Hold a file against its list: it counts whole, or is refused whole with what contradicts what is known."""
    by = by.narrowed(Permission.RECONCILE_PAYMENTS)
    with transaction.atomic(using=BULK):
        row = _locked(return_id, ReturnState.RECEIVED)
        row.conflicts = _conflicts(row)
        if row.conflicts:
            row.state = ReturnState.REFUSED
            row.save(update_fields=["state", "conflicts"], using=BULK)
            _record(Event.RETURN_REFUSED, row, by, under, using=BULK)
        else:
            _count_in(row, by, under)
    return return_of(row)


def override(return_id: UUID, *, by: Actor, under: Ground) -> PaymentReturn:
    """Let count, as another person than took it in, what of a refused file contradicts nothing."""
    by = by.narrowed(Permission.RECONCILE_PAYMENTS)
    with transaction.atomic(using=BULK):
        row = _locked(return_id, ReturnState.REFUSED)
        if is_same_human(by, row.received_by, using=BULK):
            raise Refused("payments-same-hands")
        row.conflicts, row.overridden_by = _conflicts(row), by.id
        _count_in(row, by, under)
    return return_of(row)


def _locked(return_id: UUID, state: ReturnState) -> models.Return:
    """Return a file in this state, with its list held: two files about one list are counted in one after the other."""
    rows = models.Return.objects.using(BULK).select_for_update(of=("self", "list")).select_related("list__programme")
    row = rows.filter(id=return_id).first()
    if row is None:
        raise NotFound("payments-return-unknown")
    if row.state != state:
        raise Refused(NOT_SO, state=ReturnState(row.state).words)
    return row


def _conflicts(row: models.Return) -> dict[str, int]:
    with connections[BULK].cursor() as cursor:
        cursor.execute(_FAULTS, {"id": row.id, "list": row.list_id})
    found = models.ReturnLine.objects.using(BULK).filter(returned=row.id).exclude(conflict=None)
    return dict(Counter(found.values_list("conflict", flat=True)))


def _count_in(row: models.Return, by: Actor, under: Ground) -> None:
    given = {"id": row.id, "list": row.list_id, "on": clock.today(), "due": row.list.pays_on}
    with connections[BULK].cursor() as cursor:
        cursor.execute(_SETTLE, given)
        cursor.execute(_ANSWERED, given)
        cursor.execute(_OUTCOMES, given)
        found = cursor.fetchall()
    tell(Kind.PAYMENT_UNPAID, _UNPAID, {"id": row.id, "unpaid": list(_NOTHING)}, by=by, using=BULK)
    row.list.outcomes = {state: [payments, minor] for state, payments, minor, _ in found}
    row.list.on_time = sum(on_time for *_, on_time in found)
    row.list.save(update_fields=["outcomes", "on_time"], using=BULK)
    row.state, row.settled_at = ReturnState.SETTLED, clock.now()
    row.save(update_fields=["state", "conflicts", "overridden_by", "settled_at"], using=BULK)
    _record(Event.RETURN_SETTLED, row, by, under, using=BULK)
    states = {state: payments for state, payments, _, _ in found}
    announce(PaymentsSettled(row.list_id, row.list.programme.code, states))


def _record(event: Event, row: models.Return, by: Actor, under: Ground, using: str = "default") -> None:
    record(
        event,
        by=by,
        under=under,
        about_kind="payment-list",
        about_id=row.list_id,
        using=using,
        returned=str(row.id),
        lines=row.lines,
        conflicts=dict(row.conflicts),
    )
