"""Who is left out: granted and not receiving, by programme and area; nothing from anybody, by area; and the list of the first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from amparo.cases.queries import FEWEST
from amparo.kernel import clock
from amparo.kernel.errors import NotFound, Refused
from amparo.kernel.messages import Message, message
from amparo.profiles.languages import say
from amparo.programmes import queries
from amparo.programmes.types import Counted, CoverageKind, ExclusionCount, GapCount, GroupExclusionCount
from amparo.trust.queries import areas_below, areas_numbered
from amparo.trust.types import Permission
from amparo.web import area_names, presenting
from amparo.web.access import page
from amparo.web.area_map import Shown, area_map
from amparo.web.counted import Telling, group_words
from amparo.web.reach import above_in_reach, around, place_in_reach, sees_rows

AT_ONCE = 50


@dataclass(frozen=True)
class Cells:
    """The counts of one row as its reader may see them: None for one that would tell another, words for one so small.

    `share`  None where nobody is counted, or a count of the row is not told
    """

    counts: tuple[Any, ...]
    share: float | None
    more: tuple[float | None, ...] = ()

    @property
    def is_withheld(self) -> bool:
        """Whether a count of the row is known and not told: it is neither zero nor unknown."""
        return any(each is None for each in self.counts)


# An area, a programme, and what the reader may see of its gap there.
Gap = tuple[Model, str, Cells]


@page(Permission.READ_FIGURES)
@require_safe
def gaps(request: HttpRequest) -> HttpResponse:
    """The gaps of an area and of those inside, programme by programme, and the households that receive nothing."""
    place = place_in_reach(request.by, request.GET.get("area", ""))
    places = [place, *areas_below(place)]
    by_number = {each.number: each for each in places}
    ranges = [(each.number, each.last_number) for each in places]
    exact = sees_rows(request.actor, place, Permission.LIST_DECISIONS)
    gaps_told, excluded_told = (
        _telling(request, kind, [*by_number], exact) for kind in (CoverageKind.GAPS, CoverageKind.EXCLUDED)
    )
    gaps = [
        (by_number[each.area_number], each.programme, _gap(each, gaps_told))
        for each in queries.gap_counts(ranges, by=request.by)
    ]
    excluded = queries.exclusion_counts(ranges, by=request.by)
    counted = None if request.by.scope.is_of_programmes else queries.counted(CoverageKind.EXCLUDED)
    context = {
        "place": place,
        "above": above_in_reach(request.by, place),
        "gaps": [each for each in gaps if each[0].number == place.number],
        "gaps_counted": queries.counted(CoverageKind.GAPS),
        "excluded": [(by_number[each.area_number], _exclusion(each, excluded_told)) for each in excluded],
        "groups": _of_groups(queries.group_exclusion_counts(ranges, by=request.by), by_number, excluded_told),
        "excluded_counted": counted,
        "alarms": _alarms(counted),
        "is_of_programmes": request.by.scope.is_of_programmes,
        "fewest": None if exact else FEWEST,
    }
    return render(request, "web/gaps.html", context | _by_area(request, place, gaps))


def _by_area(request: HttpRequest, place: Model, gaps: Sequence[Gap]) -> dict[str, Any]:
    """Return one programme's gap in each area inside, as a table, and as the map of that table."""
    codes = list(dict.fromkeys(code for _, code, _ in gaps))
    programme = request.GET.get("programme") or next(iter(codes), "")
    if codes and programme not in codes:
        raise NotFound("web-programme-unknown")
    inside = [each for each in gaps if each[1] == programme and each[0].number != place.number]
    shown = [
        Shown(
            at,
            cells.share,
            _spoken(request, area_names.plain(at, request.language), cells),
            f"{reverse('gaps')}?{urlencode({'area': at.code, 'programme': programme})}",
            is_withheld=cells.is_withheld,
        )
        for at, _, cells in inside
    ]
    title = message("web-gaps-map", programme=presenting.worded(f"programme-{programme}", programme))
    return {"programme": programme, "programmes": codes, "inside": inside} | area_map(request, shown, title)


def _spoken(request: HttpRequest, area: str, cells: Cells) -> str:
    if cells.is_withheld:
        return say("web-map-area-withheld", request.language, area=area)
    if cells.share is None:
        return say("web-gaps-area-nobody", request.language, area=area)
    eligible, missed = cells.counts
    share = presenting.percent(missed, eligible, request.language)
    return say("web-gaps-area", request.language, area=area, share=share, missed=missed, eligible=eligible)


def _telling(request: HttpRequest, kind: CoverageKind, numbers: Sequence[int], exact: bool) -> Telling:
    return Telling(exact, None if exact else queries.untold(kind, numbers, by=request.by))


def _alarms(counted: Counted | None) -> list[tuple[Message | str, int]]:
    """Return words and level of each life-cycle group of which more is excluded, in the whole country, than was set."""
    alarms = counted.alarms.items() if counted else ()
    return [(group_words(code), level) for code, (level, is_alarm) in alarms if is_alarm]


def _of_groups(
    counts: Sequence[GroupExclusionCount], places: Mapping[int, Model], telling: Telling
) -> list[tuple[Model, Message | str, Cells]]:
    return [(places[each.area_number], group_words(each.life_group), _group(each, telling)) for each in counts]


def _group(each: GroupExclusionCount, telling: Telling) -> Cells:
    return _by_reason(each.persons, each, telling, each.life_group)


def _gap(each: GapCount, telling: Telling) -> Cells:
    if telling.parts(each.programme, each.area_number):
        return Cells((each.eligible, each.missed), each.share)
    return Cells((telling.whole(each.programme, each.area_number, each.eligible), None), None)


def _exclusion(each: ExclusionCount, telling: Telling) -> Cells:
    return _by_reason(each.households, each, telling, "")


def _by_reason(whole: int, each: ExclusionCount | GroupExclusionCount, telling: Telling, code: str) -> Cells:
    if telling.parts(code, each.area_number):
        more = each.share_near, each.share_unknown
        return Cells((whole, each.excluded, each.near, each.unknown, each.beyond), each.share, more)
    return Cells((telling.whole(code, each.area_number, whole), None, None, None, None), None, (None, None))


@dataclass(frozen=True)
class Asked:
    """Whose gap is wanted: a programme's, in an area and all below it."""

    programme: str
    place: Model

    @property
    def range(self) -> tuple[int, int]:
        return self.place.number, self.place.last_number

    @property
    def query(self) -> str:
        return urlencode({"programme": self.programme, "area": self.place.code})


def _asked(request: HttpRequest) -> Asked:
    """Read the filter. Refuses what does not exist, or lies outside one's reach."""
    codes = queries.programme_codes(by=request.by)
    if not codes:
        raise Refused("web-decisions-no-programme")
    programme = request.GET.get("programme") or codes[0]
    if programme not in codes:
        raise NotFound("web-programme-unknown")
    return Asked(programme, place_in_reach(request.by, request.GET.get("area", "")))


@page(Permission.LIST_DECISIONS, personal=True)
@require_safe
def gaps_list(request: HttpRequest) -> HttpResponse:
    """A page of who is granted a programme and does not receive it: numbers of households, no names."""
    asked = _asked(request)
    told = {"by": request.by, "under": request.under, "on": clock.today(), "after": _after(request)}
    listed = queries.not_receiving(asked.programme, *asked.range, at_most=AT_ONCE, **told)
    places = areas_numbered(abs(each.decision.area_number) for each in listed)
    context = {
        "asked": asked,
        "programmes": queries.programme_codes(by=request.by),
        "around": around(request.by, asked.place),
        "listed": [_line(each, places) for each in listed],
        "after": "{}.{}".format(*listed[-1].place) if len(listed) == AT_ONCE else None,
        "is_first": "after" not in request.GET,
    }
    return render(request, "web/gaps_list.html", context)


def _line(each: queries.Listed, places: Mapping[int, Any]) -> dict[str, Any]:
    made = each.decision
    return {"decision": made, "number": each.number, "area": places.get(abs(made.area_number))}


def _after(request: HttpRequest) -> tuple[int, UUID] | None:
    """Return where the page before ended; a mark that is none begins at the beginning."""
    number, _, id = request.GET.get("after", "").partition(".")
    try:
        return int(number[:18]), UUID(id)
    except ValueError:
        return None
