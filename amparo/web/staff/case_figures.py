"""How cases go in an area: within the standard, open, late, handed on; and how often a flag was wrong."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from amparo.cases.queries import (
    FEWEST,
    Figure,
    Referrals,
    ToldFigure,
    Withheld,
    code_of,
    figures,
    figures_withheld,
    is_no_flag,
    outcomes,
    told_code,
    told_figures,
    told_withheld,
    year_of,
)
from amparo.cases.types import Kind
from amparo.kernel import clock
from amparo.trust.queries import areas_below
from amparo.trust.types import Permission
from amparo.web import presenting
from amparo.web.access import page
from amparo.web.days import day_field
from amparo.web.reach import above_in_reach, place_in_reach, sees_rows

YEAR, YEARS = timedelta(days=365), 4


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
    period = period_told(request, place, form)
    context = {
        "form": form,
        "place": place,
        "above": above_in_reach(request.by, place),
        "years": years(request, place, form),
        "fewest": FEWEST,
        **(_counted(request, place, *period) if period else {"rows": [], "inside": [], "referrals": [], "told": []}),
    }
    return render(request, "web/case_figures.html", context, status=400 if form.errors else 200)


def period_told(request: HttpRequest, place: Any, form: PeriodForm) -> tuple[date, date] | None:
    """Return the period that was asked for: to whoever reads no case the calendar year in which it ends. None: it is none."""
    if not form.is_valid():
        return None
    return form.period if sees_rows(request.actor, place, Permission.READ_CASE) else year_of(form.period[1])


def years(request: HttpRequest, place: Any, form: PeriodForm) -> list[tuple[int, bool]]:
    """Return the years that whoever reads no case may look at, and whether it is looked at now; none of others, or beside days that are none."""
    if not form.is_valid() or sees_rows(request.actor, place, Permission.READ_CASE):
        return []
    return [(year, year == form.period[1].year) for year in range(clock.today().year - YEARS, clock.today().year + 1)]


def _counted(request: HttpRequest, place: Any, since: date, until: date) -> dict[str, Any]:
    asked = {"since": since, "until": until, "on": clock.today(), "by": request.by}
    below = list(areas_below(place))
    ranges = [(each.number, each.last_number) for each in below]
    hides = None if sees_rows(request.actor, place, Permission.READ_CASE) else figures_withheld(**asked)
    rows = [_of_category(each, hides) for each in figures([(place.number, place.last_number)], **asked)]
    inside = {each.counts.area_number: each for each in figures(ranges, by_category=False, **asked)}
    return {
        "rows": [(_words(each), each) for each in rows],
        "inside": [(each, _of_all(inside.get(each.number), hides)) for each in below],
        "referrals": _referrals(place, below, hides, {name: asked[name] for name in ("since", "until", "by")}),
        "told": _told(place, hides is not None, {name: asked[name] for name in ("since", "until", "by")}),
    }


def _told(place: Any, hides: bool, asked: dict[str, Any]) -> list[ToldFigure]:
    """Return how many grievances of people of the area other programmes tell of, as far as it is told to whoever asks."""
    found = told_figures(place.number, place.last_number, **asked)
    withheld = told_withheld(**asked) if hides and found else None
    return [
        replace(each, told=withheld.of(told_code(each.counts), place.number)) if withheld else each for each in found
    ]


def _of_category(each: Figure, hides: Withheld | None) -> Figure:
    code = code_of(str(each.counts.kind), each.counts.category)
    return replace(each, told=hides.of(code, each.counts.area_number)) if hides else each


def _of_all(each: Figure | None, hides: Withheld | None) -> Figure | None:
    return replace(each, told=hides.of_all(each.counts.area_number, is_no_flag)) if each and hides else each


def _referrals(place: Any, below: list, hides: Withheld | None, asked: dict[str, Any]) -> list[tuple[Any, Referrals]]:
    """Return what came of referrals: of the area by where they were sent, and of each area inside, with its name."""
    of_kind = code_of(Kind.REFERRAL.value, "")
    rows = []
    for each in outcomes([(place.number, place.last_number)], **asked):
        category = each.outcomes.category
        told = hides.of(of_kind + category, place.number) if hides else each.told
        rows.append((presenting.worded(f"case-category-{category}", category), replace(each, told=told)))
    names = {each.number: each for each in below}
    inside = outcomes([(each.number, each.last_number) for each in below], by_category=False, **asked) if rows else []
    for each in inside:
        number = each.outcomes.area_number
        told = hides.of_all(number, lambda code: code.startswith(of_kind)) if hides else each.told
        rows.append((names[number], replace(each, told=told)))
    return rows


def _words(each: Figure):
    counts = each.counts
    if counts.category:
        return presenting.worded(f"case-category-{counts.category}", counts.category)
    return presenting.worded(f"cases-kind-{counts.kind}", str(counts.kind))
