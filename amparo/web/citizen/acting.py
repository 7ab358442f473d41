"""Who may act for whom: by law as a parent or guardian, or by a mandate, which whoever gave it takes back at once."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from amparo.kernel import clock
from amparo.registry.own import guardians, represented
from amparo.registry.queries import dictionary
from amparo.trust.actions.mandating import revoke_mandate
from amparo.trust.grounds.mandates import is_in_force, mandates_given
from amparo.trust.types import OWN_RIGHT, Permission
from amparo.web.citizen.opening import mine, named
from amparo.web.citizen.start import whom


@mine()
@require_safe
def acting(request: HttpRequest) -> HttpResponse:
    """Who may look at this record besides the person, and at whose the person may look."""
    words, today, is_own = dictionary(), clock.today(), request.by.concerning == request.by.person
    given = mandates_given(request.by.person, by=request.by) if is_own else []
    context = {
        "whom": whom(request),
        "is_own": is_own,
        "mandates": [(each, is_in_force(each, today)) for each in given],
        "by_law": [(named(who, words) if who else None, kind, since) for who, kind, since in guardians(by=request.by)],
        "others": [
            {
                "id": each.id,
                "name": named(each, words),
                "relation": each.relation.value,
                "is_chosen": each.id == request.by.concerning,
            }
            for each in represented(request.by)
        ],
    }
    return render(request, "web/mine_acting.html", context)


@mine(Permission.DECIDE_OWN)
@require_POST
def revoke(request: HttpRequest, id: UUID) -> HttpResponse:
    """Take a mandate back: its holder's next page is without this record."""
    revoke_mandate(id, by=request.by, under=OWN_RIGHT, on=clock.today())
    return redirect("mine-acting")
