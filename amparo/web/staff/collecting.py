"""Who collects for a unit: who does, by what proof and for how long; proposed by one person, confirmed by another."""

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
from amparo.programmes import actions, queries
from amparo.programmes.enrolment import CollectorKind, EnrolmentTerms
from amparo.programmes.types import CollectorChange, Enrolment
from amparo.registry import queries as registry
from amparo.trust.eyes import is_same_human
from amparo.trust.grounds.agreements import organisation_names
from amparo.trust.queries import area_of_number, display_names
from amparo.trust.types import Permission
from amparo.web import refusals
from amparo.web.access import page
from amparo.web.days import day_field


class CollectorForm(forms.Form):
    """By what proof, who, from which day, and until which where it is for a time."""

    proof = forms.ChoiceField(
        label="web-collector-proof",
        error_messages=dict.fromkeys(("required", "invalid_choice"), "web-collector-proof-missing"),
    )
    whom = forms.CharField(
        label="web-collector-whom",
        help_text="web-collector-whom-hint",
        required=False,
        max_length=64,
        error_messages={"max_length": "web-collector-whom-wrong"},
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "govuk-input--width-20"}),
    )
    document = forms.CharField(
        label="web-collector-document",
        help_text="web-collector-document-hint",
        max_length=40,
        error_messages=dict.fromkeys(("required", "max_length"), "web-collector-document-missing"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "govuk-input--width-20"}),
    )
    starts_on = day_field("web-collector-starts", hint="web-collector-starts-hint", wrong="web-day-wrong")
    ends_on = day_field("web-collector-ends", hint="web-collector-ends-hint", wrong="web-day-wrong", required=False)

    def __init__(self, sent: Any, *, terms: EnrolmentTerms, language: str) -> None:
        super().__init__(sent, initial={"starts_on": clock.today()})
        self.fields["proof"].choices = [("", "–")] + [
            (each.code, say(each.label_id, language)) for each in terms.collectors
        ]

    def said(self) -> actions.Proposed:
        given = self.cleaned_data
        ends: date | None = given["ends_on"]
        return actions.Proposed(given["proof"], given["whom"].strip(), given["document"], given["starts_on"], ends)


def shown(request: HttpRequest, told: Enrolment) -> list[dict[str, Any]]:
    """Return the changes of who collects, the newest first, with names of those who acted and of institutions."""
    people = [each for change in told.collectors for each in (change.proposed_by, change.confirmed_by) if each]
    names = display_names(people)
    institutions = organisation_names(each.collector for each in told.collectors if each.collector)
    return [
        {
            "change": each,
            "proposed_by": names.get(each.proposed_by),
            "confirmed_by": names.get(each.confirmed_by) if each.confirmed_by else None,
            "institution": institutions.get(each.collector) if each.collector else None,
            "number": _number(request, each),
            "may_confirm": not each.confirmed_by and not is_same_human(request.actor, each.proposed_by),
        }
        for each in told.collectors
    ]


def _number(request: HttpRequest, change: CollectorChange) -> int | None:
    """Return the number of the person who collects, for whoever reaches them."""
    if change.collector is None or change.kind is CollectorKind.INSTITUTION:
        return None
    try:
        return registry.person(change.collector, by=request.actor.narrowed(Permission.READ_DECISION)).number
    except NotFound:
        return None


@page(Permission.ENROL, personal=True)
@require_http_methods(["GET", "HEAD", "POST"])
def collector(request: HttpRequest, id: UUID) -> HttpResponse:
    """Propose that somebody else collects."""
    told = queries.enrolment(id, by=request.actor.narrowed(Permission.READ_DECISION), under=request.under)
    terms = queries.terms_of(told.programme)
    form, refusal = CollectorForm(request.POST or None, terms=terms, language=request.language), None
    if form.is_valid():
        try:
            actions.propose_collector(id, form.said(), by=request.by, under=request.under)
            return redirect("enrolment", id=id)
        except Refused as refused:
            refusal = refusals.in_words(request, refused)
    context = {"enrolment": told, "place": area_of_number(told.area_number), "form": form, "refusal": refusal}
    return render(request, "web/collector.html", context, status=400 if form.errors or refusal else 200)


@page(Permission.ENROL, personal=True)
@require_POST
def confirm(request: HttpRequest, id: UUID) -> HttpResponse:
    """Confirm the open change, as somebody who did not propose it."""
    actions.confirm_collector(id, by=request.by, under=request.under)
    return redirect("enrolment", id=id)


@page(Permission.ENROL, personal=True)
@require_POST
def withdraw(request: HttpRequest, id: UUID) -> HttpResponse:
    """Take the open change back."""
    actions.withdraw_collector(id, by=request.by, under=request.under)
    return redirect("enrolment", id=id)
