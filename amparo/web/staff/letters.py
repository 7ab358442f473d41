"""What a citizen is handed of a decision: the explanation in plain sentences, as a page and on paper."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from amparo.programmes import queries
from amparo.programmes.explanation import Explanation
from amparo.registry import queries as registry
from amparo.trust.queries import area_of_number
from amparo.trust.types import Permission
from amparo.web import grouping, languages, presenting
from amparo.web.access import page
from amparo.web.explaining import Teller
from amparo.web.letter import Letter, letter
from amparo.web.paper.printing import pdf
from amparo.web.reach import above_in_reach
from amparo.web.staff.decisions import names_of


@page(Permission.READ_DECISION, personal=True)
@require_safe
def explanation(request: HttpRequest, id: UUID) -> HttpResponse:
    """The citizen's explanation of a decision, to be read together or printed."""
    why = queries.explain(id, by=request.by, under=request.under)
    place = area_of_number(why.decision.area_number)
    context = {
        "letter": _letter(request, why),
        "decision": why.decision,
        "household": {"id": why.household_id, "number": why.number},
        "above": [*above_in_reach(request.by, place), place] if place else [],
    }
    return render(request, "web/letter.html", context)


@page(Permission.READ_DECISION, personal=True)
@require_safe
def on_paper(request: HttpRequest, id: UUID) -> HttpResponse:
    """The same as PDF; its file is named by the decision and by nobody."""
    why = queries.explain(id, by=request.by, under=request.under)
    made = pdf(_letter(request, why), languages.chosen(request))
    name = f'inline; filename="decision-{id}.pdf"'
    return HttpResponse(made, content_type="application/pdf", headers={"Content-Disposition": name})


def _letter(request: HttpRequest, why: Explanation) -> Letter:
    words = registry.dictionary()
    held = names_of(request, why, words)
    names = {index: presenting.isolated(name) for index, name in held.items()}
    given = queries.notice_about(why.decision.id, by=request.by)
    notice = queries.notice(given, by=request.by, under=request.under) if given else None
    whom = grouping.whom(why, Teller(why, words, names))
    was = queries.amount_in_effect(why.programme, why.unit_id, by=request.by)
    return letter(why, words, whom=whom, names=names, notice=notice, was=was)
