"""Lets somebody who was erased be delivered again: decided by a person who has seen the row, on a ground."""

import json
from uuid import UUID

from django.db import transaction

from amparo.intake import models, quarantining
from amparo.intake.config import mapping as check_mapping
from amparo.kernel.errors import NotFound, Refused
from amparo.registry import erased
from amparo.registry.queries import dictionary
from amparo.registry.schemes import normalised_identifier
from amparo.trust.keys.encryption import decrypt
from amparo.trust.log.recording import record
from amparo.trust.scope import within
from amparo.trust.types import Actor, Event, Ground, Permission

ERASED = "intake-erased"


@transaction.atomic
def admit(batch_id: UUID, position: int, *, ground: str, by: Actor, under: Ground) -> None:
    """Let deliveries bring whom a row that was set aside names. The next delivery of the row is taken in.

    Raises NotFound for a row that is not there, Refused without a ground, and for a row that was set aside for another
    reason or names nobody who is still kept out.
    """
    by.narrowed(Permission.PROPOSE_ERASURE)
    by = by.narrowed(Permission.READ_QUARANTINE)
    if not ground.strip():
        raise Refused("trust-erasure-without-ground")
    rows = models.Quarantine.objects.filter(batch_id=batch_id, position=position)
    row = within(rows, by).select_related("batch").first()
    if row is None:
        raise NotFound("intake-row-unknown")
    is_erased = any(each["id"] == ERASED for each in row.reasons)
    if not is_erased or not erased.admit(_named(row), ground=ground.strip(), by=by):
        raise Refused("intake-row-not-erased")
    record(Event.ERASED_LET_IN, by=by, under=under, about_kind="batch", about_id=batch_id, position=position)


def _named(row: models.Quarantine) -> set[tuple[str, str]]:
    """Return by which (scheme, number) a row names a person."""
    opened = decrypt(quarantining.FIELD_CLASS, bytes(row.original), quarantining.place(row.batch_id, row.position))
    cells = json.loads(opened)
    checked = check_mapping(dict(row.batch.mapping), dictionary(), row.batch.mapping_name)
    found = set()
    for part in (part for table in checked.tables for part in table.parts if part.grain == "person"):
        found |= {(each.scheme, normalised_identifier(str(cells.get(each.column) or ""))) for each in part.identifiers}
        key = "/".join(str(cells.get(each) or "").strip() for each in part.key)
        found.add(erased.of_record(row.batch.source, key))
    return found
