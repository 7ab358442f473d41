"""Messages that were kept: opened again, and proved to be what they were, years later and by nothing but what lies here.

Shape   the id of a kept message in; whether its bytes, its signature and its line in the log agree, out
Nulls   a message of ours is kept without its bytes: whoever got it brings it, and its digest and signature are compared
Errors  NotFound; what does not hold is told, and not raised
Source  docs/decisions/0041-dci.md
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from amparo.dci.codes import Wrong
from amparo.dci.signing import Profile, canonical, expect_signed
from amparo.kernel.errors import NotFound, Refused
from amparo.trust.keys import encryption
from amparo.trust.keys.sealed import SealedColumn
from amparo.trust.log.recording import record
from amparo.trust.models import Audit, KeptMessage
from amparo.trust.types import Actor, Event

FIELD_CLASS = "message"
SEALED = (
    SealedColumn("trust_keptmessage", "raw", FIELD_CLASS, place="'trust_keptmessage.raw:' || id"),
    SealedColumn("trust_subscription", "criteria", FIELD_CLASS, place="'trust_subscription.criteria:' || id"),
)
BULK = "bulk"


def place(id: UUID) -> bytes:
    return f"trust_keptmessage.raw:{id}".encode()


def raw_of(id: UUID) -> bytes:
    """Return a message that came, byte for byte. For a job, which answers it later."""
    row = KeptMessage.objects.using(BULK).get(id=id)
    return encryption.decrypt(FIELD_CLASS, row.raw, place(row.id))


@dataclass(frozen=True)
class Proved:
    """What a kept message shows. `whole`: its bytes are those that its digest is of; None: they are not here.

    `signed`    whether the signature holds, by the key and at the time that were kept; None: it was not signed
    `in_log`    whether the audit log, which is sealed, says of this id this digest and this key
    """

    id: str
    sender: str
    message: str
    action: str
    at: datetime
    profile: str
    key: str
    digest: str
    whole: bool | None
    signed: bool | None
    in_log: bool

    @property
    def holds(self) -> bool:
        return self.whole is not False and self.signed is not False and self.in_log


def proved(id: UUID, *, by: Actor, brought: bytes | None = None) -> Proved:
    """Check a kept message. `brought`: a message of ours as its receiver has it, in the place of the bytes we did not keep."""
    row = KeptMessage.objects.using(BULK).select_related("peer").filter(id=id).first()
    if row is None:
        raise NotFound("trust-message-unknown")
    signed = _signed(row, brought)
    record(Event.MESSAGE_PROVED, by=by, about_kind="message", about_id=id, using=BULK)
    whole = None if signed is None else sha256(canonical(signed)).hexdigest() == row.digest
    holds = None if signed is None or not row.signature else _holds(row, signed)
    return Proved(
        id=str(row.id),
        sender=row.peer.sender,
        message=row.message,
        action=row.action,
        at=row.at,
        profile=row.profile,
        key=(row.key or {}).get("kid", ""),
        digest=row.digest,
        whole=whole,
        signed=holds,
        in_log=_is_in_log(row),
    )


def _signed(row: KeptMessage, brought: bytes | None) -> Mapping[str, Any] | None:
    """Return header and message, from the bytes that were kept or brought; None where there are none."""
    if row.raw is None and brought is None:
        return None
    raw = brought if row.raw is None else encryption.decrypt(FIELD_CLASS, row.raw, place(row.id))
    try:
        found = json.loads(raw or b"")
        return {"header": found["header"], "message": found["message"]}
    except (ValueError, KeyError, TypeError):
        raise Refused("trust-message-unreadable") from None


def _holds(row: KeptMessage, signed: Mapping[str, Any]) -> bool:
    """Whether the signature holds by the key that was kept, at the time at which it was checked."""
    sender = signed["header"].get("sender_id", "")
    now = row.at.astimezone(UTC)
    try:
        expect_signed(row.signature, signed, profile=Profile(row.profile), sender=sender, keys=[row.key], now=now)
    except Wrong:
        return False
    return True


def _is_in_log(row: KeptMessage) -> bool:
    events = [Event.MESSAGE_RECEIVED.value, Event.MESSAGE_SENT.value]
    lines = Audit.objects.using(BULK).filter(event__in=events, about_kind="message", about_id=str(row.id))
    told = {"digest": row.digest, "key": (row.key or {}).get("kid", "")}
    return any(told.items() <= each.details.items() for each in lines)
