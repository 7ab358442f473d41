"""What people wait to be told: by area what waits and why, and whom no message will reach. Where anybody lives is not shown."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from amparo.kernel.messages import message
from amparo.notices import queries
from amparo.notices.types import Sending, Waiting
from amparo.trust.queries import area_of_number
from amparo.trust.types import Permission
from amparo.web.access import page


@page(Permission.READ_NOTICES, personal=True)
@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    """Counts by area, and those who must be told in person, the oldest first."""
    by_hand = queries.given_up(by=request.by, under=request.under)
    context = {
        "waiting": [_counted(each) for each in queries.waiting(by=request.by)],
        "by_hand": [_line(each) for each in by_hand],
        "not_configured": [each.words for each in queries.not_configured()],
    }
    return render(request, "web/outbox.html", context)


def _counted(each: Waiting) -> dict[str, Any]:
    return {"waiting": each, "place": area_of_number(each.area_number)}


def _line(each: Sending) -> dict[str, Any]:
    """Return a sending with why nobody was told: of somebody in danger that nothing is sent."""
    why = each.reason.words if each.reason else message("web-outbox-in-danger")
    return {"sending": each, "place": area_of_number(each.area_number), "why": why}
