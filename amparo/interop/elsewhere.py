"""What is at the addresses that are no operation: the description of those that are, and nothing."""

from django.http import HttpRequest, HttpResponse, JsonResponse

from amparo.interop.description import document
from amparo.kernel.errors import NotFound


def description(request: HttpRequest) -> HttpResponse:
    """The OpenAPI description of every operation."""
    return JsonResponse(document())


def nowhere(request: HttpRequest, rest: str = "") -> HttpResponse:
    """What there is nothing at: the door says so to everybody, because nothing is declared for it."""
    raise NotFound("interop-nothing-here")
