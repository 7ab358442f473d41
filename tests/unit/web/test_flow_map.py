"""The map of what flows: an arrow for each stream, broken where nothing flows, mirrored for who reads from the right."""

from itertools import pairwise
from xml.etree import ElementTree

from amparo.web.flow_map import MIDDLE, WIDE, Flown, flow_map

SVG = "{http://www.w3.org/2000/svg}"
TOLD = Flown("School meals <b>", "1 March 2026", is_in=True, is_live=True)
SILENT = Flown("Heating fund", "never so far", is_in=True, is_live=False)
ASKS = Flown("Pension fund", "2 March 2026", is_in=False, is_live=True)


def drawn(*streams: Flown, right_to_left: bool = False) -> ElementTree.Element:
    made = flow_map(streams, "Here", title="What flows", description="All of it", right_to_left=right_to_left)
    return ElementTree.fromstring(made.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" '))


def lines(*streams: Flown, **settings) -> list[tuple[float, float, bool]]:
    """Return where each arrow begins and ends, and whether it is a broken line."""
    found = drawn(*streams, **settings).iter(f"{SVG}line")
    return [(float(each.get("x1")), float(each.get("x2")), "stroke-dasharray" in each.attrib) for each in found]


def test_what_comes_in_runs_to_the_middle_and_what_goes_out_away_from_it():
    (told, silent, asks) = lines(TOLD, SILENT, ASKS)
    left, right = (WIDE - MIDDLE) / 2, (WIDE + MIDDLE) / 2
    assert told[0] < told[1] < left
    assert right < asks[0] < asks[1]
    assert [each[2] for each in (told, silent, asks)] == [False, True, False]


def test_from_the_right_it_is_mirrored():
    ((start, end, _),) = lines(TOLD, right_to_left=True)
    assert start > end > (WIDE + MIDDLE) / 2


def test_names_are_escaped_and_the_drawing_is_as_tall_as_it_needs():
    few, many = drawn(TOLD), drawn(*[TOLD] * 12)
    assert "School meals <b>" in "".join(few.itertext())
    tall = [float(each.get("viewBox").split()[3]) for each in (few, many)]
    assert tall[0] < tall[1]
    boxes = [(float(each.get("y")), float(each.get("height"))) for each in many.iter(f"{SVG}rect")][1:]
    assert all(y + height <= after for (y, height), (after, _) in pairwise(boxes))


def test_it_has_a_title_and_a_description():
    assert [drawn(TOLD).find(f"{SVG}{each}").text for each in ("title", "desc")] == ["What flows", "All of it"]
