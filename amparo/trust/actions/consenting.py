"""Consents: given for what one agreement asks, in words that are kept, and taken back at any time."""

import hashlib
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, Refused
from amparo.trust.covering import State
from amparo.trust.log.recording import record
from amparo.trust.models import Agreement, Consent, ConsentText
from amparo.trust.reached import expect_reached
from amparo.trust.scope import within
from amparo.trust.types import Actor, ConsentKind, Event, Ground, Permission


@dataclass(frozen=True)
class Told:
    """What somebody was told before they said yes, word for word, and in which language."""

    words: str
    language: str


@transaction.atomic
def give_consent(
    person_id: UUID,
    agreement: UUID,
    *,
    told: Told,
    kind: ConsentKind,
    by: Actor,
    under: Ground,
    on: date,
    until: date | None = None,
) -> Consent:
    """Write the receipt of a person's yes to what an agreement in force hands over. One given before is replaced by it.

    Raises Refused where the agreement asks for no consent, or is not in force: nobody is asked for a yes that has no use.
    A person outside the actor's areas is refused, by the database as well.
    """
    by = by.narrowed(Permission.RECORD_CONSENT)
    asked = _asking(agreement, on)
    if not told.words.strip() or on > clock.today() or (until is not None and until < on):
        raise Refused("trust-consent-incomplete")
    expect_reached(person_id, by)
    _withdraw_live(person_id, asked.code, by=by, on=on)
    row = Consent(
        person_id=person_id,
        agreement=asked.code,
        asked=asked.asked,
        text=_text(asked.code, told),
        kind=kind.value,
        given_on=on,
        until=until,
        recorded_by=by.id,
        recorded_at=clock.now(),
    )
    row.save(force_insert=True)
    _record(Event.CONSENT_GIVEN, row, by=by, under=under, text=row.text.version, language=row.text.language)
    return row


def _asking(id: UUID, on: date) -> Agreement:
    """Return an agreement in force that asks for consent."""
    row = Agreement.objects.filter(id=id).first()
    if row is None:
        raise NotFound("trust-agreement-unknown")
    if not row.needs_consent or row.state != State.IN_FORCE or on > row.ends_on:
        raise Refused("trust-consent-not-asked", agreement=row.code)
    return row


def _text(agreement: str, told: Told) -> ConsentText:
    """Return the version of the text that has these words, a new one where none has."""
    digest = hashlib.sha256(told.words.encode()).hexdigest()
    rows = ConsentText.objects.filter(agreement=agreement, language=told.language)
    if found := rows.filter(digest=digest).first():
        return found
    latest = rows.aggregate(latest=Max("version"))["latest"] or 0
    return ConsentText.objects.create(
        agreement=agreement, language=told.language, version=latest + 1, words=told.words, digest=digest
    )


def _withdraw_live(person_id: UUID, agreement: str, *, by: Actor, on: date) -> None:
    live = within(Consent.objects.filter(person_id=person_id, agreement=agreement, withdrawn_at=None), by)
    live.update(withdrawn_on=on, withdrawn_at=clock.now(), withdrawn_by=by.id)


@transaction.atomic
def withdraw_consent(id: UUID, *, by: Actor, under: Ground | None, on: date) -> Consent:
    """Take a consent back, as an officer or as the person who gave it. The next page of any exchange is without this person; what was handed over is not undone."""
    by = by.deciding(Permission.RECORD_CONSENT)
    row = within(Consent.objects.filter(id=id), by, person="person_id").defer("area_number").select_for_update().first()
    if row is None:
        raise NotFound("trust-consent-unknown")
    if row.withdrawn_at is not None:
        raise Refused("trust-consent-withdrawn-already")
    row.withdrawn_on, row.withdrawn_at, row.withdrawn_by = on, clock.now(), by.id
    row.save(update_fields=["withdrawn_on", "withdrawn_at", "withdrawn_by"])
    _record(Event.CONSENT_WITHDRAWN, row, by=by, under=under)
    return row


def _record(event: Event, row: Consent, *, by: Actor, under: Ground | None, **details: object) -> None:
    told = {"consent": str(row.id), "agreement_code": row.agreement, **details}
    record(event, by=by, under=under, about_kind="person", about_id=row.person_id, **told)
