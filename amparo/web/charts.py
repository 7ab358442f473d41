"""Maps and bars, drawn on the server as SVG from an Altair specification, to stand beside the table they draw.

Units   shares between 0 and 1
Nulls   a place or part whose value is unknown is hatched, a place whose value is not told is dotted: neither has the lightest step
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import altair
import vl_convert

# The same values as $steps in assets/_colours.scss, from little to much.
STEPS = ("#dcecec", "#a9d0d2", "#6fafb4", "#378891", "#0b5d66")
INK, PAPER, NEUTRAL, LINE = "#1d2433", "#ffffff", "#c9ced6", "#8a93a1"
FONT = "system-ui, 'Segoe UI', Roboto, 'Noto Sans', 'Noto Sans Arabic', sans-serif"
FILLS = {
    "granted": STEPS[-1],
    "not-granted": NEUTRAL,
    "assistance": STEPS[2],
    "both": STEPS[4],
    "insurance": STEPS[0],
    "nothing": NEUTRAL,
}
SVG = "http://www.w3.org/2000/svg"
WIDTH, LABELS_AT_MOST = 640, 40


@dataclass(frozen=True)
class Place:
    """One area on a map. `share` is what it is coloured by; `words` are spoken, and shown on hover.

    `is_withheld`  what there is of it is known and not told: it has no step, whatever its share
    """

    code: str
    name: str
    share: float | None
    words: str
    geometry: dict[str, Any]
    url: str = ""
    is_withheld: bool = False


@dataclass(frozen=True)
class Scale:
    """Classes of equal width over shares: class n reaches from `edges[n]` up to, not including, `edges[n + 1]`."""

    edges: tuple[float, ...]

    def step(self, share: float | None) -> int | None:
        """Return which of the steps, from 0, a share falls on; None where it is unknown."""
        if share is None or len(self.edges) < 2:
            return None
        below = sum(share >= edge - 1e-9 for edge in self.edges[1:-1])
        return round(below * (len(STEPS) - 1) / max(len(self.edges) - 2, 1))

    @property
    def classes(self) -> list[tuple[str, float, float]]:
        """Return the colour and both ends of each class, the lowest first."""
        pairs = pairwise(self.edges)
        return [(STEPS[self.step(low)], low, high) for low, high in pairs]


def scale_of(shares: Sequence[float | None]) -> Scale:
    """Return at most five classes with round edges that cover every known share."""
    known = [share for share in shares if share is not None]
    if not known:
        return Scale(())
    for width in (0.01, 0.02, 0.05, 0.1, 0.2):
        first = math.floor(min(known) / width + 1e-9)
        last = max(math.ceil(max(known) / width - 1e-9), first + 1)
        if last - first <= len(STEPS):
            return Scale(tuple(round(number * width, 4) for number in range(first, last + 1)))
    return Scale((0.0, 0.2, 0.4, 0.6, 0.8, 1.0))


def choropleth(places: Sequence[Place], scale: Scale, *, key: str, title: str, description: str) -> str:
    """Return the map as SVG: each area with its step, hatched where unknown, dotted where withheld, a link where it has an address.

    `key` makes the ids in the drawing its own; `title` and `description` are read out in its stead.
    """
    squeeze, height = _proportions(places)
    shapes = [_feature(place, scale, key, squeeze) for place in places]
    layers = [
        altair.Chart(altair.Data(values=shapes))
        .mark_geoshape(stroke="#5b6675", strokeWidth=0.8, strokeJoin="round")
        .encode(fill=altair.Fill("properties.fill:N", scale=None), description="properties.code:N")
    ]
    if len(places) <= LABELS_AT_MOST:
        layers += _names(places, squeeze)
    chart = altair.layer(*layers).project(type="identity", reflectY=True).properties(width=WIDTH, height=height)
    drawing = _drawn(chart)
    _link(drawing, {place.code: place for place in places})
    return _labelled(drawing, key=key, title=title, description=description)


@dataclass(frozen=True)
class Part:
    """One part of a bar: how much, its fill, and the words on hover.

    `kind`  `granted`, `not-granted` or `unknown`; of what reaches people `assistance`, `both`, `insurance` or `nothing`
    """

    count: int
    kind: str
    words: str


def stacked_bar(parts: Sequence[Part], *, key: str, title: str, description: str) -> str:
    """Return one bar made of its parts, in their order, as SVG. Without a count it is an empty frame."""
    fills = {**FILLS, "unknown": f"url(#{key}-hatch)"}
    rows = [
        {"order": number, "count": part.count, "fill": fills[part.kind], "code": str(number)}
        for number, part in enumerate(parts)
        if part.count
    ]
    chart = (
        altair.Chart(altair.Data(values=rows))
        .mark_bar(stroke=INK, strokeWidth=0.8, height=34)
        .encode(
            x=altair.X("count:Q", stack="normalize", axis=None),
            order="order:Q",
            fill=altair.Fill("fill:N", scale=None),
            description="code:N",
        )
        .properties(width=900, height=40)
    )
    drawing = _drawn(chart)
    _speak(drawing, {str(number): part.words for number, part in enumerate(parts)})
    return _labelled(drawing, key=key, title=title, description=description, stretches=True)


def _proportions(places: Sequence[Place]) -> tuple[float, int]:
    """Return how much narrower a degree of longitude is than one of latitude, and the height that fits the places."""
    points = [point for place in places for ring in _rings(place.geometry) for point in ring]
    xs, ys = [point[0] for point in points], [point[1] for point in points]
    squeeze = math.cos(math.radians((min(ys) + max(ys)) / 2))
    width = (max(xs) - min(xs)) * squeeze
    return squeeze, round(WIDTH * min(max((max(ys) - min(ys)) / width if width else 1, 0.4), 1.25))


def _feature(place: Place, scale: Scale, key: str, squeeze: float) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"code": place.code, "fill": _fill(place, scale, key)},
        "geometry": {
            "type": "MultiPolygon",
            "coordinates": [
                [[[x * squeeze, y] for x, y, *_ in ring] for ring in polygon] for polygon in _polygons(place.geometry)
            ],
        },
    }


def _fill(place: Place, scale: Scale, key: str) -> str:
    if place.is_withheld:
        return f"url(#{key}-dots)"
    step = scale.step(place.share)
    return f"url(#{key}-hatch)" if step is None else STEPS[step]


def _polygons(geometry: dict[str, Any]) -> list[list[list[list[float]]]]:
    return geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]


def _rings(geometry: dict[str, Any]) -> list[list[list[float]]]:
    return [polygon[0] for polygon in _polygons(geometry)]


def _names(places: Sequence[Place], squeeze: float) -> list[altair.Chart]:
    """Return two layers of names: a pale outline that keeps them legible on every step, and the letters."""
    rows = []
    for place in places:
        x, y = _centre(max(_rings(place.geometry), key=lambda ring: abs(_area(ring))))
        rows.append({"x": x * squeeze, "y": y, "name": place.name})
    base = altair.Chart(altair.Data(values=rows)).encode(longitude="x:Q", latitude="y:Q", text="name:N")
    style = {"fontSize": 15, "font": FONT, "fontWeight": 600}
    outline = base.mark_text(color=PAPER, stroke=PAPER, strokeWidth=4, strokeOpacity=0.85, strokeJoin="round", **style)
    return [outline, base.mark_text(color=INK, **style)]


def _area(ring: Sequence[Sequence[float]]) -> float:
    """Return the signed area of a ring (the shoelace formula)."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring)) / 2


def _centre(ring: Sequence[Sequence[float]]) -> tuple[float, float]:
    area = _area(ring)
    if not area:
        return ring[0][0], ring[0][1]
    crosses = [(a, b, a[0] * b[1] - b[0] * a[1]) for a, b in pairwise(ring)]
    x = sum((a[0] + b[0]) * cross for a, b, cross in crosses) / (6 * area)
    y = sum((a[1] + b[1]) * cross for a, b, cross in crosses) / (6 * area)
    return x, y


def _drawn(chart: altair.Chart | altair.LayerChart) -> ElementTree.Element:
    specification = chart.configure(background="transparent", padding=2, view={"stroke": None}).to_dict()
    text = vl_convert.vegalite_to_svg(specification, allowed_base_urls=[])
    # Vega's own roles describe a chart to a machine; the title, the words of each shape and the table are for people.
    text = re.sub(r' (role|aria-roledescription|aria-hidden)="[^"]*"', "", text)
    drawing = ElementTree.fromstring(text)  # noqa: S314 (our own drawing)
    for letters in drawing.iter(f"{{{SVG}}}text"):
        letters.attrib.pop("aria-label", None)
        letters.set("pointer-events", "none")
    return drawing


def _shapes(drawing: ElementTree.Element) -> list[tuple[ElementTree.Element, ElementTree.Element, str]]:
    """Return each shape that stands for a datum, with its parent and code."""
    found = []
    for parent in drawing.iter():
        for child in parent:
            code = child.get("aria-label")
            if code is not None and child.tag == f"{{{SVG}}}path":
                found.append((parent, child, code))
    return found


def _speak(drawing: ElementTree.Element, words: dict[str, str]) -> None:
    for _, shape, code in _shapes(drawing):
        _say(shape, words[code])


def _say(shape: ElementTree.Element, words: str) -> None:
    shape.set("role", "img")
    shape.set("aria-label", words)
    ElementTree.SubElement(shape, f"{{{SVG}}}title").text = words


def _link(drawing: ElementTree.Element, places: dict[str, Place]) -> None:
    """Speak each area, and link it to its page. The links stay out of the tab order: the table beside has them too."""
    for parent, shape, code in _shapes(drawing):
        place = places[code]
        _say(shape, place.words)
        if place.url:
            link = ElementTree.Element(f"{{{SVG}}}a", {"href": place.url, "tabindex": "-1"})
            position = list(parent).index(shape)
            parent.remove(shape)
            link.append(shape)
            parent.insert(position, link)


def _labelled(drawing: ElementTree.Element, *, key: str, title: str, description: str, stretches: bool = False) -> str:
    """Return the drawing with title, description and the patterns, sized by the page and not by itself."""
    root = ElementTree.Element(
        f"{{{SVG}}}svg",
        {
            "viewBox": drawing.get("viewBox", ""),
            "role": "group",
            "aria-labelledby": f"{key}-title {key}-description",
            "focusable": "false",
            **({"preserveAspectRatio": "none"} if stretches else {}),
        },
    )
    ElementTree.SubElement(root, f"{{{SVG}}}title", {"id": f"{key}-title"}).text = title
    ElementTree.SubElement(root, f"{{{SVG}}}desc", {"id": f"{key}-description"}).text = description
    root.append(_patterns(key))
    root.extend(list(drawing))
    ElementTree.register_namespace("", SVG)
    return ElementTree.tostring(root, encoding="unicode")


def _patterns(key: str) -> ElementTree.Element:
    """Return the stripes of what is unknown, and the dots of what is not told."""
    definitions = ElementTree.Element(f"{{{SVG}}}defs")
    lines, dots = (_pattern(definitions, f"{key}-{name}") for name in ("hatch", "dots"))
    lines.set("patternTransform", "rotate(45)")
    ElementTree.SubElement(lines, f"{{{SVG}}}rect", {"width": "2.2", "height": "7", "fill": LINE})
    ElementTree.SubElement(dots, f"{{{SVG}}}circle", {"cx": "3.5", "cy": "3.5", "r": "1.4", "fill": LINE})
    return definitions


def _pattern(definitions: ElementTree.Element, id: str) -> ElementTree.Element:
    tile = {"width": "7", "height": "7"}
    pattern = ElementTree.SubElement(
        definitions, f"{{{SVG}}}pattern", {"id": id, "patternUnits": "userSpaceOnUse", **tile}
    )
    ElementTree.SubElement(pattern, f"{{{SVG}}}rect", {"fill": PAPER, **tile})
    return pattern
