"""What the first page tells whoever watches over the use of records: what waits for them."""

from typing import Any

from django.http import HttpRequest

from amparo.profiles.impact import digest, draft
from amparo.registry.queries import dictionary
from amparo.trust.impact import latest_signed
from amparo.trust.log.breaches import running_clocks
from amparo.trust.types import Permission
from amparo.trust.watching.alerts import open_alerts
from amparo.web import country


def waiting(request: HttpRequest) -> dict[str, Any]:
    """Return what waits for this reader; what does not, and all for whoever does not watch, is absent."""
    found: dict[str, Any] = {}
    if request.actor.has(Permission.READ_ALERT):
        found["alerts"] = open_alerts(request.actor)
        found["clocks"] = running_clocks(request.actor)
    if request.actor.has(Permission.ASSESS_IMPACT):
        found["impact"] = _impact(request)
    return {name: value for name, value in found.items() if value}


def _impact(request: HttpRequest) -> str:
    """Return how the impact assessment stands to what was signed off: "unsigned", "stale", or "" where nothing is to be done."""
    signed = latest_signed()
    if signed is None:
        return "unsigned"
    stated = draft(country.profile(), dictionary(), by=request.actor)
    return "" if signed.digest == digest(stated) else "stale"
