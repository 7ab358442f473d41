"""Draws the map of an invented country: areas in levels, with boundaries that tile.

Run it again for a profile with `draw(folder, seed=…)`; the same seed writes the same files, byte for byte.
"""

import csv
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from amparo.profiles.reading.areas import COLUMNS
from amparo.profiles.synth.place_names import place_names
from amparo.profiles.synth.tiling import Border, borders, relaxed
from amparo.trust.types import AreaConfig

REGIONS, DISTRICTS, MUNICIPALITIES = 6, 5, 6  # of the country, of a region, of a district
_SIZE = np.array([6.0, 4.6])  # degrees
_CORNER = np.array([-31.0, 8.0])  # open ocean, so that it is nobody's land
_WIGGLE, _STEP, _PLACES = 0.16, 0.032, 4


def draw(folder: Path, *, seed: int, prefix: str, country: str) -> None:
    """Write `areas.csv` and `areas.geojson` into a profile's folder."""
    points, land = _points(np.random.default_rng(seed))
    codes = _codes(points[:land], prefix)
    areas = _areas(codes, prefix, country, seed)
    drawn = borders(points, wiggle=_WIGGLE, step=_STEP, seed=seed)
    with (folder / "areas.csv").open("w", newline="", encoding="utf-8") as stream:
        rows = csv.writer(stream, lineterminator="\n")
        rows.writerow(COLUMNS)
        rows.writerows(_row(each) for each in areas)
    features = [_feature(each.code, outline(drawn, codes, each.code, land)) for each in areas]
    lines = ",\n".join(json.dumps(each, separators=(",", ":")) for each in features)
    (folder / "areas.geojson").write_text(f'{{"type":"FeatureCollection","features":[\n{lines}\n]}}\n', "utf-8")


def _points(draw: np.random.Generator) -> tuple[NDArray[np.float64], int]:
    """Return one point per municipality, and after them points of the sea around; and how many are land."""
    land = REGIONS * DISTRICTS * MUNICIPALITIES
    x, y = np.meshgrid(np.arange(-4, 25), np.arange(-4, 21))
    grid = np.column_stack([x.ravel(), y.ravel()]).astype(float)
    grid[:, 0] += 0.5 * (grid[:, 1] % 2)
    points = relaxed(grid + draw.uniform(-0.42, 0.42, grid.shape), 3)
    angle = np.arctan2(*(points - [10, 8]).T[::-1])
    coast = 1 + sum(draw.normal(0, 0.09) * np.cos(n * angle + draw.uniform(0, 6.28)) for n in (2, 3, 5))
    distance = np.hypot(*((points - [10, 8]) / [1.15, 0.9]).T) / coast
    order = np.argsort(distance, kind="stable")
    scaled = _CORNER + points / [20, 16] * _SIZE
    return scaled[order], land


def _codes(points: NDArray[np.float64], prefix: str) -> list[str]:
    """Return each municipality's code: the country is cut into strips, as its regions, districts, municipalities."""
    codes = [""] * len(points)
    for region, inside in enumerate(_cut(np.arange(len(points)), points, REGIONS), 1):
        for district, within in enumerate(_cut(inside, points, DISTRICTS), 1):
            for municipality, index in enumerate(sorted(within, key=lambda i: (points[i][0], points[i][1])), 1):
                codes[index] = f"{prefix}{region:02}{district:02}{municipality:02}"
    return codes


def _cut(members: NDArray[np.int64], points: NDArray[np.float64], parts: int) -> list[NDArray[np.int64]]:
    """Cut points into `parts` of equal number, halving across the longer side until each part is one."""
    if parts == 1:
        return [members]
    first = parts // 2
    spread = np.ptp(points[members], axis=0)
    order = members[np.argsort(points[members][:, int(spread[1] > spread[0])], kind="stable")]
    cut = len(members) * first // parts
    return [*_cut(order[:cut], points, first), *_cut(order[cut:], points, parts - first)]


def _areas(codes: list[str], prefix: str, country: str, seed: int) -> list[AreaConfig]:
    """Return all areas, parents before children."""
    root = len(prefix)
    regions = sorted({code[: root + 2] for code in codes})
    districts = sorted({code[: root + 4] for code in codes})
    names = iter(place_names(len(regions) + len(districts) + len(codes), seed=seed))
    found = [AreaConfig(prefix, None, "country", country)]
    for level, listed in (("region", regions), ("district", districts), ("municipality", sorted(codes))):
        found += [AreaConfig(code, code[:-2], level, next(names)) for code in listed]
    return found


def _row(area: AreaConfig) -> list[str]:
    days = [each.isoformat() if each else "" for each in (area.valid_from, area.valid_until)]
    return [area.code, area.parent or "", area.level, area.name, *days, area.successor or ""]


def outline(drawn: list[Border], codes: list[str], area: str, land: int) -> list[list[list[float]]]:
    """Return the rings around every cell whose code begins with the area's, exterior first, counter-clockwise."""
    inside = {index for index in range(land) if codes[index].startswith(area)}
    steps: dict[tuple, tuple] = {}
    for border in drawn:
        if (border.left in inside) != (border.right in inside):
            forward = border.left in inside
            line = border.line if forward else border.line[::-1]
            start, end = (border.start, border.end) if forward else (border.end, border.start)
            steps[start] = (end, line)
    rings = []
    while steps:
        at, (following, line) = steps.popitem()
        ring = [line]
        while following != at:
            following, line = steps.pop(following)
            ring.append(line)
        rings.append(_closed(np.vstack([each[:-1] for each in ring])))
    return sorted(rings, key=_surface, reverse=True)


def _closed(line: NDArray[np.float64]) -> list[list[float]]:
    rounded = [[round(float(x), _PLACES), round(float(y), _PLACES)] for x, y in line]
    ring = [each for index, each in enumerate(rounded) if each != rounded[index - 1]]
    turn = ring.index(min(ring))  # where a ring begins must not hang on the order of a dict
    ring = ring[turn:] + ring[:turn]
    return [*ring, ring[0]]


def _surface(ring: list[list[float]]) -> float:
    x, y = np.array(ring).T
    return float((x[:-1] * y[1:] - x[1:] * y[:-1]).sum() / 2)


def _feature(code: str, rings: list[list[list[float]]]) -> dict:
    """A feature of one polygon; rings after the first that run the other way are lakes, otherwise islands."""
    islands = [[ring] for ring in rings if _surface(ring) > 0]
    geometry = (
        {"type": "Polygon", "coordinates": rings}
        if len(islands) == 1
        else {"type": "MultiPolygon", "coordinates": islands}
    )
    return {"type": "Feature", "properties": {"code": code}, "geometry": geometry}
