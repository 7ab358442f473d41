"""Lawful delay, for data protection officers: proposed by one, confirmed by another, shown on its day without anybody's doing."""

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, Refused
from amparo.registry.queries import person_id_of_number
from amparo.trust.actions.delaying import MOST_DAYS, Order, confirm_delay, end_delay, propose_delay
from amparo.trust.grounds.agreements import organisations
from amparo.trust.log.delays import delays
from amparo.trust.queries import account_named
from amparo.trust.types import Permission
from amparo.web import refusals
from amparo.web.access import page
from amparo.web.days import day_field


def _text(label: str, *, longest: int, missing: str, hint: str = "") -> forms.CharField:
    errors = {"required": missing, "max_length": missing}
    return forms.CharField(label=label, help_text=hint, max_length=longest, error_messages=errors)


class DelayForm(forms.Form):
    """Whose record, whose acts, by whose order, and until when."""

    person = forms.IntegerField(
        label="web-delay-person",
        help_text="web-delay-person-hint",
        min_value=1,
        max_value=2**62,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), "web-delay-person-wrong"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "govuk-input--width-10"}),
    )
    actor = _text("web-delay-actor", hint="web-delay-actor-hint", longest=150, missing="web-delay-actor-wrong")
    authority = _text("web-delay-authority", longest=200, missing="web-delay-authority-missing")
    reference = _text("web-delay-reference", longest=100, missing="web-delay-reference-missing")
    on = day_field("web-delay-on", hint="web-delay-on-hint", wrong="web-day-wrong")
    reveal_on = day_field("web-delay-reveal", hint="web-delay-reveal-hint", wrong="web-day-wrong")

    def clean_actor(self) -> UUID:
        """Return the account of an officer, or the partner, whose acts these are."""
        named = self.cleaned_data["actor"]
        for each in organisations():
            if each.code == named and not each.is_own:
                return each.id
        try:
            return account_named(named).id
        except NotFound:
            raise forms.ValidationError("web-delay-actor-wrong") from None

    def clean_reveal_on(self) -> date:
        day = self.cleaned_data["reveal_on"]
        if day <= clock.today():
            raise forms.ValidationError("web-delay-reveal-wrong")
        return day


DELAYS = page(Permission.DELAY_TRACKER)


@DELAYS
@require_http_methods(["GET", "HEAD", "POST"])
def all_delays(request: HttpRequest) -> HttpResponse:
    """Every delay, and the form to propose one."""
    sent = request.POST if request.method == "POST" else None
    form, refusal = DelayForm(sent, initial={"on": clock.today()}), None
    if form.is_valid():
        try:
            _propose(request, **form.cleaned_data)
            return redirect("delays")
        except Refused as refused:
            refusal = refusals.in_words(request, refused)
    context = {"form": form, "refusal": refusal, "delays": delays(request.by), "most_months": MOST_DAYS * 12 // 365}
    return render(request, "web/delays.html", context, status=400 if form.errors or refusal else 200)


def _propose(request: HttpRequest, *, person: int, authority: str, reference: str, **said: Any) -> None:
    id = person_id_of_number(person, by=request.by)
    order = Order(authority, reference)
    propose_delay(id, said["actor"], order, by=request.by, on=said["on"], reveal_on=said["reveal_on"])


@DELAYS
@require_POST
def confirm(request: HttpRequest, id: UUID) -> HttpResponse:
    confirm_delay(id, by=request.by)
    return redirect("delays")


@DELAYS
@require_POST
def end(request: HttpRequest, id: UUID) -> HttpResponse:
    end_delay(id, by=request.by)
    return redirect("delays")
