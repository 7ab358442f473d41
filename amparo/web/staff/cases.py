"""Cases: the list of an officer's work by its days, one case with all its steps, and what is done about it."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amparo.cases import actions, queries
from amparo.cases.moves import Move
from amparo.cases.types import Act, Case, Kind, State
from amparo.kernel import clock
from amparo.kernel.errors import NotFound, Refused
from amparo.kernel.money import Money
from amparo.payments import queries as payments
from amparo.payments.types import IMPOSSIBLE
from amparo.programmes.queries import terms_of
from amparo.registry import queries as registry
from amparo.trust.queries import area_of_number, display_names
from amparo.trust.types import SYSTEM_ID, Actor, Permission
from amparo.web import presenting, refusals
from amparo.web.access import page
from amparo.web.case_forms import StepForm, WorkForm, WorklistForm
from amparo.web.disputed import DISPUTED, in_words
from amparo.web.reach import above_in_reach

PAGE = 50
# Which form of the page a permission's acts are sent by.
ROUTES = {
    Permission.WORK_CASE: "case-work",
    Permission.REVIEW_APPEAL: "case-review",
    Permission.DECIDE_SUSPICION: "case-judge",
}
# These have pages or buttons of their own.
_OF_THEIR_OWN = frozenset({Act.EXECUTE, Act.APPLY})


@page(Permission.READ_CASE, personal=True)
@require_safe
def cases(request: HttpRequest) -> HttpResponse:
    """The worklist: what is due first stands first."""
    form = WorklistForm(request.GET, request.language)
    begin = _number(request.GET.get("after"))
    asked = {"by": request.by, "under": request.under, "skip": begin, "at_most": PAGE + 1}
    found = queries.listed(form.wanted, **asked) if form.is_valid() else []
    names = _names([each.owner for each in found])
    context = {
        "form": form,
        "listed": [_line(each) | {"owner": names.get(each.owner)} for each in found[:PAGE]],
        "after": str(begin + PAGE) if len(found) > PAGE else None,
        "is_first": not begin,
    }
    return render(request, "web/cases.html", context, status=400 if form.errors else 200)


def _number(mark: str | None) -> int:
    """Return where a page begins; a mark that is none begins at the beginning."""
    return int(mark) if mark and mark.isascii() and mark.isdigit() and len(mark) < 7 else 0


def _line(case: Case) -> dict[str, Any]:
    return {
        "case": case,
        "about": presenting.worded(case.label_id, case.category),
        "place": area_of_number(case.area_number),
        "is_late": case.is_late(clock.today()),
    }


def _names(ids: list[UUID | None]) -> dict[UUID | None, str]:
    return {SYSTEM_ID: "web-run-by-system"} | display_names([each for each in ids if each])


@page(Permission.READ_CASE, personal=True)
@require_safe
def case(request: HttpRequest, id: UUID) -> HttpResponse:
    """One case: what it is about, until when, what was done, and what whoever reads may do."""
    return _shown(request, id)


def _shown(
    request: HttpRequest, id: UUID, form: StepForm | None = None, refused: Refused | None = None
) -> HttpResponse:
    by = request.actor.narrowed(Permission.READ_CASE)
    found = queries.case(id, by=by, under=request.under)
    offered = queries.moves(id, by=by) if found.is_open else []
    names = _names([found.owner, found.filed_by, *(each.by for each in found.steps)])
    context = _line(found) | {
        "steps": [(each, names.get(each.by), _answers(found, each)) for each in found.steps],
        "owner": names.get(found.owner),
        "household": _household(request, found),
        "forms": _forms(offered, form),
        "may_execute": any(each.act is Act.EXECUTE for each in offered),
        "transition": _transition(request, found),
        "recertification": _recertification(found),
        "effect": _effect(found),
        "arrears": _arrears(found, by),
        "held": _held(found, by),
        "grievances": [(each, None) for each in queries.told_beside(found, by=by, under=request.under)],
        "form": form,
        "refusal": refusals.in_words(request, refused) if refused else None,
        "above": _above(request, found),
    }
    return render(request, "web/case.html", context, status=400 if form or refused else 200)


def _above(request: HttpRequest, found: Case) -> list:
    place = area_of_number(found.area_number)
    return [*above_in_reach(request.by, place), place] if place else []


def _answers(case: Case, step: Any) -> list[tuple[Any, Any]]:
    """Return what was answered, with the question in words."""
    said = step.said.answers if step.said else {}
    return [_answer(case, question, answer) for question, answer in said.items()]


def _answer(case: Case, question: str, answer: str) -> tuple[Any, Any]:
    """Return a question and its answer; what a dispute is about is answered by a code of ours, and told in words."""
    if question in DISPUTED:
        return in_words(question, answer)
    return presenting.worded(f"case-question-{case.category}-{question}", question), answer


def _forms(offered: list[Move], wrong: StepForm | None) -> list[dict[str, Any]]:
    """Return one form for each permission under which something may be done, with the buttons of its acts."""
    found = []
    for permission, route in ROUTES.items():
        acts = [each for each in offered if each.permission is permission and each.act not in _OF_THEIR_OWN]
        kind = WorkForm if permission is Permission.WORK_CASE else StepForm
        if acts:
            form = wrong if type(wrong) is kind else kind(auto_id=f"id_{route}_%s")
            found.append(
                {"route": route, "acts": acts, "form": form, "hands_on": any(a.act is Act.HAND_ON for a in acts)}
            )
    return found


def _household(request: HttpRequest, found: Case) -> UUID | None:
    """Return the household that a link may lead to: the case's, or that of whom it is about, if one reaches it."""
    if found.linked.household or not found.linked.person or not request.actor.has(Permission.READ_HOUSEHOLD):
        return found.linked.household
    try:
        return registry.household_of(found.linked.person, by=request.actor.narrowed(Permission.READ_HOUSEHOLD))
    except NotFound:
        return None


def _transition(request: HttpRequest, found: Case) -> dict[str, Any] | None:
    """Return what a transition leads out of and into, and what was applied for."""
    if not found.transition:
        return None
    following = queries.next_schemes(found, by=request.actor, under=request.under) if found.is_open else []
    applied = (
        found.effect
        and found.state in (State.APPLIED, State.RESOLVED)
        and {
            "programme": _scheme(found.effect["programme"]),
            "on": date.fromisoformat(found.effect["on"]),
            "enrolment": found.effect.get("enrolment"),
        }
    )
    return {
        "words": presenting.worded(f"transition-{found.transition}", found.transition),
        "ends": [_scheme(each) for each in queries.ends_of(found)],
        "next": [
            {**vars(each), "words": _scheme(each.programme), "is_elsewhere": each.on is None} for each in following
        ],
        "applied": applied,
    }


def _recertification(found: Case) -> dict[str, Any] | None:
    """Return what a programme states of confirming anew that somebody takes part; None of a case that did not open by it."""
    if found.kind is not Kind.RECERTIFICATION or found.event_on is None or not found.linked.enrolment:
        return None
    try:
        term = terms_of(found.linked.programme).recertification
    except NotFound:  # a programme that is stated no longer
        term = None
    return {
        "law": presenting.worded(term.law, term.law) if term else "",
        "suspension": term.suspension if term else "",
    }


def _scheme(code: str) -> Any:
    """Return the words of a programme that is run here, or of a scheme that others tell of."""
    return presenting.worded(f"programme-{code}", presenting.worded(f"scheme-{code}", code))


def _effect(found: Case) -> dict[str, Any] | None:
    """Return what an executed appeal changed, with the amounts in the country's money."""
    if not found.effect or found.kind is not Kind.APPEAL:
        return None
    told = {name: _money(found.effect[name]) for name in ("was_amount", "amount")}
    return {**found.effect, **told, "since": date.fromisoformat(found.effect["since"])}


def _arrears(found: Case, by: Actor) -> list[tuple[Any, Money | None]]:
    """Return what an executed appeal owes for each cycle that went without, with the amount in the country's money."""
    if not found.effect or found.kind is not Kind.APPEAL:
        return []
    return [(each, _money(each.amount_minor)) for each in payments.arrears_of(found.id, by=by)]


def _held(found: Case, by: Actor) -> dict[str, Any] | None:
    """Return why a payment is held, how much it is, and what becomes of it at its day; None where it is held no more."""
    held = payments.held_payment(found.linked.payment, by=by) if found.is_open and found.linked.payment else None
    if held is None:
        return None
    becomes = "impossible" if held.payment.check in IMPOSSIBLE else held.default.value
    return {
        "payment": held.payment,
        "amount": _money(held.payment.amount_minor),
        "cycle": held.cycle,
        "becomes": f"web-case-held-{becomes}",
    }


def _money(minor: int | None) -> Money | None:
    words = registry.dictionary()
    return None if minor is None else Money(minor, words.currency, words.decimals)


def _acted(request: HttpRequest, id: UUID, form: StepForm, permission: Permission) -> HttpResponse:
    """Do what a form asks for, or show the case again with what is wrong."""
    if not form.is_valid():
        return _shown(request, id, form)
    try:
        act = Act(request.POST.get("act", ""))
    except ValueError:
        raise Refused("cases-move-not-possible", act=request.POST.get("act", "")[:20]) from None
    told = {"words": form.cleaned_data["words"], "by": request.by, "under": request.under}
    _DOES.get(act, _plainly)(id, act, permission, form, told)
    return redirect("case", id=id)


def _plainly(id: UUID, act: Act, permission: Permission, form: StepForm, told: dict[str, Any]) -> None:
    actions.act_on(id, act, permission=permission, **told)


def _handed_on(id: UUID, act: Act, permission: Permission, form: StepForm, told: dict[str, Any]) -> None:
    if not form.cleaned_data.get("to"):
        raise Refused("cases-not-their-work")
    actions.hand_on(id, to=form.cleaned_data["to"], **told)


def _heard(id: UUID, act: Act, permission: Permission, form: StepForm, told: dict[str, Any]) -> None:
    actions.hear(id, **told)


_DOES: dict[Act, Callable[..., None]] = {Act.HAND_ON: _handed_on, Act.HEAR: _heard}


@page(Permission.WORK_CASE, personal=True)
@require_http_methods(["GET", "HEAD", "POST"])
def work(request: HttpRequest, id: UUID) -> HttpResponse:
    """Take a case on, note something, take evidence down, hear whom it is about, hand it on, end it."""
    if request.method != "POST":
        return redirect("case", id=id)
    return _acted(request, id, WorkForm(request.POST, auto_id="id_case-work_%s"), Permission.WORK_CASE)


@page(Permission.REVIEW_APPEAL, personal=True)
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, id: UUID) -> HttpResponse:
    """Hear an appeal, as somebody who did not decide what it is about."""
    if request.method != "POST":
        return redirect("case", id=id)
    return _acted(request, id, StepForm(request.POST, auto_id="id_case-review_%s"), Permission.REVIEW_APPEAL)


@page(Permission.REVIEW_APPEAL, personal=True)
@require_POST
def execute(request: HttpRequest, id: UUID) -> HttpResponse:
    """Decide again what an upheld appeal was about."""
    actions.execute(id, by=request.by, under=request.under)
    return redirect("case", id=id)


@page(Permission.DECIDE_SUSPICION, personal=True)
@require_http_methods(["GET", "HEAD", "POST"])
def judge(request: HttpRequest, id: UUID) -> HttpResponse:
    """Confirm or clear a suspicion, as somebody who had no part in it."""
    if request.method != "POST":
        return redirect("case", id=id)
    return _acted(request, id, StepForm(request.POST, auto_id="id_case-judge_%s"), Permission.DECIDE_SUSPICION)
