"""A person's consents: receipts, a new one taken down, one taken back; and apart from them, what rests on law alone."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from amparo.kernel import clock
from amparo.kernel.errors import NotFound
from amparo.profiles.languages import has_words, say
from amparo.registry import queries
from amparo.registry.types import HouseholdRecord, PersonRecord
from amparo.trust.actions.consenting import Told, give_consent, withdraw_consent
from amparo.trust.covering import Direction
from amparo.trust.grounds.agreements import Flow, flows_about
from amparo.trust.grounds.consents import expect_readable, receipts
from amparo.trust.queries import area_of_number, display_names
from amparo.trust.types import ConsentKind, Permission
from amparo.web import languages, presenting
from amparo.web.access import page
from amparo.web.agreed import listed
from amparo.web.days import day_field
from amparo.web.reach import above_in_reach


class ConsentForm(forms.Form):
    """How somebody said yes to the words shown beside it, and until when."""

    kind = forms.ChoiceField(
        label="web-consent-kind",
        error_messages=dict.fromkeys(("required", "invalid_choice"), "web-consent-kind-missing"),
    )
    until = day_field(
        "web-consent-until", hint="web-consent-until-hint", wrong="web-consent-until-wrong", required=False
    )

    def __init__(self, sent: Mapping[str, str] | None, *, language: str, **settings: Any) -> None:
        super().__init__(sent, **settings)
        self.fields["kind"].choices = [("", "–")] + [
            (each.value, say(f"web-consent-kind-{each.value}", language)) for each in ConsentKind
        ]

    def clean_until(self) -> date | None:
        day = self.cleaned_data["until"]
        if day and day < clock.today():
            raise forms.ValidationError("web-consent-until-wrong")
        return day


@page(Permission.READ_HOUSEHOLD, personal=True)
@require_http_methods(["GET", "HEAD", "POST"])
def consents(request: HttpRequest, id: UUID, person_id: UUID) -> HttpResponse:
    """The receipts of a member, and the form to take a new one down."""
    record, member = _member(request, id, person_id)
    flows = [*flows_about(record.area_number, on=clock.today()), *_asked_in(record.area_number)]
    language, sent = languages.chosen(request), request.POST if request.method == "POST" else None
    wrong: tuple[str, ConsentForm] | None = None
    if sent is not None:
        by = request.actor.narrowed(Permission.RECORD_CONSENT)
        if not by.scope.covers(record.area_number):  # seen by another role of theirs, which takes none down
            raise NotFound("registry-person-unknown")
        asked = next((each for each in flows if str(each.id) == sent.get("agreement")), None)
        if asked is None:
            raise NotFound("trust-agreement-unknown")
        form = ConsentForm(sent, language=language)
        if form.is_valid():
            said = form.cleaned_data
            give_consent(
                person_id,
                asked.id,
                told=Told(_words(asked, language), language),
                kind=ConsentKind(said["kind"]),
                until=said["until"],
                by=by,
                under=request.under,
                on=clock.today(),
            )
            return redirect("consents", id=id, person_id=person_id)
        wrong = (str(asked.id), form)
    return _shown(request, record, member, flows, wrong)


def _asked_in(area_number: int) -> list[Flow]:
    """Return what others are asked of people who live there only where these agree."""
    flows = flows_about(area_number, on=clock.today(), direction=Direction.IN)
    return [each for each in flows if each.needs_consent]


def _member(request: HttpRequest, id: UUID, person_id: UUID) -> tuple[HouseholdRecord, PersonRecord]:
    by = request.actor.narrowed(Permission.READ_HOUSEHOLD)
    expect_readable(by)
    record = queries.household(id, by=by, under=request.under)
    return record, record.member(person_id)


def _shown(
    request: HttpRequest,
    record: HouseholdRecord,
    member: PersonRecord,
    flows: list[Flow],
    wrong: tuple[str, ConsentForm] | None,
) -> HttpResponse:
    language, today = languages.chosen(request), clock.today()
    held = receipts(member.id, by=request.by, under=request.under, on=today)
    names = display_names(each.row.recorded_by for each in held)
    live = {each.row.agreement for each in held if each.is_live and each.is_current}
    place = area_of_number(record.area_number)
    told = [
        vars(each)
        | {"language": languages.own_name(each.row.text.language), "recorded_by": names.get(each.row.recorded_by, "")}
        for each in held
    ]
    context = {
        "household": record,
        "place": place,
        "above": [*above_in_reach(request.by, place), place] if place else [],
        "person": {
            "id": member.id,
            "number": member.number,
            "name": presenting.full_name(member.facts, queries.dictionary()),
        },
        "receipts": told,
        "by_law": [
            (each, listed(each.fields, each.identifiers, queries.dictionary()))
            for each in flows
            if not each.needs_consent
        ],
        "asked": [_asked(each, language, wrong) for each in flows if each.needs_consent and each.code not in live],
        "form": wrong[1] if wrong else None,
    }
    return render(request, "web/consents.html", context, status=400 if wrong else 200)


def _asked(flow: Flow, language: str, wrong: tuple[str, ConsentForm] | None) -> dict[str, Any]:
    form = (
        wrong[1]
        if wrong and wrong[0] == str(flow.id)
        else ConsentForm(None, language=language, auto_id=f"{flow.code}_%s")
    )
    return {"flow": asdict(flow), "words": _words(flow, language), "form": form}


def _words(flow: Flow, language: str) -> str:
    """Return what is read out: the profile's own text, or without one what the agreement hands over, made into a sentence."""
    own = f"consent-{flow.code}"
    if has_words(own):
        return say(own, language)
    giver, taker = (say(name, language) if has_words(name) else name for name in (flow.provider, flow.consumer))
    purpose = presenting.worded(f"purpose-{flow.purpose}", flow.purpose)
    what = listed(flow.fields, flow.identifiers, queries.dictionary())
    return say("web-consent-words", language, giver=giver, taker=taker, what=what, purpose=purpose)


@page(Permission.RECORD_CONSENT, personal=True)
@require_POST
def withdraw(request: HttpRequest, id: UUID, person_id: UUID, consent: UUID) -> HttpResponse:
    """Take a consent back today."""
    _member(request, id, person_id)
    withdraw_consent(consent, by=request.by, under=request.under, on=clock.today())
    return redirect("consents", id=id, person_id=person_id)
