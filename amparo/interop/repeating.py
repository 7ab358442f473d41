"""Requests that are sent again: every write of the API names itself by a key of the sender's, and has one effect."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Header
from pydantic import StringConstraints

from amparo.trust.machines.replies import Key

IdempotencyKey = Annotated[
    str,
    StringConstraints(pattern=r"^[\x21-\x7e]{1,200}$"),
    Header(
        alias="Idempotency-Key",
        description="A name of yours for this write. Sent again within 24 hours, it is done once.",
    ),
]


def key_of(request: HttpRequest, key: str) -> Key:
    """Return by what a machine's write is known again; the same key with another body, or elsewhere, is another write."""
    place = f"{request.method} {request.path}\n".encode()
    return Key(request.auth.machine, key, place + request.body)
