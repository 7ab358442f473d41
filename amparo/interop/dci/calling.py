"""Requests that are answered later: acknowledged at once, and answered by a call back to an address that two people named.

A job calls, and tries again for a day; each time it asks anew, so that an agreement which ends meanwhile is not outlived.
"""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from procrastinate.contrib.django import app

from amparo.dci.codes import Ack, Action, Error, Registry, SearchReason, Status, Wrong
from amparo.dci.envelope import Header, acknowledgement, received
from amparo.dci.envelope import answer as answer_of
from amparo.interop.dci import door, looking, status
from amparo.interop.dci.asking import Asking, own_id, under
from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.profiles.languages import DEFAULT
from amparo.trust.actions.messages import Asked, begin_call, settle_call
from amparo.trust.arriving import stated_for
from amparo.trust.calling_out import NoAnswer, NotCalled, call
from amparo.trust.machines import peers
from amparo.trust.machines.kept_messages import raw_of
from amparo.trust.types import system

JOB, QUEUE = "interop.call_back", "bulk"
SECONDS = 20.0
SENT = {"Content-Type": "application/json", "Accept": "application/json"}
_ANY = tuple(Action)


class NotDelivered(Exception):
    """Whoever is called back did not take the answer; it is tried again."""


# What a request is answered by: the action, the last part of the address, and what makes the answer.
BACK: dict[Action, tuple[Action, str, Callable[[Asking, str], dict[str, Any]]]] = {
    Action.SEARCH: (Action.ON_SEARCH, "on-search", looking.search),
    Action.STATUS: (Action.ON_STATUS, "txn/on-status", status.status),
}


def search_later(asking: Asking, correlation_id: str) -> dict[str, Any]:
    """Acknowledge a search, and have it answered. What is wrong with its form, or under no agreement, is refused at once."""
    asked = looking.requests_in(asking)
    ground = under(asking, {each.purpose for each in asked})
    looking.expect_covered(ground)
    return _later(asking, "search", [each.reference_id for each in asked])


def status_later(asking: Asking, correlation_id: str) -> dict[str, Any]:
    """Acknowledge a question about a call, and have it answered."""
    status.status(asking, correlation_id)  # what is wrong with its form is refused at once
    return _later(asking, "status", [asking.message["txnstatus_request"]["reference_id"]])


def _later(asking: Asking, kind: str, references: list[str]) -> dict[str, Any]:
    address_of(asking.peer, asking.header)
    wanted = Asked(asking.kept, asking.registry.value, kind, asking.message["transaction_id"], tuple(references))
    id = begin_call(wanted, peer=asking.peer, by=asking.who.acting_under(None))
    app.configure_task(JOB, queue=QUEUE).defer(call_id=str(id))
    return acknowledgement(Ack.YES, at=asking.now, correlation_id=str(id))


def address_of(peer: peers.KnownPeer, header: Header) -> str:
    """Return where an answer is sent: the address that the message names, if it is the registered one or lies below it.

    Raises Wrong: records of people are sent there, and nobody chooses where by a message.
    """
    named, last = header.sender_uri, BACK[header.action][1]
    is_below = named == peer.callback or named.startswith(f"{peer.callback}/")
    is_plain = ".." not in named and not set("?#@\\") & set(named.removeprefix(peer.callback))
    if not peer.callback or (named and not (is_below and is_plain)):
        raise Wrong("interop-dci-callback", code=Error.SENDER_URI)
    return named or f"{peer.callback}/{last}"


def call_back(id: UUID, *, is_last: bool) -> None:
    """Answer a call. Raises NotDelivered where that was not taken, to be tried again; the last time that is its outcome."""
    known = peers.call(id)
    if known.settled_at:
        return
    asking = _asking(known)
    if asking is None:  # the machine was closed, or another address took the place of its own
        settle_call(id, _rejected(known.references), is_delivered=False, by=system("call-back"))
        return
    message, state = _answer(asking, known)
    try:
        _send(asking, message, state)
    except NotDelivered:
        if is_last:
            settle_call(id, _statuses(message, known.references), is_delivered=False, by=asking.who.acting_under(None))
        raise
    settle_call(id, _statuses(message, known.references), is_delivered=True, by=asking.who.acting_under(None))


def _asking(known: Any) -> Asking | None:
    """Return what was asked, as it came, by whoever that machine is now."""
    who, peer = peers.caller_for(known.machine_id), peers.peer_of(known.machine_id)
    if who is None or peer is None or peer.id != known.peer_id:
        return None
    found = received(json.loads(raw_of(known.kept_id)), actions=_ANY)
    message, agreements = door.opened(found), stated_for(who, on=clock.today())
    registry = Registry(known.registry)
    return Asking(registry, who, peer, known.kept_id, found.header, message, clock.now(), DEFAULT, agreements)


def _answer(asking: Asking, known: Any) -> tuple[dict[str, Any], Status]:
    """Return what is answered; where it is not covered any more, that."""
    _, _, act = BACK[asking.header.action]
    try:
        return act(asking, str(known.id)), Status.DONE
    except Refused as refused:
        told = {"transaction_id": known.transaction, "correlation_id": str(known.id)}
        parts = [looking.rejected(each, refused, asking) for each in known.references]
        return told | {"search_response": parts}, Status.REJECTED


def _send(asking: Asking, message: dict[str, Any], state: Status) -> None:
    action, now = BACK[asking.header.action][0], clock.now()
    header = Header(
        str(uuid4()),
        now,
        action,
        sender_id=own_id(),
        receiver_id=asking.peer.sender,
        total_count=asking.header.total_count,
        status=state,
    )
    whole = door.signed(answer_of(header, message), header, asking.peer, answers=asking.kept, who=asking.who)
    address = address_of(asking.peer, asking.header)
    try:
        taken = call(
            address,
            allowed=[asking.peer.callback],
            method="POST",
            headers=SENT,
            content=whole,
            seconds=SECONDS,
        )
    except (NoAnswer, NotCalled):
        raise NotDelivered(address) from None
    if not 200 <= taken.status < 300 or _is_refused(taken.body):
        raise NotDelivered(address)


def _is_refused(body: bytes) -> bool:
    """Whether an answer of 2xx says that the message was invalid."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return False
    message = told.get("message") if isinstance(told, dict) else None
    return isinstance(message, dict) and message.get("ack_status") == Ack.ERROR.value


def _statuses(message: dict[str, Any], references: list[str]) -> list[list[str]]:
    parts = message.get("search_response")
    if parts is None:
        return [[each, Status.DONE.value, ""] for each in references]
    return [[each["reference_id"], each["status"], each.get("status_reason_code", "")] for each in parts]


def _rejected(references: list[str]) -> list[list[str]]:
    return [[each, Status.REJECTED.value, SearchReason.CRITERIA.value] for each in references]
