"""The map of Velmora: what one area ends another begins."""

import csv
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from amparo.profiles.finding import find
from amparo.profiles.reading import read
from amparo.profiles.synth.geography import draw
from amparo.profiles.synth.place_names import place_names
from amparo.profiles.synth.tiling import borders, relaxed, triangulated

SEED, PREFIX, NAME = 20260701, "VM", "Velmora"


def rows(folder) -> list[dict[str, str]]:
    with (folder / "areas.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def ring(velmora, code: str) -> list:
    geometry = velmora.boundaries[code]
    assert geometry["type"] == "Polygon"
    assert len(geometry["coordinates"]) == 1
    return geometry["coordinates"][0]


def surface(points: list) -> float:
    x, y = np.array(points).T
    return float((x[:-1] * y[1:] - x[1:] * y[:-1]).sum() / 2)


def inside(velmora, code: str, level: str) -> list[str]:
    return [each.code for each in velmora.areas if each.level == level and each.code.startswith(code)]


def test_the_map_in_the_profile_is_the_one_the_script_draws(tmp_path):
    draw(tmp_path, seed=SEED, prefix=PREFIX, country=NAME)
    assert (tmp_path / "areas.geojson").read_bytes() == (find("example") / "areas.geojson").read_bytes()
    # What the areas are called in another language is added to what the script draws.
    kept = [{key: value for key, value in row.items() if ":" not in key} for row in rows(find("example"))]
    assert rows(tmp_path) == kept
    assert len(kept) > 1


@pytest.mark.parametrize("level", ["region", "district", "municipality"])
def test_areas_of_a_level_fill_the_country_without_hole_or_overlap(velmora, level):
    whole = surface(ring(velmora, "VM"))
    parts = [surface(ring(velmora, each)) for each in inside(velmora, "VM", level)]
    assert min(parts) > 0  # each runs counter-clockwise
    assert sum(parts) == pytest.approx(whole, rel=1e-9)


def test_every_stretch_of_border_has_one_area_on_each_side(velmora):
    sides = Counter(
        (tuple(a), tuple(b)) for code in inside(velmora, "VM", "municipality") for a, b in pairwise(ring(velmora, code))
    )
    assert set(sides.values()) == {1}
    open_sides = {(a, b) for a, b in sides if (b, a) not in sides}
    assert open_sides == {(tuple(a), tuple(b)) for a, b in pairwise(ring(velmora, "VM"))}


def test_no_border_crosses_itself(velmora):
    for code in inside(velmora, "VM", "municipality"):
        assert not crossing(np.array(ring(velmora, code))), code


def crossing(points: np.ndarray) -> bool:
    """Whether two sides that are not neighbours meet."""
    a, b = points[:-1], points[1:]

    def side(p, q, r):
        return (q[..., 0] - p[..., 0]) * (r[..., 1] - p[..., 1]) - (q[..., 1] - p[..., 1]) * (r[..., 0] - p[..., 0])

    first, second = side(a[:, None], b[:, None], a[None]), side(a[:, None], b[:, None], b[None])
    meets = (first * second < 0) & ((first * second).T < 0)
    return bool(meets.any())


def test_the_map_is_small_enough_to_load(velmora):
    assert (find("example") / "areas.geojson").stat().st_size < 1_500_000


def test_names_of_places_are_different_and_the_same_each_time(velmora):
    assert place_names(300, seed=1) == place_names(300, seed=1)
    names = [each.name for each in velmora.areas]
    assert len(set(names)) == len(names)


def test_triangles_hold_no_other_point():
    points = np.random.default_rng(3).uniform(0, 10, (60, 2))
    for a, b, c in triangulated(points):
        (ax, ay), (bx, by), (cx, cy) = points[[a, b, c]]
        turn = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        for p in np.delete(points, [a, b, c], axis=0):
            rows = np.array([[*(q - p), ((q - p) ** 2).sum()] for q in points[[a, b, c]]])
            assert np.linalg.det(rows) * np.sign(turn) < 1e-9


def test_every_border_lies_between_two_cells_and_ends_where_others_do():
    points = relaxed(np.random.default_rng(3).uniform(0, 10, (80, 2)), 2)
    drawn = borders(points, wiggle=0.1, step=0.2, seed=1)
    ends = Counter(end for each in drawn for end in (each.start, each.end))
    assert max(ends.values()) == 3
    assert all(each.left != each.right for each in drawn)


def test_reading_the_map_gives_back_its_areas():
    profile = read(find("example"))
    assert set(profile.boundaries) == {each.code for each in profile.areas}
