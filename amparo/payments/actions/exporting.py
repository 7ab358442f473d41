"""An approved list becomes files for who pays. Asked again, the same files with the same bytes.

Units   a file holds so many payments at most; its digest is SHA-256
Errors  Refused where the list's payments are not those that were signed, in a trial, and where a file made again differs
"""

import hashlib
from collections.abc import Iterator
from uuid import UUID

from django.db import connections, transaction

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.payments import models
from amparo.payments.opening import sending_of
from amparo.payments.queries.lists import list_row, paid_rows
from amparo.payments.queries.terms import terms_of
from amparo.payments.rails import WRITES
from amparo.payments.rails.sending import Sending
from amparo.payments.signing import expect_signed
from amparo.payments.types import ListState, RailKind
from amparo.trust.log.recording import record
from amparo.trust.stage import expect_live
from amparo.trust.types import Actor, Event, Ground, Permission

AT_ONCE = 25_000


def export(list_id: UUID, *, by: Actor, under: Ground, at_once: int | None = None) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of each file of an approved list. The list counts as sent once the last was taken."""
    by = by.narrowed(Permission.EXPORT_PAYMENTS)
    expect_live(may_be_demo=True)
    with transaction.atomic(), connections["default"].cursor() as cursor:
        row = list_row(list_id, lock=True)
        if row.state not in (ListState.APPROVED, ListState.EXPORTED):
            raise Refused("payments-list-not-so", state=ListState(row.state).words)
        expect_signed(row)
        _, terms = terms_of(row.programme.code)
        if row.rail not in WRITES:
            raise Refused("payments-goes-by-itself")
        write, ending = WRITES[RailKind(row.rail)]
        sent = 0
        for part, rows in enumerate(paid_rows(row.id, cursor=cursor, at_once=at_once or AT_ONCE), 1):
            sending = sending_of(row, terms, f"{row.id.hex[:28]}-{part}", rows)
            content = write(sending)
            _enter(row, part, sending, content, by)
            sent += sending.amount_minor
            yield f"{row.programme.code}-{row.cycle}-{row.part}-{part}.{ending}", content
        if sent != row.amount_minor:
            raise Refused("payments-sums-differ", list=row.id)
        note_sent(row, by=by, under=under, using="default")


def note_sent(row: models.List, *, by: Actor, under: Ground, using: str) -> None:
    """Note that a list was sent."""
    if row.state == ListState.APPROVED:
        row.state = ListState.EXPORTED
        row.save(update_fields=["state"], using=using)
    record(
        Event.LIST_EXPORTED,
        by=by,
        under=under,
        using=using,
        about_kind="payment-list",
        about_id=row.id,
        programme=row.programme.code,
        cycle=row.cycle,
        payments=row.payments,
        amount_minor=row.amount_minor,
    )


def _enter(row: models.List, part: int, sending: Sending, content: bytes, by: Actor) -> None:
    """Enter a file in the ledger; one made again must be the same."""
    made = {
        "payments": len(sending.payments),
        "amount_minor": sending.amount_minor,
        "digest": hashlib.sha256(content).hexdigest(),
    }
    entered, _ = models.Export.objects.get_or_create(
        list=row, part=part, defaults={**made, "made_by": by.id, "made_at": clock.now()}
    )
    if entered.digest != made["digest"]:
        raise Refused("payments-file-differs", list=row.id, part=part)
