"""Notifications of other registries: what happened to somebody, told to us by the standard.

A source sends no token: its signature says who it is, as that of its answers does (`sources.updates.messages`).
"""

from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from django.views.decorators.csrf import csrf_exempt

from amparo.dci.codes import Ack
from amparo.dci.envelope import acknowledgement
from amparo.interop import bodies, limiting, problems, telling
from amparo.interop.bodies import JSON, parsed
from amparo.interop.dci import refusing
from amparo.interop.declaring import Asks, Declared
from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.sources.types import ConnectionConfig, Road, UpdateReason
from amparo.sources.updates import messages
from amparo.sources.updates.reading import Unread
from amparo.trust.modes import expect_on
from amparo.trust.types.modes import Part

PATH = "sources/<slug:source>/notify"


@csrf_exempt
def notified(request: HttpRequest, source: str) -> HttpResponse:
    """Answer a message in the standard's form, whatever becomes of it."""
    now = clock.now()
    try:
        limiting.count_address(request)
        expect_on(Part.SOURCES)
        if request.method != "POST":
            response = refusing.answer(request, Refused("interop-other-method", known=["POST"]), now=now)
            response.status_code, response["Allow"] = 405, "POST"
        else:
            bodies.read(request, takes=(JSON,))
            response = _taken(request, source)
    except Refused as refused:
        response = refusing.answer(request, refused, now=now)
    except problems.FAULTS as fault:
        response = refusing.answer(request, problems.refusal_of(fault), now=now)
    response["Cache-Control"] = "no-store"
    return response


notified.declared = {"POST": Declared("POST", PATH, Asks.SIGNED, (JSON,), Part.SOURCES)}  # type: ignore[attr-defined]


def _taken(request: HttpRequest, source: str) -> HttpResponse:
    """Take each event of a message, and acknowledge it; whom we know of is not told."""
    begun = telling.now()
    config = telling.source_of(source, Road.NOTIFY, asked="messages-notified")
    message = _believed(request, config)
    try:
        events = messages.events(message, config)
    except Unread as unread:
        telling.refused(config, unread)
        raise Refused("interop-body-unreadable") from None
    telling.taken(events, config, begun=begun)
    return JsonResponse(acknowledgement(Ack.NO, at=clock.now(), correlation_id=str(uuid4())))


def _believed(request: HttpRequest, config: ConnectionConfig) -> Any:
    """Return what a message says. Raises Refused where it is none, not the source's or not of now, and keeps that."""
    try:
        return messages.believed(parsed(request.body), config, now=clock.now())
    except Refused:
        telling.refused(config, Unread(UpdateReason.MALFORMED))
        raise
    except Unread as unread:
        telling.refused(config, unread)
        raise Refused("interop-body-unreadable") from None


def addresses() -> list[URLPattern]:
    """Return both addresses of the operation: the standard's path, and the short one."""
    return [
        path("sources/<slug:source>/registry/notify", notified, name="messages-notified"),
        path(PATH, notified, name="messages-notified-short"),
    ]
