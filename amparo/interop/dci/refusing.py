"""Refusals in the standard's form: its code, our words, and the status that fits.

A refused message is answered by 4xx with all three forms that peers read: `errors`, an acknowledgement of ERR, and, where it is
the header that is refused, a header that says so.
"""

from datetime import datetime
from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse, JsonResponse

from amparo.dci.codes import Ack, Code, Error, HeaderReason, Status, Wrong
from amparo.dci.envelope import acknowledgement, stamp
from amparo.interop.bodies import OtherKind, TooLarge
from amparo.interop.limiting import TooMany
from amparo.interop.problems import Fault
from amparo.kernel.errors import NotFound, NotPermitted, NotServed, Refused
from amparo.profiles.languages import DEFAULT, say
from amparo.trust.identity.guessing import TooOften
from amparo.trust.machines.jose import NotBelieved

AGAIN_AFTER_SECONDS = 60
# Of each kind of refusal: the code that a message is refused with, and the status.
KINDS: tuple[tuple[type[Refused], Error, int], ...] = (
    (NotBelieved, Error.UNAUTHORIZED, 401),
    (NotPermitted, Error.FORBIDDEN, 403),
    (NotFound, Error.NOT_FOUND, 404),
    (TooLarge, Error.BAD, 413),
    (OtherKind, Error.BAD, 415),
    (TooMany, Error.TOO_MANY, 429),
    (TooOften, Error.TOO_MANY, 429),
    (NotServed, Error.UNAVAILABLE, 503),
    (Fault, Error.UNAVAILABLE, 500),
    (Refused, Error.BAD, 400),
)
# Of the codes that a message is refused with by themselves: the status.
STATUS = {
    Error.UNAUTHORIZED: 401,
    Error.SIGNATURE_MISSING: 401,
    Error.SIGNATURE: 401,
    Error.FORBIDDEN: 403,
    Error.SENDER: 403,
    Error.NOT_FOUND: 404,
    Error.TOO_MANY: 429,
    Error.UNAVAILABLE: 503,
}


def answer(
    request: HttpRequest, refused: Refused, *, now: datetime, header: dict[str, Any] | None = None
) -> HttpResponse:
    """Return a refusal. `header`: that of the answer there would have been, where the message had one that was read."""
    code, error, status = codes_of(refused)
    words = say(refused.message, getattr(request, "language", DEFAULT)).replace("\n", " ")[:999]
    told = acknowledgement(Ack.ERROR, at=now, correlation_id=str(uuid4()), error=(error, words))
    told["errors"] = [{"code": code.value, "message": words}]
    if header and isinstance(code, HeaderReason):
        told["header"] = header | {
            "status": Status.REJECTED.value,
            "status_reason_code": code.value,
            "status_reason_message": words,
            "message_id": str(uuid4()),
            "message_ts": stamp(now),
        }
    response = JsonResponse(told, status=status)
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="amparo"'
    if status in (429, 503):
        response["Retry-After"] = str(getattr(refused, "wait", AGAIN_AFTER_SECONDS))
    return response


def codes_of(refused: Refused) -> tuple[Code, Error, int]:
    """Return the code that fits best, the one of a whole message, and the status."""
    if isinstance(refused, Wrong):
        error = refused.code if isinstance(refused.code, Error) else _whole(refused.code)
        return refused.code, error, STATUS.get(error, 400)
    error, status = next((code, status) for kind, code, status in KINDS if isinstance(refused, kind))
    return error, error, status


def _whole(code: Code) -> Error:
    return Error.VERSION if code is HeaderReason.VERSION else Error.BAD
