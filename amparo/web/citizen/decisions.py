"""Decisions about somebody and their household, each with the explanation that is theirs to read."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from amparo.programmes.queries import own_breaches, own_enrolments
from amparo.programmes.queries.own import OwnLetter, own_decisions, own_letter
from amparo.registry.own import own_record
from amparo.registry.queries import dictionary
from amparo.web import grouping, languages, presenting
from amparo.web.citizen.collecting import collected
from amparo.web.citizen.opening import mine, named
from amparo.web.citizen.start import whom
from amparo.web.explaining import Teller
from amparo.web.letter import Letter, letter
from amparo.web.paper.printing import pdf


@mine()
@require_safe
def decisions(request: HttpRequest) -> HttpResponse:
    """What stands, programme by programme, and what somebody takes part in."""
    words = dictionary()
    listed = [
        {"decision": each, "amount": presenting.money(each.amount, words)} for each in own_decisions(by=request.by)
    ]
    taken = own_enrolments(by=request.by)
    context = {
        "whom": whom(request),
        "listed": listed,
        "enrolments": [{"enrolment": each, "amount": presenting.money(each.amount, words)} for each in taken],
        "collected": collected(request, taken),
        "breaches": own_breaches(by=request.by),
    }
    return render(request, "web/mine_decisions.html", context)


@mine()
@require_safe
def decision(request: HttpRequest, id: UUID) -> HttpResponse:
    """Why one decision says what it says, and how to appeal."""
    found = own_letter(id, by=request.by)
    context = {"whom": whom(request), "letter": _letter(request, found), "decision": found.why.decision}
    return render(request, "web/mine_decision.html", context)


@mine()
@require_safe
def on_paper(request: HttpRequest, id: UUID) -> HttpResponse:
    """The same as PDF; its file is named by the decision and by nobody."""
    made = pdf(_letter(request, own_letter(id, by=request.by)), languages.chosen(request))
    name = f'inline; filename="decision-{id}.pdf"'
    return HttpResponse(made, content_type="application/pdf", headers={"Content-Disposition": name})


def _letter(request: HttpRequest, found: OwnLetter) -> Letter:
    words, why = dictionary(), found.why
    record = own_record(by=request.by)
    seen = {each.id: each for each in (record.person, *(record.home.members if record.home else ()))}
    names = {
        index: presenting.isolated(named(seen[id], words))
        for index, (id, _) in enumerate(why.members)
        if id in seen and presenting.full_name(seen[id].facts, words)
    }
    whom = grouping.whom(why, Teller(why, words, names))
    return letter(why, words, whom=whom, names=names, notice=found.notice, was=found.was, is_whole=found.is_whole)
