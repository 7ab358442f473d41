"""A shorter way to the operations that partners' machines ask by messages: past what is there for people and their browsers.

No session, no account, no form and no cookie has a part in them, and looking for these took longer than most of an answer. A
request that brings a cookie or asks by its address takes the long way, and so does one for any other place.
"""

from collections.abc import Callable
from functools import lru_cache

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils.cache import patch_vary_headers

from amparo.web import languages

BEFORE = "/dci/v1/"

View = Callable[[HttpRequest], HttpResponse]


def directly(get_response: View) -> View:
    """Answer a machine's message at once."""

    def answer(request: HttpRequest) -> HttpResponse:
        is_plain = (
            request.method == "POST" and not request.META.get("QUERY_STRING") and "HTTP_COOKIE" not in request.META
        )
        found = _operation(request.path_info) if is_plain and request.path_info.startswith(BEFORE) else None
        if found is None:
            return get_response(request)
        request.resolver_match, request.language = found, languages.of(request)
        response = found.func(request)
        response.headers.setdefault("Content-Length", str(len(response.content)))
        response.headers.setdefault("Content-Language", request.language)
        patch_vary_headers(response, ["Accept-Language", "Cookie"])
        return response

    return answer


@lru_cache(maxsize=200)
def _operation(path: str) -> ResolverMatch | None:
    """Return the operation of an address that names nothing else; one that answers everything itself, refusals too."""
    try:
        found = resolve(path)
    except Resolver404:
        return None
    return found if not found.kwargs and hasattr(found.func, "declared") else None
