"""Suspensions that are proposed because a condition was missed again: a person decides each, and nothing happens by itself."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from amparo.kernel.errors import NotFound, Refused
from amparo.programmes import queries
from amparo.trust.types import Permission
from amparo.web.access import page
from amparo.web.reach import around, place_in_reach

AT_ONCE = 50


@page(Permission.LIST_DECISIONS, personal=True)
@require_safe
def proposed(request: HttpRequest) -> HttpResponse:
    """A page of the enrolments of which a suspension is proposed, each leading to where it is decided."""
    codes = queries.programme_codes(by=request.by)
    if not codes:
        raise Refused("web-decisions-no-programme")
    programme = request.GET.get("programme") or codes[0]
    if programme not in codes:
        raise NotFound("web-programme-unknown")
    place = place_in_reach(request.by, request.GET.get("area", ""))
    told: dict[str, Any] = {"by": request.by, "under": request.under, "after": _after(request), "at_most": AT_ONCE}
    listed = queries.suspensions_proposed(programme, place.number, place.last_number, **told)
    context = {
        "place": place,
        "programme": programme,
        "programmes": codes,
        "around": around(request.by, place),
        "followed": queries.followed_last(programme, place.number, place.last_number, by=request.by),
        "listed": [each for _, each in listed],
        "query": urlencode({"programme": programme, "area": place.code}),
        "after": f"{listed[-1][0]}.{listed[-1][1].enrolment}" if len(listed) == AT_ONCE else None,
        "is_first": "after" not in request.GET,
    }
    return render(request, "web/conditions_proposed.html", context)


def _after(request: HttpRequest) -> tuple[int, UUID] | None:
    """Return where the page before ended; a mark that is none begins at the beginning."""
    number, _, id = request.GET.get("after", "").partition(".")
    try:
        return int(number[:18]), UUID(id)
    except ValueError:
        return None
