"""`overlaps.toml`: how programmes go together, and what is refused of it."""

from dataclasses import replace

import pytest

from amparo.profiles.checking import overlaps as checking
from amparo.profiles.places import Problems
from amparo.profiles.reading.overlaps import FILE, read_overlaps
from amparo.programmes.overlapping import OverlapRule
from amparo.programmes.types import OverlapClass

SOUND = '[[overlap]]\nbetween = ["two", "one"]\nclass = "incompatible"\nlaw = "law-one"\n'


def read(text: str, folder) -> tuple[tuple, list[str]]:
    (folder / FILE).write_text(text)
    problems = Problems()
    return read_overlaps(folder, problems), [each.message.id for each in problems.found]


def test_without_the_file_every_overlap_is_unknown(tmp_path):
    assert read_overlaps(tmp_path, Problems()) == ()


def test_a_rule_is_read_whichever_of_the_two_stands_first(tmp_path):
    (rule,), problems = read(SOUND, tmp_path)
    assert (rule.pair, rule.overlap, problems) == (("one", "two"), OverlapClass.INCOMPATIBLE, [])


@pytest.mark.parametrize(
    ("taken_out", "put_in", "problem"),
    [
        ('["two", "one"]', '["one", "one"]', "profiles-value-wrong"),
        ('["two", "one"]', '["one"]', "profiles-value-wrong"),
        ("incompatible", "fraud", "profiles-value-unknown"),
        ("law =", "laws =", "profiles-key-missing"),
        ("[[overlap]]", "[[overlaps]]", "profiles-key-unknown"),
    ],
)
def test_what_is_wrong_with_one_is_named(tmp_path, taken_out, put_in, problem):
    rules, problems = read(SOUND.replace(taken_out, put_in), tmp_path)
    assert (rules, problems) == ((), [problem])


def test_a_programme_that_is_none_and_a_pair_stated_twice_are_named(velmora):
    rules = (
        OverlapRule(("child_grant", "nothing"), OverlapClass.PERMITTED, "law"),
        OverlapRule(("child_grant", "school_meals"), OverlapClass.PERMITTED, "law"),
        OverlapRule(("school_meals", "child_grant"), OverlapClass.INCOMPATIBLE, "law"),
    )
    problems = Problems()
    checking.check(replace(velmora, overlaps=rules), problems)
    assert [each.message.id for each in problems.found] == ["profiles-value-unknown", "profiles-overlap-twice"]


def test_the_example_says_how_its_programmes_go_together(velmora):
    assert {each.overlap for each in velmora.overlaps} == set(OverlapClass) - {OverlapClass.UNKNOWN}
