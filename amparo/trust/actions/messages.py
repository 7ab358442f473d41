"""Messages of partners' machines: each taken once and kept, ours kept so that they prove themselves, calls settled."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from amparo.dci.codes import Status
from amparo.dci.envelope import HOLDS, SKEW, Header
from amparo.dci.signing import canonical
from amparo.kernel import clock
from amparo.kernel.ids import uuid7
from amparo.trust import prepared
from amparo.trust.keys import encryption
from amparo.trust.keys.keyring import sealing
from amparo.trust.log.recording import audit_line, record
from amparo.trust.machines.kept_messages import FIELD_CLASS, place
from amparo.trust.machines.peers import KnownPeer
from amparo.trust.models import Call
from amparo.trust.types import Actor, Event

_KEEP = "SELECT amparo_keep_message(%s::text, %s::timestamptz, %s::text::jsonb, %s::bytea, %s::text::jsonb)"


@dataclass(frozen=True)
class Told:
    """A message as it is kept.

    `signed`   header and message
    `content`  what `canonical` makes of that, where it was made already
    `profile`, `key`  how it is signed, and the public key that its signature holds by; "" and None: it is not signed
    """

    header: Header
    signed: Mapping[str, Any]
    signature: str = ""
    profile: str = ""
    key: Mapping[str, Any] | None = None
    content: bytes | None = None

    @property
    def digest(self) -> str:
        return sha256(canonical(self.signed) if self.content is None else self.content).hexdigest()


def receive_message(
    told: Told, raw: bytes, *, peer: KnownPeer, by: Actor, key: encryption.Key | None = None
) -> UUID | None:
    """Take a message and keep it as it came, before anything is done; None for one that was taken before.

    What fails afterwards needs another message, and nothing is ever done twice. `key`: what seals it, where its use was counted already.
    """
    assert not connection.in_atomic_block  # it is taken by a transaction of its own
    name = sha256(f"dci:{told.header.message_id}".encode()).hexdigest()
    id = uuid7()
    sealed = encryption.encrypt(FIELD_CLASS, raw, place(id), key=key or sealing())
    taken = (name, clock.now() + HOLDS + 2 * SKEW)
    is_first = _keep_message(id, told, peer, by=by, event=Event.MESSAGE_RECEIVED, taken=taken, raw=sealed)
    return id if is_first else None


def sent_message(told: Told, *, peer: KnownPeer, answers: UUID | None, by: Actor) -> UUID:
    """Keep of a message of ours what proves that we sent just this: its digest, its signature, and by which key."""
    id = uuid7()
    _keep_message(id, told, peer, by=by, event=Event.MESSAGE_SENT, answers=answers)
    return id


def _keep_message(
    id: UUID,
    told: Told,
    peer: KnownPeer,
    *,
    by: Actor,
    event: Event,
    taken: tuple[str | None, datetime | None] = (None, None),
    raw: bytes | None = None,
    answers: UUID | None = None,
) -> bool:
    """Keep a message with its line of the log, by one statement; whether it was the first of its name."""
    digest = told.digest
    kept = {
        "id": str(id),
        "machine": str(peer.machine),
        "peer": str(peer.id),
        "message": told.header.message_id,
        "action": told.header.action.value,
        "at": clock.now().isoformat(),
        "profile": told.profile,
        "digest": digest,
        "signature": told.signature,
        "key": dict(told.key) if told.key else None,
        "answers": str(answers) if answers else None,
    }
    kid = told.key["kid"] if told.key else ""
    about = {"about_kind": "message", "about_id": id, "action": told.header.action.value}
    row = audit_line(event, by=by, **about, digest=digest, key=kid)
    # Not read back: the machines' door may write here, and not read.
    (is_first,) = prepared.row(_KEEP, [*taken, json.dumps(kept), raw, json.dumps(row)])
    return is_first


@dataclass(frozen=True)
class Asked:
    """What a call is about: which registry, the standard's transaction, and the references of its parts."""

    kept: UUID
    registry: str
    kind: str
    transaction: str
    references: tuple[str, ...]


@transaction.atomic
def begin_call(asked: Asked, *, peer: KnownPeer, by: Actor) -> UUID:
    """Note that an answer is owed, and return the standard's correlation id for it."""
    made = Call.objects.create(
        kept_id=asked.kept,
        machine_id=peer.machine,
        peer_id=peer.id,
        registry=asked.registry,
        kind=asked.kind,
        transaction=asked.transaction,
        references=list(asked.references),
        state=Status.RECEIVED.value,
        asked_at=clock.now(),
    )
    record(Event.CALL_BEGUN, by=by, about_kind="call", about_id=made.id, message=str(asked.kept))
    return made.id


@transaction.atomic
def settle_call(id: UUID, statuses: list[list[str]], *, is_delivered: bool, by: Actor) -> None:
    """Write down what became of each part of a call, and whether it was told."""
    state = Status.DONE if is_delivered else Status.REJECTED
    Call.objects.filter(id=id).update(state=state.value, statuses=statuses, settled_at=clock.now())
    record(Event.CALL_SETTLED, by=by, about_kind="call", about_id=id, state=state.value, parts=len(statuses))
