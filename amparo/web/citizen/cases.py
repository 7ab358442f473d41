"""A citizen's cases: bring something forward, appeal a decision, see how it stands, answer, withdraw."""

from dataclasses import replace
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amparo.cases import actions, queries
from amparo.cases.beginning import Filing
from amparo.cases.moves import UNTOLD, move_of
from amparo.cases.types import Act, Channel
from amparo.kernel import clock
from amparo.kernel.errors import NotFound, Refused
from amparo.programmes.queries.appealing import appealable
from amparo.registry.own import own_record
from amparo.trust.types import OWN_RIGHT, Permission
from amparo.web import presenting, refusals
from amparo.web.case_forms import SaidForm, StepForm
from amparo.web.citizen.opening import mine
from amparo.web.citizen.start import whom
from amparo.web.citizen.told import told_once
from amparo.web.disputed import in_words
from amparo.web.staff.filing import category_named, choices

# What a citizen brings forward themselves; the rest an officer opens, or the house.
OWN_KINDS = ("grievance", "correction", "referral")


@mine()
@require_safe
def cases(request: HttpRequest) -> HttpResponse:
    """Every case of theirs, the latest first, and what other programmes tell of grievances that were brought to them."""
    found = [(each, presenting.worded(each.label_id, each.category)) for each in queries.own_cases(by=request.by)]
    told = [(each, None) for each in queries.own_told(by=request.by)]
    return render(request, "web/mine_cases.html", {"whom": whom(request), "listed": found, "grievances": told})


@mine()
@require_safe
def case(request: HttpRequest, id: UUID) -> HttpResponse:
    """One case: how it stands, by which day, and what was said to them."""
    return _shown(request, id)


def _shown(request: HttpRequest, id: UUID, form: StepForm | None = None) -> HttpResponse:
    by = request.actor.narrowed(Permission.SEE_OWN)
    found = queries.own_case(id, by=by)
    context = {
        "whom": whom(request),
        "case": found,
        "about": presenting.worded(found.label_id, found.category),
        "form": form or StepForm(),
        "may_withdraw": found.kind not in UNTOLD and move_of(found.kind, found.state, Act.WITHDRAW) is not None,
    }
    return render(request, "web/mine_case.html", context, status=400 if form else 200)


@mine(Permission.DECIDE_OWN)
@require_POST
def say(request: HttpRequest, id: UUID) -> HttpResponse:
    """Answer in a case, or withdraw it."""
    form, act = StepForm(request.POST), Act.WITHDRAW if request.POST.get("act") == "withdraw" else Act.REPLY
    if form.is_valid() and act is Act.REPLY and not form.cleaned_data["words"].strip():
        form.add_error("words", "web-case-words-missing")
    if not form.is_valid():
        return _shown(request, id, form)
    actions.reply(id, act, words=form.cleaned_data["words"], by=request.by, under=OWN_RIGHT)
    return redirect("mine-case", id=id)


@mine()
@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """What it is about."""
    kinds = {each.code for each in queries.categories() if each.kind in OWN_KINDS}
    offered = choices(lambda code: reverse("mine-case-file", args=[code]))
    codes = {reverse("mine-case-file", args=[code]) for code in kinds}
    offered = [each for each in offered if each["address"] in codes]
    return render(request, "web/case_choose.html", {"whom": whom(request), "choices": offered})


@mine(Permission.DECIDE_OWN)
@require_http_methods(["GET", "HEAD", "POST"])
def file(request: HttpRequest, category: str) -> HttpResponse:
    """What somebody says themselves."""
    chosen = category_named(category)
    if chosen.kind not in OWN_KINDS:
        raise NotFound("cases-category-unknown", category=category)
    form, refusal = SaidForm(request.POST if request.method == "POST" else None, chosen), None
    disputed = _disputed(request)
    if form.is_valid():
        said = replace(form.said, answers={**form.said.answers, **disputed})
        filing = Filing(category, said, Channel.WEB)
        made = actions.file_own(filing, by=request.by, under=OWN_RIGHT, on=clock.today())
        return redirect("mine-case", id=made.id) if not _is_hidden(request, made) else _code(request, made)
    title = presenting.worded(f"case-category-{category}", category)
    context = {"whom": whom(request), "form": form, "refusal": refusal, "title": title}
    if disputed:
        (_, what), (_, source) = (in_words(*each) for each in disputed.items())
        context["disputed"] = {"field": what, "source": source}
    return render(request, "web/case_file.html", context, status=400 if form.errors else 200)


def _disputed(request: HttpRequest) -> dict[str, str]:
    """Return what they say is not right, and then whose word it is: a fact of theirs, or what another programme tells.

    Raises NotFound for what is none of theirs.
    """
    if "about" in request.GET:
        return _disputed_fact(request, request.GET["about"])
    if "scheme" in request.GET:
        told = told_once(request, request.GET.get("feed", ""), request.GET["scheme"])
        return {"disputed_scheme": told.scheme, "disputed_feed": told.feed}
    return {}


def _disputed_fact(request: HttpRequest, about: str) -> dict[str, str]:
    record = own_record(by=request.actor.narrowed(Permission.SEE_OWN))
    grain, _, name = about.partition(".")
    facts = {"person": record.person.facts, "household": record.home.facts if record.home else {}}.get(grain, {})
    if name not in facts:
        raise NotFound("registry-fact-unknown")
    return {"disputed_field": about, "disputed_source": facts[name].source}


def _is_hidden(request: HttpRequest, made) -> bool:
    """Whether they see no more of it: something sensitive, filed for somebody for whom they act."""
    return made.is_sensitive and request.by.concerning != request.by.person


def _code(request: HttpRequest, made) -> HttpResponse:
    return render(request, "web/case_filed.html", {"case": made, "is_seen": False})


@mine(Permission.DECIDE_OWN)
@require_http_methods(["GET", "HEAD", "POST"])
def appeal(request: HttpRequest, id: UUID) -> HttpResponse:
    """Appeal a decision that concerns them."""
    appealable(id, by=request.by)
    form, refusal = SaidForm(request.POST if request.method == "POST" else None), None
    if form.is_valid():
        try:
            told = {"person": None, "channel": Channel.WEB, "under": OWN_RIGHT, "on": clock.today()}
            made = actions.appeal(id, form.said, by=request.by, **told)
            return redirect("mine-case", id=made.id)
        except Refused as refused:
            if isinstance(refused, NotFound):
                raise
            refusal = refusals.in_words(request, refused)
    context = {
        "whom": whom(request),
        "form": form,
        "refusal": refusal,
        "title": presenting.worded("web-appeal-title", ""),
    }
    return render(request, "web/case_file.html", context, status=400 if form.errors or refusal else 200)
