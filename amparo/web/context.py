"""What every template may name without its view's doing."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from amparo.kernel import clock
from amparo.trust.queries import purposes_of
from amparo.trust.stage import is_live
from amparo.trust.types import Permission
from amparo.web import access, languages, modes

# Where the parts of the site are, for those who may enter them.
PLACES = (
    (Permission.READ_FIGURES, "home", "web-nav-home"),
    (Permission.FIND, "find", "web-nav-find"),
    (Permission.LIST_DECISIONS, "decisions", "web-nav-decisions"),
    (Permission.LIST_DECISIONS, "enrolments", "web-nav-enrolments"),
    (Permission.READ_FIGURES, "coverage", "web-nav-coverage"),
    (Permission.REGISTER, "matches", "web-nav-matches"),
    (Permission.READ_CASE, "cases", "web-nav-cases"),
    (Permission.READ_NOTICES, "outbox", "web-nav-outbox"),
    (Permission.READ_FIGURES, "runs", "web-nav-runs"),
    (Permission.READ_FIGURES, "rules", "web-nav-rules"),
    (Permission.READ_PAYMENTS, "payments", "web-nav-payments"),
    (Permission.READ_DELIVERIES, "deliveries", "web-nav-deliveries"),
    (Permission.OPEN_ACCOUNTS, "officers", "web-nav-officers"),
    (Permission.READ_AUDIT, "audit", "web-nav-audit"),
    (Permission.READ_ALERT, "alerts", "web-nav-alerts"),
    (Permission.READ_AGREEMENT, "agreements", "web-nav-agreements"),
    (Permission.READ_AGREEMENT, "sources", "web-nav-sources"),
    (Permission.ASK_AREA, "rounds", "web-nav-rounds"),
    (Permission.DELAY_TRACKER, "delays", "web-nav-delays"),
    (Permission.SEE_OWN, "mine", "web-nav-mine"),
    (Permission.SEE_OWN, "mine-held", "web-nav-mine-held"),
    (Permission.SEE_OWN, "mine-looked", "web-nav-mine-looked"),
    (Permission.SEE_OWN, "mine-decisions", "web-nav-mine-decisions"),
    (Permission.SEE_OWN, "mine-cases", "web-nav-mine-cases"),
    (Permission.SEE_OWN, "mine-consents", "web-nav-mine-consents"),
    (Permission.SEE_OWN, "mine-acting", "web-nav-mine-acting"),
    (Permission.READ_RETENTION, "retention", "web-nav-retention"),
    (Permission.READ_IMPACT, "impact", "web-nav-impact"),
)


def page(request: HttpRequest) -> dict[str, Any]:
    language = languages.chosen(request)
    return {
        "language": language,
        "direction": languages.direction(language),
        "languages": [(code, languages.own_name(code), languages.direction(code)) for code in languages.offered()],
        "places": places(request),
        "is_demo": settings.DEMO,
        "is_trial": lambda: not getattr(request, "is_at_fault", False) and not is_live(),
        "may": _permissions(request),
        "served": modes.served(),
        "may_change_purpose": lambda: _offered(request) > 1,
        "csp_nonce": getattr(request, "csp_nonce", ""),
    }


def _offered(request: HttpRequest) -> int:
    """Return for how many purposes this reader may read records."""
    by = access.actor(request)
    return purposes_of(by, on=clock.today()).count() if by else 0


def _permissions(request: HttpRequest) -> dict[str, bool]:
    """Return what this reader may do, so that no page offers a link that leads to a refusal: `may.read_household`."""
    by = access.actor(request)
    return {each.name.lower(): by is not None and by.has(each) for each in Permission}


def places(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the parts of the site this reader may enter; the part in which this page lies is marked."""
    by = access.actor(request)
    if by is None:
        return []
    entered = [
        (reverse(name), label) for permission, name, label in PLACES if by.has(permission) and modes.is_served(name)
    ]
    within = _place_of(request.path)
    current = max(
        (url for url, _ in entered if within.startswith(url) and (url != "/" or within == "/")), key=len, default=None
    )
    return [{"url": url, "label": label, "is_current": url == current} for url, label in entered]


def _place_of(path: str) -> str:
    """A household was found, so its pages lie in the part where one finds; a notice's among decisions, a breach's among alerts, what flows with agreements,
    figures of who is reached with who is covered, an area's in the first."""
    if path.startswith("/households/"):
        return reverse("find")
    if path.startswith("/notices/"):
        return reverse("decisions")
    if path.startswith("/mine/home/"):
        return reverse("mine-held")
    if path.startswith(("/gaps/", "/overlaps/", "/performance/")):
        return reverse("coverage")
    if path.startswith("/capability/"):
        return reverse("agreements")
    if path.startswith("/breaches/"):
        return reverse("alerts")
    return reverse("home") if path.startswith("/areas/") else path
