"""What people wait to be told: by area what waits and why, whom no message will reach, and that an officer told them in person.

Where anybody lives is not shown.
"""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.kernel.messages import message
from amparo.notices import actions, queries
from amparo.notices.types import How, Sending, Waiting
from amparo.profiles.languages import say
from amparo.trust.queries import area_of_number
from amparo.trust.types import Permission
from amparo.web import refusals
from amparo.web.access import page
from amparo.web.days import day_field


class ToldForm(forms.Form):
    """On which day, and where."""

    on = day_field("web-in-person-on", hint="web-in-person-on-hint", wrong="web-day-wrong")
    how = forms.ChoiceField(
        label="web-in-person-how",
        error_messages=dict.fromkeys(("required", "invalid_choice"), "web-in-person-how-missing"),
    )

    def __init__(self, sent: Any, *, language: str) -> None:
        super().__init__(sent, initial={"on": clock.today()})
        self.fields["how"].choices = [("", "–")] + [
            (each.value, say(f"notices-how-{each.value}", language)) for each in How
        ]


@page(Permission.READ_NOTICES, personal=True)
@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    """Counts by area, and those who must be told in person, the oldest first."""
    by_hand = queries.given_up(by=request.by, under=request.under)
    context = {
        "waiting": [_counted(each) for each in queries.waiting(by=request.by)],
        "by_hand": [_line(each) for each in by_hand],
        "not_configured": [each.words for each in queries.not_configured()],
    }
    return render(request, "web/outbox.html", context)


def _counted(each: Waiting) -> dict[str, Any]:
    return {"waiting": each, "place": area_of_number(each.area_number)}


def _line(each: Sending) -> dict[str, Any]:
    """Return a sending with why nobody was told: of somebody in danger that nothing is sent."""
    why = each.reason.words if each.reason else message("web-outbox-in-danger")
    return {"sending": each, "place": area_of_number(each.area_number), "why": why}


@page(Permission.GIVE_NOTICE, personal=True)
@require_http_methods(["GET", "HEAD", "POST"])
def in_person(request: HttpRequest, id: UUID) -> HttpResponse:
    """Note that somebody was told in person."""
    sending = queries.open_sending(id, by=request.by)
    form, refusal = ToldForm(request.POST or None, language=request.language), None
    if form.is_valid():
        try:
            given = form.cleaned_data
            actions.tell_in_person(id, on=given["on"], how=How(given["how"]), by=request.by, under=request.under)
            return redirect("outbox")
        except Refused as refused:
            refusal = refusals.in_words(request, refused)
    context = {"sending": sending, "place": area_of_number(sending.area_number), "form": form, "refusal": refusal}
    return render(request, "web/in_person.html", context, status=400 if form.errors or refusal else 200)
