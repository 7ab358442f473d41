"""Taking somebody in danger out of everybody else's sight, and letting them back."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from amparo.kernel import clock
from amparo.registry import actions
from amparo.trust.types import Permission
from amparo.web.access import page

PROTECTS = page(Permission.PROTECT, personal=True)


@PROTECTS
@require_POST
def protect(request: HttpRequest, id: UUID, person_id: UUID) -> HttpResponse:
    actions.protect(person_id, by=request.by, on=clock.today(), under=request.under)
    return redirect("person", id=id, person_id=person_id)


@PROTECTS
@require_POST
def end(request: HttpRequest, id: UUID, person_id: UUID) -> HttpResponse:
    actions.end_protection(person_id, by=request.by, under=request.under)
    return redirect("person", id=id, person_id=person_id)
