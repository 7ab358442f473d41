"""People in danger: out of everybody else's sight and back, and what protects them, written down, seen and ended."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from amparo.kernel import clock
from amparo.kernel.errors import NotFound
from amparo.registry import actions, queries
from amparo.registry.dictionary import Dictionary, Field, FieldClass
from amparo.registry.types import HouseholdRecord, ProtectingFact
from amparo.trust.queries import area_of_number
from amparo.trust.types import Permission
from amparo.web import languages, presenting
from amparo.web.access import page
from amparo.web.reach import above_in_reach
from amparo.web.told_forms import ToldForm

PROTECTS = page(Permission.PROTECT, personal=True)


@PROTECTS
@require_POST
def protect(request: HttpRequest, id: UUID, person_id: UUID) -> HttpResponse:
    actions.protect(person_id, by=request.by, on=clock.today(), under=request.under)
    return redirect("person", id=id, person_id=person_id)


@PROTECTS
@require_POST
def end(request: HttpRequest, id: UUID, person_id: UUID) -> HttpResponse:
    actions.end_protection(person_id, by=request.by, under=request.under)
    return redirect("person", id=id, person_id=person_id)


@PROTECTS
@require_http_methods(["GET", "HEAD", "POST"])
def protection(request: HttpRequest, id: UUID) -> HttpResponse:
    """What protects the people of a home: what holds, what was said earlier, and a form for each of them."""
    record, wrong = queries.household(id, by=request.by, under=request.under), None
    if request.method == "POST":
        about = _whom(record, request.POST)
        form = _form(request, record, about, request.POST)
        if form.is_valid():
            told = {"source": form.cleaned_data["source"], "on": form.cleaned_data["on"]}
            actions.tell_protection(id, about, form.values, **told, by=request.by, under=request.under)
            return redirect("household-protection", id=id)
        wrong = (about, form)
    return _shown(request, record, wrong)


@PROTECTS
@require_POST
def end_told(request: HttpRequest, id: UUID) -> HttpResponse:
    """Say that what a source told holds no more, from today."""
    record = queries.household(id, by=request.by, under=request.under)
    about, field, source = _whom(record, request.POST), request.POST.get("field"), request.POST.get("source", "")
    said = queries.protecting(id, by=request.by, under=request.under)
    if not any(each.holds and (each.about, each.field, each.source) == (about, field, source) for each in said):
        raise NotFound("registry-nothing-protects")
    told = {"source": source, "on": clock.today(), "by": request.by, "under": request.under}
    actions.tell_protection(id, about, {field: None}, **told)
    return redirect("household-protection", id=id)


def _whom(record: HouseholdRecord, sent: QueryDict) -> UUID:
    """Return whom a form is about: the home, or somebody who lives in it."""
    known = {str(each): each for each in (record.id, *(one.id for one in record.members))}
    if sent.get("whom") not in known:
        raise NotFound("registry-person-unknown")
    return known[sent["whom"]]


def _fields(grain: str, words: Dictionary) -> list[Field]:
    return [each for each in words.of(grain) if each.field_class is FieldClass.PROTECTION]


def _form(request: HttpRequest, record: HouseholdRecord, about: UUID, sent: QueryDict | None) -> ToldForm:
    words = queries.dictionary()
    fields = _fields("household" if about == record.id else "person", words)
    return ToldForm(sent, about=about, fields=fields, words=words, language=languages.chosen(request))


def _shown(request: HttpRequest, record: HouseholdRecord, wrong: tuple[UUID, ToldForm] | None) -> HttpResponse:
    words, place = queries.dictionary(), area_of_number(record.area_number)
    said = queries.protecting(record.id, by=request.by, under=request.under)
    people = [(each.id, presenting.full_name(each.facts, words), each) for each in record.members]
    asked = [(record.id, "", None)] if _fields("household", words) else []
    asked += [each for each in people if _fields("person", words)]
    context = {
        "household": record,
        "place": place,
        "above": [*above_in_reach(request.by, place), place] if place else [],
        "is_below": record.area_number < 0,
        "form": wrong[1] if wrong else None,
        "whom": [
            {
                "id": id,
                "name": name,
                "person": person,
                "holds": [_told(each, words) for each in said if each.about == id and each.holds],
                "earlier": [_told(each, words) for each in said if each.about == id and not each.holds],
                "form": wrong[1] if wrong and wrong[0] == id else _form(request, record, id, None),
            }
            for id, name, person in asked
        ],
    }
    return render(request, "web/protection.html", context, status=400 if wrong else 200)


def _told(said: ProtectingFact, words: Dictionary) -> dict[str, Any]:
    field = words[said.grain, said.field]
    return {
        "field": said.field,
        "source_code": said.source,
        "label": presenting.worded(field.label_id, field.name),
        "value": presenting.presentable(said.value, field, words),
        "is_ended": said.value is None,
        "unit": presenting.unit(field),
        "source": presenting.worded(f"source-{said.source}", said.source),
        "observed_on": said.observed_on,
        "age": presenting.ago(said.observed_on, clock.today()),
    }
