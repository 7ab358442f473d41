"""No small count of cases is found from what is told of areas, categories and all cases together (OPS-2)."""

import os
from datetime import date

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from amparo.cases.queries.withholding import Told, withheld, year_of
from amparo.kernel.disclosure import summed, tells

COUNTRIES = int(os.environ.get("AMPARO_UNTOLD", "150"))
CODES = ("grievance/unpaid", "grievance/rude", "appeal/appeal")
# How many were filed in an area, and how many of them are open.
_CASES = st.tuples(st.sampled_from([0, 0, 1, 3, 5, 8, 30]), st.sampled_from([0, 1, 4, 6, 20])).map(
    lambda drawn: (drawn[0], min(drawn), drawn[0] - min(drawn))
)


@st.composite
def countries(draw):
    """Draw a tree of areas with cases in the smallest; return parents, and code → area → filed, open and closed."""
    parents: dict[int, int | None] = {0: None}
    for area in range(1, draw(st.integers(2, 9))):
        parents[area] = draw(st.integers(0, area - 1))
    smallest = sorted(set(parents) - set(parents.values()))
    return parents, {code: {area: draw(_CASES) for area in smallest} for code in CODES}


def leaves_of(parents, area) -> list[int]:
    below = [each for each, parent in parents.items() if parent == area]
    return [leaf for each in below for leaf in leaves_of(parents, each)] or [area]


@settings(max_examples=COUNTRIES, deadline=None)
@given(countries())
def test_whoever_solves_all_that_is_told_finds_no_small_count(country):
    """Somebody who knows where there is no case of a category; filed, open and closed of each, and of all together."""
    parents, own = country
    found = withheld(own, parents)
    places = [(code, leaf, n) for code, of in own.items() for leaf, each in of.items() for n in (1, 2) if each[0]]
    column = {place: number for number, place in enumerate(places)}

    def row(codes, area, parts):
        made = np.zeros(len(places))
        for at in ((code, leaf, n) for code in codes for leaf in leaves_of(parents, area) for n in parts):
            if at in column:
                made[column[at]] = 1
        return made

    def rows(codes, area, told):
        if told.whole:
            yield row(codes, area, (1, 2))
        if told.parts:
            yield from (row(codes, area, (n,)) for n in (1, 2))

    known = [each for code in CODES for area in parents for each in rows((code,), area, found.of(code, area))]
    known += [each for area in parents for each in rows(CODES, area, found.of_all(area))]
    known = np.array([each for each in known if each.any()] or [np.zeros(len(places))])
    rank = np.linalg.matrix_rank(known) if places else 0
    every = {code: summed(parents, of) for code, of in own.items()}
    for codes in (*((code,) for code in CODES), CODES):
        for area in parents:
            for parts in ((1, 2), (1,), (2,)):
                count = sum(every[code][area][n] for code in codes for n in parts)
                asked = row(codes, area, parts)
                if tells(count) and asked.any():
                    assert np.linalg.matrix_rank(np.vstack([known, asked])) > rank, (codes, area, parts, count)


def test_of_an_area_with_a_small_category_the_sum_is_not_told_either():
    own = {"a": {1: (3,), 2: (9,), 3: (30,)}, "b": {1: (50,), 2: (50,), 3: (50,)}}
    found = withheld(own, {0: None, 1: 0, 2: 0, 3: 0})
    assert [area for area in (1, 2, 3) if not found.of("a", area).whole] == [1, 2]
    assert [found.of_all(area).whole for area in (1, 2, 3)] == [False, False, True]
    assert found.of_all(1, lambda code: code == "b") == Told(True, True)


def test_a_category_of_which_there_is_none_takes_nothing_from_the_sum():
    found = withheld({"rare": {1: (3,), 2: (0,)}, "b": {1: (50,), 2: (50,)}}, {0: None, 1: 0, 2: 0})
    assert not found.of("rare", 2).whole
    assert found.of_all(2).whole


def test_whoever_reads_no_case_is_told_of_calendar_years():
    assert year_of(date(2026, 3, 5)) == (date(2026, 1, 1), date(2026, 12, 31))
