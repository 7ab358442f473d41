"""The three operations of the data tracker as JSON, for whoever is signed in and acts for themselves or for another."""

from datetime import datetime
from functools import partial

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from amparo.kernel.errors import Refused
from amparo.kernel.messages import Message
from amparo.profiles.languages import say
from amparo.trust.log.tracker import MOST, find_usage, heartbeat, usage_period
from amparo.web.access import own
from amparo.web.citizen.opening import mine
from amparo.web.refusals import in_words


def _json(request: HttpRequest, answer: dict, status: int = 200) -> HttpResponse:
    return JsonResponse(answer, status=status, json_dumps_params={"ensure_ascii": False})


@mine()
@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """findUsage: `periodStart`, `periodEnd`, `offset` and `limit` as the protocol has them."""
    try:
        found = find_usage(
            by=request.by,
            say=partial(_said, request),
            period_start=_instant(request, "periodStart"),
            period_end=_instant(request, "periodEnd"),
            offset=_number(request, "offset", 0),
            limit=_number(request, "limit", MOST),
        )
    except Refused as refused:
        return _json(request, in_words(request, refused), 400)
    return _json(request, found)


@mine()
@require_safe
def period(request: HttpRequest) -> HttpResponse:
    """usagePeriod: since when acts are known."""
    return _json(request, usage_period(by=request.by))


@own
@require_safe
def beat(request: HttpRequest) -> HttpResponse:
    """heartbeat: whether acts can be told now."""
    answer = heartbeat(say=partial(_said, request))
    return _json(request, answer, 200 if answer["status"] == "OK" else 503)


def _said(request: HttpRequest, words: Message) -> str:
    return say(words, request.language)


def _instant(request: HttpRequest, name: str) -> datetime | None:
    told = request.GET.get(name)
    if not told:
        return None
    try:
        return datetime.fromisoformat(told.replace(" ", "+"))  # a plus in an address arrives as a space
    except ValueError:
        raise Refused("trust-usage-instant") from None


def _number(request: HttpRequest, name: str, otherwise: int) -> int:
    told = request.GET.get(name, str(otherwise))
    if not (told.isascii() and told.isdigit() and len(told) < 10):
        raise Refused("trust-usage-page", most=MOST)
    return int(told)
