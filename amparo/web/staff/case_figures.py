"""How cases go in an area: within the standard, open, late, handed on; and how often a flag was wrong."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from amparo.cases.queries import FEWEST, Figure, Referrals, figures, outcomes
from amparo.kernel import clock
from amparo.trust.queries import areas_below
from amparo.trust.types import Actor, Permission
from amparo.web import presenting
from amparo.web.access import page
from amparo.web.days import day_field
from amparo.web.reach import above_in_reach, place_in_reach

YEAR = timedelta(days=365)


class PeriodForm(forms.Form):
    """When the cases were filed that are counted."""

    since = day_field("web-cases-since", wrong="web-day-wrong", required=False)
    until = day_field("web-cases-until", wrong="web-day-wrong", required=False)

    @property
    def period(self) -> tuple[date, date]:
        until = self.cleaned_data.get("until") or clock.today()
        return self.cleaned_data.get("since") or until - YEAR, until


@page(Permission.READ_FIGURES)
@require_safe
def case_figures(request: HttpRequest) -> HttpResponse:
    """The figures of an area by category, and of the areas inside for all cases."""
    place = place_in_reach(request.by, request.GET.get("area", ""))
    form = PeriodForm(request.GET)
    rows: list[Figure] = []
    inside: list[tuple] = []
    referrals: list[tuple] = []
    if form.is_valid():
        since, until = form.period
        asked = {"since": since, "until": until, "on": clock.today(), "by": request.by}
        rows = figures([(place.number, place.last_number)], **asked)
        below = list(areas_below(place))
        counted = figures([(each.number, each.last_number) for each in below], by_category=False, **asked)
        by_number = {each.counts.area_number: each for each in counted}
        inside = [(each, by_number.get(each.number)) for each in below]
        referrals = _referrals(place, below, since, until, request.by)
    context = {
        "form": form,
        "place": place,
        "above": above_in_reach(request.by, place),
        "rows": [(_words(each), each) for each in rows],
        "inside": inside,
        "referrals": referrals,
        "fewest": FEWEST,
    }
    return render(request, "web/case_figures.html", context, status=400 if form.errors else 200)


def _referrals(place: Any, below: list, since: date, until: date, by: Actor) -> list[tuple[Any, Referrals]]:
    """Return what came of referrals: of the area by where they were sent, and of each area inside, with its name."""
    asked = {"since": since, "until": until, "by": by}
    sent = outcomes([(place.number, place.last_number)], **asked)
    rows = [(presenting.worded(f"case-category-{c}", c), each) for each in sent for c in [each.outcomes.category]]
    names = {each.number: each for each in below}
    inside = outcomes([(each.number, each.last_number) for each in below], by_category=False, **asked) if rows else []
    return [*rows, *((names[each.outcomes.area_number], each) for each in inside)]


def _words(each: Figure):
    counts = each.counts
    if counts.category:
        return presenting.worded(f"case-category-{counts.category}", counts.category)
    return presenting.worded(f"cases-kind-{counts.kind}", str(counts.kind))
