"""Approved lists that go to who pays by themselves: entered in parts by a person, handed over by a job, asked about until answered.

Of each attempt it is written that it begins, before it does, and what came of it after. A worker that is killed in between leaves
an attempt without an end; the next one asks first whether it arrived, and what is handed over again has the same ids.

Units   a part holds so many payments at most; its digest is SHA-256 of what is handed over
Errors  NotPermitted in a trial; Refused where the list's payments are not those that were signed. What who pays does is no
        error: it is an outcome, tried again after `config.DELAYS`, and given up after the last until a person lets it go again
"""

import hashlib
from collections import Counter
from collections.abc import Mapping
from uuid import UUID

from django.db import connections, transaction

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.kernel.ids import uuid7
from amparo.payments import models
from amparo.payments.actions.exporting import note_sent
from amparo.payments.actions.reconciling import receive_told
from amparo.payments.config import ASKS, DELAYS, GROUND
from amparo.payments.opening import sending_of
from amparo.payments.queries.lists import list_of, list_row, may_go_again, paid_rows
from amparo.payments.queries.terms import terms_of
from amparo.payments.rails import g2p
from amparo.payments.rails.g2p.calling import Outcome, ask, hand_over, is_configured
from amparo.payments.signing import expect_signed
from amparo.payments.types import DispatchReason, DispatchState, ListState, PaymentList, RailKind
from amparo.trust.log.recording import record
from amparo.trust.stage import expect_live
from amparo.trust.types import Actor, Event, Ground, Permission

BULK = "bulk"
AT_ONCE = 1_000
# So many in a row that whoever pays is not there: the rest waits, and no attempt of it is counted.
IN_VAIN = 3
_DOWN = frozenset({DispatchReason.SILENT, DispatchReason.NOT_CALLED, DispatchReason.UNSAFE})
_OPEN = (DispatchState.WAITING, DispatchState.TAKEN)


def send(list_id: UUID, *, by: Actor, under: Ground, at_once: int = AT_ONCE) -> PaymentList:
    """Enter the parts of an approved list, each to be handed over by the job. The list counts as sent with that."""
    by = by.narrowed(Permission.EXPORT_PAYMENTS)
    expect_live(using=BULK)
    with transaction.atomic(using=BULK), connections[BULK].cursor() as cursor:
        row = list_row(list_id, lock=True, using=BULK)
        if row.rail != RailKind.G2P:
            raise Refused("payments-not-by-itself")
        if row.state != ListState.APPROVED:
            raise Refused("payments-list-not-so", state=ListState(row.state).words)
        expect_signed(row, using=BULK)
        sent, after = 0, ""
        for part, rows in enumerate(paid_rows(row.id, cursor=cursor, at_once=at_once), 1):
            entered = _entered(row, part, after, rows, by)
            sent, after = sent + entered.amount_minor, entered.last
        if sent != row.amount_minor:
            raise Refused("payments-sums-differ", list=row.id)
        note_sent(row, by=by, under=under, using=BULK)
    return list_of(row)


def _entered(row: models.List, part: int, after: str, rows: list[tuple], by: Actor) -> models.Dispatch:
    now, id = clock.now(), uuid7()
    _, terms = terms_of(row.programme.code, using=BULK)
    sending = sending_of(row, terms, id.hex, rows, goes_on=now.date())
    return models.Dispatch.objects.using(BULK).create(
        id=id,
        list=row,
        part=part,
        after=after,
        last=rows[-1][0],
        payments=len(rows),
        amount_minor=sending.amount_minor,
        digest=hashlib.sha256(g2p.written(sending)).hexdigest(),
        made_by=by.id,
        made_at=now,
        next_at=now,
    )


@transaction.atomic
def send_again(list_id: UUID, part: int, *, by: Actor, under: Ground) -> None:
    """Let a part go again that was given up, or that whoever had taken it says they do not have: under the same ids."""
    by = by.narrowed(Permission.EXPORT_PAYMENTS)
    expect_live()
    rows = models.Dispatch.objects.select_for_update(of=("self",)).select_related("list__programme")
    row = rows.filter(list=list_id, part=part).first()
    if row is None or not may_go_again(row.state, row.reason):
        raise Refused("payments-dispatch-not-so")
    row.state, row.attempts, row.next_at = DispatchState.WAITING, 0, clock.now()
    row.save(update_fields=["state", "attempts", "next_at"])
    record(Event.DISPATCH_RENEWED, by=by, under=under, about_kind="payment-list", about_id=row.list_id, part=row.part)


def dispatch(*, by: Actor) -> Mapping[str, int]:
    """Hand over all that is due, ask about all that is due to be asked about, and count in what was said; return how many ended how."""
    by = by.narrowed(Permission.EXPORT_PAYMENTS)
    expect_live(using=BULK)
    done: Counter[str] = Counter()
    in_vain = 0
    for id in _due() if is_configured() else ():
        row = _begun(id, by)
        if row is None:  # another worker has it by now
            continue
        outcome = _carried(row)
        done[_ended(row, outcome, by)] += 1
        in_vain = in_vain + 1 if outcome.reason in _DOWN else 0
        if in_vain == IN_VAIN:
            break
    return done


def _due() -> list[UUID]:
    rows = models.Dispatch.objects.using(BULK).filter(state__in=_OPEN, next_at__lte=clock.now())
    return list(rows.order_by("next_at", "id").values_list("id", flat=True))


def _begun(id: UUID, by: Actor) -> models.Dispatch | None:
    """Write that an attempt begins, and when the next one may; nothing where it is not due any more. `was_tried`: it may be there."""
    now = clock.now()
    with transaction.atomic(using=BULK):
        rows = models.Dispatch.objects.using(BULK).select_for_update(of=("self",)).select_related("list__programme")
        row = rows.filter(id=id, state__in=_OPEN, next_at__lte=now).first()
        if row is None:
            return None
        delays = DELAYS if row.state == DispatchState.WAITING else ASKS
        was_tried = row.was_tried
        row.next_at, row.attempts = now + delays[min(row.attempts, len(delays) - 1)], row.attempts + 1
        row.begun_at, row.ended_at, row.was_tried = now, None, True
        row.save(using=BULK, update_fields=["next_at", "attempts", "begun_at", "ended_at", "was_tried"])
        _record(Event.DISPATCH_ATTEMPTED, row, by)
    row.was_tried = was_tried
    return row


def _carried(row: models.Dispatch) -> Outcome:
    """Ask about what may be there already, and hand over what is not; the message is made anew, and must be what it was."""
    if row.was_tried:
        answer = ask(row.id.hex, decimals=row.list.decimals)
        if answer.reason is not None or not answer.is_unknown:
            return answer
        if row.state == DispatchState.TAKEN:
            return Outcome(DispatchReason.LOST, answer.code)
    message = _message(row)
    return Outcome(DispatchReason.CHANGED) if message is None else hand_over(row.id.hex, message, row.payments)


def _message(row: models.Dispatch) -> bytes | None:
    """Return what is handed over; nothing where it is not what was entered, or the list is not what was signed."""
    _, terms = terms_of(row.list.programme.code, using=BULK)
    with connections[BULK].cursor() as cursor:
        rows = next(paid_rows(row.list_id, cursor=cursor, at_once=row.payments, after=row.after), [])
    try:
        expect_signed(row.list, using=BULK)
        message = g2p.written(sending_of(row.list, terms, row.id.hex, rows, goes_on=row.made_at.date()))
    except Refused:
        return None
    return message if hashlib.sha256(message).hexdigest() == row.digest else None


def _ended(row: models.Dispatch, outcome: Outcome, by: Actor) -> str:
    """Write what came of an attempt, with what it tells; return the state it leads to, or why it goes on waiting."""
    state, reason = _state_after(row, outcome), outcome.reason.value if outcome.reason else ""
    is_first = state is DispatchState.TAKEN and row.state == DispatchState.WAITING
    told = {
        "state": state,
        "reason": reason,
        "code": outcome.code,
        "ended_at": clock.now(),
        **({"correlation": outcome.correlation} if outcome.correlation else {}),
        **({"attempts": 0, "next_at": clock.now() + ASKS[0]} if is_first else {}),
    }
    with transaction.atomic(using=BULK):
        # A callback may have answered it meanwhile.
        models.Dispatch.objects.using(BULK).filter(id=row.id, state__in=_OPEN).update(**told)
        receive_told(row, outcome.told, by=by.narrowed(Permission.RECONCILE_PAYMENTS), under=GROUND, using=BULK)
        _record(Event.DISPATCH_ENDED, row, by, state=state.value, reason=reason, code=outcome.code)
    return reason or state.value


def _state_after(row: models.Dispatch, outcome: Outcome) -> DispatchState:
    if row.state == DispatchState.TAKEN or outcome.reason is None:
        return DispatchState.TAKEN
    is_over = row.attempts >= len(DELAYS) or outcome.reason is DispatchReason.CHANGED
    return DispatchState.GIVEN_UP if is_over else DispatchState.WAITING


def _record(event: Event, row: models.Dispatch, by: Actor, **details: str) -> None:
    record(
        event,
        by=by,
        under=GROUND,
        about_kind="payment-list",
        about_id=row.list_id,
        using=BULK,
        part=row.part,
        payments=row.payments,
        amount_minor=row.amount_minor,
        **details,
    )
