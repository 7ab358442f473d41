"""Letting a person see their own record, and noting who may act for them: both at the office, with the papers on the desk."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.core.validators import RegexValidator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, Refused
from amparo.profiles.languages import say
from amparo.registry import queries
from amparo.registry.finding import find_by_number
from amparo.registry.queries import answers_of
from amparo.registry.types import HouseholdRecord, PersonRecord
from amparo.trust.actions.inviting import Proof, invite, shut_out
from amparo.trust.actions.mandating import record_mandate, revoke_mandate
from amparo.trust.grounds.mandates import MandateScope, ProofKind, is_in_force, mandates_given
from amparo.trust.identity.invitations import invitations_of
from amparo.trust.queries import area_of_number
from amparo.trust.types import Permission
from amparo.web import languages, presenting, refusals
from amparo.web.access import page
from amparo.web.days import day_field
from amparo.web.reach import above_in_reach

# Codes as registries write them: nothing that somebody could tell a story in.
NUMBER = RegexValidator(r"^[\w./-]+$", "web-proof-number-wrong")


class ProofForm(forms.Form):
    """The document that lies on the desk."""

    proof = forms.ChoiceField(
        label="web-proof",
        error_messages=dict.fromkeys(("required", "invalid_choice"), "web-proof-missing"),
    )
    proof_number = forms.CharField(
        label="web-proof-number",
        help_text="web-proof-number-hint",
        max_length=64,
        required=False,
        validators=[NUMBER],
        error_messages={"max_length": "web-proof-number-wrong"},
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "govuk-input--width-20"}),
    )

    def __init__(self, sent: Mapping[str, str] | None, *, language: str, **settings: Any) -> None:
        super().__init__(sent, **settings)
        kinds = [(each.value, say(f"web-proof-{each.value}", language)) for each in ProofKind]
        self.fields["proof"].choices = [("", "–"), *kinds]

    @property
    def shown(self) -> Proof:
        return Proof(self.cleaned_data["proof"], self.cleaned_data["proof_number"])


class MandateForm(ProofForm):
    """Who may act for the person, and from when until when."""

    holder = forms.IntegerField(
        label="web-mandate-holder",
        help_text="web-mandate-holder-hint",
        min_value=1,
        max_value=2**62,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), "web-mandate-holder-wrong"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "govuk-input--width-10"}),
    )
    on = day_field("web-mandate-on", wrong="web-day-wrong")
    until = day_field("web-mandate-until", hint="web-mandate-until-hint", wrong="web-day-wrong")

    field_order = ("holder", "on", "until", "proof", "proof_number")

    def clean_until(self) -> date:
        day = self.cleaned_data["until"]
        if "on" in self.cleaned_data and day < self.cleaned_data["on"]:
            raise forms.ValidationError("web-mandate-until-before")
        return day


@page(Permission.INVITE_CITIZEN, personal=True)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, id: UUID, person_id: UUID) -> HttpResponse:
    """Make a slip for a person whose identity was checked, and show it this once."""
    record, member = _member(request, id, person_id)
    form = ProofForm(request.POST if request.method == "POST" else None, language=languages.chosen(request))
    refusal = None
    if form.is_valid():
        try:
            details = answers_of(person_id, by=request.by)
            code = invite(person_id, details=details, proof=form.shown, by=request.by, under=request.under)
        except Refused as refused:
            refusal = refusals.in_words(request, refused)
        else:
            made = invitations_of(person_id, by=request.by)[0]
            told = {"code": code, "until": made.until}
            return render(request, "web/invitation_slip.html", _about(request, record, member) | told)
    context = _about(request, record, member) | {
        "form": form,
        "refusal": refusal,
        "made": [
            (each, each.taken_at is None and each.until > clock.now())
            for each in invitations_of(person_id, by=request.by)
        ],
    }
    return render(request, "web/invitation_make.html", context, status=400 if form.errors or refusal else 200)


@page(Permission.INVITE_CITIZEN, personal=True)
@require_POST
def end_access(request: HttpRequest, id: UUID, person_id: UUID) -> HttpResponse:
    """End a person's own account at once: somebody else can use it, or they want none."""
    _member(request, id, person_id)
    shut_out(person_id, by=request.by, under=request.under)
    return redirect("citizen-invite", id=id, person_id=person_id)


@page(Permission.RECORD_MANDATE, personal=True)
@require_http_methods(["GET", "HEAD", "POST"])
def mandates(request: HttpRequest, id: UUID, person_id: UUID) -> HttpResponse:
    """Who may act for a person, and the form to take a mandate down."""
    record, member = _member(request, id, person_id)
    initial = {"on": clock.today()}
    sent = request.POST if request.method == "POST" else None
    form, refusal = MandateForm(sent, language=languages.chosen(request), initial=initial), None
    if form.is_valid():
        try:
            _record_mandate(request, person_id, form)
            return redirect("mandates", id=id, person_id=person_id)
        except Refused as refused:
            refusal = refusals.in_words(request, refused)
    given = mandates_given(person_id, by=request.by)
    context = _about(request, record, member) | {
        "form": form,
        "refusal": refusal,
        "mandates": [(each, is_in_force(each, clock.today())) for each in given],
    }
    return render(request, "web/mandates.html", context, status=400 if form.errors or refusal else 200)


def _record_mandate(request: HttpRequest, person_id: UUID, form: MandateForm) -> None:
    said = form.cleaned_data
    by = request.actor.narrowed(Permission.RECORD_MANDATE)
    found = find_by_number(said["holder"], by=by, under=request.under)
    holder = next((each.person_id for each in found if each.person_id), None)
    if holder is None:
        raise NotFound("registry-person-unknown")
    record_mandate(
        person_id,
        holder,
        scope=[MandateScope.VIEW],
        proof=form.shown,
        by=by,
        under=request.under,
        on=said["on"],
        until=said["until"],
    )


@page(Permission.RECORD_MANDATE, personal=True)
@require_POST
def end_mandate(request: HttpRequest, id: UUID, person_id: UUID, mandate: UUID) -> HttpResponse:
    """Take a mandate back for a person who came to the office to do so."""
    _member(request, id, person_id)
    revoke_mandate(mandate, by=request.by, under=request.under, on=clock.today())
    return redirect("mandates", id=id, person_id=person_id)


def _member(request: HttpRequest, id: UUID, person_id: UUID) -> tuple[HouseholdRecord, PersonRecord]:
    record = queries.household(id, by=request.by, under=request.under)
    return record, record.member(person_id)


def _about(request: HttpRequest, record: HouseholdRecord, member: PersonRecord) -> dict[str, Any]:
    place = area_of_number(record.area_number)
    name = presenting.full_name(member.facts, queries.dictionary())
    return {
        "household": record,
        "place": place,
        "above": [*above_in_reach(request.by, place), place] if place else [],
        "person": {"id": member.id, "number": member.number, "name": name},
    }
