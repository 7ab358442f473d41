"""Reads of intake: deliveries, and the rows they set aside."""

import json
from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connections

from amparo.intake import models, quarantining
from amparo.intake.types import Batch, Phase, QuarantinedRow, SourceDelivered, State
from amparo.intake.withholding import shown_columns
from amparo.kernel.errors import NotFound
from amparo.kernel.messages import Message, message
from amparo.registry.queries import dictionary
from amparo.trust.keys.encryption import decrypt
from amparo.trust.log.recording import record
from amparo.trust.queries import actor_with_id
from amparo.trust.scope import within
from amparo.trust.types import Actor, Event, Ground, Permission

PAGE = 50
LOCK = 7267  # the kind of advisory lock a worker holds


def reason_counted(counted: dict[str, Any]) -> Message:
    """Return the words of a reason in a receipt, which counts the rows it met, whatever the other line.

    Receipts of an earlier version do not name the field.
    """
    return Message(
        counted["rule"], {"field": counted.get("field", message("intake-some-field")), "file": "…", "line": "…"}
    )


def batch_of(row: models.Batch) -> Batch:
    return Batch(
        id=row.id,
        mapping=row.mapping_name,
        source=row.source,
        observed_on=row.observed_on,
        files=tuple(row.files),
        state=State(row.state),
        phase=Phase(row.phase),
        rows=row.rows,
        refusal=Message(row.refusal["id"], row.refusal["values"]) if row.refusal else None,
        receipt=row.receipt,
        received_at=row.received_at,
        delivered_by=row.delivered_by,
        finished_at=row.finished_at,
    )


def batches(*, by: Actor, at_most: int = PAGE) -> list[Batch]:
    """Return deliveries, the newest first."""
    by.narrowed(Permission.READ_DELIVERIES)
    return [batch_of(each) for each in models.Batch.objects.order_by("-received_at", "-id")[:at_most]]


def batch(id: UUID, *, by: Actor) -> Batch:
    by.narrowed(Permission.READ_DELIVERIES)
    row = models.Batch.objects.filter(id=id).first()
    if row is None:
        raise NotFound("intake-batch-unknown")
    return batch_of(row)


def deliverer(id: UUID, *, on: date) -> Actor:
    """Return whoever delivered a batch, with what they may do today: a role that ended ends its jobs."""
    row = models.Batch.objects.using("bulk").filter(id=id).first()
    if row is None:
        raise NotFound("intake-batch-unknown")
    return actor_with_id(row.delivered_by, on=on, job="import")


def left_alone() -> list[UUID]:
    """Return the batches that wait or were being worked on, and that nobody works on: their worker died, perhaps."""
    open_states = [State.WAITING.value, State.WORKING.value]
    waiting = models.Batch.objects.using("bulk").filter(state__in=open_states).order_by("received_at")
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND classid = %s", [LOCK])
        held = {number for (number,) in cursor.fetchall()}
    return [id for id in waiting.values_list("id", flat=True) if lock_number(id) not in held]


def lock_number(id: UUID) -> int:
    """Return the number by which a batch is locked while somebody works on it."""
    return id.int & 0x7FFFFFFF


def quarantine_count(id: UUID, *, by: Actor) -> int:
    by = by.narrowed(Permission.READ_DELIVERIES)
    return within(models.Quarantine.objects.filter(batch_id=id), by).count()


def quarantine(
    id: UUID, *, by: Actor, under: Ground, after: int = -1, at_most: int = PAGE
) -> list[tuple[int, QuarantinedRow]]:
    """Return a page of the rows a batch set aside, each with its position, and what was delivered. Audited.

    Of that, the columns of fields that `by` may read wherever they reach: a row may not say where it belongs.
    """
    by = by.narrowed(Permission.READ_QUARANTINE)
    raw = models.Batch.objects.filter(id=id).values_list("mapping", flat=True).first() or {}
    columns, are_all = shown_columns(raw, dictionary(), by.classes)
    rows = within(models.Quarantine.objects.filter(batch_id=id, position__gt=after), by).order_by("position")
    found = [(each.position, _row(each, columns, are_all)) for each in rows[:at_most]]
    record(Event.QUARANTINE_READ, by=by, under=under, about_kind="batch", about_id=id, rows=len(found))
    return found


def _row(row: models.Quarantine, columns: Collection[str], are_all: bool) -> QuarantinedRow:
    place = quarantining.place(row.batch_id, row.position)
    original = decrypt(quarantining.FIELD_CLASS, bytes(row.original), place).decode()
    if original.startswith("{"):
        cells = json.loads(original)
        shown = {column: cell for column, cell in cells.items() if column in columns}
        withheld = len(shown) < len(cells)
    else:
        shown, withheld = (original, False) if are_all else ("", True)
    return QuarantinedRow(
        file=row.file,
        line=row.line,
        reasons=tuple(Message(each["id"], each["values"]) for each in row.reasons),
        original=shown,
        withheld=withheld,
    )


def delivered_last(*, by: Actor) -> dict[str, SourceDelivered]:
    """Return of each source what was taken in last, as a whole. Nobody's record."""
    by.narrowed(Permission.READ_AGREEMENT)
    rows = models.Batch.objects.filter(state=State.DONE.value, delivery_id__isnull=False)
    latest = rows.order_by("source", "-finished_at").distinct("source")
    return {each.source: SourceDelivered(each.finished_at, each.purpose, each.agreement) for each in latest}
