"""Mandates: taken down at the office from a document, and taken back by whoever gave them, at once."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db import transaction

from amparo.kernel import clock
from amparo.kernel.dates import add_months
from amparo.kernel.errors import NotFound, Refused
from amparo.trust.actions.inviting import Proof
from amparo.trust.grounds.mandates import MandateScope
from amparo.trust.log.recording import record
from amparo.trust.models import Mandate
from amparo.trust.reached import expect_reached
from amparo.trust.scope import within
from amparo.trust.types import Actor, Event, Ground, Permission

MOST_MONTHS = 60  # five years; a longer one is taken down again


@transaction.atomic
def record_mandate(
    person_id: UUID,
    holder_id: UUID,
    *,
    scope: Collection[MandateScope],
    proof: Proof,
    by: Actor,
    under: Ground,
    on: date,
    until: date,
) -> Mandate:
    """Write that from a day to another one person may act for another, as a document says that the officer saw.

    Raises Refused without scope, proof or end, or for longer than five years: a mandate that nobody remembers is a hole.
    """
    by = by.narrowed(Permission.RECORD_MANDATE)
    if not scope or not proof.kind or person_id == holder_id or not on <= until <= add_months(on, MOST_MONTHS):
        raise Refused("trust-mandate-incomplete", months=MOST_MONTHS)
    expect_reached(person_id, by)
    row = Mandate(
        person_id=person_id,
        holder_id=holder_id,
        scope=sorted(each.value for each in scope),
        proof=proof.kind,
        proof_number=proof.number,
        starts_on=on,
        ends_on=until,
        recorded_by=by.id,
        recorded_at=clock.now(),
    )
    row.save(force_insert=True)
    _record(Event.MANDATE_RECORDED, row, by=by, under=under, proof=proof.kind, until=until.isoformat())
    return row


@transaction.atomic
def revoke_mandate(id: UUID, *, by: Actor, under: Ground | None, on: date) -> Mandate:
    """Take a mandate back: by an officer, or by the person who gave it, for whom nobody else may."""
    by = by.deciding(Permission.RECORD_MANDATE)
    row = within(Mandate.objects.filter(id=id), by, person="person_id").defer("area_number").select_for_update().first()
    if row is None:
        raise NotFound("trust-mandate-unknown")
    if row.revoked_at is not None:
        raise Refused("trust-mandate-revoked-already")
    row.revoked_on, row.revoked_at, row.revoked_by = on, clock.now(), by.id
    row.save(update_fields=["revoked_on", "revoked_at", "revoked_by"])
    _record(Event.MANDATE_REVOKED, row, by=by, under=under)
    return row


def _record(event: Event, row: Mandate, *, by: Actor, under: Ground | None, **details: object) -> None:
    told = {"mandate": str(row.id), "scope": row.scope, **details}
    record(event, by=by, under=under, about_kind="person", about_id=row.person_id, **told)
