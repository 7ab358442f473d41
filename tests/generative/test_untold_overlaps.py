"""No small count of who receives two programmes is found from what is told of all areas, pairs and classes together (IBR-7).

AMPARO_UNTOLD says how many countries are drawn.
"""

import os
from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from amparo.kernel.disclosure import summed, tells
from amparo.programmes.pairs_untold import overlap_code, overlaps_untold

COUNTRIES = int(os.environ.get("AMPARO_UNTOLD", "150"))
PROGRAMMES, CLASSES = ("a", "b", "c"), ("complementary", "incompatible")
PAIRS = list(combinations(PROGRAMMES, 2))
# Who receives what in a home, and how each two of them go together there.
_KINDS = st.tuples(
    st.sets(st.sampled_from(PROGRAMMES), min_size=1), st.lists(st.sampled_from(CLASSES), min_size=3, max_size=3)
)
_HOMES = st.lists(st.tuples(_KINDS, st.sampled_from([1, 2, 4, 5, 8, 30])), max_size=4)


@st.composite
def countries(draw):
    """Draw a tree of areas with homes in the smallest; return parents, and pair and class → area → homes."""
    parents: dict[int, int | None] = {0: None}
    for area in range(1, draw(st.integers(2, 9))):
        parents[area] = draw(st.integers(0, area - 1))
    own: dict[tuple[str, str, str], dict[int, int]] = {}
    for area in set(parents) - set(parents.values()):
        for (held, classes), homes in draw(_HOMES):
            keys = [(each, each, "") for each in held]
            keys += [(*pair, each) for pair, each in zip(PAIRS, classes, strict=True) if set(pair) <= held]
            for key in keys:
                of = own.setdefault(key, {})
                of[area] = of.get(area, 0) + homes
    return parents, own


def leaves_of(parents, area) -> list[int]:
    below = [each for each, parent in parents.items() if parent == area]
    return [leaf for each in below for leaf in leaves_of(parents, each)] or [area]


@settings(max_examples=COUNTRIES, deadline=None)
@given(countries())
def test_whoever_solves_all_that_is_told_finds_no_small_count(country):
    """Somebody who knows where nobody receives a programme, and that nobody is registered but in the smallest areas."""
    parents, own = country
    hidden = overlaps_untold(parents, own)
    received = {key[0]: set(of) for key, of in own.items() if key[0] == key[1]}
    places = [(key, leaf) for key in own for leaf in received[key[0]] & received[key[1]]]
    column = {place: n for n, place in enumerate(places)}

    def row(parts, area):
        found = np.zeros(len(places))
        for sign, key in parts:
            for leaf in leaves_of(parents, area):
                if (key, leaf) in column:
                    found[column[key, leaf]] += sign
        return found

    told = [row([(1, key)], area) for key in own for area in parents if area not in hidden[overlap_code(*key)]]
    known = np.array([each for each in told if each.any()] or [np.zeros(len(places))])
    rank = np.linalg.matrix_rank(known) if places else 0
    counts = {key: summed(parents, {area: [n] for area, n in of.items()}) for key, of in own.items()}
    for parts in secrets(own):
        for area in parents:
            count = sum(sign * counts[key][area][0] for sign, key in parts)
            asked = row(parts, area)
            if tells(count) and asked.any():
                assert np.linalg.matrix_rank(np.vstack([known, asked])) > rank, (parts, area, count)


def secrets(own):
    """Yield what must not be told where it is small: each count, and who receives one of a pair but not so, or not both at all."""
    for key in own:
        yield [(1, key)]
        one, other, _ = key
        for each in {one, other} if one != other else ():
            yield [(1, (each, each, "")), (-1, key)]
            both = [found for found in own if found[:2] == (one, other)]
            yield [(1, (each, each, "")), *((-1, found) for found in both)]


def test_who_receives_but_one_of_two_is_not_told_by_the_two():
    own = {("a", "a", ""): {1: 20, 2: 30}, ("b", "b", ""): {1: 18, 2: 30}, ("a", "b", "x"): {1: 18, 2: 30}}
    assert overlaps_untold({0: None, 1: 0, 2: 0}, own)["a+b+x"] == {0, 1, 2}


def test_a_small_pair_takes_the_one_beside_it_along_of_which_least_is_told():
    alone = {area: 50 for area in (1, 2, 3)}
    own = {("a", "a", ""): alone, ("b", "b", ""): alone, ("a", "b", "x"): {1: 3, 2: 9, 3: 20}}
    found = overlaps_untold({0: None, 1: 0, 2: 0, 3: 0}, own)
    assert found == {"a+a+": set(), "b+b+": set(), "a+b+x": {1, 3}}
