"""No small count is found by taking what is told from what is told: of areas in areas, whatever is counted."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amparo.kernel.disclosure import FEWEST, tells, untold

_OWN = st.lists(st.sampled_from([0, 0, 1, 2, 4, 5, 7, 9, 30, 400]), min_size=2, max_size=2)


@st.composite
def countries(draw, *, at_leaves_alone: bool = False):
    """Draw a tree of areas with counts; each area's are all of it. Returns parents and counts."""
    parents: dict[int, int | None] = {0: None}
    for area in range(1, draw(st.integers(1, 14))):
        parents[area] = draw(st.integers(0, area - 1))
    own = {area: draw(_OWN) for area in parents}
    if at_leaves_alone:
        own |= {area: [0, 0] for area in parents if area in parents.values()}
    counts = {area: list(each) for area, each in own.items()}
    for area in reversed(parents):
        if (parent := parents[area]) is not None:
            counts[parent] = [a + b for a, b in zip(counts[parent], counts[area], strict=True)]
    return parents, counts


def inside(parents, area) -> list[int]:
    return [each for each, parent in parents.items() if parent == area]


@settings(max_examples=400, deadline=None)
@given(countries())
def test_what_is_left_of_an_area_beside_those_told_inside_it_is_not_small_and_not_one_areas_alone(country):
    parents, counts = country
    hidden = untold(parents, counts)
    assert {area for area in parents if tells(*counts[area])} <= hidden
    for area in set(parents) - hidden:
        below = inside(parents, area)
        left = [
            whole - sum(counts[each][n] for each in below if each not in hidden) for n, whole in enumerate(counts[area])
        ]
        assert not tells(*left) or not below
        alone = [each for each in below if each in hidden and any(counts[each])]
        assert len(alone) != 1
    assert all(area in hidden for area, parent in parents.items() if parent in hidden)


@settings(max_examples=300, deadline=None)
@given(countries(at_leaves_alone=True))
def test_whoever_solves_all_equations_at_once_finds_no_small_count(country):
    """Somebody who knows that nobody is registered but in the smallest areas: what each area's counts add up to, all together."""
    parents, counts = country
    hidden = sorted(untold(parents, counts))
    rows = []
    for area in parents:
        below = inside(parents, area)
        if below:
            row = [-(each in below) + (each == area) for each in hidden]
            rows.append(row if any(row) else [0] * len(hidden))
    rank = np.linalg.matrix_rank(np.array(rows)) if hidden and rows else 0
    for place, area in enumerate(hidden):
        if tells(*counts[area]):
            one = [int(n == place) for n in range(len(hidden))]
            assert np.linalg.matrix_rank(np.array([*rows, one])) > rank


def test_the_smallest_beside_is_left_out_too_and_where_there_is_none_the_area_above():
    assert untold({0: None, 1: 0, 2: 0, 3: 0}, {0: [60], 1: [3], 2: [20], 3: [37]}) == {1, 2}
    assert untold({0: None, 1: 0}, {0: [3 + 50], 1: [3]}) == {0, 1}
    assert untold({0: None, 1: 0, 2: 0}, {0: [50], 1: [20], 2: [30]}) == set()


def test_two_that_are_small_together_take_a_third_with_them():
    assert untold({0: None, 1: 0, 2: 0, 3: 0}, {0: [3 + 30], 1: [1], 2: [2], 3: [30]}) == {1, 2, 3}


def test_who_is_registered_at_an_area_and_in_none_inside_is_not_left_over_either():
    assert untold({0: None, 1: 0, 2: 0}, {0: [2 + 20 + 30], 1: [20], 2: [30]}) == {1, 2}


def test_nothing_is_told_inside_what_is_not_told():
    parents = {0: None, 1: 0, 2: 1, 3: 1, 4: 0, 5: 0}
    assert untold(parents, {0: [99], 1: [4], 2: [0], 3: [4], 4: [45], 5: [50]}) == {1, 2, 3, 4}


@pytest.mark.parametrize(("count", "is_small"), [(0, False), (1, True), (FEWEST - 1, True), (FEWEST, False)])
def test_nobody_tells_of_nobody(count, is_small):
    assert tells(count) is is_small


def test_what_is_left_out_for_another_reason_is_covered_as_well():
    assert untold({0: None, 1: 0, 2: 0}, {0: [50], 1: [20], 2: [30]}, also=[2]) == {1, 2}
