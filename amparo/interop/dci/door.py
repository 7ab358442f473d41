"""What every message passes: counted, let in, read, held to its sender and signature, taken once, kept, answered and signed."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from amparo.dci import sealing, signing
from amparo.dci.codes import Action, Error, HeaderReason, Registry, Status, Wrong
from amparo.dci.envelope import Header, Received, expect_new, received
from amparo.dci.envelope import answer as answer_of
from amparo.dci.signing import Profile
from amparo.interop import bodies, limiting, problems
from amparo.interop.bodies import JSON
from amparo.interop.dci import refusing
from amparo.interop.dci.asking import Asking
from amparo.interop.declaring import Asks, Declared
from amparo.interop.modes import REGISTRIES
from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.profiles.languages import DEFAULT
from amparo.trust.actions.messages import Told, receive_message, sent_message
from amparo.trust.arriving import Arrived
from amparo.trust.log.recording import record_denial
from amparo.trust.machines.asking import Caller
from amparo.trust.machines.jose import NotBelieved, Why
from amparo.trust.machines.message_key import message_key, public_message_key, sealing_key
from amparo.trust.machines.peers import KnownPeer
from amparo.trust.modes import expect_on

# What an operation answers at once: the message of an answer, or the body of an acknowledgement.
Act = Callable[[Asking, str], dict[str, Any]]


@dataclass(frozen=True)
class Operation:
    """One operation of the standard.

    `action`    what the header of a request names; `answers` that of the answer, None where it is only acknowledged
    `is_event`  the request has the header of answers and events
    """

    path: str
    action: Action
    act: Act
    answers: Action | None = None
    is_event: bool = False
    registries: tuple[Registry, ...] = tuple(Registry)


def view(operation: Operation, registry: Registry) -> Callable[[HttpRequest], HttpResponse]:
    """Return the view of an operation in a registry, declared as one that a machine may ask."""

    @csrf_exempt
    def answered(request: HttpRequest) -> HttpResponse:
        now = clock.now()
        try:
            response = _answered(request, operation, registry, now)
        except Refused as refused:
            response = refusing.answer(request, refused, now=now, header=_header_of_refusal(request, operation))
        except Exception as fault:  # the outermost: else a page in HTML would be answered
            response = refusing.answer(request, problems.refusal_of(fault), now=now)
        response["Cache-Control"] = "no-store"
        return response

    answered.declared = {"POST": Declared("POST", operation.path, Asks.MACHINE, (JSON,), REGISTRIES[registry])}
    return answered


def _answered(request: HttpRequest, operation: Operation, registry: Registry, now: datetime) -> HttpResponse:
    arrived = _arrived(request)
    expect_on(REGISTRIES[registry])
    if request.method != "POST":
        response = refusing.answer(request, Refused("interop-other-method", known=["POST"]), now=now)
        response.status_code, response["Allow"] = 405, "POST"
        return response
    bodies.read(request, takes=(JSON,))
    who = whose_token(request, arrived).who
    asking = _asking(request, operation, registry, arrived, now)
    told = _acted(request, operation, asking)
    if operation.answers is None:
        return JsonResponse(told)
    header = Header(
        str(uuid4()),
        now,
        operation.answers,
        sender_id=request.own_id,
        receiver_id=asking.peer.sender,
        total_count=asking.header.total_count,
        status=Status.DONE,
    )
    whole = signed(answer_of(header, told), header, asking.peer, answers=asking.kept, who=who)
    return HttpResponse(whole, content_type=JSON)


def _acted(request: HttpRequest, operation: Operation, asking: Asking) -> dict[str, Any]:
    """Return what an operation answers. What nobody may ask is written down; what its agreement refuses was already."""
    try:
        return operation.act(asking, str(uuid4()))
    except Wrong as wrong:
        if wrong.code is Error.FORBIDDEN:
            by = asking.who.acting_under(None)
            record_denial(by=by, asked=request.resolver_match.view_name, reason=wrong.message.id)
        raise


def _arrived(request: HttpRequest) -> Arrived | NotBelieved:
    """Return whose token a request shows, or why nobody's; one more is counted in any case. Raises TooMany."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    try:
        if kind.lower() != "bearer" or not token:
            raise NotBelieved(Why.TOKEN)
        return limiting.machine_of(request, token.strip())
    except NotBelieved as refused:
        if refused.why is not Why.UNKNOWN:  # a token that does not hold has counted nothing yet
            limiting.count_address(request)
        return refused


def whose_token(request: HttpRequest, arrived: Arrived | NotBelieved) -> Arrived:
    """Return whose token a request shows. Raises NotBelieved, and writes that down."""
    if isinstance(arrived, NotBelieved):
        if arrived.why is not Why.EXPIRED:
            record_denial(by=None, asked=request.resolver_match.view_name, reason=f"{arrived.message.id} {arrived.why}")
        raise arrived
    return arrived


def _asking(request: HttpRequest, operation: Operation, registry: Registry, arrived: Arrived, now: datetime) -> Asking:
    """Return what is asked, once all that must hold of a message holds. What does not is written down."""
    who = arrived.who
    by = who.acting_under(None)
    try:
        found = received(bodies.parsed(request.body), actions=(operation.action,), is_answer=operation.is_event)
        peer, key = believed(request, found, arrived, now)
        told = Told(found.header, found.signed)
        if key:
            told = Told(found.header, found.signed, found.signature, peer.profile, key)
        message = opened(found)
        kept = receive_message(told, request.body, peer=peer, by=by, key=arrived.sealing)
        if kept is None:
            raise Wrong("interop-dci-message-taken", code=HeaderReason.MESSAGE_ID)
    except Refused as refused:
        record_denial(by=by, asked=request.resolver_match.view_name, reason=refused.message.id)
        raise
    language = getattr(request, "language", DEFAULT)
    return Asking(registry, who, peer, kept, found.header, message, now, language, arrived.agreements)


def believed(
    request: HttpRequest, found: Received, arrived: Arrived, now: datetime
) -> tuple[KnownPeer, dict[str, Any] | None]:
    """Return as whom a machine sends, and the key that its message was signed with. Raises Wrong."""
    peer, header = arrived.peer, found.header
    request.own_id = settings.DCI_ID or arrived.own
    if peer is None or header.sender_id not in (peer.sender, "" if header.status else peer.sender):
        raise Wrong("interop-dci-sender", code=Error.SENDER)
    expect_new(header, now=now)
    if not peer.profile:
        if arrived.who.must_sign:
            raise Wrong("dci-signature-missing", code=Error.SIGNATURE_MISSING)
        return peer, None
    if header.receiver_id != request.own_id:  # a message signed for somebody else is not for us
        raise Wrong("interop-dci-receiver", code=Error.RECEIVER)
    keys = arrived.keys
    kid = signing.expect_signed(
        found.signature, found.signed, profile=Profile(peer.profile), sender=peer.sender, keys=keys, now=now
    )
    return peer, dict(next(each for each in keys if each["kid"] == kid))


def opened(found: Received) -> dict[str, Any]:
    """Return what a message says; one that is encrypted is opened with our key."""
    return sealing.opened(found.message, sealing_key()) if found.header.is_encrypted else dict(found.message)


def signed(envelope: dict[str, Any], header: Header, peer: KnownPeer, *, answers: UUID | None, who: Caller) -> bytes:
    """Return a message of ours signed as its receiver reads it, sealed where its receiver has a key for that, and kept."""
    if peer.sealing:
        sealed = sealing.seal(envelope["message"], sealing.public(peer.sealing))
        envelope = {"header": envelope["header"] | {"is_msg_encrypted": True}, "message": sealed}
    key = message_key()
    profile = Profile(peer.profile) if peer.profile else Profile.DETACHED
    content = signing.canonical(envelope)
    signature = signing.sign_bytes(content, key, profile=profile, sender=header.sender_id, now=header.message_ts)
    told = Told(header, envelope, signature, profile.value, public_message_key(), content)
    sent_message(told, peer=peer, answers=answers, by=who.acting_under(None))
    # What is signed stands in the body as it was signed, and was written once.
    return b'{"signature":' + json.dumps(signature).encode() + b"," + content.removeprefix(b"{")


def _header_of_refusal(request: HttpRequest, operation: Operation) -> dict[str, Any] | None:
    """Return the beginning of a header that refuses one; None where none was read."""
    own = getattr(request, "own_id", "")
    action = operation.answers or operation.action
    return {"version": "1.0.0", "action": action.value, "sender_id": own} if own else None
