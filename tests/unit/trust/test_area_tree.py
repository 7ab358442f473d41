"""Areas are numbered so that a subtree is one range, and stay numbered when the tree grows (DEC-1)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo.kernel.errors import Refused
from amparo.trust.area_tree import numbered


@st.composite
def trees(draw):
    size = draw(st.integers(1, 40))
    return [("0", None)] + [(str(each), str(draw(st.integers(0, each - 1)))) for each in range(1, size)]


def ancestors(code, parents):
    while parents[code] is not None:
        code = parents[code]
        yield code


@given(trees())
def test_an_area_lies_in_the_range_of_each_ancestor_and_of_no_other_area(tree):
    ranges, parents = numbered(tree, taken={}), dict(tree)
    for code in parents:
        within = {other for other, (first, last) in ranges.items() if first <= ranges[code][0] <= last}
        assert within == {code, *ancestors(code, parents)}


@given(trees(), st.data())
def test_a_new_leaf_numbers_nobody_else_again(tree, data):
    before = numbered(tree, taken={})
    parent = data.draw(st.sampled_from([code for code, above in tree if any(code == p for _, p in tree)] or [None]))
    after = numbered([*tree, ("new", parent)], taken=before)
    assert {code: after[code] for code in before} == before
    if parent:
        assert before[parent][0] < after["new"][0] <= after["new"][1] <= before[parent][1]


def test_an_unknown_parent_a_circle_and_a_full_range_are_refused():
    with pytest.raises(Refused, match="trust-area-unknown"):
        numbered([("a", "b")], taken={})
    with pytest.raises(Refused, match="trust-area-circle"):
        numbered([("a", "b"), ("b", "a")], taken={})
    with pytest.raises(Refused, match="trust-area-range-full"):
        numbered([("a", None), ("b", "a")], taken={"a": (1, 1)})
