"""Choosing the language of the pages."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe

from amparo.web import languages
from amparo.web.access import public

ONE_YEAR = 365 * 24 * 60 * 60


@public
@require_safe
def choose(request: HttpRequest, code: str) -> HttpResponse:
    """Remember the language in a cookie, and go back to the page the reader came from."""
    if code not in languages.offered():
        raise Http404
    back = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = resolve_url("home")
    response = redirect(back)
    response.set_cookie(languages.COOKIE, code, max_age=ONE_YEAR, samesite="Lax", secure=request.is_secure())
    return response
