"""Turns refusals and errors into pages in words: what happened, why it matters, what to do."""

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from amparo.kernel.errors import NotFound, NotPermitted, NotServed, Refused
from amparo.profiles.languages import say
from amparo.web import languages

AGAIN_AFTER_SECONDS = 60
STATUS = ((NotPermitted, 403), (NotFound, 404), (NotServed, 503), (Refused, 400))


def answer(request: HttpRequest, refused: Refused) -> HttpResponse:
    """Return the page that says a refusal, with the status that fits its kind."""
    status = next(code for kind, code in STATUS if isinstance(refused, kind))
    return page(request, refused, status=status)


def page(request: HttpRequest, refused: Refused, *, status: int) -> HttpResponse:
    context = {"refusal": in_words(request, refused), "is_not_done": status == 400}
    response = render(request, "web/refusal.html", context, status=status)
    if status == 503:
        response.headers["Retry-After"] = AGAIN_AFTER_SECONDS
    return response


def in_words(request: HttpRequest, refused: Refused) -> dict[str, str]:
    """Return the paragraphs of a refusal: `what` happened, `why` it matters, what to `do`; absent ones are empty."""
    what, _, rest = say(refused.message, languages.chosen(request)).partition("\n")
    why, _, do = rest.partition("\n")
    return {"what": what, "why": why, "do": do}


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(request, Refused("web-error-bad-request"), status=400)


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page for a form whose token is missing or old: Django's own gate against forged forms."""
    return page(request, Refused("web-error-form-expired"), status=403)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(request, Refused("web-error-forbidden"), status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(request, Refused("web-error-not-found"), status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """The page for a fault of ours, told as to somebody not signed in: the database may be what is at fault."""
    request.user, request.is_at_fault = AnonymousUser(), True
    return page(request, Refused("web-error-server"), status=500)


def too_many(request: HttpRequest) -> HttpResponse:
    """The page for somebody who tries to sign in again and again."""
    return page(request, Refused("web-error-too-many"), status=429)


def too_often(request: HttpRequest, wait: int) -> HttpResponse:
    """The page for an account that asks for more pages than anybody reads. `wait`: seconds."""
    response = page(request, Refused("web-error-too-often", seconds=wait), status=429)
    response.headers["Retry-After"] = wait
    return response
