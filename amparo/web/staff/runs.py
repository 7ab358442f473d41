"""Runs: what was planned, what it would change, who approved it, how far it is."""

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.programmes import actions, queries
from amparo.programmes.config import GROUND
from amparo.programmes.tasks import execute_run, preview_run
from amparo.programmes.types import Change, Run, RunState
from amparo.registry.queries import dictionary
from amparo.trust.eyes import is_same_human
from amparo.trust.queries import areas_below, display_names
from amparo.trust.types import Actor, Permission
from amparo.web import presenting, refusals
from amparo.web.access import page
from amparo.web.days import day_field
from amparo.web.reach import above_in_reach, place_in_reach

# What a reader of a preview looks for first.
SHOWN = (Change.GAINS, Change.MORE, Change.LESS, Change.LOSES, Change.UNKNOWN)


class PlanForm(forms.Form):
    """Which programmes are decided, and for which day."""

    on = day_field("web-run-day", hint="web-run-day-hint", wrong="web-run-day-missing")
    programmes = forms.MultipleChoiceField(
        label="web-run-programmes",
        error_messages={"required": "web-run-programmes-missing", "invalid_choice": "web-run-programmes-missing"},
    )
    is_full = forms.BooleanField(label="web-run-full", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["programmes"].choices = [(code, code) for code in queries.programme_codes()]


@page(Permission.READ_FIGURES)
@require_safe
def runs(request: HttpRequest) -> HttpResponse:
    listed = queries.runs()
    names = display_names(each.planned_by for each in listed)
    return render(request, "web/runs.html", {"listed": [(each, names.get(each.planned_by)) for each in listed]})


@page(Permission.DETERMINE)
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest) -> HttpResponse:
    """Plan a run; the worker takes its snapshot and counts what it would change."""
    form, refusal = PlanForm(request.POST or None, initial={"on": clock.today()}), None
    if request.method == "POST" and form.is_valid():
        try:
            made = _planned(request.by, **form.cleaned_data)
        except Refused as refused:
            refusal = refusals.in_words(request, refused)
        else:
            preview_run.defer(run_id=str(made.id))
            return redirect("run", id=made.id)
    status = 400 if form.errors or refusal else 200
    chosen = form["programmes"].value() or queries.programmes_in_force(clock.today())
    context = {"form": form, "refusal": refusal, "programmes": queries.programme_codes(), "chosen": chosen}
    return render(request, "web/run_plan.html", context, status=status)


def _planned(by: Actor, *, on: date, programmes: list[str], is_full: bool) -> Run:
    return actions.plan(on=on, programmes=programmes, is_full=is_full, by=by, under=GROUND)


@page(Permission.READ_FIGURES)
@require_safe
def run(request: HttpRequest, id: UUID) -> HttpResponse:
    """One run: its plan and state, and by programme and area what it would change, or changed."""
    return render(request, "web/run.html", _told(request, queries.run(id)))


@page(Permission.READ_FIGURES)
@require_safe
def progress(request: HttpRequest, id: UUID) -> HttpResponse:
    """The part of a run's page that changes while it is worked on; the whole page once it no longer is."""
    made = queries.run(id)
    if not _is_under_way(made):
        return HttpResponseClientRefresh()
    return render(request, "web/parts/run_progress.html", {"run": made, "is_under_way": True})


@page(Permission.APPROVE_RUN)
@require_POST
def approve(request: HttpRequest, id: UUID) -> HttpResponse:
    actions.approve(id, by=request.by)
    return redirect("run", id=id)


@page(Permission.DETERMINE)
@require_POST
def start(request: HttpRequest, id: UUID) -> HttpResponse:
    """Have the worker write the decisions, or go on where the run was stopped."""
    if hindrance := _hindrance(queries.run(id)):
        raise Refused(hindrance)
    execute_run.defer(run_id=str(id))
    return redirect("run", id=id)


def _hindrance(made: Run) -> str:
    """Return what keeps a run from being begun, or from going on; empty where nothing does."""
    if made.state not in (RunState.PLANNED, RunState.STOPPED, RunState.RUNNING):
        return "programmes-run-over"
    if made.state is RunState.PLANNED and made.previewed_at is None:
        return "programmes-run-not-previewed"
    return "programmes-run-not-approved" if made.needs_approval and made.approved_by is None else ""


@page(Permission.DETERMINE)
@require_POST
def stop(request: HttpRequest, id: UUID) -> HttpResponse:
    actions.stop(id, by=request.by)
    return redirect("run", id=id)


def _is_under_way(made: Run) -> bool:
    return made.state is RunState.RUNNING or (made.state is RunState.PLANNED and made.previewed_at is None)


def _told(request: HttpRequest, made: Run) -> dict[str, Any]:
    place = place_in_reach(request.by, request.GET.get("area", ""))
    places = {each.number: each for each in (place, *areas_below(place))}
    found = queries.previewed(made.id, [(each.number, each.last_number) for each in places.values()], by=request.by)
    names = display_names([made.planned_by, *filter(None, [made.approved_by])])
    problem = made.problem and refusals.in_words(request, Refused(made.problem.id, **made.problem.values))
    return {
        "run": made,
        "is_under_way": _is_under_way(made),
        "is_still": "still" in request.GET,
        "planned_by": names.get(made.planned_by),
        "approved_by": names.get(made.approved_by),
        "may_approve": made.state is RunState.PLANNED
        and made.needs_approval
        and made.previewed_at is not None
        and made.approved_by is None
        and not is_same_human(request.actor, made.planned_by),
        "is_left": made.state is RunState.RUNNING and not queries.is_worked_on(),
        "may_start": made.state is not RunState.RUNNING and not _hindrance(made),
        "problem": problem,
        "place": place,
        "above": above_in_reach(request.by, place),
        "changes": SHOWN,
        "tables": [_table(code, found, places, place.number) for code in made.programmes],
        "figures": [(code, each) for code, each in made.counts.items()],
    }


def _table(code: str, found: list[queries.AreaChange], places: dict[int, Any], here: int) -> dict[str, Any]:
    """Return a programme's preview: a row for the area and each below it, and the sums before and after."""
    own = [each for each in found if each.programme == code]
    cells = {(each.area_number, each.change): each.units for each in own}
    words = dictionary()
    sums = {each.change: each for each in own if each.area_number == here}
    return {
        "programme": code,
        "rows": [(place, [cells.get((number, kind), 0) for kind in SHOWN]) for number, place in places.items()],
        "sums": [
            (kind, presenting.money(sums[kind].before, words), presenting.money(sums[kind].after, words))
            for kind in SHOWN
            if kind in sums
        ],
    }
