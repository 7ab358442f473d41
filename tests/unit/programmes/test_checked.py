"""Which programmes go against one, and of which it is stated whether they do (IBR-3)."""

from amparo.programmes.checked import beside
from amparo.programmes.overlapping import OverlapRule
from amparo.programmes.types import OverlapClass

RULES = (
    OverlapRule(("heating", "winter"), OverlapClass.INCOMPATIBLE, "law"),
    OverlapRule(("winter", "meals"), OverlapClass.COMPLEMENTARY, "law"),
    OverlapRule(("pension", "winter"), OverlapClass.PERMITTED, "law"),
    OverlapRule(("pension", "heating"), OverlapClass.INCOMPATIBLE, "law"),
    OverlapRule(("odd", "winter"), OverlapClass.UNKNOWN, "law"),
)


def test_a_pair_counts_whichever_stands_first_and_of_other_programmes_nothing():
    assert beside("winter", RULES) == (["heating"], ["heating", "meals", "pension"])
    assert beside("heating", RULES) == (["pension", "winter"], ["pension", "winter"])


def test_a_pair_that_is_stated_as_unknown_is_not_stated():
    assert beside("odd", RULES) == ([], [])
