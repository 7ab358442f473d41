"""Divides a plane into cells with shared, wiggly borders: no hole, no overlap, no border that crosses itself.

Shape   points in, one row each; borders out, each between exactly two points' cells
Source  Bowyer (1981) and Watson (1981), The Computer Journal 24(2): Delaunay triangles, whose dual are the cells
"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Triangle = tuple[int, int, int]


@dataclass(frozen=True)
class Border:
    """A line between the cells of two points, from one corner to another; the cell `left` lies to its left."""

    left: int
    right: int
    start: Triangle
    end: Triangle
    line: NDArray[np.float64]


def relaxed(points: NDArray[np.float64], rounds: int) -> NDArray[np.float64]:
    """Return points moved towards the middle of their cells (Lloyd), so that cells are of like size.

    Points at the rim, whose cells have no end, stay where they are.
    """
    for _ in range(rounds):
        corners = defaultdict(list)
        rim = _rim(triangles := triangulated(points))
        for triangle in triangles:
            for each in triangle:
                corners[each].append(circumcentre(points[list(triangle)]))
        moved = [i if i in rim else None for i in range(len(points))]
        points = np.array([points[i] if moved[i] is not None else np.mean(corners[i], 0) for i in range(len(points))])
    return points


def triangulated(points: NDArray[np.float64]) -> list[Triangle]:
    """Return the Delaunay triangles of the points, each with its three indices sorted."""
    span = float(np.ptp(points, axis=0).max()) * 50
    middle = points.mean(axis=0)
    hull = middle + span * np.array([[-1, -1], [1, -1], [0, 1]])
    everything = np.vstack([points, hull])
    corners = [tuple(range(len(points), len(points) + 3))]
    circles = np.full((64, 3), np.nan)  # centre and squared radius; of a broken triangle, no number
    circles[0] = _circle(everything[list(corners[0])])
    for index in np.random.default_rng(0).permutation(len(points)):  # in order of place, far more triangles break
        point, made = points[index], circles[: len(corners)]
        broken = np.flatnonzero(((point - made[:, :2]) ** 2).sum(axis=1) < made[:, 2])
        around = _outline([corners[each] for each in broken])
        while len(circles) < len(corners) + len(around):
            circles = np.vstack([circles, np.full_like(circles, np.nan)])
        for a, b in around:
            corners.append(tuple(sorted((a, b, int(index)))))
            circles[len(corners) - 1] = _circle(everything[list(corners[-1])])
        circles[broken] = np.nan
    whole = ~np.isnan(circles[: len(corners), 0])
    return [each for each, kept in zip(corners, whole, strict=True) if kept and max(each) < len(points)]


def circumcentre(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    (ax, ay), (bx, by), (cx, cy) = corners
    twice = 2 * (ax * (by - cy) + bx * (cy - ay) + cx * (ay - by))
    a, b, c = ax * ax + ay * ay, bx * bx + by * by, cx * cx + cy * cy
    x = (a * (by - cy) + b * (cy - ay) + c * (ay - by)) / twice
    y = (a * (cx - bx) + b * (ax - cx) + c * (bx - ax)) / twice
    return np.array([x, y])


def borders(points: NDArray[np.float64], *, wiggle: float, step: float, seed: int) -> list[Border]:
    """Return every border between two cells, as a line with a point about every `step`.

    `wiggle` is how far a border may stray from straight, as a share of its length. It strays only inside the two
    triangles between its ends and its cells' points, which no other border enters, so that borders never cross.
    """
    sides: dict[tuple[int, int], list[Triangle]] = defaultdict(list)
    for triangle in triangulated(points):
        a, b, c = triangle
        for pair in ((a, b), (a, c), (b, c)):
            sides[pair].append(triangle)
    found = []
    for (a, b), around in sorted(sides.items()):
        if len(around) == 2:
            line_seed = np.random.default_rng([seed, a, b])
            found.append(_border(points, a, b, sorted(around), wiggle, step, line_seed))
    return found


def _border(points, a, b, around, wiggle, step, draw) -> Border:
    start, end = around
    ends = np.array([circumcentre(points[list(start)]), circumcentre(points[list(end)])])
    along = ends[1] - ends[0]
    length = float(np.hypot(*along))
    normal = np.array([-along[1], along[0]]) / (length or 1)
    left, right = (a, b) if np.dot(points[a] - ends[0], normal) > 0 else (b, a)
    share = np.linspace(0, 1, max(2, int(length / step) + 1))
    room = wiggle * length * np.minimum(share, 1 - share) * 2
    stray = np.clip(_noise(share, draw) * room, -_room(points[right], ends, share), _room(points[left], ends, share))
    return Border(left, right, start, end, ends[0] + share[:, None] * along + stray[:, None] * normal)


def _room(point, ends, share) -> NDArray[np.float64]:
    """How far the triangle of a border and one point reaches from the border, with a tenth to spare."""
    along = ends[1] - ends[0]
    length = float(np.hypot(*along)) or 1.0
    limits = []
    for corner, direction, distance in ((ends[0], along, share), (ends[1], -along, 1 - share)):
        towards = point - corner
        cosine = float(np.dot(towards, direction))
        sine = abs(float(direction[0] * towards[1] - direction[1] * towards[0]))
        limits.append(np.full_like(share, np.inf) if cosine <= 0 else distance * length * sine / cosine)
    return 0.9 * np.minimum(*limits)


def _noise(share, draw) -> NDArray[np.float64]:
    """A smooth line between -1 and 1: five waves, the shorter the lower."""
    waves = np.arange(1, 6)
    heights, phases = draw.normal(size=5) / waves, draw.uniform(0, 2 * np.pi, 5)
    line = (heights[:, None] * np.sin(2 * np.pi * waves[:, None] * share + phases[:, None])).sum(axis=0)
    return line / max(1.0, float(np.abs(line).max()))


def _circle(corners) -> tuple[float, float, float]:
    centre = circumcentre(corners)
    return *centre, float(((corners[0] - centre) ** 2).sum())


def _outline(triangles: list[Triangle]) -> list[tuple[int, int]]:
    """The sides that belong to exactly one of the triangles."""
    seen: dict[tuple[int, int], int] = defaultdict(int)
    for a, b, c in triangles:
        for pair in ((a, b), (a, c), (b, c)):
            seen[pair] += 1
    return [pair for pair, times in seen.items() if times == 1]


def _rim(triangles: list[Triangle]) -> set[int]:
    return {each for pair in _outline(triangles) for each in pair}
