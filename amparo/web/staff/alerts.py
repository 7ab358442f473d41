"""Alerts of unusual use: listed, looked into with the rows of the log they rest on, judged by somebody they do not concern."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from amparo.trust.actions.alerting import judge_alert
from amparo.trust.grounds.agreements import organisation_names
from amparo.trust.queries import display_names, usernames
from amparo.trust.types import SYSTEM_ID, AlertKind, AlertState, Permission
from amparo.trust.watching import alerts as known
from amparo.trust.watching.lagging import uncounted_since
from amparo.web.access import page

SHOWN = 50  # on a page


class AlertsForm(forms.Form):
    """Which alerts are listed."""

    state = forms.ChoiceField(
        label="web-alerts-state", required=False, error_messages={"invalid_choice": "web-alerts-choose"}
    )
    kind = forms.ChoiceField(
        label="web-alerts-kind", required=False, error_messages={"invalid_choice": "web-alerts-choose"}
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, of in (("state", AlertState), ("kind", AlertKind)):
            self.fields[name].choices = [("", ""), *((each.value, each.value) for each in of)]

    def asked(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            "state": AlertState(given["state"]) if given["state"] else None,
            "kind": AlertKind(given["kind"]) if given["kind"] else None,
        }


class JudgementForm(forms.Form):
    """What somebody found who looked."""

    reason = forms.CharField(
        label="web-alert-reason",
        help_text="web-alert-reason-hint",
        max_length=500,
        error_messages={"required": "web-alert-reason-missing", "max_length": "web-alert-reason-missing"},
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )


@page(Permission.READ_ALERT)
@require_safe
def alerts(request: HttpRequest) -> HttpResponse:
    """A page of alerts, the newest first."""
    form = AlertsForm(request.GET or {"state": AlertState.OPEN.value})
    begin = _number(request.GET.get("after"))
    rows = known.alerts(request.by, **form.asked()) if form.is_valid() else known.alerts(request.by).none()
    found = list(rows[begin : begin + SHOWN + 1])
    who = _names(found)
    context = {
        "form": form,
        "listed": [(each, who.get(each.by_id)) for each in found[:SHOWN]],
        "after": str(begin + SHOWN) if len(found) > SHOWN else None,
        "is_first": not begin,
        "uncounted_since": uncounted_since(),
    }
    return render(request, "web/alerts.html", context, status=400 if form.errors else 200)


def _number(mark: str | None) -> int:
    """Return where a page begins; a mark that is none begins at the beginning."""
    return int(mark) if mark and mark.isascii() and mark.isdigit() and len(mark) < 7 else 0


def _names(found: Iterable[Any]) -> dict[UUID, str]:
    """Return the names of the officers and partners that alerts are about."""
    ids = {each.by_id for each in found if each.by_id}
    return display_names(ids) | organisation_names(ids)


@page(Permission.READ_ALERT)
@require_safe
def alert(request: HttpRequest, id: UUID) -> HttpResponse:
    """One alert: what was counted, against what, the rows it rests on, and what was made of it."""
    return _shown(request, id, JudgementForm())


def _shown(request: HttpRequest, id: UUID, form: JudgementForm) -> HttpResponse:
    by = request.actor.narrowed(Permission.READ_ALERT)
    one = known.alert(id, by=by)
    lines = known.rows_of(one, by=by)
    steps = sorted(one.steps.all(), key=lambda each: each.id)
    names = display_names([*(each.by_id for each in steps), *(each.by_id for each in lines if each.by_id)])
    names |= {SYSTEM_ID: "web-run-by-system"} | _names([one])
    context = {
        "alert": one,
        "who": names.get(one.by_id),
        "other": display_names(one.concerned).get(_uuid(one.about)),
        "username": usernames(one.concerned[:1]).get(one.by_id),
        "is_record": one.kind in (AlertKind.FAMOUS, AlertKind.AGAIN),
        "lines": [(each, names.get(each.by_id)) for each in lines],
        "steps": [(each, names.get(each.by_id)) for each in steps],
        "breaches": list(one.breaches.exclude(by_id=by.id)),
        "is_closed": one.state == AlertState.CLOSED,
        "form": form,
    }
    return render(request, "web/alert.html", context, status=400 if form.errors else 200)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@page(Permission.JUDGE_ALERT)
@require_POST
def look_at(request: HttpRequest, id: UUID) -> HttpResponse:
    return _judged(request, id, AlertState.LOOKED_AT)


@page(Permission.JUDGE_ALERT)
@require_POST
def close(request: HttpRequest, id: UUID) -> HttpResponse:
    return _judged(request, id, AlertState.CLOSED)


def _judged(request: HttpRequest, id: UUID, state: AlertState) -> HttpResponse:
    form = JudgementForm(request.POST)
    if not form.is_valid():
        return _shown(request, id, form)
    judge_alert(id, state, reason=form.cleaned_data["reason"], by=request.by)
    return redirect("alert", id=id)
