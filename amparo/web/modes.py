"""Which part of Amparo a page belongs to, and the answer of a page whose part is off: that it is, and in which modes it is on.

A page of a file that stands in no row belongs to no part and answers nobody.
"""

from functools import cache, wraps

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, get_resolver

from amparo.kernel.errors import NotFound
from amparo.trust.modes import expect_on, is_on
from amparo.trust.types.modes import Part
from amparo.web import refusals

_HOUSE = """
    staff.account staff.agreements staff.alerts staff.audit staff.breaches staff.capability staff.case_figures staff.cases
    staff.citizens staff.confirming staff.consents staff.delays staff.delegations staff.erasures staff.factors staff.filing
    staff.find staff.home staff.households staff.impact staff.language staff.leaving staff.machines staff.officers
    staff.outbox staff.protecting staff.provider staff.purpose staff.registering staff.retention staff.sign_in
    citizen.acting citizen.cases citizen.consents citizen.copy citizen.held citizen.invitation citizen.looked
    citizen.reporting citizen.start citizen.usage
"""
# The file of a page → its part.
FILES: dict[str, Part] = {
    **dict.fromkeys(_HOUSE.split(), Part.HOUSE),
    "staff.deliveries": Part.REGISTRATION,
    **dict.fromkeys(("staff.connecting", "staff.rounds", "staff.sources"), Part.SOURCES),
    **dict.fromkeys(("staff.decisions", "staff.drafts", "staff.letters", "staff.notices"), Part.ELIGIBILITY),
    **dict.fromkeys(("staff.rules", "staff.runs", "citizen.decisions"), Part.ELIGIBILITY),
    **dict.fromkeys(("staff.coverage", "staff.matches"), Part.FEEDS),
    **dict.fromkeys(("staff.collecting", "staff.conditions", "staff.enrolments", "staff.payments"), Part.OPERATIONS),
    **dict.fromkeys(("staff.performance", "staff.transitions"), Part.OPERATIONS),
    "staff.gaps": Part.GAPS,
}
# Pages that belong elsewhere than the rest of their file.
ROUTES: dict[str, Part] = {
    **dict.fromkeys(("decision-appeal", "case-execute", "mine-appeal"), Part.ELIGIBILITY),
    **dict.fromkeys(("enrolments-enrol", "case-apply"), Part.GAPS),
    "household-registration-ask": Part.SOURCES,
}


def part_of(route: URLPattern) -> Part | None:
    return ROUTES.get(route.name) or FILES.get(route.callback.__module__.removeprefix("amparo.web."))


def switched(route: URLPattern) -> URLPattern:
    """Return a route that answers while its part is on, and says so where it is off, whoever asks."""
    view, part = route.callback, part_of(route)

    @wraps(view)
    def answered(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        try:
            expect_on(part)
        except NotFound as refused:
            return refusals.page(request, refused, status=404)
        return view(request, *args, **kwargs)

    answered.part = part
    return URLPattern(route.pattern, answered, route.default_args, route.name)


def is_served(name: str) -> bool:
    """Whether the page of this name answers in this mode."""
    return name in _parts() and is_on(_parts()[name])


def served() -> dict[str, bool]:
    """Return which parts are on, for templates: `{% if served.eligibility %}`."""
    return {each.value: is_on(each) for each in Part}


@cache
def _parts() -> dict[str, Part]:
    return {each.name: each.callback.part for each in get_resolver("amparo.web.urls").url_patterns}
