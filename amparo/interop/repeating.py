"""Requests that are sent again: every write of the API names itself by a key of the sender's, and has one effect."""

from collections.abc import Callable
from typing import Annotated

from django.http import HttpRequest
from ninja import Header, Status
from pydantic import StringConstraints

from amparo.trust.actions.exchanging import refusals_kept
from amparo.trust.machines.replies import Key, Reply, once

IdempotencyKey = Annotated[
    str,
    StringConstraints(pattern=r"^[\x21-\x7e]{1,200}$"),
    Header(
        alias="Idempotency-Key",
        description="A name of yours for this write. Sent again within 24 hours, it is done once.",
    ),
]


def done_once(request: HttpRequest, key: str, act: Callable[[], Reply]) -> Status:
    """Do a write under the request's agreement once, however often it is sent; what refuses it is kept in the log."""
    with refusals_kept(request.agreement.id, by=request.by):
        reply = once(key_of(request, key), act)
    return Status(reply.status, reply.body)


def key_of(request: HttpRequest, key: str) -> Key:
    """Return by what a machine's write is known again; the same key with another body, or elsewhere, is another write."""
    place = f"{request.method} {request.path}\n".encode()
    return Key(request.auth.machine, key, place + request.body)
