"""One's own consents, taken back by oneself; and what is handed over by law, whether one agrees or not."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from amparo.kernel import clock
from amparo.trust.actions.consenting import withdraw_consent
from amparo.trust.grounds.consents import receipts
from amparo.trust.types import OWN_RIGHT, Permission
from amparo.web import languages
from amparo.web.citizen.opening import mine
from amparo.web.citizen.start import whom


@mine()
@require_safe
def consents(request: HttpRequest) -> HttpResponse:
    """Every receipt, the latest first."""
    found = receipts(request.by.concerning, by=request.by, under=OWN_RIGHT, on=clock.today())
    context = {
        "whom": whom(request),
        "receipts": [vars(each) | {"language": languages.own_name(each.row.text.language)} for each in found],
        "may_withdraw": request.by.concerning == request.by.person,
    }
    return render(request, "web/mine_consents.html", context)


@mine(Permission.DECIDE_OWN)
@require_POST
def withdraw(request: HttpRequest, id: UUID) -> HttpResponse:
    """Take a consent back today."""
    withdraw_consent(id, by=request.by, under=OWN_RIGHT, on=clock.today())
    return redirect("mine-consents")
