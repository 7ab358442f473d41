"""Which machine asks: by the token it was given, as it stands at this very request."""

from typing import Any

from django.http import HttpRequest

from amparo.interop import limiting, signing
from amparo.trust.log.recording import record_denial
from amparo.trust.machines.asking import Caller, caller_of
from amparo.trust.machines.jose import NotBelieved, Why


class MachineToken:
    """The token that `POST /api/token` gives, as `Authorization: Bearer …`."""

    openapi_security_schema: dict[str, Any] = {"type": "http", "scheme": "bearer"}

    def __call__(self, request: HttpRequest) -> Caller:
        """Return who asks, with one request more counted. Raises NotBelieved, or TooMany."""
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            raise NotBelieved(Why.TOKEN)
        try:
            who = caller_of(token.strip())
            limiting.count("machine", str(who.machine))
            signing.expect(request, who)
        except NotBelieved as refused:
            _write_down(request, refused)
            raise
        return who


def _write_down(request: HttpRequest, refused: NotBelieved) -> None:
    """Write down who is not believed. That a token's time was over is nothing to look into."""
    if refused.why is not Why.EXPIRED:
        asked = request.resolver_match.view_name
        record_denial(by=None, asked=asked, reason=f"{refused.message.id} {refused.why}")
