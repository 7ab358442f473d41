"""How machines of partners speak by messages: named by one person, confirmed by another, ended by anybody who may stop."""

import json
from typing import Any
from uuid import UUID

from django.db import transaction
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from amparo.dci.signing import Profile
from amparo.kernel import clock
from amparo.kernel.errors import NotFound, Refused
from amparo.trust.calling_out import NotCalled, place_of
from amparo.trust.eyes import is_same_human
from amparo.trust.log.recording import record
from amparo.trust.machines.jose import LEAST_BITS
from amparo.trust.models import Machine, Peer
from amparo.trust.types import Actor, Event, Permission

_LONGEST = 300


@transaction.atomic
def name_peer(
    machine: UUID, sender: str, *, by: Actor, profile: str = "", callback: str = "", sealing: str = ""
) -> Peer:
    """State as whom a machine sends, how it signs ("": not at all), and where answers may be sent ("": nowhere).

    `sealing`: the public RSA key, as JWK, that what is sent there is encrypted with. Raises Refused for what cannot be.
    """
    by = by.narrowed(Permission.OPEN_MACHINE)
    row = Machine.objects.filter(id=machine).first()
    if row is None:
        raise NotFound("trust-machine-unknown")
    if row.closed_at:
        raise Refused("trust-machine-closed")
    if not 0 < len(sender) <= _LONGEST or not sender.isascii() or not sender.isprintable():
        raise Refused("trust-peer-sender")
    if profile not in ("", *Profile) or (row.must_sign and not profile):
        raise Refused("trust-peer-profile", known=[each.value for each in Profile])
    if callback:
        _expect_address(callback)
    made = Peer.objects.create(
        machine=row,
        sender=sender,
        profile=profile,
        callback=callback.rstrip("/"),
        sealing=_public(sealing) if sealing else None,
        made_at=clock.now(),
        made_by=by.id,
    )
    _record(Event.PEER_NAMED, made, by=by)
    return made


def _expect_address(callback: str) -> None:
    try:
        place_of(callback)
    except NotCalled:
        raise Refused("trust-peer-callback") from None


def _public(text: str) -> dict[str, Any]:
    """Return the public half of an RSA key, with its name. Raises Refused."""
    try:
        sent = json.loads(text)
        key = RSAKey.import_key({name: sent[name] for name in ("kty", "n", "e")})
    except (JoseError, ValueError, TypeError, KeyError):
        raise Refused("trust-key-unreadable") from None
    if key.public_key.key_size < LEAST_BITS:
        raise Refused("trust-key-unfit")
    return key.as_dict(private=False) | {"kid": str(sent.get("kid") or key.thumbprint()), "use": "enc"}


@transaction.atomic
def confirm_peer(id: UUID, *, by: Actor) -> Peer:
    """Let it hold, in the place of what held before. Where answers are sent, people's records are sent: so another confirms."""
    by = by.narrowed(Permission.OPEN_MACHINE)
    row = _peer(id)
    if row.confirmed_at or row.ended_at:
        raise Refused("trust-peer-settled")
    if is_same_human(by, row.made_by):
        raise Refused("trust-peer-own")
    live = Peer.objects.select_for_update(no_key=True).filter(confirmed_at__isnull=False, ended_at=None)
    if live.filter(sender=row.sender).exclude(machine_id=row.machine_id).exists():
        raise Refused("trust-peer-taken")
    for each in live.filter(machine_id=row.machine_id):
        _end(each, by=by)
    row.confirmed_at, row.confirmed_by = clock.now(), by.id
    row.save(update_fields=["confirmed_at", "confirmed_by"])
    _record(Event.PEER_CONFIRMED, row, by=by)
    return row


@transaction.atomic
def end_peer(id: UUID, *, by: Actor) -> Peer:
    """End it: the machine's next message is refused, and nothing is sent there any more. To stop needs nobody else."""
    by = by.narrowed(Permission.SUSPEND_AGREEMENT)
    row = _peer(id)
    if row.ended_at:
        raise Refused("trust-peer-settled")
    _end(row, by=by)
    return row


def _end(row: Peer, *, by: Actor) -> None:
    row.ended_at, row.ended_by = clock.now(), by.id
    row.save(update_fields=["ended_at", "ended_by"])
    _record(Event.PEER_ENDED, row, by=by)


def _peer(id: UUID) -> Peer:
    row = Peer.objects.select_for_update(no_key=True, of=("self",)).filter(id=id).first()
    if row is None:
        raise NotFound("trust-machine-unknown")
    return row


def _record(event: Event, row: Peer, *, by: Actor) -> None:
    record(event, by=by, about_kind="machine", about_id=row.machine_id, peer=str(row.id), profile=row.profile)
