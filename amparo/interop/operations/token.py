"""The token endpoint: a machine shows its secret or signs a token, and gets one that holds for minutes.

Source  RFC 6749, 2.3.1, 4.4 and 5.2; RFC 7523
"""

import base64
from enum import StrEnum
from urllib.parse import unquote_plus

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, JsonResponse

from amparo.interop import problems
from amparo.interop.bodies import FORM, JSON, parsed
from amparo.interop.declaring import Asks, operation
from amparo.interop.schemas import OAuthError, Token
from amparo.kernel.errors import Refused
from amparo.profiles.languages import DEFAULT, say
from amparo.trust.identity.guessing import TooOften
from amparo.trust.machines.asking import TOKEN_HOLDS
from amparo.trust.machines.assertion import KIND, subject_of
from amparo.trust.machines.jose import NotBelieved
from amparo.trust.machines.letting_in import Shown, let_in
from amparo.trust.origin import here, whence

PATH = "token"
_TEXT = {"type": "string", "maxLength": 16_384}
_NAMES = ("grant_type", "client_id", "client_secret", "client_assertion_type", "client_assertion", "scope")
_BODY = {
    "type": "object",
    "properties": {name: _TEXT for name in _NAMES} | {"grant_type": {"type": "string", "const": "client_credentials"}},
    "required": ["grant_type"],
}


class Wrong(StrEnum):
    """OAuth's words for what is refused."""

    MACHINE = "invalid_client"
    REQUEST = "invalid_request"
    GRANT = "unsupported_grant_type"


class Unusable(Refused):
    """A request for a token that is none."""

    def __init__(self, error: Wrong) -> None:
        super().__init__("interop-token-request-wrong")
        self.error = error


@operation(
    "POST",
    PATH,
    asks=Asks.NOTHING,
    answers={200: Token, 400: OAuthError, 401: OAuthError},
    takes=(FORM, JSON),
    summary="A token for some minutes",
    openapi_extra={"requestBody": {"required": True, "content": {each: {"schema": _BODY} for each in (FORM, JSON)}}},
)
def token(request: HttpRequest) -> HttpResponse:
    """By `client_secret`, in the body or as Basic, or by `client_assertion`, a token signed with a registered key."""
    return given(request)


def given(request: HttpRequest) -> HttpResponse:
    """Return the token that a request asks for, or as OAuth refuses it."""
    try:
        shown = _shown(request, _sent(request))
        token, _ = let_in(shown, address=whence(request), audience=audience(request))
    except NotBelieved as refused:
        return _refused(request, refused, Wrong.MACHINE, 401)
    except TooOften as refused:
        return problems.answer(request, refused)
    except Refused as refused:
        return _refused(request, refused, getattr(refused, "error", Wrong.REQUEST), 400)
    holds = int(TOKEN_HOLDS.total_seconds())
    return JsonResponse({"access_token": token, "token_type": "Bearer", "expires_in": holds})


def audience(request: HttpRequest) -> str:
    """Return what a machine's own token must be for: the API's endpoint, by whichever door the token is asked."""
    return f"{here(request)}/api/{PATH}"


def _sent(request: HttpRequest) -> dict[str, str]:
    """Return what was sent, each name once, every value a text. Raises Unusable."""
    if request.content_type == FORM:
        return _form(request)
    found = parsed(request.body)
    if not isinstance(found, dict) or not all(isinstance(each, str) for each in found.values()):
        raise Unusable(Wrong.REQUEST)
    return found


def _form(request: HttpRequest) -> dict[str, str]:
    try:
        sent = request.POST
    except (BadRequest, SuspiciousOperation):  # not in UTF-8, or without end
        raise Unusable(Wrong.REQUEST) from None
    if any(len(values) > 1 for _, values in sent.lists()):
        raise Unusable(Wrong.REQUEST)
    return sent.dict()


def _shown(request: HttpRequest, sent: dict[str, str]) -> Shown:
    """Return what a machine shows of itself, in one of the ways there are and not in two at once. Raises Unusable."""
    if sent.get("grant_type") != "client_credentials":
        raise Unusable(Wrong.GRANT if sent.get("grant_type") else Wrong.REQUEST)
    basic = _basic(request)
    ways = [bool(basic), "client_secret" in sent, "client_assertion" in sent]
    if sum(ways) != 1 or (basic and sent.get("client_id", basic[0]) != basic[0]):
        raise Unusable(Wrong.REQUEST)
    if basic:
        return Shown(basic[0], secret=basic[1])
    if "client_secret" in sent:
        return Shown(sent.get("client_id", ""), secret=sent["client_secret"])
    if sent.get("client_assertion_type") != KIND:
        raise Unusable(Wrong.REQUEST)
    return Shown(sent.get("client_id") or subject_of(sent["client_assertion"]), assertion=sent["client_assertion"])


def _basic(request: HttpRequest) -> tuple[str, str] | None:
    """Return name and secret of an Authorization header, each form-encoded as RFC 6749 asks. Raises Unusable."""
    kind, _, packed = request.headers.get("Authorization", "").partition(" ")
    if not kind:
        return None
    try:
        name, colon, secret = base64.b64decode(packed.strip(), validate=True).decode().partition(":")
    except ValueError:
        raise Unusable(Wrong.REQUEST) from None
    if kind.lower() != "basic" or not colon:
        raise Unusable(Wrong.REQUEST)
    return unquote_plus(name), unquote_plus(secret)


def _refused(request: HttpRequest, refused: Refused, error: str, status: int) -> HttpResponse:
    what = say(refused.message, getattr(request, "language", DEFAULT)).partition("\n")[0]
    response = JsonResponse({"error": error, "error_description": what}, status=status)
    if status == 401:
        response["WWW-Authenticate"] = 'Basic realm="amparo"'
    return response
