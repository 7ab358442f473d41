"""No page is open by oversight: every route says which permission it needs, or stands in the list of open ones."""

import pytest
from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, path

from amparo.interop.declaring import Asks
from amparo.trust.types import Permission
from amparo.web.access import page, public

# Open to everybody, signed in or not, each with the reason.
OPEN = {
    "account_login": "the way in",
    "account_logout": "the way out",
    "mfa_authenticate": "the second step of the way in",
    "passkey-sign-in": "the way in by a passkey",
    "provider-begin": "the way to the identity provider",
    "provider-return": "the way in from the identity provider",
    "account": "one's own account: asks who is signed in (`access.own`)",
    "account-password": "one's own password",
    "account-email": "where one is warned of what happens to one's own account",
    "account-confirm": "one's own second factor, given anew",
    "account-sign-out-everywhere": "one's own sessions",
    "factors": "one's own second factors",
    "factor-app": "one's own second factors",
    "factor-passkey": "one's own second factors",
    "factor-codes": "one's own second factors",
    "factor-remove": "one's own second factors",
    "delegations": "one's own roles, handed to a substitute",
    "delegation-end": "one's own, taken or given back",
    "invitation": "the way in for whoever was invited at the office",
    "mine-usage-heartbeat": "whether the tracker answers: says nothing of anybody (`access.own`)",
    "report": "a grievance of somebody who does not say who they are",
    "report-file": "the same",
    "report-code": "state and days of a case, for whoever holds its code; nothing of anybody",
    "language": "whoever may read a page may choose its language",
}


def routes(patterns: list, above: str = "") -> list[tuple[str, URLPattern]]:
    """Return address and pattern of every route, through all includes."""
    found = []
    for each in patterns:
        place = above + str(each.pattern)
        found += routes(each.url_patterns, place) if isinstance(each, URLResolver) else [(place, each)]
    return found


def undeclared(patterns: list, allowed: dict[str, str]) -> list[str]:
    """Return the routes that declare no permission, or are open without being listed."""
    return [
        place
        for place, route in routes(patterns)
        if not isinstance(getattr(route.callback, "permission", None), Permission)
        and not is_declared_operation(route)
        and not (hasattr(route.callback, "permission") and route.name in allowed)
    ]


def is_declared_operation(route: URLPattern) -> bool:
    """Whether a route of the API says for each method whom it answers; one that takes no method answers nobody."""
    known = getattr(route.callback, "declared", None)
    return known is not None and all(isinstance(each.asks, Asks) for each in known.values())


@pytest.fixture
def all_routes() -> list:
    return get_resolver("amparo.project.urls").url_patterns


def test_every_route_declares_a_permission_or_is_listed_as_open(all_routes):
    assert len(routes(all_routes)) > 3
    assert undeclared(all_routes, OPEN) == []


def test_every_route_listed_as_open_exists_and_is_open(all_routes):
    declared = {route.name: getattr(route.callback, "permission", "") for _, route in routes(all_routes)}
    assert {name: declared.get(name, "") for name in OPEN} == dict.fromkeys(OPEN)


def test_every_route_has_a_name_of_its_own(all_routes):
    names = [route.name for _, route in routes(all_routes)]
    assert all(names)
    assert len(set(names)) == len(names)


def test_planted_routes_are_found():
    def view(request) -> HttpResponse:
        return HttpResponse()

    patterns = [
        path("declared/", page(Permission.FIND)(view), name="declared"),
        path("listed/", public(view), name="listed"),
        path("open/", public(view), name="open"),
        path("bare/", view, name="listed"),
    ]
    assert undeclared(patterns, {"listed": "for the test"}) == ["open/", "bare/"]
