"""The situation in an area: how many live there, and what was decided for them; down to the smallest area by links."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from amparo.kernel.errors import NotFound
from amparo.kernel.messages import Message, message
from amparo.kernel.money import Money
from amparo.profiles.languages import say
from amparo.programmes.queries import AreaCount, counts_by_area, latest_run, programme_codes
from amparo.programmes.types import Run
from amparo.registry.queries import dictionary, household_count
from amparo.trust.modes import is_on
from amparo.trust.queries import areas_below
from amparo.trust.types import Permission
from amparo.trust.types.modes import Part
from amparo.web import area_names, charts, presenting
from amparo.web.access import page
from amparo.web.area_map import Shown, area_map
from amparo.web.reach import above_in_reach, entrances, place_in_reach
from amparo.web.watching import waiting


@page(Permission.READ_FIGURES)
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The situation in the area one answers for; with several, they are listed."""
    tops = entrances(request.by)
    if len(tops) == 1:
        return _situation(request, tops[0])
    return render(request, "web/home.html", {"tops": tops, "to_do": waiting(request)})


@page(Permission.READ_FIGURES)
@require_safe
def in_area(request: HttpRequest, code: str) -> HttpResponse:
    return _situation(request, place_in_reach(request.by, code))


def _situation(request: HttpRequest, place) -> HttpResponse:
    below = list(areas_below(place))
    # Whom a programme reaches is told one by one, not counted over a country; its own counts are below.
    is_of_all = not request.by.scope.is_of_programmes
    counts = household_count(request.by, within=(place.number, place.last_number)) if is_of_all else (None, None)
    context = {
        "place": place,
        "above": above_in_reach(request.by, place),
        "below": below,
        "households": counts[0],
        "persons": counts[1],
        "run": latest_run() if is_on(Part.ELIGIBILITY) else None,
        "to_do": waiting(request),
    }
    if context["run"] and programme_codes(by=request.by):
        context |= _decided(request, place, below, context["run"])
    return render(request, "web/area.html", context)


def _decided(request: HttpRequest, place, below: Sequence, run: Run) -> dict[str, Any]:
    """Return what the latest run decided here: every programme in sum, and the chosen one by area."""
    chosen = _chosen(request)
    places = [place, *below]
    rows = counts_by_area(run.id, [(each.number, each.last_number) for each in places], by=request.by)
    here = [each for each in rows if each.area_number == place.number]
    inside = {each.area_number: each for each in rows if each.programme == chosen}
    counted = [(each, inside[each.number]) for each in below]
    words = dictionary()
    return {
        "programme": chosen,
        "programmes": [each.programme for each in here],
        "bars": [(each, mark_safe(bar(request, each))) for each in here],  # noqa: S308 (drawn by us, escaped)
        "granted": inside[place.number],
        "amount": Money(inside[place.number].amount, words.currency, words.decimals),
        "counted": counted,
    } | _map(request, chosen, counted)


def _chosen(request: HttpRequest) -> str:
    codes = programme_codes(by=request.by)
    asked = request.GET.get("programme", codes[0])
    if asked not in codes:
        raise NotFound("web-programme-unknown")
    return asked


def _map(request: HttpRequest, programme: str, counted: Sequence[tuple[Any, AreaCount]]) -> dict[str, Any]:
    """Return the map of the areas inside, with its scale; nothing where there is no boundary to draw."""
    shown = [
        Shown(
            each,
            _share(count),
            _spoken(request, area_names.plain(each, request.language), count),
            f"{reverse('area', args=[each.code])}?programme={programme}",
        )
        for each, count in counted
    ]
    return area_map(request, shown, message("web-map-title", programme=_named(programme)))


def _share(count: AreaCount) -> float | None:
    """The share granted among all; unknown where nobody lives, and where nothing could be decided for anybody."""
    return None if count.units == count.unknown else count.share_true


def _spoken(request: HttpRequest, name: str, count: AreaCount) -> str:
    if _share(count) is None:
        return say("web-map-area-unknown", request.language, area=name)
    share = presenting.percent(count.true, count.units, request.language)
    return say("web-map-area", request.language, area=name, share=share, granted=count.true, units=count.units)


def bar(request: HttpRequest, count: AreaCount) -> str:
    """Return one bar of a programme's outcomes: granted, not granted, cannot be decided yet."""
    parts = [
        charts.Part(
            number, kind, f"{say(word, request.language)}: {say('web-number', request.language, number=number)}"
        )
        for number, kind, word in (
            (count.true, "granted", "web-outcome-true"),
            (count.false, "not-granted", "web-outcome-false"),
            (count.unknown, "unknown", "web-outcome-unknown"),
        )
    ]
    title = say("web-bar-title", request.language, programme=_named(count.programme))
    description = "; ".join(part.words for part in parts)
    return charts.stacked_bar(parts, key=f"bar-{count.programme}", title=title, description=description)


def _named(programme: str) -> Message | str:
    return presenting.worded(f"programme-{programme}", programme)
