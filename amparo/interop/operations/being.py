"""Whether the API serves, and what it is."""

from typing import Any

from django.http import HttpRequest

from amparo.interop.declaring import Asks, operation
from amparo.interop.schemas import Heartbeat, Keys
from amparo.kernel import clock
from amparo.trust.log.serving import expect_sealed
from amparo.trust.machines.message_key import message_key


@operation("GET", "v1/heartbeat", asks=Asks.NOTHING, answers={200: Heartbeat}, summary="Whether records are served")
def heartbeat(request: HttpRequest) -> dict[str, Any]:
    """Answers 503 while nothing of anybody is served: the database or the audit log is down."""
    expect_sealed()
    return {"serves": True, "at": clock.now()}


@operation("GET", "v1/keys", asks=Asks.NOTHING, answers={200: Keys}, summary="The keys that answers are signed with")
def keys(request: HttpRequest) -> dict[str, Any]:
    """A set of public keys (RFC 7517)."""
    return {"keys": [message_key().as_dict(private=False)]}
