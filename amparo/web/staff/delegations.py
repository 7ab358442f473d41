"""A substitute for some days: what one has handed on, what one was handed, and handing on a role."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, Refused
from amparo.profiles.languages import say
from amparo.trust import queries
from amparo.trust.actions.delegating import delegate, end_delegation
from amparo.trust.types import POWERFUL, Permission, Role
from amparo.web import area_names, refusals
from amparo.web.access import own_anew, page
from amparo.web.days import day_field


class DelegationForm(forms.Form):
    """Which role, to whom, for which days, and whether over a part of its area only."""

    assignment = forms.ChoiceField(
        label="web-delegation-role",
        error_messages=dict.fromkeys(("required", "invalid_choice"), "web-delegation-role-missing"),
    )
    to = forms.CharField(
        label="web-delegation-to",
        help_text="web-delegation-to-hint",
        max_length=150,
        error_messages=dict.fromkeys(("required", "max_length"), "web-delegation-to-unknown"),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}),
    )
    on = day_field("web-delegation-on", wrong="web-officer-day-wrong")
    until = day_field("web-delegation-until", hint="web-delegation-until-hint", wrong="web-officer-day-wrong")
    area = forms.CharField(
        label="web-delegation-area",
        help_text="web-delegation-area-hint",
        required=False,
        max_length=64,
        error_messages={"max_length": "web-officer-area-wrong"},
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20", "dir": "auto"}),
    )

    def __init__(self, sent: Mapping[str, str] | None, choices: list[tuple[int, str]]) -> None:
        super().__init__(sent, initial={"on": clock.today()})
        self.fields["assignment"].choices = choices

    def clean_to(self) -> UUID:
        """Return the account's id."""
        try:
            return queries.account_named(self.cleaned_data["to"]).id
        except NotFound:
            raise forms.ValidationError("web-delegation-to-unknown") from None


@own_anew
@require_http_methods(["GET", "HEAD", "POST"])
def delegations(request: HttpRequest) -> HttpResponse:
    """What one has handed on and was handed, and the form to hand on a role; nothing of anybody is on it."""
    mine = request.user.id
    roles = [each for each in queries.roles_of(mine, on=clock.today()) if _may_be_handed_on(each)]
    form, refusal = DelegationForm(request.POST or None, [(each.id, _words(request, each)) for each in roles]), None
    if form.is_valid():
        try:
            _handed_on(request, **form.cleaned_data)
        except Refused as refused:
            refusal = refusals.in_words(request, refused)
        else:
            return redirect("delegations")
    listed = [(each, each.to_id == mine) for each in queries.delegations_of(mine, on=clock.today())]
    context = {"listed": listed, "form": form, "refusal": refusal, "may_hand_on": bool(roles)}
    return render(request, "web/delegations.html", context, status=400 if form.errors or refusal else 200)


def _may_be_handed_on(assignment: Any) -> bool:
    return assignment.is_confirmed and Role(assignment.role) not in POWERFUL


def _words(request: HttpRequest, assignment: Any) -> str:
    """Return a role and its area in the reader's language."""
    role = say(f"trust-role-{assignment.role}", request.language)
    return f"{role}: {area_names.plain(assignment.area, request.language)}" if assignment.area else role


def _handed_on(request: HttpRequest, *, assignment: str, to: UUID, on: date, until: date, area: str) -> None:
    delegate(int(assignment), to, by=request.by, on=on, until=until, area_code=area.strip() or None)


@own_anew
@require_POST
def end(request: HttpRequest, id: int) -> HttpResponse:
    """Take back what one handed on, or give back what one was handed."""
    end_delegation(id, by=request.by)
    return redirect("delegations")


@page(Permission.OPEN_ACCOUNTS)
@require_POST
def end_as_administrator(request: HttpRequest, id: UUID, delegation: int) -> HttpResponse:
    end_delegation(delegation, by=request.by)
    return redirect("officer", id=id)
