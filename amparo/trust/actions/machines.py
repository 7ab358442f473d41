"""Machines of partners: opened for some agreements, let in by secrets and keys that a second person confirms, closed."""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, Refused
from amparo.trust.eyes import is_same_human
from amparo.trust.log.recording import record
from amparo.trust.machines.asking import hashed, of_partner, partner_of
from amparo.trust.machines.jose import public_key
from amparo.trust.models import Agreement, Credential, Machine
from amparo.trust.types import Actor, CredentialKind, Event, Permission

HOLDS = timedelta(days=365)
_SECRET_BYTES = 32


@transaction.atomic
def open_machine(
    agreement: UUID, name: str, *, by: Actor, also: Sequence[str] = (), must_sign: bool = False
) -> Machine:
    """Open a machine of an agreement's partner, for that agreement and those named beside it. Nothing lets it in yet.

    What it is opened for is never changed: for other agreements another machine is opened.
    """
    by = by.narrowed(Permission.OPEN_MACHINE)
    row = Agreement.objects.filter(id=agreement).first()
    if row is None:
        raise NotFound("trust-agreement-unknown")
    codes = sorted({row.code, *also})
    theirs = Agreement.objects.filter(of_partner(partner_of(row)), code__in=codes)
    if set(theirs.values_list("code", flat=True)) != set(codes):
        raise Refused("trust-machine-agreements")
    made = Machine.objects.create(
        organisation_id=partner_of(row),
        name=name,
        agreements=codes,
        must_sign=must_sign,
        opened_at=clock.now(),
        opened_by=by.id,
    )
    record(Event.MACHINE_OPENED, by=by, about_kind="machine", about_id=made.id, agreements=codes, must_sign=must_sign)
    return made


@transaction.atomic
def make_secret(machine: UUID, *, by: Actor) -> tuple[Credential, str]:
    """Make a secret for a machine and return it, for this once: only its hash is kept.

    It is drawn with 256 bits, which nobody guesses however fast, so that a fast hash with a key of ours serves.
    """
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    made = _made(machine, CredentialKind.SECRET, by=by, secret_hash=hashed(secret))
    return made, secret


@transaction.atomic
def register_key(machine: UUID, jwk: str, *, by: Actor) -> Credential:
    """Register the public half of a key that the partner keeps. Raises Refused for what is no such key."""
    key = public_key(jwk)
    if any(each.jwk["kid"] == key["kid"] for each in Credential.objects.filter(machine_id=machine, kind="key")):
        raise Refused("trust-key-known")
    return _made(machine, CredentialKind.KEY, by=by, jwk=key)


def _made(machine: UUID, kind: CredentialKind, *, by: Actor, **what: object) -> Credential:
    by = by.narrowed(Permission.OPEN_MACHINE)
    row = _locked(machine)
    now = clock.now()
    made = Credential.objects.create(
        machine=row, kind=kind.value, made_at=now, made_by=by.id, until=now + HOLDS, **what
    )
    record(
        Event.CREDENTIAL_MADE, by=by, about_kind="machine", about_id=row.id, credential=str(made.id), kind=kind.value
    )
    return made


@transaction.atomic
def confirm_credential(id: UUID, *, by: Actor) -> Credential:
    """Let a credential hold. Whoever made it has seen it, and whoever holds it reads by thousands: so another confirms."""
    by = by.narrowed(Permission.OPEN_MACHINE)
    row = _credential(id)
    if row.confirmed_at or row.ended_at:
        raise Refused("trust-credential-settled")
    if is_same_human(by, row.made_by):
        raise Refused("trust-credential-own")
    row.confirmed_at, row.confirmed_by = clock.now(), by.id
    row.save(update_fields=["confirmed_at", "confirmed_by"])
    _record(Event.CREDENTIAL_CONFIRMED, row, by=by)
    return row


@transaction.atomic
def end_credential(id: UUID, *, by: Actor) -> Credential:
    """End a credential: what was let in by it is refused at its next request. To stop needs nobody else."""
    by = by.narrowed(Permission.SUSPEND_AGREEMENT)
    row = _credential(id)
    if row.ended_at:
        raise Refused("trust-credential-settled")
    row.ended_at, row.ended_by = clock.now(), by.id
    row.save(update_fields=["ended_at", "ended_by"])
    _record(Event.CREDENTIAL_ENDED, row, by=by)
    return row


@transaction.atomic
def close_machine(id: UUID, *, by: Actor) -> Machine:
    """Close a machine for good: its next request is refused, whatever it is let in by."""
    by = by.narrowed(Permission.SUSPEND_AGREEMENT)
    row = _locked(id)
    row.closed_at, row.closed_by = clock.now(), by.id
    row.save(update_fields=["closed_at", "closed_by"])
    record(Event.MACHINE_CLOSED, by=by, about_kind="machine", about_id=row.id)
    return row


def _locked(id: UUID) -> Machine:
    """Return a machine that is open, held for this transaction."""
    row = Machine.objects.select_for_update(no_key=True, of=("self",)).filter(id=id).first()
    if row is None:
        raise NotFound("trust-machine-unknown")
    if row.closed_at:
        raise Refused("trust-machine-closed")
    return row


def _credential(id: UUID) -> Credential:
    row = Credential.objects.select_for_update(no_key=True, of=("self",)).filter(id=id).first()
    if row is None:
        raise NotFound("trust-machine-unknown")
    return row


def _record(event: Event, row: Credential, *, by: Actor) -> None:
    record(event, by=by, about_kind="machine", about_id=row.machine_id, credential=str(row.id), kind=row.kind)
