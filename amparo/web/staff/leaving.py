"""Somebody leaves a household: when, why, and where to if that is known."""

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.profiles.languages import say
from amparo.registry import queries
from amparo.registry.actions import leave
from amparo.registry.types import Leaving
from amparo.trust.queries import area_of_number
from amparo.trust.types import Actor, Permission
from amparo.web import presenting, refusals
from amparo.web.access import page
from amparo.web.days import day_field
from amparo.web.reach import above_in_reach


class LeavingForm(forms.Form):
    """Why somebody lives here no more, since when, and in which home they live now where they moved to one."""

    why = forms.ChoiceField(
        label="web-leaving-why",
        error_messages=dict.fromkeys(("required", "invalid_choice"), "web-leaving-why-missing"),
    )
    on = day_field("web-leaving-on", hint="web-leaving-on-hint", wrong="web-leaving-on-wrong")
    to = forms.CharField(
        label="web-leaving-to",
        help_text="web-leaving-to-hint",
        required=False,
        max_length=18,
        error_messages={"max_length": "web-leaving-to-wrong"},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "class": "govuk-input--width-10"}),
    )

    def __init__(self, sent: Any, *, language: str, by: Actor) -> None:
        super().__init__(sent)
        self.by = by
        self.fields["why"].choices = [("", "–")] + [
            (each.value, say(f"registry-leaving-{each.value}", language)) for each in Leaving
        ]

    def clean_on(self) -> date:
        if self.cleaned_data["on"] > clock.today():
            raise forms.ValidationError("web-leaving-on-wrong")
        return self.cleaned_data["on"]

    def clean(self) -> dict[str, Any]:
        why, to = self.cleaned_data.get("why"), self.cleaned_data.get("to")
        if why == Leaving.MOVED and "to" not in self.errors:
            home = queries.household_id_of_number(int(to), by=self.by) if to and to.isdecimal() else None
            if home is None:
                self.add_error("to", "web-leaving-to-wrong")
            self.cleaned_data["to"] = home
        return self.cleaned_data


@page(Permission.REGISTER, personal=True)
@require_http_methods(["GET", "HEAD", "POST"])
def leaving(request: HttpRequest, id: UUID, person_id: UUID) -> HttpResponse:
    """Say that a member lives here no more; the household is decided again at once."""
    record = queries.household(id, by=request.by, under=request.under)
    member = record.member(person_id)
    form, refusal = LeavingForm(request.POST or None, language=request.language, by=request.by), None
    if form.is_valid():
        try:
            _left(request, id, person_id, form.cleaned_data)
            return redirect("household", id=id)
        except Refused as refused:
            refusal = refusals.in_words(request, refused)
    place = area_of_number(record.area_number)
    context = {
        "household": record,
        "place": place,
        "above": [*above_in_reach(request.by, place), place] if place else [],
        "person": {"number": member.number, "name": presenting.full_name(member.facts, queries.dictionary())},
        "person_id": person_id,
        "form": form,
        "refusal": refusal,
    }
    return render(request, "web/leaving.html", context, status=400 if form.errors or refusal else 200)


def _left(request: HttpRequest, id: UUID, person_id: UUID, said: dict[str, Any]) -> None:
    why = Leaving(said["why"])
    to = said["to"] if why is Leaving.MOVED else None
    leave(id, person_id, why=why, to=to, by=request.by, on=said["on"], under=request.under)
