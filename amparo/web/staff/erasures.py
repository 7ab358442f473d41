"""Proposing that a person be erased, and keeping their record from it: from the person's own page."""

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.registry import queries
from amparo.registry.dictionary import FieldClass
from amparo.registry.types import HouseholdRecord, PersonRecord
from amparo.trust.actions.erasures import end_hold, place_hold, propose_erasure
from amparo.trust.keeping.certificates import erasure_of_person, holds_of
from amparo.trust.queries import area_of_number, display_names
from amparo.trust.types import Permission
from amparo.web import presenting, refusals
from amparo.web.access import page
from amparo.web.days import day_field
from amparo.web.reach import above_in_reach

LEAST_OF_A_NAME = 3  # shorter ones stand in any text


def _line(label: str, *, missing: str, hint: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        max_length=200,
        error_messages={"required": missing, "max_length": "web-erasure-too-long"},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class ErasureForm(forms.Form):
    """On what law or decision, and the number of the request. Both stay when the rest is gone, so neither names anybody."""

    ground = _line("web-erasure-ground", missing="web-erasure-ground-missing", hint="web-erasure-ground-hint")
    reference = _line(
        "web-erasure-reference", missing="web-erasure-reference-missing", hint="web-erasure-reference-hint"
    )

    def __init__(self, *args: Any, names: set[str] = frozenset(), **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.names = names

    def clean(self) -> dict[str, Any]:
        for field, told in list(self.cleaned_data.items()):
            if any(each in told.casefold() for each in self.names):
                self.add_error(field, "web-erasure-names-somebody")
        return self.cleaned_data


class HoldForm(forms.Form):
    """Why the record is to be kept, and until when."""

    reason = _line("web-hold-reason", missing="web-hold-reason-missing", hint="web-hold-reason-hint")
    until = day_field("web-hold-until", hint="web-hold-until-hint", wrong="web-hold-until-wrong", required=False)

    def clean_until(self) -> date | None:
        day = self.cleaned_data["until"]
        if day and day < clock.today():
            raise forms.ValidationError("web-hold-until-wrong")
        return day


@page(Permission.PROPOSE_ERASURE, personal=True)
@require_http_methods(["GET", "HEAD", "POST"])
def erasure(request: HttpRequest, id: UUID, person_id: UUID) -> HttpResponse:
    """What stands in the way of erasing a member of a household, and the form to propose it."""
    record, member = _member(request, id, person_id)
    sent = request.POST if request.method == "POST" else None
    form, refusal = ErasureForm(sent, names=_names(member)), None
    if sent is not None and form.is_valid():
        try:
            propose_erasure(person_id, **form.cleaned_data, by=request.by, under=request.under)
        except Refused as refused:
            refusal = refusals.in_words(request, refused)
        else:
            return redirect("person-erasure", id=id, person_id=person_id)
    return _shown(request, record, member, form=form, refusal=refusal)


@page(Permission.PROPOSE_ERASURE, personal=True)
@require_POST
def hold(request: HttpRequest, id: UUID, person_id: UUID) -> HttpResponse:
    """Keep somebody's record from being erased."""
    record, member = _member(request, id, person_id)
    form = HoldForm(request.POST)
    if not form.is_valid():
        return _shown(request, record, member, hold=form)
    place_hold(person_id, **form.cleaned_data, by=request.by, under=request.under)
    return redirect("person-erasure", id=id, person_id=person_id)


@page(Permission.PROPOSE_ERASURE, personal=True)
@require_POST
def release(request: HttpRequest, id: UUID, person_id: UUID, hold: UUID) -> HttpResponse:
    """End a hold today."""
    _member(request, id, person_id)
    end_hold(hold, by=request.by, under=request.under)
    return redirect("person-erasure", id=id, person_id=person_id)


def _member(request: HttpRequest, id: UUID, person_id: UUID) -> tuple[HouseholdRecord, PersonRecord]:
    record = queries.household(id, by=request.by, under=request.under)
    return record, record.member(person_id)


def _names(member: PersonRecord) -> set[str]:
    """Return what the person is known by, in small letters."""
    words = queries.dictionary()
    told = [
        str(fact.value)
        for name, fact in member.facts.items()
        if ("person", name) in words and words["person", name].field_class in (FieldClass.IDENTITY, FieldClass.CONTACT)
    ]
    return {each.casefold() for each in told if len(each) >= LEAST_OF_A_NAME}


def _shown(
    request: HttpRequest,
    record: HouseholdRecord,
    member: PersonRecord,
    *,
    form: ErasureForm | None = None,
    hold: HoldForm | None = None,
    refusal: dict | None = None,
) -> HttpResponse:
    place, held = area_of_number(record.area_number), holds_of(member.id, by=request.by)
    names = display_names({each.placed_by for each in held})
    wrong = next((each for each in (form, hold) if each is not None and each.errors), None)
    context = {
        "household": record,
        "place": place,
        "above": [*above_in_reach(request.by, place), place] if place else [],
        "person": {
            "id": member.id,
            "number": member.number,
            "name": presenting.full_name(member.facts, queries.dictionary()),
        },
        "erasure": erasure_of_person(member.id, by=request.by),
        "holds": [(each, names.get(each.placed_by)) for each in held],
        "proposal": form or ErasureForm(),
        "hold": hold or HoldForm(),
        "form": wrong,
        "refusal": refusal,
    }
    return render(request, "web/person_erasure.html", context, status=400 if wrong or refusal else 200)
