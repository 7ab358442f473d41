"""Draws what flows into an installation and out of it: institutions on both sides, the registry between them.

Shape   one SVG of 920 by as much as its streams need, to stand beside the table that says the same
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from amparo.web.flow import arrow, box

WIDE, SIDE, MIDDLE = 920, 212, 130
TALL, GAP, TOP = 62, 16, 30  # of a box, between two, and above the first


@dataclass(frozen=True)
class Flown:
    """One stream as it is drawn: whose, what stands over its arrow, which way it runs, whether it flows."""

    name: str
    words: str
    is_in: bool
    is_live: bool


def flow_map(streams: Sequence[Flown], centre: str, *, title: str, description: str, right_to_left: bool) -> SafeString:
    """Return the drawing. It runs as the reader's language does; where nothing flows, the arrow is a broken line."""
    sides = [[each for each in streams if each.is_in is is_in] for is_in in (True, False)]
    tall = max(TALL, max(map(len, sides), default=0) * (TALL + GAP) - GAP)
    middle = (WIDE - MIDDLE) / 2
    drawn = [box(centre, middle, TOP, MIDDLE, tall)]
    for side, is_left in zip(sides, (not right_to_left, right_to_left), strict=True):
        drawn += [_stream(each, place, is_left, middle) for place, each in enumerate(side)]
    return format_html(
        '<svg class="amparo-flow amparo-flow--map" viewBox="0 0 {} {}" role="img" aria-labelledby="map-title map-description"'
        ' direction="{}"><title id="map-title">{}</title><desc id="map-description">{}</desc>{}</svg>',
        WIDE,
        tall + 2 * TOP,
        "rtl" if right_to_left else "ltr",
        title,
        description,
        format_html_join("", "{}", [(each,) for each in drawn]),
    )


def _stream(each: Flown, place: int, is_left: bool, middle: float) -> SafeString:
    """Return an institution's box with its arrow: towards the registry where it comes in, away from it where it goes out."""
    y = TOP + place * (TALL + GAP)
    outer, inner = (2 + SIDE, middle) if is_left else (WIDE - 2 - SIDE, middle + MIDDLE)
    start, end = (outer, inner) if each.is_in else (inner, outer)
    room = 7 if end > start else -7
    shape = box(each.name, 2 if is_left else WIDE - 2 - SIDE, y, SIDE, TALL)
    return shape + arrow(each.words, (start + room, end - room), y + TALL / 2 + 8, each.is_live)
