"""Decisions: one with its reasons, and those of a programme in an area, to look through or take along."""

import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Model
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from amparo.kernel import clock, spreadsheets
from amparo.kernel.errors import NotFound, Refused
from amparo.programmes import queries
from amparo.programmes.config import Unit
from amparo.programmes.explanation import Explanation
from amparo.programmes.types import State
from amparo.registry import queries as registry
from amparo.registry.dictionary import Dictionary
from amparo.trust.queries import area_numbers, area_of_number, areas_numbered
from amparo.trust.types import Permission
from amparo.web import changing, grouping, lacking, laws, presenting, withholding
from amparo.web.access import page
from amparo.web.explaining import Teller, Words
from amparo.web.reach import above_in_reach, around, place_in_reach

OUTCOMES: Mapping[str, tuple[bool | None, ...]] = {
    "": (True, False, None),
    "true": (True,),
    "false": (False,),
    "unknown": (None,),
}
OUTCOME_CODE = {True: "true", False: "false", None: "unknown"}
COLUMNS = ("household", "unit", "unit_id", "area", "outcome", "amount", "on", "state", "missing", "rank", "places")
AT_ONCE = 50


@page(Permission.READ_DECISION, personal=True)
@require_safe
def decision(request: HttpRequest, id: UUID) -> HttpResponse:
    """One decision: what was decided, by which rule, from which facts, and what would change it."""
    explanation = queries.explain(id, by=request.by, under=request.under)
    context = _told(request, explanation, explanation.decision.area_number) | {
        "decision": explanation.decision,
        "notice": queries.notice_about(id, by=request.by),
    }
    return render(request, "web/decision.html", context)


@page(Permission.READ_DECISION, personal=True)
@require_safe
def would_be(request: HttpRequest, id: UUID, programme: str, unit_id: UUID) -> HttpResponse:
    """What a programme's rule says today of a household or member about which nothing was decided; writes nothing."""
    home = registry.household(id, by=request.by, under=request.under)
    if unit_id not in (id, *(each.id for each in home.members), *(each.id for each in home.groups)):
        raise NotFound("registry-person-unknown")
    if (programme, unit_id == id) not in [
        (code, unit is Unit.HOUSEHOLD) for code, unit in queries.programmes_on(clock.today())
    ]:
        raise NotFound("web-programme-unknown")
    explanation = queries.explain_as_of_today(programme, unit_id, by=request.by, under=request.under, on=clock.today())
    return render(request, "web/would_be.html", _told(request, explanation, home.area_number))


def _told(request: HttpRequest, explanation: Explanation, area_number: int) -> dict[str, Any]:
    """Return an explanation in words, with where it lies; of one whose facts were erased no steps are left.

    Where some are withheld from the reader, what may be told of the others.
    """
    words = registry.dictionary()
    place = area_of_number(area_number)
    context = {
        "why": explanation,
        "programme_words": presenting.worded(f"programme-{explanation.programme}", explanation.programme),
        "law_words": presenting.worded(explanation.law, explanation.law),
        "amount": presenting.money(explanation.amount, words),
        "place": place,
        "above": [*above_in_reach(request.by, place), place] if place else [],
        "household": {"id": explanation.household_id, "number": explanation.number},
    }
    teller = Teller(explanation, words, names_of(request, explanation, words))
    if explanation.has_steps:
        return context | _steps(explanation, teller)
    return context | {"whom": grouping.whom(explanation, teller), "withheld": withholding.told(teller)}


def _steps(explanation: Explanation, teller: Teller) -> dict[str, Any]:
    return {
        "whom": grouping.whom(explanation, teller),
        "group_words": grouping.asked(explanation, teller),
        "ranked": grouping.ranked(explanation, teller),
        "clauses": teller.clauses(),
        "reckoning": teller.reckoning(),
        "missing": lacking.missing(teller),
        "resting": lacking.resting(teller),
        "figures": laws.figures(teller),
        "changes": changing.changes(teller),
    }


def names_of(request: HttpRequest, explanation: Explanation, words: Dictionary) -> dict[int, Words]:
    """Return the names of the members, for whoever may read the household too; each reading is on the record."""
    if not request.actor.has(Permission.READ_HOUSEHOLD):
        return {}
    home = registry.household(explanation.household_id, by=request.by, under=request.under)
    held = {each.id: presenting.full_name(each.facts, words) for each in home.members}
    places = enumerate(explanation.members)
    return {index: name for index, (id, _) in places if (name := held.get(id))}


@dataclass(frozen=True)
class Asked:
    """Which decisions are wanted: a programme's, in an area and all below it, by outcome and state."""

    programme: str
    place: Model
    outcome: str
    state: State

    @property
    def range(self) -> tuple[int, int]:
        return self.place.number, self.place.last_number


def _asked(request: HttpRequest) -> Asked:
    """Read the filter. Refuses what does not exist, or lies outside one's areas."""
    codes = queries.programme_codes(by=request.by)
    if not codes:
        raise Refused("web-decisions-no-programme")
    programme = request.GET.get("programme") or codes[0]
    outcome, state = request.GET.get("outcome", ""), request.GET.get("state") or State.IN_EFFECT.value
    if programme not in codes:
        raise NotFound("web-programme-unknown")
    if outcome not in OUTCOMES or state not in list(State):
        raise Refused("web-decisions-filter-unknown")
    return Asked(programme, place_in_reach(request.by, request.GET.get("area", "")), outcome, State(state))


@page(Permission.LIST_DECISIONS, personal=True)
@require_safe
def decisions(request: HttpRequest) -> HttpResponse:
    """A page of decisions by programme, area, outcome and state."""
    asked = _asked(request)
    listed = queries.decisions_in(
        asked.programme,
        *asked.range,
        by=request.by,
        under=request.under,
        state=asked.state,
        outcomes=OUTCOMES[asked.outcome],
        after=_after(request),
        at_most=AT_ONCE,
    )
    words, places = registry.dictionary(), areas_numbered(each.decision.area_number for each in listed)
    context = {
        "asked": asked,
        "programmes": queries.programme_codes(by=request.by),
        "outcomes": OUTCOMES,
        "states": [each.value for each in State],
        "around": around(request.by, asked.place),
        "listed": [_line(each, words, places) for each in listed],
        "after": "{}.{}".format(*listed[-1].place) if len(listed) == AT_ONCE else None,
        "is_first": "after" not in request.GET,
    }
    return render(request, "web/decisions.html", context)


def _after(request: HttpRequest) -> tuple[int, UUID] | None:
    """Return where the page before ended; a mark that is none begins at the beginning."""
    number, _, id = request.GET.get("after", "").partition(".")
    try:
        return int(number[:18]), UUID(id)
    except ValueError:
        return None


def _line(each: queries.Listed, words: Dictionary, places: Mapping[int, Any]) -> dict[str, Any]:
    return {
        "decision": each.decision,
        "number": each.number,
        "amount": presenting.money(each.decision.amount, words),
        "area": places.get(each.decision.area_number),
    }


@page(Permission.EXPORT_DECISIONS, personal=True)
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The decisions of a programme in an area as CSV, without names or identity numbers.

    The file is written whole before its first byte leaves, so that nothing is taken along that is not on the record.
    """
    asked = _asked(request)
    # Without a name on disk: it is gone when the answer is sent, or the process ends.
    file = TemporaryFile(dir=settings.DELIVERY_FOLDER)  # noqa: SIM115 (the answer closes it)
    text = io.TextIOWrapper(file, "utf-8", newline="", write_through=True)
    _write(spreadsheets.writer(text), asked, request)
    text.detach().seek(0)
    name = f"{asked.programme}-{asked.place.code}-{clock.today().isoformat()}.csv"
    return FileResponse(file, as_attachment=True, filename=name, content_type="text/csv; charset=utf-8")


def _write(write: Callable[[Iterable[Any]], None], asked: Asked, request: HttpRequest) -> None:
    write(COLUMNS)
    codes = {number: code for code, (_, number, _) in area_numbers().items()}
    words = registry.dictionary()
    for each in queries.exported_decisions(
        asked.programme, *asked.range, by=request.by, under=request.under, state=asked.state
    ):
        made = each.decision
        amount = presenting.money(made.amount, words)
        cells = (
            each.number,
            made.unit,
            made.unit_id,
            codes.get(abs(made.area_number), ""),
            OUTCOME_CODE[made.outcome],
            amount.major if amount else None,
            made.on,
            made.state.value,
            " ".join(made.missing),
            made.rank or None,
            made.places,
        )
        write(cells)
