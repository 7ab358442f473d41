"""Breaches: opened with a clock, who was concerned, who was told and when, closed by two."""

from collections.abc import Iterator
from datetime import UTC
from typing import Any
from uuid import UUID

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amparo.kernel import clock, spreadsheets
from amparo.kernel.errors import NotFound, Refused
from amparo.profiles.languages import say
from amparo.trust.actions import breaching
from amparo.trust.actions.breaching import Suspected
from amparo.trust.eyes import is_same_human
from amparo.trust.grounds.agreements import organisation_names
from amparo.trust.log import breaches as known
from amparo.trust.queries import display_names, usernames
from amparo.trust.tasks import count_breach
from amparo.trust.types import BreachStepKind, Permission
from amparo.trust.watching import alerts
from amparo.web import refusals
from amparo.web.access import page
from amparo.web.usernames import UsernameField

WRITTEN = "%Y-%m-%dT%H:%M"
COLUMNS = ("kind", "id", "at", "event", "by", "fields")


def time_field(label: str, **settings: Any) -> forms.DateTimeField:
    """Return a field for a time, in UTC, written in one way only."""
    return forms.DateTimeField(
        label=label,
        input_formats=[WRITTEN],
        error_messages=dict.fromkeys(("required", "invalid"), "web-breach-time-wrong"),
        widget=forms.DateTimeInput(
            format=WRITTEN, attrs={"type": "datetime-local", "class": "govuk-input--width-20", "step": "60"}
        ),
        **settings,
    )


class BreachForm(forms.Form):
    """What happened, as far as it is known: it can be opened on a suspicion."""

    what = forms.CharField(
        label="web-breach-what",
        help_text="web-breach-what-hint",
        max_length=2000,
        error_messages=dict.fromkeys(("required", "max_length"), "web-breach-what-missing"),
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )
    found_at = time_field("web-breach-found-at", help_text="web-breach-found-at-hint")
    officer = UsernameField(
        "web-breach-officer", hint="web-breach-officer-hint", wrong="web-audit-officer-unknown", required=False
    )
    since = time_field("web-breach-since")
    until = time_field("web-breach-until")

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("since") and given.get("until") and given["until"] <= given["since"]:
            self.add_error("until", "web-breach-times-crossed")
        if given.get("found_at") and given["found_at"] > clock.now():
            self.add_error("found_at", "web-breach-found-ahead")
        return given


class StepForm(forms.Form):
    """Who was told what."""

    kind = forms.ChoiceField(
        label="web-breach-step-kind", error_messages=dict.fromkeys(("required", "invalid_choice"), "web-alerts-choose")
    )
    whom = forms.CharField(
        label="web-breach-whom",
        required=False,
        max_length=200,
        error_messages={"max_length": "web-breach-words-missing"},
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )
    words = forms.CharField(
        label="web-breach-words",
        help_text="web-breach-words-hint",
        max_length=1000,
        error_messages=dict.fromkeys(("required", "max_length"), "web-breach-words-missing"),
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )

    def __init__(self, sent: Any, language: str) -> None:
        super().__init__(sent)
        kinds = [(each.value, say(f"trust-breach-{each.value}", language)) for each in breaching.TOLD]
        self.fields["kind"].choices = kinds

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("kind") != BreachStepKind.NOTED and not given.get("whom", "").strip():
            self.add_error("whom", "web-breach-whom-missing")
        return given


@page(Permission.READ_ALERT)
@require_safe
def breaches(request: HttpRequest) -> HttpResponse:
    """Every breach, the open ones first."""
    listed = [(each, known.clock_of(each)) for each in known.breaches(request.by)]
    return render(request, "web/breaches.html", {"listed": listed})


@page(Permission.HANDLE_BREACH)
@require_http_methods(["GET", "HEAD", "POST"])
def open_one(request: HttpRequest) -> HttpResponse:
    """Open a breach, perhaps from an alert, and have those concerned counted."""
    told_by = _alert_of(request)
    form, refusal = BreachForm(request.POST or None, initial=_initial(told_by)), None
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("breach", id=_opened(request, form, told_by))
        except Refused as refused:
            refusal = refusals.in_words(request, refused)
    context = {"form": form, "refusal": refusal, "alert": told_by}
    return render(request, "web/breach_open.html", context, status=400 if form.errors or refusal else 200)


def _alert_of(request: HttpRequest) -> Any:
    """Return the alert that the address names, None where it names none."""
    if "alert" not in request.GET:
        return None
    try:
        return alerts.alert(UUID(request.GET["alert"]), by=request.actor.narrowed(Permission.READ_ALERT))
    except ValueError:
        raise NotFound("trust-alert-unknown") from None


def _initial(alert: Any) -> dict[str, Any]:
    if alert is None:
        return {"found_at": clock.now()}
    return {
        "found_at": clock.now(),
        "since": alert.since.astimezone(UTC),
        "until": alert.until.astimezone(UTC),
        "officer": usernames([alert.by_id]).get(alert.by_id, ""),
    }


def _opened(request: HttpRequest, form: BreachForm, alert: Any) -> UUID:
    given = form.cleaned_data
    # A partner has no account to be named by: whose acts they were stands in the alert.
    whose = given["officer"] or (alert.by_id if alert and not usernames([alert.by_id]) else None)
    about = Suspected(given["what"], given["since"], given["until"], whose, alert.id if alert else None)
    with transaction.atomic():
        row = breaching.open_breach(about, found_at=given["found_at"], by=request.by)
        count_breach.defer(breach_id=str(row.id))
    return row.id


@page(Permission.READ_ALERT)
@require_safe
def breach(request: HttpRequest, id: UUID) -> HttpResponse:
    return _shown(request, id)


def _shown(request: HttpRequest, id: UUID, form: StepForm | None = None) -> HttpResponse:
    row = known.breach(id, by=request.actor.narrowed(Permission.READ_ALERT))
    steps = sorted(row.steps.all(), key=lambda each: each.id)
    ids = [row.by_id] if row.by_id else []
    names = display_names([*ids, *(each.by_id for each in steps)]) | organisation_names(ids)
    context = {
        "breach": row,
        "clock": known.clock_of(row),
        "who": names.get(row.by_id),
        "steps": [(each, names.get(each.by_id)) for each in steps],
        "form": form or StepForm(None, request.language),
        "has_proposed": is_same_human(request.actor, row.closing_by),
    }
    return render(request, "web/breach.html", context, status=400 if form else 200)


@page(Permission.HANDLE_BREACH)
@require_POST
def step(request: HttpRequest, id: UUID) -> HttpResponse:
    """Write down who was told, or what else was done."""
    form = StepForm(request.POST, request.language)
    if not form.is_valid():
        return _shown(request, id, form)
    given = form.cleaned_data
    breaching.add_step(id, BreachStepKind(given["kind"]), whom=given["whom"], words=given["words"], by=request.by)
    return redirect("breach", id=id)


@page(Permission.HANDLE_BREACH)
@require_POST
def close(request: HttpRequest, id: UUID) -> HttpResponse:
    """Propose to close a breach, or agree to what another has proposed."""
    breaching.close_breach(id, words=request.POST.get("words", "")[:1000], by=request.by)
    return redirect("breach", id=id)


@page(Permission.HANDLE_BREACH)
@require_safe
def concerned(request: HttpRequest, id: UUID) -> HttpResponse:
    """Every act of a breach as a table to take along: ids and times, nobody's name."""
    row = known.breach(id, by=request.actor.narrowed(Permission.READ_ALERT))
    lines = [*_lines(known.acts_in(row, by=request.by))]
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="breach-{id}.csv"'
    return response


class _Echo:
    """What the writer of CSV writes to: it hands each line back."""

    def write(self, line: str) -> str:
        return line


def _lines(acts: Any) -> Iterator[str]:
    write = spreadsheets.writer(_Echo())
    yield write(COLUMNS)
    for each in acts:
        yield write((each.kind, each.entity, each.at, each.event, each.by_id, " ".join(each.fields or ())))
