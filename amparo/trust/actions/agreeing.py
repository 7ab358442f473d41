"""Agreements: drafted by one, signed for both sides before two others, suspended, resumed, ended. Each step is kept."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, NotPermitted, Refused
from amparo.kernel.ids import uuid7
from amparo.trust.covering import Direction, State, Terms, state_words
from amparo.trust.eyes import is_same_human
from amparo.trust.grounds import pseudonyms
from amparo.trust.log.recording import record
from amparo.trust.models import Agreement, AgreementChange, AgreementSignature, Area, Organisation, Purpose
from amparo.trust.types import Actor, Event, OrganisationConfig, Permission, Side, Signatory

# From which states an agreement may be brought to a state. What is ended stays ended.
MAY_FOLLOW: dict[State, frozenset[State]] = {
    State.SIGNED: frozenset({State.DRAFTED}),
    State.IN_FORCE: frozenset({State.SIGNED, State.SUSPENDED}),
    State.SUSPENDED: frozenset({State.IN_FORCE}),
    State.ENDED: frozenset({State.DRAFTED, State.SIGNED, State.IN_FORCE, State.SUSPENDED}),
}


@transaction.atomic(using="owner")
def install_organisations(organisations: Sequence[OrganisationConfig], *, by: Actor) -> None:
    """Write the profile's organisations where they differ from what is held. None is taken away: agreements name them."""
    held = {each.code: each for each in Organisation.objects.using("owner")}
    changed = [each for each in organisations if _config(held.get(each.code)) != each]
    for each in changed:
        row = held.get(each.code) or _new_organisation(each.code, using="owner")
        row.name, row.is_own = each.name, each.is_own
        row.save(using="owner")
    if changed:
        record(Event.ORGANISATIONS_INSTALLED, by=by, using="owner", organisations=len(changed))


def _config(row: Organisation | None) -> OrganisationConfig | None:
    return OrganisationConfig(row.code, row.name, row.is_own) if row else None


def _new_organisation(code: str, *, using: str = "default") -> Organisation:
    id = uuid7()
    return Organisation(id=id, code=code, pseudonym_key=pseudonyms.sealed_key(id, using=using))


@transaction.atomic
def add_organisation(code: str, name: str, *, by: Actor) -> Organisation:
    """Add a partner, with a key of its own for pseudonyms."""
    by = by.narrowed(Permission.DRAFT_AGREEMENT)
    if Organisation.objects.filter(code=code).exists():
        raise Refused("trust-organisation-exists", code=code)
    row = _new_organisation(code)
    row.name = name
    row.save(force_insert=True)
    record(Event.ORGANISATION_ADDED, by=by, about_kind="organisation", about_id=row.id, code=code)
    return row


@transaction.atomic(using="owner")
def install_agreements(agreements: Sequence[tuple[str, Terms]], *, by: Actor) -> None:
    """Draft what the profile states, code and terms, where it says something new. Nobody signs it here.

    What people have drafted or changed on the pages since is left as it is, as long as the profile says the same as before.
    """
    for code, terms in agreements:
        versions = Agreement.objects.using("owner").filter(code=code).order_by("-version")
        newest, stated = versions.first(), versions.filter(drafted_by=by.id).first()
        if newest is None:
            _draft(code, terms, by=by, succeeds=None, using="owner")
        elif stated is None or _says(stated, terms):
            continue
        elif newest.state != State.DRAFTED:
            _draft(code, terms, by=by, succeeds=newest, using="owner")
        elif newest.id == stated.id:
            _amend(newest, terms, by=by, using="owner")


def _says(row: Agreement, terms: Terms) -> bool:
    return all(getattr(row, name) == value for name, value in _columns(row.code, terms, using=row._state.db).items())


@transaction.atomic
def draft_agreement(code: str, terms: Terms, *, by: Actor, succeeds: UUID | None = None) -> Agreement:
    """Draft an agreement, or the next version of one: a renewal, or a change of what is signed.

    Raises Refused where the terms do not hold together, or the code has a version already and `succeeds` is not the newest.
    """
    by = by.narrowed(Permission.DRAFT_AGREEMENT)
    newest = Agreement.objects.filter(code=code).order_by("-version").first()
    if (newest.id if newest else None) != succeeds:
        raise Refused("trust-agreement-exists", agreement=code)
    if newest and newest.state == State.DRAFTED:
        raise Refused("trust-agreement-draft-waits", agreement=code)
    return _draft(code, terms, by=by, succeeds=newest)


def _draft(code: str, terms: Terms, *, by: Actor, succeeds: Agreement | None, using: str = "default") -> Agreement:
    row = Agreement(
        code=code,
        version=succeeds.version + 1 if succeeds else 1,
        succeeds=succeeds,
        state=State.DRAFTED.value,
        drafted_by=by.id,
        drafted_at=clock.now(),
        **_columns(code, terms, using=using),
    )
    row.save(using=using, force_insert=True)
    _note(row, State.DRAFTED, by=by, using=using)
    _record(Event.AGREEMENT_DRAFTED, row, by=by, using=using)
    return row


@transaction.atomic
def amend_agreement(id: UUID, terms: Terms, *, by: Actor) -> Agreement:
    """Change a draft that nobody has signed; whoever changes it has drafted it. What is signed needs a new version."""
    by = by.narrowed(Permission.DRAFT_AGREEMENT)
    row = _locked(id)
    if row.state != State.DRAFTED:
        raise Refused("trust-agreement-signed-already", agreement=row.code)
    return _amend(row, terms, by=by)


def _amend(row: Agreement, terms: Terms, *, by: Actor, using: str = "default") -> Agreement:
    for name, value in _columns(row.code, terms, using=using).items():
        setattr(row, name, value)
    row.drafted_by, row.drafted_at = by.id, clock.now()
    row.save(using=using)
    _note(row, State.DRAFTED, by=by, using=using)
    _record(Event.AGREEMENT_AMENDED, row, by=by, using=using)
    return row


def _columns(code: str, terms: Terms, *, using: str) -> dict[str, Any]:
    """Return the terms as the table keeps them. Raises Refused where they do not hold together."""
    provider, consumer = (_organisation(each, using) for each in (terms.provider, terms.consumer))
    ours = provider if terms.direction is Direction.OUT else consumer
    if not ours.is_own or provider.is_own == consumer.is_own:
        raise Refused("trust-agreement-parties")
    if not Purpose.objects.using(using).filter(code=terms.purpose).exists():
        raise Refused("trust-purpose-unknown", purpose=terms.purpose)
    _check(terms, using)
    plain = {"direction", "areas", "period", "identifiers"}
    return {
        **{
            name: value
            for name, value in vars(terms).items()
            if name not in {"provider", "consumer", "purpose", *plain}
        },
        "provider_id": provider.id,
        "consumer_id": consumer.id,
        "purpose_id": terms.purpose,
        "direction": terms.direction.value,
        "period": terms.period.value,
        "areas": list(terms.areas),
        "identifiers": list(terms.identifiers),
        "fields": [_written(asdict(each)) for each in terms.fields],
        "asked": terms.asked_under(code),
    }


def _written(field: dict[str, Any]) -> dict[str, Any]:
    """Return a field's terms as JSON keeps them; a day as {"day": …}, to be told from a text."""
    limits = [{"day": each.isoformat()} if isinstance(each, date) else each for each in field["limits"]]
    return field | {"given": str(field["given"]), "limits": limits}


def _organisation(code: str, using: str) -> Organisation:
    try:
        return Organisation.objects.using(using).get(code=code)
    except Organisation.DoesNotExist:
        raise NotFound("trust-organisation-unknown", code=code) from None


def _check(terms: Terms, using: str) -> None:
    known = Area.objects.using(using).filter(code__in=terms.areas).count()
    if not terms.areas or known != len(set(terms.areas)) or len(set(terms.areas)) != len(terms.areas):
        raise Refused("trust-agreement-areas")
    named = [(each.grain, each.name) for each in terms.fields]
    if not named or len(set(named)) != len(named):
        raise Refused("trust-agreement-fields")
    if unsound := next((each for each in terms.fields if not each.is_sound), None):
        raise Refused("trust-agreement-limits", field=f"{unsound.grain}.{unsound.name}")
    if terms.ends_on < terms.starts_on:
        raise Refused("trust-agreement-days")
    counts = (terms.volume, 1 if terms.exchanges is None else terms.exchanges, terms.retention_days + 1)
    if min(counts) < 1 or not terms.legal_basis.strip():
        raise Refused("trust-agreement-numbers")


@transaction.atomic
def sign_agreement(id: UUID, side: Side, signatory: Signatory, *, by: Actor, on: date) -> Agreement:
    """Take down one side's signature; with the second the agreement is in force from its first day.

    Whoever drafted or amended it takes down none, and each side signs through another person, before another. A version that
    succeeds one still running ends that one when it is in force at once, and otherwise must begin after it.
    """
    by = by.narrowed(Permission.SIGN_AGREEMENT)
    row = _locked(id)
    earlier = list(row.signatures.all())
    if row.state not in (State.DRAFTED, State.SIGNED):
        raise Refused("trust-agreement-signed-already", agreement=row.code)
    drafted = row.changes.filter(state=State.DRAFTED).values_list("by_id", flat=True)
    if is_same_human(by, row.drafted_by, *drafted):
        raise NotPermitted("trust-agreement-own-draft", agreement=row.code)
    recorded = [each.recorded_by for each in earlier]
    if is_same_human(by, *recorded) or any(_same(each.name, signatory.name) for each in earlier):
        raise NotPermitted("trust-agreement-one-signer", agreement=row.code)
    if any(each.side == side for each in earlier):
        raise Refused("trust-agreement-side-signed", agreement=row.code)
    if on > row.ends_on:
        raise Refused("trust-agreement-expired", agreement=row.code, day=row.ends_on)
    AgreementSignature.objects.create(
        agreement=row,
        side=side.value,
        **vars(signatory),
        signed_on=on,
        recorded_by=by.id,
        recorded_at=clock.now(),
    )
    if earlier:
        _end_succeeded(row, by=by, on=on)
    _bring(row, State.IN_FORCE if earlier else State.SIGNED, by=by)
    _record(Event.AGREEMENT_SIGNED, row, by=by, side=side.value)
    return row


def _same(name: str, other: str) -> bool:
    return " ".join(name.split()).casefold() == " ".join(other.split()).casefold()


def _end_succeeded(row: Agreement, *, by: Actor, on: date) -> None:
    """End what a version succeeds, in the same transaction; one that begins later must leave it its last day."""
    former = row.succeeds and _locked(row.succeeds_id)
    if not former or former.state == State.ENDED or former.ends_on < row.starts_on:
        return
    if row.starts_on > on:
        raise Refused("trust-agreement-overlaps", agreement=row.code, day=former.ends_on)
    _bring(former, State.ENDED, by=by)
    _record(Event.AGREEMENT_ENDED, former, by=by, successor=row.version)


@transaction.atomic
def suspend_agreement(id: UUID, *, reason: str, by: Actor) -> Agreement:
    """Stop an agreement: the next page of an exchange under it is refused, whoever has begun it."""
    by = by.narrowed(Permission.SUSPEND_AGREEMENT)
    row = _bring(_locked(id), State.SUSPENDED, by=by, reason=reason)
    _record(Event.AGREEMENT_SUSPENDED, row, by=by)
    return row


@transaction.atomic
def resume_agreement(id: UUID, *, reason: str, by: Actor) -> Agreement:
    """Let a suspended agreement run again."""
    by = by.narrowed(Permission.SIGN_AGREEMENT)
    row = _locked(id)
    if row.state != State.SUSPENDED:
        raise Refused("trust-agreement-state-wrong", agreement=row.code, state=state_words(State(row.state)))
    _bring(row, State.IN_FORCE, by=by, reason=reason)
    _record(Event.AGREEMENT_RESUMED, row, by=by)
    return row


@transaction.atomic
def end_agreement(id: UUID, *, reason: str, by: Actor) -> Agreement:
    """End an agreement for good, or lay a draft aside."""
    by = by.narrowed(Permission.SUSPEND_AGREEMENT)
    row = _bring(_locked(id), State.ENDED, by=by, reason=reason)
    _record(Event.AGREEMENT_ENDED, row, by=by)
    return row


def _bring(row: Agreement, state: State, *, by: Actor, reason: str | None = None) -> Agreement:
    """Bring an agreement to a state, and keep that. `reason` None: the step needs none."""
    if State(row.state) not in MAY_FOLLOW[state]:
        raise Refused("trust-agreement-state-wrong", agreement=row.code, state=state_words(State(row.state)))
    if reason is not None and not reason.strip():
        raise Refused("trust-agreement-without-reason", agreement=row.code)
    row.state = state.value
    row.save(update_fields=["state"])
    _note(row, state, by=by, reason=reason or "")
    return row


def _locked(id: UUID) -> Agreement:
    try:
        return Agreement.objects.select_for_update(no_key=True, of=("self",)).get(id=id)
    except Agreement.DoesNotExist:
        raise NotFound("trust-agreement-unknown") from None


def _note(row: Agreement, state: State, *, by: Actor, reason: str = "", using: str = "default") -> None:
    AgreementChange.objects.using(using).create(
        agreement=row, state=state.value, at=clock.now(), by_id=by.id, reason=reason.strip()
    )


def _record(event: Event, row: Agreement, *, by: Actor, using: str = "default", **details: Any) -> None:
    told = {"code": row.code, "version": row.version, **details}
    record(event, by=by, using=using, about_kind="agreement", about_id=row.id, **told)
