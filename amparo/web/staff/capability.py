"""What this installation may claim today and what it lacks for more, and the map of what flows: read from what is live."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from amparo.kernel import clock
from amparo.kernel.messages import message
from amparo.profiles.languages import say, written
from amparo.trust.modes import mode
from amparo.trust.types import Permission
from amparo.web import country, languages
from amparo.web.access import page
from amparo.web.capability import claims, live
from amparo.web.flow_map import Flown, flow_map
from amparo.web.streams import Line, flowing, lines


@page(Permission.READ_AGREEMENT)
@require_safe
def capability(request: HttpRequest) -> HttpResponse:
    """The report's comparison for this installation, row by row; then every stream, drawn and in a table."""
    today = clock.today()
    found = flowing(country.profile(), by=request.by, on=today)
    streams = lines(found)
    context = {
        "mode": mode(),
        "on": today,
        "claims": claims(live(found, by=request.by)),
        "streams": streams,
        "drawing": _drawn(request, streams) if streams else "",
    }
    return render(request, "web/capability.html", context)


def _drawn(request: HttpRequest, streams: list[Line]) -> str:
    language = languages.chosen(request)
    drawn = [
        Flown(written(each.institution, language), _spoken(each, language), each.is_in, each.is_live)
        for each in streams
    ]
    return flow_map(
        drawn,
        say("web-capability-map-here", language),
        title=say("web-capability-map", language),
        description=say("web-capability-map-about", language, count=len(streams)),
        right_to_left=languages.direction(language) == "rtl",
    )


def _spoken(each: Line, language: str) -> str:
    """Return what stands over an arrow: the day it last flowed, or that it never did."""
    return written(each.last or message("web-capability-never"), language)
