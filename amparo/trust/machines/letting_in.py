"""How a partner's machine is let in: by its secret, or by a token that it signed with its key. There is no other way.

Errors  NotBelieved, the same whatever was wrong; TooOften before anything is compared
"""

from dataclasses import dataclass
from hmac import compare_digest
from uuid import UUID

from amparo.trust.identity.guessing import Attempt, guessing
from amparo.trust.log.recording import record, record_denial
from amparo.trust.machines.asking import Caller, caller, hashed, keys_of, letting_in, token_of
from amparo.trust.machines.assertion import TYPES, Expected, expect_own
from amparo.trust.machines.jose import NotBelieved, Why, content_of, fitting, header_of
from amparo.trust.models import Credential
from amparo.trust.types import CredentialKind, Event


@dataclass(frozen=True)
class Shown:
    """What a machine shows to be let in: its id, and either its secret or a token that it signed with its key."""

    machine: str
    secret: str = ""
    assertion: str = ""


def let_in(shown: Shown, *, address: str, audience: str) -> tuple[str, Caller]:
    """Return a token for a machine and who it is. Raises NotBelieved, or TooOften before anything is compared.

    Failures count against the machine's name as this address tries it: nobody elsewhere can keep the machine out. A new
    credential begins the count anew, so that a program which went on with the old one is not kept out with the new.
    """
    with guessing(Attempt(f"name:machine:{shown.machine}:{address}:{_newest(shown)}", address=address)) as outcome:
        credential, why = _compared(shown, audience)
        if credential:
            outcome.right()
    if credential is None:
        record_denial(by=None, asked="api-token", reason=f"trust-machine-not-believed {why}")
        raise NotBelieved(why)
    who = caller(credential)
    record(
        Event.MACHINE_LET_IN,
        by=who.acting_under(None),
        about_kind="machine",
        about_id=who.machine,
        credential=str(who.credential),
        kind=credential.kind,
    )
    return token_of(credential), who


def _newest(shown: Shown) -> str:
    """Return the machine's latest credential; nothing for a machine that has none, or is none."""
    id = _id(shown)
    newest = letting_in().filter(machine_id=id).order_by("-confirmed_at").first() if id else None
    return str(newest.id) if newest else ""


def _id(shown: Shown) -> UUID | None:
    """Return the id of a machine as it is written, in the one way that counts: else each way would be counted by itself."""
    try:
        id = UUID(shown.machine)
    except ValueError:
        return None
    return id if str(id) == shown.machine else None


def _compared(shown: Shown, audience: str) -> tuple[Credential | None, Why]:
    id = _id(shown)
    if id is None:
        return None, Why.UNKNOWN
    try:
        if shown.assertion:
            return _by_assertion(id, shown.assertion, audience), Why.UNKNOWN
        return _by_secret(id, shown.secret)
    except NotBelieved as refused:
        return None, refused.why


def _by_secret(machine: UUID, secret: str) -> tuple[Credential | None, Why]:
    shown = hashed(secret)
    rows = letting_in().filter(machine_id=machine, kind=CredentialKind.SECRET.value)
    return next((each for each in rows if compare_digest(each.secret_hash, shown)), None), Why.SECRET


def _by_assertion(machine: UUID, token: str, audience: str) -> Credential:
    header = header_of(token, types=TYPES)
    keys = keys_of(machine)
    key = fitting(header, [each.jwk for each in keys.values()])
    expect_own(content_of(token, header, key), Expected(machine, audience))
    return keys[key["kid"]]
