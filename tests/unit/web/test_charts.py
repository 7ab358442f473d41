"""Maps and bars: what is unknown is hatched, what is known falls on a step, and every shape has words."""

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from amparo.web.charts import STEPS, Part, Place, choropleth, scale_of, stacked_bar

SVG = "{http://www.w3.org/2000/svg}"


def place(number: int, share: float | None, url: str = "", name: str = "") -> Place:
    square = [[number, 0], [number, 1], [number + 1, 1], [number + 1, 0], [number, 0]]
    geometry = {"type": "Polygon", "coordinates": [square]}
    return Place(f"A{number}", name or f"Area {number}", share, f"words of {number}", geometry, url)


def drawn(*places: Place) -> ElementTree.Element:
    scale = scale_of([each.share for each in places])
    return ElementTree.fromstring(choropleth(places, scale, key="k", title="Shares", description="By area"))


def shapes(drawing: ElementTree.Element) -> dict[str, ElementTree.Element]:
    return {each.get("aria-label"): each for each in drawing.iter(f"{SVG}path") if each.get("aria-label")}


@pytest.mark.parametrize(
    ("shares", "edges"),
    [
        ([], ()),
        ([None], ()),
        ([0.224, 0.338], (0.2, 0.25, 0.3, 0.35)),
        ([0.0, 1.0], (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)),
        ([0.5], (0.5, 0.51)),
        ([0.0], (0.0, 0.01)),
        ([1.0], (1.0, 1.01)),
        ([0.301, 0.342, None], (0.3, 0.31, 0.32, 0.33, 0.34, 0.35)),
    ],
)
def test_a_scale_has_at_most_five_classes_with_round_edges_that_cover_what_is_known(shares, edges):
    assert scale_of(shares).edges == pytest.approx(edges)


def test_more_is_never_paler():
    scale = scale_of([0.0, 1.0])
    steps = [scale.step(share / 100) for share in range(101)]
    assert steps == sorted(steps)
    assert (steps[0], steps[-1]) == (0, len(STEPS) - 1)


def test_a_share_on_an_edge_belongs_to_the_class_above():
    scale = scale_of([0.0, 1.0])
    assert [scale.step(share) for share in (0.19999, 0.2, 0.4)] == [0, 1, 2]


def test_what_is_unknown_is_hatched_and_has_no_step():
    found = shapes(drawn(place(0, 0.1), place(1, None)))
    assert found["words of 1"].get("fill") == "url(#k-hatch)"
    assert found["words of 0"].get("fill") in STEPS


def test_what_is_withheld_is_dotted_and_has_no_step_even_if_its_share_came_along():
    scale = scale_of([0.1, 0.9])
    hidden = replace(place(1, 0.9), is_withheld=True)
    found = shapes(
        ElementTree.fromstring(choropleth([place(0, 0.1), hidden], scale, key="k", title="t", description="d"))
    )
    assert found["words of 1"].get("fill") == "url(#k-dots)"
    assert found["words of 0"].get("fill") == STEPS[0]


def test_every_area_is_spoken_and_leads_to_its_page():
    drawing = drawn(place(0, 0.1, url="/areas/A0/"), place(1, 0.2))
    links = {each.get("href") for each in drawing.iter(f"{SVG}a")}
    assert links == {"/areas/A0/"}
    assert set(shapes(drawing)) == {"words of 0", "words of 1"}
    assert [each.find(f"{SVG}title").text for each in shapes(drawing).values()] == ["words of 0", "words of 1"]


def test_a_name_cannot_break_out_of_the_drawing():
    drawing = drawn(place(0, 0.1, url='/areas/"><script>', name="<script>alert(1)</script>"))
    assert not list(drawing.iter(f"{SVG}script"))


def test_a_drawing_asks_for_nothing_from_elsewhere():
    text = ElementTree.tostring(drawn(place(0, 0.1)), encoding="unicode")
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "").replace("http://www.w3.org/1999/xlink", "")
    assert "style=" not in text


def test_a_drawing_is_titled_and_described():
    drawing = drawn(place(0, 0.1))
    assert drawing.get("aria-labelledby") == "k-title k-description"
    assert drawing.find(f"{SVG}title").text == "Shares"
    assert drawing.find(f"{SVG}desc").text == "By area"


def bar(*parts: tuple[int, str]) -> ElementTree.Element:
    told = [Part(count, kind, f"{kind}: {count}") for count, kind in parts]
    return ElementTree.fromstring(stacked_bar(told, key="b", title="t", description="d"))


def test_a_bar_has_a_part_for_each_count_and_hatches_what_cannot_be_decided():
    found = shapes(bar((30, "granted"), (50, "not-granted"), (20, "unknown")))
    assert list(found) == ["granted: 30", "not-granted: 50", "unknown: 20"]
    assert found["unknown: 20"].get("fill") == "url(#b-hatch)"


def test_a_part_of_nobody_is_not_drawn():
    assert list(shapes(bar((30, "granted"), (0, "not-granted"), (0, "unknown")))) == ["granted: 30"]


def test_a_bar_of_nobody_is_empty():
    assert not shapes(bar((0, "granted"), (0, "not-granted"), (0, "unknown")))
