"""The first page of a citizen, and for whom they look."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from amparo.kernel.errors import NotFound
from amparo.registry.own import represented
from amparo.registry.queries import dictionary
from amparo.trust.types import Permission
from amparo.web.access import FOR, page
from amparo.web.citizen.opening import mine, named


@mine()
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """What one can do here, a page for each thing."""
    return render(request, "web/mine.html", {"whom": whom(request)})


def whom(request: HttpRequest) -> dict | None:
    """Return for whom somebody looks where it is not for themselves: the name, and by what right."""
    if request.by.concerning == request.by.person:
        return None
    found = next(each for each in represented(request.by) if each.id == request.by.concerning)
    return {"name": named(found, dictionary()), "relation": found.relation.value}


@page(Permission.SEE_OWN)
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Look for oneself, or for somebody for whom one may."""
    wanted = request.POST.get("whom", "")
    if wanted in ("", str(request.by.person)):
        request.session.pop(FOR, None)
    elif wanted in {str(each.id) for each in represented(request.by)}:
        request.session[FOR] = str(UUID(wanted))
    else:
        raise NotFound("registry-not-represented")
    return redirect("mine")
