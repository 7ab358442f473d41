"""Choosing the language of the pages."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from amparo.web import languages
from amparo.web.access import public
from amparo.web.back import back

ONE_YEAR = 365 * 24 * 60 * 60


@public
@require_safe
def choose(request: HttpRequest, code: str) -> HttpResponse:
    """Remember the language in a cookie, and go back to the page the reader came from."""
    if code not in languages.offered():
        raise Http404
    response = redirect(back(request))
    flags = {"samesite": "Lax", "secure": settings.HTTPS, "httponly": True}
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, code, max_age=ONE_YEAR, **flags)
    return response
