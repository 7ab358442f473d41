"""Header and message: what every message of the standard has around it.

Shape   JSON as it was parsed in, a `Received` out; and the other way round
Units   instants of RFC 3339 with an offset; a message is new for five minutes, and one more for clocks that differ
Nulls   a member that is null or "" is as if it were not there; what must be there is refused without
Errors  Wrong, with the place of what is wrong and never its value
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from amparo.dci.codes import VERSION, Ack, Action, Code, Error, HeaderReason, Status, Wrong

HOLDS, SKEW = timedelta(minutes=5), timedelta(minutes=1)
LONGEST = 99
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)
_LOCALE = re.compile(r"[a-z]{3}")
_NAME = re.compile(r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?")
# What stands in the place of a signature where there is none.
UNSIGNED = ("", "unsigned", "unsigned-stub")


@dataclass(frozen=True)
class Header:
    """What a message says of itself. `status`: of answers and of events only; `total_count` None: not stated."""

    message_id: str
    message_ts: datetime
    action: Action
    sender_id: str = ""
    receiver_id: str = ""
    sender_uri: str = ""
    total_count: int | None = None
    status: Status | None = None
    is_encrypted: bool = False
    meta: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Received:
    """A message as it came. `signed`: header and message, untouched, which a signature is of; `signature` "": none."""

    header: Header
    message: Mapping[str, Any]
    signature: str
    signed: Mapping[str, Any]


def received(body: Any, *, actions: tuple[Action, ...], is_answer: bool = False) -> Received:
    """Read a message that must be for one of these actions. `is_answer`: it has the header of answers and events.

    Raises Wrong. Whether it is signed, new and believed is asked afterwards.
    """
    whole = _object(body, "")
    sent, message = _object(whole.get("header"), "header"), _object(whole.get("message"), "message")
    header = _header(sent, is_answer=is_answer)
    if header.action not in actions:
        raise Wrong("dci-action-wrong", code=HeaderReason.ACTION, action=actions[0].value)
    signature = whole.get("signature") or ""
    if not isinstance(signature, str):
        raise _wrong("signature")
    signed = {"header": whole["header"], "message": whole["message"]}
    return Received(header, message, "" if signature in UNSIGNED else signature, signed)


def _header(sent: Mapping[str, Any], *, is_answer: bool) -> Header:
    if sent.get("version") not in (VERSION, None, ""):
        raise Wrong("dci-version-unknown", code=HeaderReason.VERSION, known=VERSION)
    if sent.get("action") not in list(Action):
        raise Wrong("dci-action-unknown", code=HeaderReason.ACTION)
    count, meta, sealed = sent.get("total_count"), sent.get("meta") or {}, sent.get("is_msg_encrypted") or False
    if (count is None and not is_answer) or (count is not None and not _is_count(count)):
        raise Wrong("dci-count-wrong", code=HeaderReason.COUNT)
    if is_answer and sent.get("status") not in list(Status):
        raise _wrong("header.status")
    if not isinstance(sealed, bool):
        raise _wrong("header.is_msg_encrypted")
    return Header(
        message_id=text(sent, "message_id", at="header"),
        message_ts=instant(sent.get("message_ts"), at="header.message_ts", code=HeaderReason.MESSAGE_TS),
        action=Action(sent["action"]),
        sender_id=text(sent, "sender_id", at="header", code=Error.SENDER, is_needed=not is_answer, most=300),
        receiver_id=text(sent, "receiver_id", at="header", code=Error.RECEIVER, is_needed=False, most=300),
        sender_uri=text(sent, "sender_uri", at="header", code=Error.SENDER_URI, is_needed=False, most=2_000),
        total_count=count,
        status=Status(sent["status"]) if is_answer else None,
        is_encrypted=sealed,
        meta=_object(meta, "header.meta"),
    )


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31


def expect_new(header: Header, *, now: datetime) -> None:
    """Raise Wrong for a message whose time is not now. Whether it came before is not known here."""
    if not now - HOLDS - SKEW <= header.message_ts <= now + SKEW:
        raise Wrong("dci-message-old", code=HeaderReason.MESSAGE_TS, minutes=int(HOLDS.total_seconds()) // 60)


def expect_count(header: Header, count: int, *, most: int) -> None:
    """Raise Wrong unless a message holds as many requests as it says, and not more than are taken."""
    if count > most:
        raise Wrong("dci-count-too-many", code=HeaderReason.COUNT_LIMIT, most=most)
    if not count or header.total_count != count:
        raise Wrong("dci-count-wrong", code=HeaderReason.COUNT)


def instant(value: Any, *, at: str, code: Code = Error.BAD) -> datetime:
    """Return an instant that is written with its offset. Raises Wrong, with the place."""
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            pass  # the 31st of February
    raise Wrong("dci-instant-wrong", code=code, at=at)


@lru_cache(maxsize=64)
def stamp(at: datetime) -> str:
    """Return an instant as the standard writes it, in UTC to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def text(
    sent: Mapping[str, Any],
    name: str,
    *,
    at: str,
    code: Code = Error.BAD,
    is_needed: bool = True,
    most: int = LONGEST,
) -> str:
    """Return a member that is a text of printable ASCII; "" for one that need not be there and is not. Raises Wrong."""
    value = sent.get(name)
    if value in (None, "") and not is_needed:
        return ""
    if isinstance(value, str) and len(value) <= most and _NAME.fullmatch(value):
        return value
    raise _wrong(f"{at}.{name}" if at else name, code)


def locale(sent: Mapping[str, Any], *, at: str) -> str:
    """Return the language that an answer is wanted in; "": none said."""
    value = sent.get("locale")
    if value in (None, ""):
        return ""
    if isinstance(value, str) and _LOCALE.fullmatch(value):
        return value
    raise _wrong(f"{at}.locale")


def _object(value: Any, at: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(at or "body")
    return value


def _wrong(at: str, code: Code = Error.BAD) -> Wrong:
    return Wrong("dci-form-wrong", code=code, at=at)


def acknowledgement(
    ack: Ack, *, at: datetime, correlation_id: str, error: tuple[Code, str] | None = None
) -> dict[str, Any]:
    """Return what is said of a message at once. `error`: code and words; without it there is no such member."""
    told: dict[str, Any] = {"ack_status": ack.value, "timestamp": stamp(at), "correlation_id": correlation_id}
    if error:
        told["error"] = {"code": error[0].value, "message": error[1][:999]}
    return {"message": told}


def request(header: Header, message: Mapping[str, Any]) -> dict[str, Any]:
    """Return a request (or an answer to a subscription, which has the same header), not signed yet."""
    said = _said(header) | {"total_count": 1 if header.total_count is None else header.total_count}
    return {"header": said, "message": message}


def answer(header: Header, message: Mapping[str, Any], *, completed: int | None = None) -> dict[str, Any]:
    """Return an answer or an event, not signed yet. `header` must have a status."""
    assert header.status is not None
    said = _said(header) | {"status": header.status.value}
    if header.total_count is not None:
        said |= {"total_count": header.total_count}
        said |= {"completed_count": header.total_count if completed is None else completed}
    return {"header": said, "message": message}


def _said(header: Header) -> dict[str, Any]:
    told = {
        "version": VERSION,
        "message_id": header.message_id,
        "message_ts": stamp(header.message_ts),
        "action": header.action.value,
        "sender_id": header.sender_id,
        "receiver_id": header.receiver_id,
        "sender_uri": header.sender_uri,
        "is_msg_encrypted": header.is_encrypted,
        "meta": dict(header.meta),
    }
    return {name: value for name, value in told.items() if value not in ("", {})}
