"""How local offices do: an index of an area and of those inside, from which numbers, month by month; and the same as a file."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from amparo.cases.queries import FEWEST
from amparo.kernel import spreadsheets
from amparo.kernel.dates import Month
from amparo.kernel.errors import NotFound, Refused
from amparo.profiles.languages import say
from amparo.programmes import queries
from amparo.programmes.types import Performance, Rate
from amparo.registry.queries import boundaries
from amparo.trust.queries import areas_below
from amparo.trust.types import Permission
from amparo.web import area_names, charts, presenting
from amparo.web.access import page
from amparo.web.counted import Telling
from amparo.web.reach import above_in_reach, place_in_reach, sees_rows


@dataclass(frozen=True)
class Told:
    """What an index says of an area as its reader may see it; `is_few` where a count is so small that nothing is told."""

    place: Model
    found: Performance
    is_few: bool

    @property
    def rates(self) -> list[Rate | None]:
        return [None if self.is_few else each for each in self.found.rates.values()]

    @property
    def figures(self) -> list[float | None]:
        return [None if self.is_few else each for each in self.found.figures.values()]

    @property
    def stated(self) -> list[float | None]:
        return list(self.found.stated.values())

    @property
    def value(self) -> float | None:
        return None if self.is_few else self.found.value

    @property
    def pays(self) -> bool | None:
        return None if self.is_few else self.found.pays


@dataclass(frozen=True)
class Asked:
    """Which index, of which area and those inside, in which month; None: the latest."""

    index: str
    place: Model
    month: date | None

    @property
    def query(self) -> str:
        month = {"month": f"{self.month:%Y-%m}"} if self.month else {}
        return urlencode({"index": self.index, "area": self.place.code, **month})


def _asked(request: HttpRequest) -> Asked | None:
    """Read the filter; None where the country measures nothing. Refuses what does not exist, or lies outside one's reach."""
    codes = queries.indices()
    if not codes:
        return None
    index = request.GET.get("index") or codes[0]
    if index not in codes:
        raise NotFound("web-performance-unknown-index")
    return Asked(index, place_in_reach(request.by, request.GET.get("area", "")), _month(request.GET.get("month", "")))


def _month(given: str) -> date | None:
    try:
        return date.fromisoformat(f"{given}-01") if given else None
    except ValueError:
        raise Refused("web-performance-month-wrong") from None


@page(Permission.READ_FIGURES)
@require_safe
def performance(request: HttpRequest) -> HttpResponse:
    """The index of an area and of those inside, with the rates and figures it is made of, and the months before."""
    asked = _asked(request)
    if asked is None:
        return render(
            request, "web/performance.html", {"place": place_in_reach(request.by, request.GET.get("area", ""))}
        )
    measured, told = queries.measured(asked.index, asked.month), _told(request, asked)
    context = {
        "asked": asked,
        "place": asked.place,
        "above": above_in_reach(request.by, asked.place),
        "indices": queries.indices(),
        "months": [Month(each) for each in queries.months_measured(asked.index)],
        "measured": measured,
        "month": Month(measured.month) if measured else None,
        "told": told,
        "codes": _codes(told),
        "is_of_programmes": request.by.scope.is_of_programmes,
        "fewest": None if _is_exact(request, asked) else FEWEST,
        "before": _before(request, asked),
        **_map(request, asked, told[1:]),
    }
    return render(request, "web/performance.html", context)


def _is_exact(request: HttpRequest, asked: Asked) -> bool:
    return sees_rows(request.actor, asked.place, Permission.LIST_DECISIONS)


def _told(request: HttpRequest, asked: Asked) -> list[Told]:
    """Return what is said of the area, and of those inside it that the index is about."""
    places = {each.number: each for each in (asked.place, *areas_below(asked.place))}
    found = queries.performances(asked.index, places, by=request.by, month=asked.month)
    exact = _is_exact(request, asked)
    untold = None if exact else queries.untold_of_index(asked.index, [*places], by=request.by, month=asked.month)
    telling = Telling(exact, untold)
    said = {
        number: Told(places[number], each, not telling.parts("", number))
        for each in found
        if (number := each.area_number)
    }
    return [said[number] for number in places if number in said]


def _codes(told: list[Told]) -> dict[str, list[str]]:
    """Return the codes of the columns, which are the same of every area of a measurement."""
    if not told:
        return {"rates": [], "stated": [], "figures": []}
    found = told[0].found
    return {"rates": list(found.rates), "stated": list(found.stated), "figures": list(found.figures)}


def _before(request: HttpRequest, asked: Asked) -> list[tuple[Month, float | None, bool | None]]:
    """Return month by month what the index said of the area."""
    number = asked.place.number
    untold = set() if _is_exact(request, asked) else queries.untold_by_month(asked.index, number, by=request.by)
    by_month = queries.performances_by_month(asked.index, number, by=request.by)
    rows = [(Month(month), Told(asked.place, each, month in untold)) for month, each in by_month]
    return [(month, each.value, each.pays) for month, each in rows]


def _map(request: HttpRequest, asked: Asked, inside: list[Told]) -> dict[str, Any]:
    """Return the map of the areas inside by their index; nothing where there is no boundary to draw."""
    outlines = boundaries(each.place.id for each in inside)
    drawn = [
        charts.Place(
            code=each.place.code,
            name=area_names.plain(each.place, request.language),
            share=each.value,
            words=_spoken(request, each),
            geometry=outlines[each.place.id],
            url=f"{reverse('performance')}?{urlencode({'index': asked.index, 'area': each.place.code})}",
        )
        for each in inside
        if each.place.id in outlines
    ]
    if not drawn:
        return {}
    scale = charts.scale_of([each.value for each in inside])
    title = say("web-performance-map", request.language)
    description = say("web-map-description", request.language, count=len(drawn))
    drawing = charts.choropleth(drawn, scale, key="map", title=title, description=description)
    has_unknown = any(each.value is None for each in inside)
    return {"map": mark_safe(drawing), "scale": scale.classes, "has_unknown": has_unknown}  # noqa: S308 (escaped)


def _spoken(request: HttpRequest, each: Told) -> str:
    name = area_names.plain(each.place, request.language)
    if each.value is None:
        return say("web-map-area-unknown", request.language, area=name)
    value = presenting.to_four_places(each.value, request.language)
    return say("web-performance-map-area", request.language, area=name, value=value)


@page(Permission.READ_FIGURES)
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The same as CSV, in codes and plain numbers; what is not told on the page is empty here, and nothing measured no row."""
    asked = _asked(request)
    measured = queries.measured(asked.index, asked.month) if asked else None
    told = _told(request, asked) if asked and measured else []
    name = f"{measured.index}-{measured.month:%Y-%m}" if measured else "performance"
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    answer = HttpResponse(content_type="text/csv; charset=utf-8", headers=headers)
    write, codes = spreadsheets.writer(answer), _codes(told)
    rates = [f"{code}_{part}" for code in codes["rates"] for part in ("met", "of", "unknown", "rate")]
    write(["area", "month", *rates, *codes["stated"], *codes["figures"], "pays"])
    for each in told:
        write([each.place.code, f"{measured.month:%Y-%m}" if measured else "", *map(_plain, _cells(each))])
    return answer


def _cells(each: Told) -> Iterator[Any]:
    for rate in each.rates:
        yield from (rate.met, rate.of, rate.unknown, rate.value) if rate else (None,) * 4
    yield from (*each.stated, *each.figures, each.pays)


def _plain(value: Any) -> str:
    """Return a cell in plain text: a dot before decimals, nothing where nothing is known or told."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.6f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
