"""Notices of decisions for the worse: given, printed, answered, reviewed."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.programmes import actions, queries
from amparo.programmes.types import Notice
from amparo.registry import queries as registry
from amparo.trust.queries import area_of_number, display_names
from amparo.trust.types import Permission
from amparo.web import changing, presenting, withholding
from amparo.web.access import page
from amparo.web.days import day_field
from amparo.web.explaining import Teller
from amparo.web.reach import above_in_reach
from amparo.web.staff.decisions import names_of

LONGEST = 10_000


def _words(label: str, *, missing: str) -> forms.CharField:
    errors = {"required": missing, "max_length": "web-notice-words-long"}
    widget = forms.Textarea(attrs={"rows": 5, "dir": "auto"})
    return forms.CharField(label=label, max_length=LONGEST, error_messages=errors, widget=widget)


class ReplyForm(forms.Form):
    """What was answered, and the day it came."""

    received_on = day_field("web-notice-reply-day", wrong="web-notice-reply-day-wrong")
    words = _words("web-notice-reply-words", missing="web-notice-reply-words-missing")

    def __init__(self, sent: Mapping[str, str] | None, given: Notice) -> None:
        super().__init__(sent, initial={"received_on": clock.today()})
        self.given = given

    def clean_received_on(self) -> date:
        day = self.cleaned_data["received_on"]
        if not self.given.given_on <= day <= clock.today():
            raise forms.ValidationError("web-notice-reply-day-wrong")
        return day


class ReviewForm(forms.Form):
    """Why a change for the worse is confirmed or refused."""

    reason = _words("web-notice-review-reason", missing="web-notice-review-reason-missing")


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
    return _shown(request, _read(request, id))


def _read(request: HttpRequest, id: UUID) -> Notice:
    """Return a notice for whoever may read it, also within a form that another permission opens."""
    return queries.notice(id, by=request.actor.narrowed(Permission.READ_DECISION), under=request.under)


def _shown(request: HttpRequest, given: Notice, wrong: forms.Form | None = None) -> HttpResponse:
    """Return the page of a notice with its forms; `wrong` is the one that was sent and lacks something."""
    by = request.actor.narrowed(Permission.READ_DECISION)
    explanation = queries.explain(given.decision, by=by, under=request.under)
    words, place = registry.dictionary(), area_of_number(given.area_number)
    teller = Teller(explanation, words, names_of(request, explanation, words))
    context = {
        "notice": given,
        "why": explanation,
        "was": presenting.money(given.was, words),
        "amount": presenting.money(explanation.decision.amount, words),
        "law_words": presenting.worded(given.law, given.law),
        "rule_law_words": presenting.worded(explanation.law, explanation.law),
        "clauses": teller.clauses() if explanation.has_steps else [],
        "changes": changing.changes(teller) if explanation.has_steps else [],
        "withheld": withholding.told(teller),
        "household": {"id": explanation.household_id, "number": explanation.number},
        "above": [*above_in_reach(by, place), place] if place else [],
        "form": wrong,
        "reply": wrong if isinstance(wrong, ReplyForm) else ReplyForm(None, given),
        "review": wrong if isinstance(wrong, ReviewForm) else ReviewForm(),
        **_told(given),
    }
    return render(request, "web/notice.html", context, status=400 if wrong else 200)


def _told(given: Notice) -> dict[str, Any]:
    people = [each.recorded_by for each in given.replies] + [each.reviewed_by for each in given.reviews]
    names = display_names([given.given_by, *people])
    return {
        "given_by": names.get(given.given_by),
        "replies": [(each, names.get(each.recorded_by)) for each in given.replies],
        "reviews": [(each, names.get(each.reviewed_by)) for each in given.reviews],
    }


@page(Permission.GIVE_NOTICE, personal=True)
@require_http_methods(["GET", "HEAD", "POST"])
def reply(request: HttpRequest, id: UUID) -> HttpResponse:
    """Take down what somebody answered."""
    given = _read(request, id)
    form = ReplyForm(request.POST or None, given)
    if not form.is_valid():
        return _shown(request, given, form if form.is_bound else None)
    told = form.cleaned_data
    actions.record_reply(id, told["words"], by=request.by, under=request.under, on=told["received_on"])
    return redirect("notice", id=id)


@page(Permission.REVIEW_DECISION, personal=True)
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, id: UUID) -> HttpResponse:
    """Confirm or deny a change for the worse, as somebody who did not make it."""
    form, found = ReviewForm(request.POST or None), request.POST.get("confirms")
    if not form.is_valid():
        return _shown(request, _read(request, id), form if form.is_bound else None)
    if found not in ("yes", "no"):
        raise Refused("programmes-review-without-reason")
    actions.review(
        id,
        confirms=found == "yes",
        reason=form.cleaned_data["reason"],
        by=request.by,
        under=request.under,
        on=clock.today(),
    )
    return redirect("notice", id=id)
