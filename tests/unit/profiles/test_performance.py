"""`performance.toml` and the conditions of a programme: what is read of them, and what is refused."""

from dataclasses import replace

import pytest

from amparo.profiles.checking import performance as checking
from amparo.profiles.checking import programmes as programmes_checking
from amparo.profiles.finding import find
from amparo.profiles.places import Place, Problems
from amparo.profiles.reading import read as read_profile
from amparo.profiles.reading.conditions import read_conditions
from amparo.profiles.reading.feeds import FILE as FEEDS
from amparo.profiles.reading.feeds import read_feeds
from amparo.profiles.reading.performance import FILE, read_indices
from amparo.programmes.conditions import Every
from amparo.programmes.performance import Counted, FigureConfig, RateConfig
from amparo.programmes.types import BreachAct, FeedKind

SOUND = """
[[index]]
code = "work"
law = "law-work"
level = "village"
pays = "area.work > 0.5"
[[index.rate]]
code = "known"
of = "household.size >= 1"
met = "household.size >= 2"
[[index.rate]]
code = "school"
programme = "grant"
conditions = ["attendance"]
counted = "met"
[[index.figure]]
code = "work"
formula = "area.known * area.school"
"""
CONDITION = {
    "code": "attendance",
    "law": "law-attendance",
    "whom": "age(member.birth_date) < 16",
    "steps": ["notice", "visit", "suspension"],
    "category": "find_out",
    "suspension": "not-at-school",
}
FEED = """
[school]
kind = "compliance"
schemes = ["grant"]
conditions = ["attendance"]
reasons = ["illness"]
whole = 100
[school.columns]
identifier = "ID"
period = "MONTH"
share = "SHARE"
[school.fixed]
identifier_scheme = "national_id"
scheme = "grant"
condition = "attendance"
"""


def read(text: str, folder) -> tuple[tuple, list[str]]:
    (folder / FILE).write_text(text)
    problems = Problems()
    return read_indices(folder, problems), [each.message.id for each in problems.found]


def condition(**changed) -> tuple[tuple, list[str]]:
    problems, given = Problems(), {**CONDITION, **changed}
    place = Place("programmes/grant.toml", "", {"condition": [{k: v for k, v in given.items() if v is not None}]})
    found: tuple = ()
    with problems.collected():
        found = read_conditions(place)
    return found, [each.message.id for each in problems.found]


def test_without_the_file_nothing_is_measured(tmp_path):
    assert read_indices(tmp_path, Problems()) == ()


def test_an_index_is_read_with_its_rates_and_figures(tmp_path):
    (index,), problems = read(SOUND, tmp_path)
    assert problems == []
    assert (index.codes, index.pays) == (("known", "school", "work"), "area.work > 0.5")
    assert [each.is_of_households for each in index.rates] == [True, False]
    assert index.rates[1].counted is Counted.MET


@pytest.mark.parametrize(
    ("taken_out", "put_in", "problem"),
    [
        ('law = "law-work"', "", "profiles-key-missing"),
        ('met = "household.size >= 2"', "", "profiles-key-missing"),
        ('conditions = ["attendance"]', "", "profiles-key-missing"),
        ('counted = "met"', 'counted = "all"', "profiles-value-unknown"),
        ('code = "school"', 'code = "known"', "profiles-index-twice"),
        ('code = "school"', 'code = "School"', "profiles-name-wrong"),
        ("[[index.figure]]", "[[index.figures]]", "profiles-key-unknown"),
        ('level = "village"', 'level = "village"\nweight = 1', "profiles-key-unknown"),
    ],
)
def test_what_is_wrong_with_an_index_is_named(tmp_path, taken_out, put_in, problem):
    indices, problems = read(SOUND.replace(taken_out, put_in), tmp_path)
    assert (indices, problems) == ((), [problem])


def test_an_index_without_a_figure_is_named(tmp_path):
    indices, problems = read(SOUND.partition("[[index.figure]]")[0], tmp_path)
    assert (indices, problems) == ((), ["profiles-index-empty"])


def _rate(index, **changed):
    return replace(index, rates=(index.rates[0], replace(index.rates[1], **changed)))


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        (lambda index: replace(index, level="village"), "profiles-value-unknown"),
        (lambda index: _rate(index, programme="nothing"), "profiles-value-unknown"),
        (lambda index: _rate(index, conditions=("nothing",)), "profiles-value-unknown"),
        (lambda index: replace(index, pays="area.nothing > 1.0"), "rules-field-unknown"),
        (lambda index: replace(index, pays="area.office_work >= param.nothing"), "rules-parameter-unknown"),
        (
            lambda index: replace(index, figures=(FigureConfig("office_work", "area.zone"),)),
            "rules-gives",
        ),
        (
            lambda index: replace(index, rates=(RateConfig("poverty_rate", "true", "true"), *index.rates)),
            "rules-catalogue-twice",
        ),
    ],
)
def test_an_index_that_does_not_fit_the_country_is_named(velmora, changed, problem):
    problems = Problems()
    checking.check(replace(velmora, indices=(changed(velmora.indices[0]),)), problems)
    assert [each.message.id for each in problems.found] == [problem]


def test_two_indices_of_one_name_are_named(velmora):
    problems = Problems()
    checking.check(replace(velmora, indices=velmora.indices * 2), problems)
    assert {each.message.id for each in problems.found} == {"profiles-index-twice"}


@pytest.mark.parametrize("name", ["example", "brazil"])
def test_the_countries_measure_by_what_fits_them(name):
    profile, problems = read_profile(find(name)), Problems()
    checking.check(profile, problems)
    assert (len(profile.indices), problems.found) == (1, [])


def test_a_condition_is_read(tmp_path):
    (found,), problems = condition(every="two-months", least_share=0.8, excused=["illness"])
    assert problems == []
    assert (found.every, found.least_share, found.steps) == (Every.TWO_MONTHS, 0.8, tuple(BreachAct))


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"whom": None}, "profiles-key-missing"),
        ({"code": "At school'; --"}, "profiles-name-wrong"),
        ({"steps": ["fine"]}, "profiles-value-unknown"),
        ({"category": None}, "profiles-condition-step"),
        ({"suspension": None}, "profiles-condition-step"),
        ({"steps": ["notice"]}, "profiles-condition-step"),
        ({"steps": ["suspension"], "category": None}, "profiles-condition-harsh"),
        ({"least_share": 85}, "profiles-value-wrong"),
        ({"forgotten_after": 900}, "profiles-value-wrong"),
        ({"every": "week"}, "profiles-value-unknown"),
        ({"fine": 1}, "profiles-key-unknown"),
    ],
)
def test_what_is_wrong_with_a_condition_is_named(changed, problem):
    assert condition(**changed) == ((), [problem])


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"category": "nothing"}, "profiles-value-unknown"),
        ({"category": "error_or_fraud"}, "profiles-value-unknown"),  # of which whom it concerns is not told
        ({"suspension": "nothing"}, "profiles-value-unknown"),
        ({"whom": "age(member.nothing) < 1"}, "rules-field-unknown"),
        ({"whom": "household.size"}, "rules-gives"),
    ],
)
def test_a_condition_that_does_not_fit_the_country_is_named(velmora, changed, problem):
    grant = next(each for each in velmora.programmes if each.conditions)
    broken = replace(grant, conditions=(replace(grant.conditions[0], **changed),))
    others = [each for each in velmora.programmes if each is not grant]
    problems = Problems()
    programmes_checking.check(replace(velmora, programmes=(*others, broken)), problems)
    assert [each.message.id for each in problems.found] == [problem]


def test_a_feed_of_compliance_is_read(tmp_path):
    (tmp_path / FEEDS).write_text(FEED)
    problems = Problems()
    (feed,) = read_feeds(tmp_path, 2, problems)
    assert problems.found == []
    assert (feed.kind, feed.conditions, feed.whole) == (FeedKind.COMPLIANCE, ("attendance",), 100)


@pytest.mark.parametrize(
    ("taken_out", "put_in", "problem"),
    [
        ('share = "SHARE"', "", "profiles-feed-word-missing"),
        ('condition = "attendance"\n', "", "profiles-feed-word-missing"),
        ("whole = 100", "whole = 7", "profiles-value-wrong"),
        ('share = "SHARE"', 'share = "SHARE"\namount = "SUM"', "profiles-key-unknown"),
        ('condition = "attendance"\n', 'condition = "other"\n', "profiles-value-unknown"),
    ],
)
def test_what_is_wrong_with_such_a_feed_is_named(tmp_path, taken_out, put_in, problem):
    (tmp_path / FEEDS).write_text(FEED.replace(taken_out, put_in))
    problems = Problems()
    assert read_feeds(tmp_path, 2, problems) == ()
    assert [each.message.id for each in problems.found] == [problem]
