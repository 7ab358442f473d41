"""The first page: the situation in the area one answers for."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from amparo.registry.queries import household_count
from amparo.trust.types import Permission
from amparo.web.access import page


@require_safe
@page(Permission.READ_FIGURES)
def home(request: HttpRequest) -> HttpResponse:
    households, persons = household_count(request.by)
    return render(request, "web/home.html", {"households": households, "persons": persons})
