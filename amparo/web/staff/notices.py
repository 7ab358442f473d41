"""Notices of decisions for the worse: given, printed, answered, reviewed."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.programmes import actions, queries
from amparo.programmes.types import Notice
from amparo.registry import queries as registry
from amparo.trust.queries import area_of_number, display_names
from amparo.trust.types import Permission
from amparo.web import changing, presenting
from amparo.web.access import page
from amparo.web.explaining import Teller
from amparo.web.reach import above_in_reach
from amparo.web.staff.decisions import names_of


class ReplyForm(forms.Form):
    """What was answered, and the day it came."""

    words = forms.CharField(max_length=10_000)
    received_on = forms.DateField()


@page(Permission.GIVE_NOTICE, personal=True)
@require_POST
def give(request: HttpRequest, id: UUID) -> HttpResponse:
    """Record that a proposed decision is made known today."""
    given = actions.give_notice(id, by=request.by, under=request.under, on=clock.today())
    return redirect("notice", id=given.id)


@page(Permission.READ_DECISION, personal=True)
@require_safe
def notice(request: HttpRequest, id: UUID) -> HttpResponse:
    """One notice, to be printed and handed over: what changes, from which day, why, and how to answer."""
    given = queries.notice(id, by=request.by, under=request.under)
    explanation = queries.explain(given.decision, by=request.by, under=request.under)
    words, place = registry.dictionary(), area_of_number(given.area_number)
    teller = None if explanation.erased else Teller(explanation, words, names_of(request, explanation, words))
    context = {
        "notice": given,
        "why": explanation,
        "was": presenting.money(given.was, words),
        "amount": presenting.money(explanation.decision.amount, words),
        "law_words": presenting.worded(given.law, given.law),
        "rule_law_words": presenting.worded(explanation.law, explanation.law),
        "clauses": teller.clauses() if teller else [],
        "changes": changing.changes(teller) if teller else [],
        "household": {"id": explanation.household_id, "number": explanation.number},
        "above": [*above_in_reach(request.by, place), place] if place else [],
        **_told(given),
    }
    return render(request, "web/notice.html", context)


def _told(given: Notice) -> dict[str, Any]:
    people = [each.recorded_by for each in given.replies] + [each.reviewed_by for each in given.reviews]
    names = display_names([given.given_by, *people])
    return {
        "given_by": names.get(given.given_by),
        "replies": [(each, names.get(each.recorded_by)) for each in given.replies],
        "reviews": [(each, names.get(each.reviewed_by)) for each in given.reviews],
        "today": clock.today(),
    }


@page(Permission.GIVE_NOTICE, personal=True)
@require_POST
def reply(request: HttpRequest, id: UUID) -> HttpResponse:
    """Take down what somebody answered."""
    form = ReplyForm(request.POST)
    if not form.is_valid():
        raise Refused("programmes-reply-empty" if "words" in form.errors else "programmes-reply-day")
    told = form.cleaned_data
    actions.record_reply(id, told["words"], by=request.by, under=request.under, on=told["received_on"])
    return redirect("notice", id=id)


@page(Permission.REVIEW_DECISION, personal=True)
@require_POST
def review(request: HttpRequest, id: UUID) -> HttpResponse:
    """Confirm or deny a change for the worse, as somebody who did not make it."""
    found = request.POST.get("confirms")
    if found not in ("yes", "no"):
        raise Refused("programmes-review-without-reason")
    actions.review(
        id,
        confirms=found == "yes",
        reason=request.POST.get("reason", ""),
        by=request.by,
        under=request.under,
        on=clock.today(),
    )
    return redirect("notice", id=id)
