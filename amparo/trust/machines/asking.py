"""Reads of partners' machines: who asks, by which token, and under which of their agreements."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.db.models import F, Q, QuerySet
from django.utils.crypto import salted_hmac

from amparo.kernel import clock
from amparo.kernel.errors import NotFound
from amparo.trust.covering import Direction, State
from amparo.trust.machines.jose import NotBelieved, Why
from amparo.trust.models import Agreement, Credential, Machine
from amparo.trust.types import Actor, CredentialKind, Permission, partner

TOKEN_HOLDS = timedelta(minutes=5)
_LONGEST = 500


@dataclass(frozen=True)
class Caller:
    """A machine that was let in, as it stands at this request."""

    machine: UUID
    credential: UUID
    organisation: UUID
    code: str
    agreements: tuple[str, ...]
    must_sign: bool

    def acting_under(self, agreement: UUID | None) -> Actor:
        return partner(self.organisation, agreement=agreement, machine=self.machine)


def token_of(credential: Credential) -> str:
    """Return a token by which the machine is known for some minutes. What it may do is asked anew at each request."""
    until = int((clock.now() + TOKEN_HOLDS).timestamp())
    return _signer().sign_object({"credential": str(credential.id), "until": until})


def caller_of(token: str) -> Caller:
    """Return who asks by a token. Raises NotBelieved, also once the machine was closed or its credential ended."""
    credential = letting_in().filter(id=credential_of(token)).first()
    if credential is None:
        raise NotBelieved(Why.UNKNOWN)
    return caller(credential)


def credential_of(token: str) -> UUID:
    """Return the credential that a token was given for; whether that still lets in is not asked here. Raises NotBelieved."""
    try:
        if len(token) > _LONGEST:
            raise NotBelieved(Why.TOKEN)
        said = _signer().unsign_object(token)
    except (BadSignature, ValueError):
        raise NotBelieved(Why.TOKEN) from None
    if said["until"] < clock.now().timestamp():
        raise NotBelieved(Why.EXPIRED)
    return UUID(said["credential"])


def _signer() -> Signer:
    return Signer(salt="amparo.trust.machine", sep=".")


def hashed(secret: str) -> str:
    """Return what is kept of a secret. It has 256 bits, which nobody guesses: a fast hash, with a key of ours, serves."""
    return salted_hmac("amparo.trust.machine-secret", secret, algorithm="sha256").hexdigest()


def caller(credential: Credential) -> Caller:
    machine = credential.machine
    return Caller(
        machine=machine.id,
        credential=credential.id,
        organisation=machine.organisation_id,
        code=machine.organisation.code,
        agreements=tuple(machine.agreements),
        must_sign=machine.must_sign,
    )


def letting_in() -> QuerySet[Credential]:
    """Return the credentials that let somebody in now: confirmed, not ended, not too old, of a machine that is open."""
    rows = Credential.objects.select_related("machine__organisation").filter(confirmed_at__isnull=False, ended_at=None)
    return rows.filter(until__gt=clock.now(), machine__closed_at=None)


def keys_of(machine: UUID) -> dict[str, Credential]:
    """Return the keys that a machine signs with now, each by its name."""
    rows = letting_in().filter(machine_id=machine, kind=CredentialKind.KEY.value)
    return {each.jwk["kid"]: each for each in rows}


def agreement_of(who: Caller, code: str, *, on: date) -> Agreement:
    """Return the version of an agreement that a machine acts under on a day; where none holds, the one that tells why.

    Raises NotFound for an agreement that the machine was not opened for, as for one that does not exist.
    """
    if code in who.agreements and (row := standing_of(_signed(who).filter(code=code), on)):
        return row
    raise NotFound("trust-agreement-unknown")


def agreements_of(who: Caller, *, on: date) -> list[Agreement]:
    """Return the agreements that a machine was opened for, each in the version that stands on a day."""
    rows = _signed(who).filter(code__in=who.agreements)
    by_code = {code: [each for each in rows if each.code == code] for code in sorted(set(who.agreements))}
    return [row for versions in by_code.values() if (row := standing_of(versions, on))]


def partner_of(row: Agreement) -> UUID:
    """Return the side of an agreement that is not the registry's own."""
    return row.consumer_id if row.direction == Direction.OUT else row.provider_id


def of_partner(organisation: UUID) -> Q:
    """Return which agreements are with an organisation: what it gets, and what it gives."""
    return Q(consumer_id=organisation, direction=Direction.OUT.value) | Q(
        provider_id=organisation, direction=Direction.IN.value
    )


def _signed(who: Caller) -> QuerySet[Agreement]:
    """Return what the machine's own organisation gets or gives by agreements that somebody has signed, the newest first."""
    rows = Agreement.objects.select_related("provider", "consumer", "purpose")
    theirs = rows.filter(of_partner(who.organisation))
    return theirs.exclude(state=State.DRAFTED.value).order_by("code", "-version")


def standing_of(versions: Iterable[Agreement], on: date) -> Agreement | None:
    """Return the version in force on a day, else the newest."""
    known = list(versions)
    holding = (each for each in known if each.state == State.IN_FORCE and each.starts_on <= on <= each.ends_on)
    return next(holding, known[0] if known else None)


def machines_under(agreement: Agreement, *, by: Actor) -> list[Machine]:
    """Return the machines that were opened for an agreement, with what they are let in by; those closed last."""
    by.narrowed(Permission.READ_AGREEMENT)
    rows = Machine.objects.filter(agreements__contains=[agreement.code], organisation_id=partner_of(agreement))
    return list(rows.prefetch_related("credentials").order_by(F("closed_at").asc(nulls_first=True), "opened_at"))


def may_add(agreement: Agreement, *, by: Actor) -> list[str]:
    """Return the other agreements with the same partner, by code: a machine may be opened for them too."""
    by.narrowed(Permission.READ_AGREEMENT)
    rows = Agreement.objects.filter(of_partner(partner_of(agreement)))
    return sorted(set(rows.exclude(code=agreement.code).values_list("code", flat=True)))
