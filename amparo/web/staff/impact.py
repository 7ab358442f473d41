"""The impact assessment: what is stated, what people answered, who signed, what has changed since; and going live with it."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from amparo.profiles import impact as assessed
from amparo.registry.queries import dictionary
from amparo.trust import impact, stage
from amparo.trust.actions import assessing
from amparo.trust.eyes import is_same_human
from amparo.trust.queries import display_names
from amparo.trust.types import QUESTIONS, Permission
from amparo.web import country
from amparo.web.access import page
from amparo.web.impact_words import Sections, changes

LONGEST = 4_000


class AnswersForm(forms.Form):
    """What no program can know of an installation."""

    def __init__(self, sent: Any, answers: dict[str, str]) -> None:
        super().__init__(sent, initial=answers)
        for each in QUESTIONS:
            self.fields[each] = forms.CharField(
                label=f"web-impact-question-{each}",
                help_text=f"web-impact-question-{each}-hint",
                required=False,
                max_length=LONGEST,
                error_messages={"max_length": "web-impact-answer-long"},
                widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
            )


def _stated(request: HttpRequest) -> assessed.Content:
    return assessed.draft(country.profile(), dictionary(), by=request.actor)


@page(Permission.READ_IMPACT)
@require_safe
def assessment(request: HttpRequest) -> HttpResponse:
    """The draft as it stands today, and how it stands to what was signed off."""
    return _shown(request)


def _shown(request: HttpRequest, form: AnswersForm | None = None) -> HttpResponse:
    content = _stated(request)
    digest, signed, newest = assessed.digest(content), impact.latest_signed(), impact.latest_assessment()
    signatures = list(newest.signatures.all()) if newest else []
    context = {
        "sections": Sections(content, request.language).all(),
        "form": form or AnswersForm(None, content["answers"]),
        "open": assessed.unanswered(content),
        "version": newest,
        "signatures": [(each, display_names([each.by_id]).get(each.by_id)) for each in signatures],
        "is_current": newest is not None and newest.digest == digest,
        "is_signed": signed is not None and signed.digest == digest,
        "has_signed": is_same_human(request.actor, *(each.by_id for each in signatures)),
        "changes": changes(assessed.differences(signed.content, content), request.language) if signed else [],
        "signed": signed,
        "is_live": stage.is_live(),
    }
    return render(request, "web/impact.html", context, status=400 if form else 200)


@page(Permission.ASSESS_IMPACT)
@require_POST
def answer(request: HttpRequest) -> HttpResponse:
    """Keep the answers that were filled in."""
    form = AnswersForm(request.POST, impact.answers())
    if not form.is_valid():
        return _shown(request, form)
    for question, words in form.cleaned_data.items():
        if words.strip():
            assessing.answer_question(question, words, by=request.by)
    return redirect("impact")


@page(Permission.ASSESS_IMPACT)
@require_POST
def lay_down(request: HttpRequest) -> HttpResponse:
    """Lay down what is stated now, to be signed."""
    content = _stated(request)
    assessing.lay_down(content, assessed.digest(content), by=request.by)
    return redirect("impact")


@page(Permission.SIGN_IMPACT)
@require_POST
def sign(request: HttpRequest, number: int) -> HttpResponse:
    assessing.sign_assessment(number, digest=assessed.digest(_stated(request)), by=request.by)
    return redirect("impact")


@page(Permission.GO_LIVE)
@require_POST
def go_live(request: HttpRequest) -> HttpResponse:
    assessing.go_live(digest=assessed.digest(_stated(request)), by=request.by)
    return redirect("impact")
