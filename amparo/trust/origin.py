"""Where these pages are, as a browser sees it, and where who asks is, as we do."""

from allauth.core.internal.ratelimit import get_ip
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest


def here(request: HttpRequest) -> str:
    """Return scheme, host and port. A proxy that speaks TLS for us does not tell, so the setting does."""
    scheme = "https" if settings.HTTPS or request.is_secure() else "http"
    return f"{scheme}://{request.get_host()}"


def whence(request: HttpRequest) -> str:
    """Return the address that asks, past the proxies that the operator named; nothing where it cannot be told.

    All of whom it cannot be told count as one.
    """
    try:
        return get_ip(request) or ""
    except PermissionDenied:
        return ""
