"""How much anybody may send at once: forms a little, a delivery much, and never more than the disk has room for.

A body whose length is not said is read as empty, so that what is said can be held against the limits before any of it
is read.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from amparo.kernel.errors import Refused
from amparo.web import refusals

FORM_BYTES = 3 << 20
OF_MACHINES = ("/api/", "/dci/")  # that door has limits and words of its own (`interop.bodies`)
ROOM_KEPT = 0.1  # share of the disk that no upload may touch: the database needs it

View = Callable[[HttpRequest], HttpResponse]


def limited(get_response: View) -> View:
    """Answer 413 to a body that is larger than its address takes, and 507 where there is no room for it."""

    def answer(request: HttpRequest) -> HttpResponse:
        if request.path.startswith(OF_MACHINES):
            return get_response(request)
        length = length_of(request)
        most = settings.DELIVERY_BYTES if is_delivery(request) else FORM_BYTES
        if length > most:
            return refusals.page(request, Refused("web-error-too-large", most=most >> 20), status=413)
        if length > FORM_BYTES and not has_room(length):
            return refusals.page(request, Refused("web-error-no-room"), status=507)
        return get_response(request)

    return answer


def length_of(request: HttpRequest) -> int:
    said = request.META.get("CONTENT_LENGTH") or "0"
    return int(said) if said.isascii() and said.isdecimal() else 0


def is_delivery(request: HttpRequest) -> bool:
    """Whether somebody signed in sends files in. Whether they may is asked before these are kept."""
    return request.path == "/deliveries/new/" and request.user.is_authenticated


def has_room(length: int) -> bool:
    folder = Path(settings.DELIVERY_FOLDER)
    disk = shutil.disk_usage(folder if folder.exists() else folder.parent)
    return disk.free - length > ROOM_KEPT * disk.total
