"""Draws what an agreement lets flow: from one institution to the other, an arrow for each form in which fields are given.

Shape   one SVG of 720 by as much as its arrows need, to stand beside the table that says the same
"""

from collections.abc import Sequence
from textwrap import wrap

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

INK, TEAL, PAPER, LINE = "#1d2433", "#0b5d66", "#ffffff", "#8a93a1"
WIDE, BOX, STEP, TOP = 720, 190, 46, 14
LINE_HEIGHT, LETTERS = 21, 18  # of a box


def flow(
    giver: str, taker: str, arrows: Sequence[str], *, title: str, description: str, right_to_left: bool, is_open: bool
) -> SafeString:
    """Return the drawing. It runs as the reader's language does; where nothing flows now, the arrows are broken lines."""
    tall = max(len(arrows) * STEP, 3 * LINE_HEIGHT, LINE_HEIGHT * max(len(_lines(giver)), len(_lines(taker))) + 20)
    from_x, to_x = (WIDE - BOX - 2, 2) if right_to_left else (2, WIDE - BOX - 2)
    sides = ((giver, from_x), (taker, to_x))
    body = format_html_join("", "{}", [(box(name, x, TOP, BOX, tall),) for name, x in sides])
    ends = (from_x - 6, to_x + BOX + 12) if right_to_left else (from_x + BOX + 6, to_x - 12)
    first = TOP + tall / 2 - (len(arrows) - 1) * STEP / 2
    drawn = format_html_join(
        "", "{}", [(arrow(words, ends, first + place * STEP, is_open),) for place, words in enumerate(arrows)]
    )
    return format_html(
        '<svg class="amparo-flow" viewBox="0 0 {} {}" role="img" aria-labelledby="flow-title flow-description"'
        ' direction="{}"><title id="flow-title">{}</title><desc id="flow-description">{}</desc>{}{}</svg>',
        WIDE,
        tall + 2 * TOP,
        "rtl" if right_to_left else "ltr",
        title,
        description,
        body,
        drawn,
    )


def _lines(name: str, wide: float = BOX) -> list[str]:
    return wrap(name, int(wide * LETTERS / BOX))[:4]


def box(name: str, x: float, y: float, wide: float, tall: float) -> SafeString:
    """Return a frame with a name in its middle, on as many lines as it needs."""
    lines = _lines(name, wide)
    first = y + tall / 2 - (len(lines) - 1) * LINE_HEIGHT / 2 + 6
    words = format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="middle" font-size="16" font-weight="600" fill="{}">{}</text>',
        [(x + wide / 2, first + place * LINE_HEIGHT, INK, line) for place, line in enumerate(lines)],
    )
    return format_html(
        '<rect x="{}" y="{}" width="{}" height="{}" rx="4" fill="{}" stroke="{}" stroke-width="2"/>{}',
        x,
        y,
        wide,
        tall,
        PAPER,
        INK,
        words,
    )


def arrow(words: str, ends: tuple[float, float], y: float, is_open: bool) -> SafeString:
    """Return one arrow with its words above it."""
    start, end = ends
    back = 10 if end < start else -10
    return format_html(
        '<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="{}" stroke-width="3"{}/>'
        '<path d="M{} {} l{} -7 v14 z" fill="{}"/>'
        '<text x="{}" y="{}" text-anchor="middle" font-size="16" fill="{}">{}</text>',
        start,
        y,
        end + back,
        y,
        TEAL if is_open else LINE,
        "" if is_open else SafeString(' stroke-dasharray="7 6"'),
        end,
        y,
        back,
        TEAL if is_open else LINE,
        (start + end) / 2,
        y - 9,
        INK,
        words,
    )
