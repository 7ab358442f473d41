"""Refusals and errors in one form: problem details, with the message's id and its words in the language asked for.

Source  RFC 9457 (problem details); RFC 9110 (statuses, Retry-After, WWW-Authenticate)
"""

import json
import logging
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from ninja.errors import HttpError, ValidationError

from amparo.interop.bodies import OtherKind, TooLarge
from amparo.interop.limiting import TooMany
from amparo.kernel.errors import NotFound, NotPermitted, NotServed, Refused
from amparo.profiles.languages import DEFAULT, say
from amparo.trust.identity.guessing import TooOften
from amparo.trust.machines.jose import NotBelieved
from amparo.trust.machines.replies import Conflict

KIND = "application/problem+json"
AGAIN_AFTER_SECONDS = 60


class Fault(Refused):
    """Something failed on our side."""

    def __init__(self) -> None:
        super().__init__("interop-fault")


STATUS = (
    (NotBelieved, 401),
    (NotPermitted, 403),
    (NotFound, 404),
    (Conflict, 409),
    (TooLarge, 413),
    (OtherKind, 415),
    (TooMany, 429),
    (TooOften, 429),
    (NotServed, 503),
    (Fault, 500),
    (Refused, 400),
)

log = logging.getLogger(__name__)


def answer(request: HttpRequest, refused: Refused, *, status: int = 0, **more: Any) -> HttpResponse:
    """Return a refusal as a problem, with the status that fits its kind."""
    status = status or status_of(refused)
    response = HttpResponse(
        json.dumps(told(request, refused, status=status, **more), ensure_ascii=False), status=status, content_type=KIND
    )
    for name, value in _headers(refused, status).items():
        response[name] = value
    return response


def status_of(refused: Refused) -> int:
    return next(code for kind, code in STATUS if isinstance(refused, kind))


def told(request: HttpRequest, refused: Refused, *, status: int, **more: Any) -> dict[str, Any]:
    """Return a refusal in the words of the language asked for."""
    language = getattr(request, "language", DEFAULT)
    what, _, rest = say(refused.message, language).partition("\n")
    why, _, do = rest.partition("\n")
    return {
        "type": f"urn:amparo:problem:{refused.message.id}",
        "title": what,
        "status": status,
        "detail": why,
        "todo": do,
        "id": refused.message.id,
        **more,
    }


def ended(request: HttpRequest, records: int, refused: Refused | None) -> str:
    """Return the last line of an answer in lines: how many records it has, and what stopped it."""
    problem = {"problem": told(request, refused, status=status_of(refused))} if refused else {}
    return json.dumps({"end": {"records": records, **problem}}, ensure_ascii=False)


def _headers(refused: Refused, status: int) -> dict[str, str]:
    if status == 401:
        return {"WWW-Authenticate": 'Bearer realm="amparo"'}
    if status in (429, 503):
        return {"Retry-After": str(getattr(refused, "wait", AGAIN_AFTER_SECONDS))}
    return {}


def of_form(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Return what of a request does not have the form it must: where, and what kind of fault; nothing that was sent."""
    faults = [{"at": ".".join(map(str, each["loc"])), "kind": each["type"]} for each in error.errors]
    return answer(request, Refused("interop-form-wrong", count=len(faults)), status=422, errors=faults)


def of_http(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Return what the frame refused: a body that cannot be read, for the reason that its reader gave."""
    cause = error.__cause__
    if isinstance(cause, Refused):
        return answer(request, cause)
    return answer(request, Refused("interop-body-unreadable"), status=error.status_code)


def of_fault(request: HttpRequest, error: Exception) -> HttpResponse:
    """Return that something failed, and nothing of what; the log has it."""
    return answer(request, refusal_of(error))


def refusal_of(error: Exception) -> Refused:
    """Return as what a failure is told to whoever asked, and write down what it was."""
    if isinstance(error, OperationalError | InterfaceError):
        log.warning("the database does not answer", exc_info=error)
        return NotServed("interop-not-served")
    if isinstance(error, SuspiciousOperation):
        return Refused("interop-body-unreadable")
    log.error("a request failed", exc_info=error)
    return Fault()


# What the frame raises, and who answers it.
# What may fail before an operation is reached.
FAULTS = (DatabaseError, InterfaceError, SuspiciousOperation)
ANSWERS = {Refused: answer, ValidationError: of_form, HttpError: of_http, Exception: of_fault}


def not_allowed(request: HttpRequest, allowed: list[str]) -> HttpResponse:
    response = answer(request, Refused("interop-other-method", known=allowed), status=405)
    response["Allow"] = ", ".join(allowed)
    return response
