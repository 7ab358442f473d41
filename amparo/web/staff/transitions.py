"""Transitions of lives: applying for the next scheme with what is known filled in, and in how many there was a gap."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from amparo.cases import actions, queries
from amparo.cases.queries import FEWEST, Passage
from amparo.cases.types import Case
from amparo.kernel.errors import Refused
from amparo.kernel.messages import message
from amparo.programmes.explanation import Explanation, Input
from amparo.registry import queries as registry
from amparo.trust.queries import areas_below, areas_numbered
from amparo.trust.types import Permission
from amparo.web import lacking, presenting
from amparo.web.access import page
from amparo.web.application_forms import ApplicationForm
from amparo.web.days import day_field
from amparo.web.explaining import Teller
from amparo.web.reach import above_in_reach, place_in_reach, sees_rows
from amparo.web.staff.case_figures import PeriodForm, period_told, years
from amparo.web.staff.decisions import names_of


class HappenForm(PeriodForm):
    """When the transitions happen that are counted."""

    since = day_field("web-transitions-since", wrong="web-day-wrong", required=False)
    until = day_field("web-transitions-until", wrong="web-day-wrong", required=False)


@page(Permission.WORK_CASE, personal=True)
@require_http_methods(["GET", "HEAD", "POST"])
def apply(request: HttpRequest, id: UUID, programme: str) -> HttpResponse:
    """Apply for a scheme that follows: what its rule needs and is known is shown, and what is missing is asked."""
    case = queries.case(id, by=request.actor.narrowed(Permission.READ_CASE), under=request.under)
    found = queries.next_scheme(case, programme, by=request.actor, under=request.under)
    if found.explanation is None:
        raise (
            Refused(found.why.id, **found.why.values) if found.why else Refused("cases-move-not-possible", act="apply")
        )
    if request.method == "POST" and not found.may_apply:
        raise Refused("cases-application-not-yours", programme=programme)
    teller = _teller(request, found.explanation)
    form = ApplicationForm(request.POST if request.method == "POST" else None, teller, request.language)
    if request.method == "POST" and form.is_valid():
        applied = actions.apply(id, programme, form.answers, by=request.actor, under=request.under)
        if applied.enrolment or applied.outcome is True:
            return redirect("case", id=id)
        return redirect("case-apply", id=id, programme=programme)
    context = _told(case, teller, form) | {
        "may_apply": found.may_apply,
        "above": above_in_reach(request.by, _place(case)),
    }
    return render(request, "web/case_apply.html", context, status=400 if form.errors else 200)


def _teller(request: HttpRequest, explanation: Explanation) -> Teller:
    words = registry.dictionary()
    return Teller(explanation, words, names_of(request, explanation, words))


def _place(case: Case) -> Any:
    return next(iter(areas_numbered([abs(case.area_number)]).values()), None)


def _told(case: Case, teller: Teller, form: ApplicationForm) -> dict[str, Any]:
    explanation = teller.explanation
    known = [each for each in explanation.inputs if each.fact is not None and each.counts]
    return {
        "case": case,
        "why": explanation,
        "programme_words": presenting.worded(f"programme-{explanation.programme}", explanation.programme),
        "transition_words": presenting.worded(f"transition-{case.transition}", case.transition),
        "amount": presenting.money(explanation.amount, teller.words),
        "known": [_fact(each, teller) for each in known],
        "missing": lacking.missing(teller) if explanation.has_steps else [],
        "form": form,
    }


def _fact(each: Input, teller: Teller) -> dict[str, Any]:
    """Return a fact as the form shows it: what, of whom, its value, who said so, and when."""
    assert each.fact is not None
    return {
        "label": lacking.about(each, teller),
        "value": lacking.value(each, teller),
        "source": presenting.worded(f"source-{each.fact.source}", each.fact.source),
        "on": each.fact.observed_on,
    }


@page(Permission.READ_FIGURES)
@require_safe
def passages(request: HttpRequest) -> HttpResponse:
    """How transitions went in an area by kind, and of all kinds in the areas inside."""
    place = place_in_reach(request.by, request.GET.get("area", ""))
    form = HappenForm(request.GET)
    rows: list[Passage] = []
    inside: list[tuple[Any, Passage | None]] = []
    if period := period_told(request, place, form):
        asked = {"since": period[0], "until": period[1], "by": request.by}
        exact = sees_rows(request.actor, place, Permission.READ_CASE)
        hides = None if exact else queries.passages_withheld(**asked)
        rows = queries.passages([(place.number, place.last_number)], **asked)
        rows = [replace(each, told=hides.of(each.transition, place.number)) for each in rows] if hides else rows
        below = list(areas_below(place))
        ranges = [(each.number, each.last_number) for each in below]
        counted = {each.area_number: each for each in queries.passages(ranges, by_transition=False, **asked)}
        if hides:
            counted = {number: replace(each, told=hides.of_all(number)) for number, each in counted.items()}
        inside = [(each, _cells(counted.get(each.number))) for each in below]
    context = {
        "form": form,
        "place": place,
        "above": above_in_reach(request.by, place),
        "rows": [(_name(each), _cells(each)) for each in rows],
        "inside": inside,
        "fewest": FEWEST,
    }
    context["years"] = years(request, place, form)
    return render(request, "web/transitions.html", context, status=400 if form.errors else 200)


def _name(each: Passage) -> Any:
    return presenting.worded(f"transition-{each.transition}", each.transition)


def _cells(each: Passage | None) -> dict[str, Any] | None:
    """Return the counts of a row as anybody may see them: of few only that they are few, and nothing beside them."""
    if each is None:
        return None
    if each.is_few:
        return {"cases": message("web-case-figures-few", count=FEWEST), "measured": None, "gaps": None, "share": None}
    if not each.told.parts:
        return {"cases": each.cases if each.told.whole else None, "measured": None, "gaps": None, "share": None}
    told = each.share is not None
    return {
        "cases": each.cases,
        "measured": each.measured if told or not each.measured else None,
        "gaps": each.gaps if told else None,
        "share": each.share,
    }
