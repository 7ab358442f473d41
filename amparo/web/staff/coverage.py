"""Who is covered, by life-cycle group and area, and who receives two benefits at once: counts, to look at or take along."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from amparo.cases.queries import FEWEST
from amparo.kernel import spreadsheets
from amparo.profiles.languages import say
from amparo.programmes import queries
from amparo.programmes.pairs_untold import overlap_code
from amparo.programmes.types import Counted, CoverageCount, CoverageKind, OverlapCount, Reach
from amparo.registry.attributes import AREA, stated_of
from amparo.registry.queries import dictionary
from amparo.trust.queries import areas_below
from amparo.trust.types import Permission
from amparo.web import charts, country
from amparo.web.access import page
from amparo.web.counted import Telling, group_words
from amparo.web.reach import above_in_reach, place_in_reach, sees_rows

KINDS = ("assistance", "insurance", "both", "none")
COLUMNS = (
    *("area", "group", "persons", "census"),
    *(f"{how}_{each}" for how in ("reached", "direct") for each in KINDS),
)
WHOLE = ""


@dataclass(frozen=True)
class Line:
    """One group of an area as its reader may see it.

    `persons`  None where it would tell another count
    `census`  how many such persons are stated to live there; None: nobody states it
    `direct`, `reached`  None where a count of the row would tell another
    """

    place: Model
    group: str
    persons: Any
    census: int | None
    direct: Reach | None
    reached: Reach | None

    @property
    def share_of_census(self) -> float | None:
        return self.reached.covered / self.census if self.reached and self.census else None


@page(Permission.READ_FIGURES)
@require_safe
def coverage(request: HttpRequest) -> HttpResponse:
    """Whom assistance, insurance or both reaches: each life-cycle group of an area, and all people of the areas inside."""
    place = place_in_reach(request.by, request.GET.get("area", ""))
    counted = None if request.by.scope.is_of_programmes else queries.counted(CoverageKind.COVERED)
    lines = _lines(request, [place, *areas_below(place)], counted) if counted else []
    groups = [each for each in lines if each.place.number == place.number]
    context = {
        "place": place,
        "above": above_in_reach(request.by, place),
        "counted": counted,
        "is_of_programmes": request.by.scope.is_of_programmes,
        "fewest": None if _is_exact(request, place) else FEWEST,
        "groups": [(each, group_words(each.group), _bar(request, each)) for each in groups],
        "inside": [each for each in lines if each.group == WHOLE and each not in groups],
        "legend": [(charts.FILLS[fill], f"web-coverage-{kind}") for kind, fill in _PARTS],
    }
    return render(request, "web/coverage.html", context)


@page(Permission.READ_FIGURES)
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The same counts of an area and of those inside as CSV: what is not told on the page is empty here."""
    place = place_in_reach(request.by, request.GET.get("area", ""))
    counted = None if request.by.scope.is_of_programmes else queries.counted(CoverageKind.COVERED)
    text = io.StringIO(newline="")
    write = spreadsheets.writer(text)
    write(COLUMNS)
    for each in _lines(request, [place, *areas_below(place)], counted) if counted else ():
        persons = each.persons if isinstance(each.persons, int) else None
        write((each.place.code, each.group or "all", persons, each.census, *_cells(each.reached), *_cells(each.direct)))
    name = f"coverage-{place.code}-{counted.day.isoformat() if counted else 'none'}.csv"
    response = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _cells(reach: Reach | None) -> Iterator[int | None]:
    return (getattr(reach, each) if reach else None for each in KINDS)


def _is_exact(request: HttpRequest, place: Model) -> bool:
    return sees_rows(request.actor, place, Permission.LIST_DECISIONS)


def _lines(request: HttpRequest, places: Sequence[Model], counted: Counted) -> list[Line]:
    """Return each group of each area, and after them all people of it; whoever the page may not tell a count is told none."""
    ranges = [(each.number, each.last_number) for each in places]
    census = _census(places, counted)
    found: list[Line] = []
    counts = queries.coverage_counts(ranges, by=request.by)
    exact = _is_exact(request, places[0])
    untold = None if exact else queries.untold(CoverageKind.COVERED, [each.number for each in places], by=request.by)
    telling = Telling(exact, untold)
    for place in places:
        of_place = [each for each in counts if each.area_number == place.number]
        lines = [_line(place, each, census, telling) for each in of_place]
        found += lines
        whole, stated = _whole(of_place), census.get((place.number, WHOLE))
        # One group that is not told would be what the others leave of the whole.
        is_told = all(each.reached is not None for each in lines)
        persons = whole.reached.persons if all(isinstance(each.persons, int) for each in lines) else None
        found.append(Line(place, WHOLE, persons, stated, *((whole.direct, whole.reached) if is_told else (None, None))))
    return found


def _line(place: Model, each: CoverageCount, census: dict[tuple[int, str], int], telling: Telling) -> Line:
    persons, stated = each.reached.persons, census.get((place.number, each.life_group))
    if telling.parts(each.life_group, place.number):
        return Line(place, each.life_group, persons, stated, each.direct, each.reached)
    return Line(place, each.life_group, telling.whole(each.life_group, place.number, persons), stated, None, None)


def _whole(counts: Sequence[CoverageCount]) -> CoverageCount:
    def summed(of: str) -> Reach:
        names = ("persons", "assistance", "insurance", "both")
        return Reach(*(sum(getattr(getattr(each, of), name) for each in counts) for name in names))

    return CoverageCount(WHOLE, 0, summed("direct"), summed("reached"))


def _census(places: Sequence[Model], counted: Counted) -> dict[tuple[int, str], int]:
    """Return (area number, group) → how many such persons are stated to live there on the day of the count.

    A field that the profile names and that is not installed yet states nothing.
    """
    stated, words = country.profile().coverage, dictionary()
    fields = {each.code: each.population for each in stated.groups} | {WHOLE: stated.population}
    names = {each for each in fields.values() if each is not None and (AREA, each) in words}
    found = stated_of([each.number for each in places], sorted(names), words=words, on=counted.day)
    return {
        (place.number, code): found[place.number, name]
        for place in places
        for code, name in fields.items()
        if name is not None and (place.number, name) in found
    }


# In the order of the bar: what it is made of, and how that is filled.
_PARTS = (("assistance", "assistance"), ("both", "both"), ("insurance", "insurance"), ("none", "nothing"))


def _bar(request: HttpRequest, line: Line) -> str | None:
    if line.reached is None or not line.reached.persons:
        return None
    parts = []
    for kind, fill in _PARTS:
        number = getattr(line.reached, kind)
        words = f"{say(f'web-coverage-{kind}', request.language)}: {say('web-number', request.language, number=number)}"
        parts.append(charts.Part(number, fill, words))
    title = say("web-coverage-bar", request.language, group=group_words(line.group))
    key = f"bar-{line.group or 'all'}"
    drawing = charts.stacked_bar(parts, key=key, title=title, description="; ".join(each.words for each in parts))
    return mark_safe(drawing)  # noqa: S308 (escaped)


@page(Permission.READ_FIGURES)
@require_safe
def overlaps(request: HttpRequest) -> HttpResponse:
    """How many homes of an area receive each two programmes at once, as a matrix, with how these go together."""
    place = place_in_reach(request.by, request.GET.get("area", ""))
    counts = queries.overlap_counts(place.number, place.last_number, by=request.by)
    schemes = sorted({code for each in counts for code in (each.first, each.second)})
    exact = _is_exact(request, place)
    telling = Telling(exact, None if exact else queries.untold_of_overlaps(place.number, by=request.by))
    context = {
        "place": place,
        "above": above_in_reach(request.by, place),
        "below": areas_below(place),
        "day": None if request.by.scope.is_of_programmes else queries.overlaps_classed(),
        "is_of_programmes": request.by.scope.is_of_programmes,
        "fewest": None if exact else FEWEST,
        "schemes": schemes,
        "rows": [(one, [_pair(counts, one, other, place, telling) for other in schemes]) for one in schemes],
    }
    return render(request, "web/overlaps.html", context)


def _pair(
    counts: Sequence[OverlapCount], one: str, other: str, place: Model, telling: Telling
) -> list[tuple[str, Any]]:
    """Return class and count of a pair, in whatever order; of a pair that nobody receives, nothing, nor of one that is not told.

    Not told is a count from which another could be worked out: who receives but one of the two, or both in an area beside.
    """
    pair = tuple(sorted((one, other)))
    of_pair = [each for each in counts if (each.first, each.second) == pair]
    found = [
        (each, telling.whole(overlap_code(*pair, each.overlap), place.number, each.households)) for each in of_pair
    ]
    return [(each.overlap, count) for each, count in found if count is not None]
