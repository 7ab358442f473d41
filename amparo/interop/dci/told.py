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
from amparo.interop import problems, telling
from amparo.interop.bodies import JSON, parsed
from amparo.interop.dci import refusing
from amparo.interop.declaring import Asks, Declared
from amparo.interop.door import door
from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.sources.types import ConnectionConfig, Road, UpdateReason
from amparo.sources.updates import messages
from amparo.sources.updates.reading import Unread
from amparo.trust.types.modes import Part

PATH = "sources/<slug:source>/notify"


def notified(request: HttpRequest, source: str) -> HttpResponse:
    """Take each event of a message, and acknowledge it; whom we know of is not told."""
    begun, now = telling.now(), clock.now()
    try:
        config = telling.source_of(source, Road.NOTIFY, asked="messages-notified")
        telling.taken(messages.events(_believed(request, config), config), config, begun=begun)
    except Unread as unread:  # a message of theirs, without events that can be read
        telling.refused(config, unread)
        return refusing.answer(request, Refused("interop-body-unreadable"), now=now)
    except Refused as refused:
        return refusing.answer(request, refused, now=now)
    except problems.FAULTS as fault:
        return refusing.answer(request, problems.refusal_of(fault), now=now)
    return JsonResponse(acknowledgement(Ack.NO, at=now, correlation_id=str(uuid4())))


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
    view = csrf_exempt(door(notified, {"POST": Declared("POST", PATH, Asks.SIGNED, (JSON,), Part.SOURCES)}))
    return [
        path("sources/<slug:source>/registry/notify", view, name="messages-notified"),
        path(PATH, view, name="messages-notified-short"),
    ]
