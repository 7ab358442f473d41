"""The review list: whom a beneficiary of another programme may be, side by side, and what a person decides about it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, Refused
from amparo.programmes import actions, queries
from amparo.programmes.types import Match, MatchState
from amparo.trust.queries import area, areas_numbered, display_names
from amparo.trust.types import Permission
from amparo.web.access import page

VERDICTS = (MatchState.SAME, MatchState.OTHER, MatchState.LATER)


@page(Permission.REGISTER, personal=True)
@require_safe
def matches(request: HttpRequest) -> HttpResponse:
    """A page of the pairs in one state, the likeliest first."""
    state = _state(request.GET.get("state") or MatchState.PROPOSED.value)
    told = {"by": request.by, "under": request.under, "after": _after(request), "at_most": queries.MATCHES_AT_ONCE}
    found = queries.matches(state, **told)
    places = areas_numbered(abs(each.area_number) for each in found)
    names = display_names(each.decided_by for each in found if each.decided_by)
    counts = queries.match_counts(by=request.by)
    context = {
        "state": state.value,
        "states": [(each.value, counts[each]) for each in MatchState],
        "found": [_pair(each, places, names) for each in found],
        "after": "{}.{}".format(*found[-1].place) if len(found) == queries.MATCHES_AT_ONCE else None,
        "is_first": "after" not in request.GET,
        "unmatched": [] if "after" in request.GET else queries.unmatched(by=request.by),
    }
    return render(request, "web/matches.html", context)


@page(Permission.REGISTER, personal=True)
@require_POST
def decide(request: HttpRequest, id: UUID) -> HttpResponse:
    """Say whether the two are one person, and lead back to the list that was looked at."""
    verdict, before = _state(request.POST.get("verdict", "")), _state(request.POST.get("state", ""))
    actions.decide_match(id, verdict, by=request.by, under=request.under, on=clock.today())
    return redirect(f"{reverse('matches')}?state={before.value}")


def _pair(each: Match, places: Mapping[int, Any], names: Mapping[UUID, str]) -> dict[str, Any]:
    return {
        "match": each,
        "area": places.get(abs(each.area_number)),
        "told_area": _place(each.told_area),
        "verdicts": [verdict.value for verdict in VERDICTS if verdict is not each.state],
        "decided_by": names.get(each.decided_by) if each.decided_by else None,
    }


def _place(code: str) -> Any:
    """Return the area that a system names by its code; None where it names none of ours: then its own word is shown."""
    try:
        return area(code) if code else None
    except NotFound:
        return None


def _state(given: str) -> MatchState:
    try:
        return MatchState(given)
    except ValueError:
        raise Refused("web-decisions-filter-unknown") from None


def _after(request: HttpRequest) -> tuple[int, UUID] | None:
    """Return where the page before ended; a mark that is none begins at the beginning."""
    score, _, id = request.GET.get("after", "").partition(".")
    try:
        return int(score[:3]), UUID(id)
    except ValueError:
        return None
