"""What every page gets: the reader's language, and headers that let it load nothing from anywhere else."""

import secrets
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from amparo.kernel.errors import Refused
from amparo.trust.limits import Limit, wait_for
from amparo.web import languages, refusals

View = Callable[[HttpRequest], HttpResponse]

# What a page of ours never asks a browser for, and whom its answers are for.
HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(
        [
            f"{each}=()"
            for each in (
                "accelerometer",
                "camera",
                "display-capture",
                "geolocation",
                "gyroscope",
                "microphone",
                "payment",
                "usb",
            )
        ]
        + [f"publickey-credentials-{each}=(self)" for each in ("create", "get")]
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Permitted-Cross-Domain-Policies": "none",
}
# Two years, and every name below ours. Sent whatever the proxy before us says of the connection.
ONLY_TLS = "max-age=63072000; includeSubDomains"
POLICY = (
    "default-src 'none'; object-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; "
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


def counted(get_response: View) -> View:
    """Count each request of somebody signed in, whatever program sends it; one too many is told when to come back."""

    def answer(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            wait = wait_for(f"account:{request.user.id}", Limit(*settings.PAGE_LIMIT))
            if wait is not None:
                return refusals.too_often(request, wait)
        return get_response(request)

    return answer


def storable(get_response: View) -> View:
    """Refuse an address with the zero byte in what it asks for: no database takes one, and nobody types it."""

    def answer(request: HttpRequest) -> HttpResponse:
        if any("\0" in each for name, values in request.GET.lists() for each in (name, *values)):
            return refusals.page(request, Refused("web-error-bad-request"), status=400)
        return get_response(request)

    return answer


def content_security(get_response: View) -> View:
    """Forbid every outside address and every inline script; nothing but static files stays in any cache."""

    def answer(request: HttpRequest) -> HttpResponse:
        request.csp_nonce = secrets.token_urlsafe(16)
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY.format(nonce=request.csp_nonce))
        response.headers.setdefault("Cache-Control", "no-store")
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if settings.HTTPS:
            response.headers.setdefault("Strict-Transport-Security", ONLY_TLS)
        return response

    return answer
