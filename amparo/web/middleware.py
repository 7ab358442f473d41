"""What every page gets: the reader's language, and headers that let it load nothing from anywhere else."""

import secrets
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from amparo.web import languages

View = Callable[[HttpRequest], HttpResponse]

POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def language(get_response: View) -> View:
    """Put the language into `request.language`: the cookie's, else the account's, else the browser's."""

    def answer(request: HttpRequest) -> HttpResponse:
        request.language = languages.of(request)
        with translation.override(request.language):
            response = get_response(request)
        response.headers.setdefault("Content-Language", request.language)
        patch_vary_headers(response, ["Accept-Language", "Cookie"])
        return response

    return answer


def content_security(get_response: View) -> View:
    """Forbid every outside address and every inline script; pages with personal data stay out of caches."""

    def answer(request: HttpRequest) -> HttpResponse:
        request.csp_nonce = secrets.token_urlsafe(16)
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY.format(nonce=request.csp_nonce))
        if getattr(request, "user", None) is not None and request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    return answer
