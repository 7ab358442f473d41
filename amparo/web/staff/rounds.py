"""Rounds: a source asked about everybody in an area. Who started it, how far it is, and how it went, by reason; of nobody."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.kernel.messages import Message, message
from amparo.sources import actions
from amparo.sources.queries.rounds import all_rounds, askable_sources, one_round
from amparo.sources.tasks import put_on
from amparo.sources.types import HELD, TOLD, Round, RoundState
from amparo.trust.queries import area, areas_below, display_names, is_area
from amparo.trust.types import Permission
from amparo.web import refusals
from amparo.web.access import page
from amparo.web.reach import above_in_reach, place_in_reach
from amparo.web.staff.sources import source_named

_MISSING = {"required": "web-round-sources-missing", "invalid_choice": "web-round-sources-missing"}


class StartForm(forms.Form):
    """Which sources are asked."""

    sources = forms.MultipleChoiceField(label="web-round-sources", error_messages=_MISSING)

    def __init__(self, sent: Mapping[str, Any] | None, askable: Mapping[str, Message | None]) -> None:
        super().__init__(sent)
        self.fields["sources"].choices = [(each, each) for each, why in askable.items() if why is None]


@page(Permission.ASK_AREA)
@require_safe
def rounds(request: HttpRequest) -> HttpResponse:
    listed = all_rounds(by=request.by)
    names = display_names(each.started_by for each in listed)
    return render(request, "web/rounds.html", {"listed": [_line(each, names) for each in listed]})


def _line(each: Round, names: Mapping[UUID, str]) -> dict[str, Any]:
    return {
        "round": each,
        "source": source_named(each.source),
        "place": area(each.area) if is_area(each.area) else None,
        "started_by": names.get(each.started_by),
        "outcomes": _outcomes(each),
        "why": each.waits_for and each.waits_for.words,
        "is_under_way": each.state is RoundState.RUNNING,
    }


def _outcomes(each: Round) -> list[tuple[Message, int]]:
    """Return how it went with how many: who told, who need not be asked, and why the others are not known."""
    known = [(message(f"sources-outcome-{name}"), each.counts.get(name, 0)) for name in (TOLD, HELD)]
    return known + [(reason.words, count) for reason, count in each.reasons.items()]


@page(Permission.ASK_AREA, personal=True)
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Choose an area, and which of the sources that the purpose allows are asked about who lives there."""
    place = place_in_reach(request.by, request.GET.get("area", ""))
    askable = askable_sources(by=request.by, under=request.under, on=clock.today())
    form, refusal = StartForm(request.POST if request.method == "POST" else None, askable), None
    if form.is_valid():
        try:
            chosen = form.cleaned_data["sources"]
            made = actions.start_rounds(place.code, chosen, by=request.by, under=request.under, on=clock.today())
        except Refused as refused:
            refusal = refusals.in_words(request, refused)
        else:
            for each in made:
                put_on(each)
            return redirect("round", id=made[0]) if len(made) == 1 else redirect("rounds")
    context = {
        "form": form,
        "refusal": refusal,
        "place": place,
        "above": above_in_reach(request.by, place),
        "below": areas_below(place),
        "askable": [(each, source_named(each)) for each, why in askable.items() if why is None],
        "not_askable": [
            (source_named(each), refusals.in_words(request, Refused(why.id, **why.values)))
            for each, why in askable.items()
            if why is not None
        ],
        "chosen": form["sources"].value() or [],
        "purpose": request.under.purpose,
    }
    return render(request, "web/round_start.html", context, status=400 if form.errors or refusal else 200)


@page(Permission.ASK_AREA)
@require_safe
def one(request: HttpRequest, id: UUID) -> HttpResponse:
    """One round: how far it is, how it went so far, and what hinders it."""
    found = one_round(id, by=request.by)
    problem = found.problem and refusals.in_words(request, Refused(found.problem.id, **found.problem.values))
    context = _line(found, display_names([found.started_by])) | {
        "problem": problem,
        "is_still": "still" in request.GET,
        "may_resume": found.state in (RoundState.STOPPED, RoundState.HALTED),
    }
    return render(request, "web/round.html", context)


@page(Permission.ASK_AREA)
@require_safe
def progress(request: HttpRequest, id: UUID) -> HttpResponse:
    """The part of a round's page that changes while it is worked on; the whole page once it no longer is."""
    found = one_round(id, by=request.by)
    if found.state is not RoundState.RUNNING:
        return HttpResponseClientRefresh()
    return render(request, "web/parts/round_progress.html", _line(found, {}))


@page(Permission.ASK_AREA)
@require_POST
def stop(request: HttpRequest, id: UUID) -> HttpResponse:
    actions.stop_round(id, by=request.by)
    return redirect("round", id=id)


@page(Permission.ASK_AREA)
@require_POST
def resume(request: HttpRequest, id: UUID) -> HttpResponse:
    actions.resume_round(id, by=request.by)
    put_on(id)
    return redirect("round", id=id)
