"""Agreements: what is handed over to whom, as a contract one can read; drafted, signed, suspended, ended."""

from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.kernel.messages import message
from amparo.profiles.languages import has_words, say
from amparo.profiles.lendable import WORDS
from amparo.registry.queries import dictionary
from amparo.trust.actions import agreeing
from amparo.trust.covering import Given, State, Terms
from amparo.trust.grounds import agreements as known
from amparo.trust.queries import areas_coded, display_names
from amparo.trust.types import SYSTEM_ID, Permission, Side
from amparo.web import languages, presenting, refusals
from amparo.web.access import page
from amparo.web.agreed import handed_over, lent_label
from amparo.web.agreement_forms import OrganisationForm, ReasonForm, SignatureForm, TermsForm
from amparo.web.flow import flow

SHOWN = 20  # exchanges on a page


@page(Permission.READ_AGREEMENT)
@require_safe
def agreements(request: HttpRequest) -> HttpResponse:
    """Every agreement, its newest version first."""
    return _listed(request)


def _listed(request: HttpRequest, form: forms.Form | None = None) -> HttpResponse:
    by = request.actor.narrowed(Permission.READ_AGREEMENT)
    today = clock.today()
    listed = [(each, _shown_state(each, today)) for each in known.agreements(by)]
    context = {"listed": listed, "form": form, "organisation": form or OrganisationForm()}
    return render(request, "web/agreements.html", context, status=400 if form else 200)


def _shown_state(row: Any, today: Any) -> str:
    """Return the state in words; expiry is read off the day."""
    return "expired" if row.state == State.IN_FORCE and row.ends_on < today else row.state


@page(Permission.DRAFT_AGREEMENT)
@require_POST
def add_organisation(request: HttpRequest) -> HttpResponse:
    """Add a partner to agree with."""
    form = OrganisationForm(request.POST)
    if not form.is_valid():
        return _listed(request, form)
    agreeing.add_organisation(form.cleaned_data["organisation"], form.cleaned_data["called"], by=request.by)
    return redirect("agreements")


@page(Permission.READ_AGREEMENT)
@require_safe
def agreement(request: HttpRequest, id: UUID) -> HttpResponse:
    """One version as a contract: what flows, to whom, on what ground, who signed, what happened since."""
    return _shown(request, id)


def _shown(request: HttpRequest, id: UUID, wrong: forms.Form | None = None) -> HttpResponse:
    by = request.actor.narrowed(Permission.READ_AGREEMENT)
    row = known.agreement(id, by=by)
    terms, words, language = known.terms_of(row), dictionary(), languages.chosen(request)
    signed = {each.side for each in row.signatures.all()}
    sides = [each for each in Side if each.value not in signed]
    context = {
        "agreement": row,
        "terms": terms,
        "state": _shown_state(row, clock.today()),
        "fields": [handed_over(each, words) for each in terms.fields],
        "in_areas": areas_coded(terms.areas),
        "period": message(f"trust-period-{terms.period.value}"),
        "drawing": _drawn(row, terms, language),
        "so_far": known.so_far(row, clock.today()),
        "exchanges": known.exchanges_of(row, by=by, at_most=SHOWN),
        "successors": list(row.successors.all()),
        "form": wrong,
        "signature": wrong if isinstance(wrong, SignatureForm) else SignatureForm(None, language=language, sides=sides),
        "reason": wrong if isinstance(wrong, ReasonForm) else ReasonForm(),
        "steps": _steps(row),
        **_people(row),
    }
    return render(request, "web/agreement.html", context, status=400 if wrong else 200)


def _steps(row: Any) -> dict[str, bool]:
    """Return which steps may follow from where the agreement stands."""
    state = State(row.state)
    return {each.name.lower(): state in agreeing.MAY_FOLLOW.get(each, ()) for each in State} | {
        "sign": state in (State.DRAFTED, State.SIGNED),
        "resume": state is State.SUSPENDED,
        "amend": state is State.DRAFTED,
    }


def _people(row: Any) -> dict[str, Any]:
    ids = [row.drafted_by, *(each.recorded_by for each in row.signatures.all())]
    changes = sorted(row.changes.all(), key=lambda each: each.id)
    names = display_names([*ids, *(each.by_id for each in changes)]) | {SYSTEM_ID: "web-run-by-system"}
    return {
        "drafted_by": names.get(row.drafted_by),
        "signatures": [(each, names.get(each.recorded_by)) for each in row.signatures.all()],
        "changes": [(each, names.get(each.by_id)) for each in changes],
    }


def _drawn(row: Any, terms: Terms, language: str) -> str:
    counts = Counter(each.given for each in terms.fields)
    arrows = [
        say(f"web-agreement-arrow-{given.value}", language, count=count) for given, count in sorted(counts.items())
    ]
    giver, taker = (say(name, language) if has_words(name) else name for name in (row.provider.name, row.consumer.name))
    return flow(
        giver,
        taker,
        arrows,
        title=say("web-agreement-flow", language, giver=giver, taker=taker),
        description=say("web-agreement-flow-about", language),
        right_to_left=languages.direction(language) == "rtl",
        is_open=_shown_state(row, clock.today()) == State.IN_FORCE,
    )


@page(Permission.DRAFT_AGREEMENT)
@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: HttpRequest) -> HttpResponse:
    """Draft an agreement that is not there yet."""

    def write(code: str, terms: Terms) -> UUID:
        return agreeing.draft_agreement(code, terms, by=request.by).id

    return _drafted(request, write, of=None, code="")


@page(Permission.DRAFT_AGREEMENT)
@require_http_methods(["GET", "HEAD", "POST"])
def redraft(request: HttpRequest, id: UUID) -> HttpResponse:
    """Change a draft that nobody signed, or draft the version that succeeds a signed one."""
    row = known.agreement(id, by=request.actor)

    def write(code: str, terms: Terms) -> UUID:
        if row.state == State.DRAFTED:
            return agreeing.amend_agreement(id, terms, by=request.by).id
        return agreeing.draft_agreement(code, terms, by=request.by, succeeds=id).id

    return _drafted(request, write, of=known.terms_of(row), code=row.code)


def _drafted(request: HttpRequest, write: Callable[[str, Terms], UUID], *, of: Terms | None, code: str) -> HttpResponse:
    """Show the form, or write what was sent; its other buttons add and remove rows of the grid."""
    sent = request.POST if request.method == "POST" else None
    form = TermsForm(sent, of=of, code=code, language=languages.chosen(request))
    is_sent = sent is not None and sent.get("act", "save") == "save"
    refusal = None
    if is_sent and form.is_valid():
        try:
            return redirect("agreement", id=write(form.cleaned_data["code"], form.terms()))
        except Refused as refused:
            refusal = refusals.in_words(request, refused)
    if sent is not None and not is_sent:
        form.errors.clear()
    forms_of_giving = [(each.value, message(f"web-agreement-grid-{each.value}")) for each in Given]
    context = {"form": form, "code": code, "refusal": refusal, "catalogue": _offered(), "forms": forms_of_giving}
    return render(request, "web/agreement_draft.html", context, status=400 if refusal or form.errors else 200)


def _offered() -> list[tuple[str, list[dict[str, Any]]]]:
    """Return the fields that an agreement may name, by grain."""
    words = dictionary()
    return [
        (
            grain,
            [
                {
                    "name": f"{grain}.{each.name}",
                    "label": presenting.worded(each.label_id, each.name),
                    "type": each.type,
                }
                for each in words.of(grain)
            ],
        )
        for grain in ("person", "household")
    ] + [
        (grain, [{"name": f"{grain}.{name}", "label": lent_label(grain, name), "type": ""} for name in names])
        for grain, names in WORDS.items()
    ]


@page(Permission.SIGN_AGREEMENT)
@require_POST
def sign(request: HttpRequest, id: UUID) -> HttpResponse:
    """Take down the signature of one side."""
    form = SignatureForm(request.POST, language=languages.chosen(request), sides=list(Side))
    if not form.is_valid():
        return _shown(request, id, form)
    side, signatory = form.signatory()
    agreeing.sign_agreement(id, side, signatory, by=request.by, on=clock.today())
    return redirect("agreement", id=id)


@page(Permission.SUSPEND_AGREEMENT)
@require_POST
def suspend(request: HttpRequest, id: UUID) -> HttpResponse:
    return _stopped(request, id, agreeing.suspend_agreement)


@page(Permission.SUSPEND_AGREEMENT)
@require_POST
def end(request: HttpRequest, id: UUID) -> HttpResponse:
    return _stopped(request, id, agreeing.end_agreement)


@page(Permission.SIGN_AGREEMENT)
@require_POST
def resume(request: HttpRequest, id: UUID) -> HttpResponse:
    return _stopped(request, id, agreeing.resume_agreement)


def _stopped(request: HttpRequest, id: UUID, action: Callable[..., Any]) -> HttpResponse:
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _shown(request, id, form)
    action(id, reason=form.cleaned_data["reason"], by=request.by)
    return redirect("agreement", id=id)
