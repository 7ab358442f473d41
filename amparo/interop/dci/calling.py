"""Requests that are answered later: acknowledged at once, and answered by a call back to an address that two people named.

A job calls, and tries again for a day; each time it asks anew, so that an agreement which ends meanwhile is not outlived.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from procrastinate.contrib.django import app

from amparo.dci.codes import Ack, Action, Error, Registry, SearchReason, Status, Wrong
from amparo.dci.envelope import Header, acknowledgement, received
from amparo.dci.envelope import answer as answer_of
from amparo.dci.envelope import request as request_of
from amparo.dci.subscribing import codes_in
from amparo.interop.dci import door, looking, status, subscribing
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


Act = Callable[[Asking, str], dict[str, Any]]
# From what was asked, the references of its parts, and a refusal: what is answered of each.
Refuse = Callable[[Asking, list[str], Refused], dict[str, Any]]


@dataclass(frozen=True)
class Back:
    """How a request is answered later: by which action, at the last part of which address, by what, and where it is refused.

    `has_state`  the answer has the header of answers; the standard gives those to subscriptions that of requests
    """

    action: Action
    last: str
    act: Act
    refuse: Refuse
    has_state: bool = True


def _searches_refused(asking: Asking, references: list[str], refused: Refused) -> dict[str, Any]:
    return {"search_response": [looking.rejected(each, refused, asking) for each in references]}


BACK: dict[Action, Back] = {
    Action.SEARCH: Back(Action.ON_SEARCH, "on-search", looking.search, _searches_refused),
    Action.STATUS: Back(Action.ON_STATUS, "txn/on-status", status.status, _searches_refused),
    Action.SUBSCRIBE: Back(
        Action.ON_SUBSCRIBE, "on-subscribe", subscribing.subscribe, subscribing.refused_whole, has_state=False
    ),
    Action.UNSUBSCRIBE: Back(
        Action.ON_UNSUBSCRIBE, "on-unsubscribe", subscribing.unsubscribe, subscribing.not_ended, has_state=False
    ),
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


def subscribe_later(asking: Asking, correlation_id: str) -> dict[str, Any]:
    """Acknowledge a subscription, and have it answered. What is wrong with its form, or under no agreement, is refused at once."""
    wishes, _ = subscribing.wishes_under(asking)
    return _later(asking, "subscribe", [each.reference_id for each in wishes])


def unsubscribe_later(asking: Asking, correlation_id: str) -> dict[str, Any]:
    """Acknowledge that some subscriptions are to end, and have it answered."""
    return _later(asking, "unsubscribe", codes_in(asking.message))


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
    named, last = header.sender_uri, BACK[header.action].last
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
    back = BACK[asking.header.action]
    try:
        return back.act(asking, str(known.id)), Status.DONE
    except Refused as refused:
        told = {"transaction_id": known.transaction, "correlation_id": str(known.id)}
        return told | back.refuse(asking, known.references, refused), Status.REJECTED


def _send(asking: Asking, message: dict[str, Any], state: Status) -> None:
    back = BACK[asking.header.action]
    header = Header(
        str(uuid4()),
        clock.now(),
        back.action,
        sender_id=own_id(),
        receiver_id=asking.peer.sender,
        total_count=asking.header.total_count,
        status=state,
    )
    envelope = answer_of(header, message) if back.has_state else request_of(header, message)
    whole = door.signed(envelope, header, asking.peer, answers=asking.kept, who=asking.who)
    deliver(whole, address_of(asking.peer, asking.header), peer=asking.peer)


def deliver(whole: bytes, address: str, *, peer: peers.KnownPeer) -> None:
    """Send a message of ours to a partner's registered address. Raises NotDelivered where it is not taken."""
    try:
        taken = call(
            address,
            allowed=[peer.callback],
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
    parts = message.get("search_response", message.get("subscribe_response"))
    if parts is None:
        state, code = message.get("status", Status.DONE.value), message.get("status_reason_code", "")
        return [[each, state, code] for each in references]
    return [[each["reference_id"], each["status"], each.get("status_reason_code", "")] for each in parts]


def _rejected(references: list[str]) -> list[list[str]]:
    return [[each, Status.REJECTED.value, SearchReason.CRITERIA.value] for each in references]
