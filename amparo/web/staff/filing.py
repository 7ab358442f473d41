"""A case taken down for somebody: what it is about, then what they say; an appeal from the decision it is about."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from amparo.cases import actions, queries
from amparo.cases.beginning import Filing
from amparo.cases.types import Channel, Linked
from amparo.kernel import clock
from amparo.kernel.errors import NotFound, Refused
from amparo.profiles.languages import say
from amparo.programmes.queries import decision
from amparo.registry import queries as registry
from amparo.trust.types import Permission
from amparo.web import presenting, refusals
from amparo.web.access import page
from amparo.web.case_forms import AppealForm, CounterForm


@page(Permission.OPEN_CASE, personal=True)
@require_safe
def choose(request: HttpRequest, id: UUID | None = None, person_id: UUID | None = None) -> HttpResponse:
    """What it is about: a page for each category."""
    _expect_reached(request, person_id)
    return render(request, "web/case_choose.html", {"choices": choices(_address(id, person_id))})


def choices(address: Callable[[str], str], *, is_public: bool | None = None) -> list[dict[str, Any]]:
    """Return the categories that a case can be about, in words, each with the page where it is filed."""
    return [
        {
            "address": address(each.code),
            "words": presenting.worded(f"case-category-{each.code}", each.code),
            "about": presenting.worded(f"case-category-{each.code}-about", ""),
        }
        for each in queries.categories(is_public=is_public)
    ]


def category_named(code: str, *, is_public: bool | None = None) -> Any:
    found = next((each for each in queries.categories(is_public=is_public) if each.code == code), None)
    if found is None:
        raise NotFound("cases-category-unknown", category=code)
    return found


def _address(id: UUID | None, person_id: UUID | None) -> Callable[[str], str]:
    if person_id is None:
        return lambda code: reverse("case-new-file", args=[code])
    return lambda code: reverse("case-file", args=[id, person_id, code])


@page(Permission.OPEN_CASE, personal=True)
@require_http_methods(["GET", "HEAD", "POST"])
def file(request: HttpRequest, category: str, id: UUID | None = None, person_id: UUID | None = None) -> HttpResponse:
    """What somebody says, taken down; then the code that is handed out."""
    chosen = category_named(category)
    _expect_reached(request, person_id)
    sent = request.POST if request.method == "POST" else None
    form, refusal = CounterForm(sent, chosen, request.language, has_person=person_id is not None), None
    if form.is_valid():
        try:
            return _filed(request, form, category, person_id)
        except Refused as refused:
            if isinstance(refused, NotFound):
                raise
            refusal = refusals.in_words(request, refused)
    context = {"form": form, "refusal": refusal, "title": presenting.worded(f"case-category-{category}", category)}
    return render(request, "web/case_file.html", context, status=400 if form.errors or refusal else 200)


def _expect_reached(request: HttpRequest, person_id: UUID | None) -> None:
    """Raise NotFound for somebody outside the areas of whoever takes a case down."""
    if person_id is not None:
        registry.person(person_id, by=request.by)


def _filed(request: HttpRequest, form: CounterForm, category: str, person_id: UUID | None) -> HttpResponse:
    linked = Linked(person=person_id)
    given = form.cleaned_data
    filing = Filing(category, form.said, Channel(given["channel"]), linked, given.get("area", ""))
    case = actions.file(filing, by=request.by, under=request.under, on=clock.today())
    return render(request, "web/case_filed.html", {"case": case, "is_seen": not case.is_sensitive})


@page(Permission.OPEN_CASE, personal=True)
@require_http_methods(["GET", "HEAD", "POST"])
def appeal(request: HttpRequest, id: UUID) -> HttpResponse:
    """An appeal against a decision, taken down for whom it concerns."""
    sent = request.POST if request.method == "POST" else None
    form, refusal = AppealForm(sent, request.language, _people(request, id)), None
    if form.is_valid():
        try:
            told = {
                "person": UUID(form.cleaned_data["person"]),
                "channel": Channel(form.cleaned_data["channel"]),
                "under": request.under,
            }
            case = actions.appeal(id, form.said, by=request.by, on=clock.today(), **told)
            return redirect("case", id=case.id)
        except Refused as refused:
            if isinstance(refused, NotFound):
                raise
            refusal = refusals.in_words(request, refused)
    context = {"form": form, "refusal": refusal, "title": presenting.worded("web-appeal-title", "")}
    return render(request, "web/case_file.html", context, status=400 if form.errors or refusal else 200)


def _people(request: HttpRequest, decision_id: UUID) -> list[tuple[str, str]]:
    """Return who lives in the household that a decision is about, by name: one of them appeals."""
    told = {"under": request.under}
    made = decision(decision_id, by=request.actor.narrowed(Permission.READ_DECISION), **told)
    home = registry.household(made.household_id, by=request.actor.narrowed(Permission.READ_HOUSEHOLD), **told)
    words = registry.dictionary()
    return [
        (
            str(each.id),
            presenting.full_name(each.facts, words)
            or say("web-person-numbered", request.language, number=str(each.number)),
        )
        for each in home.members
    ]
