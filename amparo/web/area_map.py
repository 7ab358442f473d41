"""The map of the areas inside one, to stand beside the table that it draws: it tells what the table tells, and nothing besides."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.utils.safestring import mark_safe

from amparo.kernel.messages import Message
from amparo.profiles.languages import say
from amparo.registry.queries import boundaries
from amparo.web import area_names, charts


@dataclass(frozen=True)
class Shown:
    """An area as the table beside shows it to this reader. `share` None: unknown, or withheld, as `is_withheld` says."""

    place: Model
    share: float | None
    words: str
    url: str
    is_withheld: bool = False


def area_map(request: HttpRequest, areas: Sequence[Shown], title: str | Message) -> dict[str, Any]:
    """Return the map with its scale, of which every edge comes from what is shown; nothing where there is no boundary to draw."""
    outlines = boundaries(each.place.id for each in areas)
    scale = charts.scale_of([each.share for each in areas if not each.is_withheld])
    drawn = [
        charts.Place(
            code=each.place.code,
            name=area_names.plain(each.place, request.language),
            share=each.share,
            words=each.words,
            geometry=outlines[each.place.id],
            url=each.url,
            is_withheld=each.is_withheld,
        )
        for each in areas
        if each.place.id in outlines
    ]
    if not drawn:
        return {}
    told = {"title": say(title, request.language)}
    told |= {"description": say("web-map-description", request.language, count=len(drawn))}
    return {
        "map": mark_safe(charts.choropleth(drawn, scale, key="map", **told)),  # noqa: S308 (escaped)
        "scale": scale.classes,
        "has_unknown": any(each.share is None and not each.is_withheld for each in areas),
        "has_withheld": any(each.is_withheld for each in areas),
    }
