"""What a profile states around a rule: whose members it asks, and who comes first. One broken statement per kind."""

import shutil
from pathlib import Path

import pytest

from amparo.profiles.cases import run
from amparo.profiles.checking import check
from amparo.profiles.reading import read
from amparo.programmes.config import Ungrouped, Unit
from amparo.programmes.freshness import Freshness
from amparo.programmes.quota import Contested, Key, Quota, Ranking, Share
from tests.unit.profiles.conftest import Country

ISLES = Path(__file__).parents[2] / "profiles" / "isles"
HELP = "programmes/home_help.toml"
SAFETY, OLD_AGE, FAMILY = "programmes/safety_net.toml", "programmes/old_age.toml", "programmes/family_allowance.toml"


@pytest.fixture
def isles(tmp_path: Path) -> Country:
    shutil.copytree(ISLES, tmp_path / "isles")
    return Country(tmp_path / "isles")


def test_the_isles_are_sound():
    assert check(ISLES) == ()


def test_what_stands_around_a_rule_is_read_as_it_is_written():
    versions = {each.code: each.versions[0] for each in read(ISLES).programmes}
    assert {code: (each.group, each.ungrouped) for code, each in versions.items()} == {
        "safety_net": (None, None),
        "home_help": (None, None),
        "old_age": (Unit.COUPLE, Ungrouped.ALONE),
        "family_allowance": (Unit.FAMILY, Ungrouped.UNKNOWN),
    }
    assert versions["home_help"].freshness == (Freshness("person", "income_per_month", 91, is_usable=True),)
    assert versions["safety_net"].ranking == Ranking(
        (Key("household.community_rank / household.community_ranked"), Key("household.wealth_score")),
        Quota("safety_places", "county", (Share(25), Share(75, (("IS1", 10), ("IS2", 30))))),
        Contested.GRANT,
    )


@pytest.mark.parametrize("case", read(ISLES).cases, ids=lambda each: f"{each.programme}: {each.name}")
def test_every_worked_case_comes_out_as_it_was_worked(case):
    for result in run(read(ISLES), case):
        assert result.holds, (result.expected, result.decided)
        assert result.is_ranked_as_said, (result.expected.keys, result.keys)


def test_one_home_has_two_incomes_per_head_in_two_programmes():
    """ELI-10: 480.00 by the household, 400.00 by the couple, with one line of 450.00 between them."""
    cases = {each.programme: each for each in read(ISLES).cases if each.name in (HOME, COUPLE)}
    facts = {code: [dict(each) for each in case.members] for code, case in cases.items()}
    assert facts["home_help"] == facts["old_age"]
    assert [each.outcome for each in cases["home_help"].expected] == [False]
    assert [each.outcome for each in cases["old_age"].expected] == [True, True, False]


HOME, COUPLE = "the whole home counts", "the couple's means count and the son's do not"

FAULTS = {
    "members of who is no group": (OLD_AGE, '"couple"', '"village"', ["profiles-value-unknown"]),
    "a family's programme that asks the couple": (
        FAMILY,
        "ungrouped =",
        'members = "couple"\nungrouped =',
        ["profiles-value-unknown"],
    ),
    "nothing said of who is in no couple": (OLD_AGE, 'ungrouped = "alone"\n', "", ["profiles-key-missing"]),
    "ungrouped where nobody is grouped": (
        "programmes/home_help.toml",
        "law =",
        'ungrouped = "alone"\nlaw =',
        ["profiles-key-unknown"],
    ),
    "a group the profile does not know": (
        "profile.toml",
        '[groups.couple]\ndefinition = "profile-couple"\n',
        "",
        ["profiles-value-unknown"],
    ),
    "places that are neither number nor figure": (
        SAFETY,
        '"param.safety_places"',
        '"many"',
        ["profiles-value-wrong"],
    ),
    "places below zero": (SAFETY, '"param.safety_places"', "-1", ["profiles-value-wrong"]),
    "places by a figure that is not there": (SAFETY, "param.safety_places", "param.none", ["profiles-value-unknown"]),
    "places by a figure of days": (SAFETY, "param.safety_places", "param.ranking_since", ["profiles-value-unknown"]),
    "shares that do not add up": (SAFETY, "percent = 75", "percent = 74", ["profiles-quota-shares"]),
    "shares without a level": (SAFETY, 'level = "county"\n', "", ["profiles-quota-shares"]),
    "a share both equal and by weight": (SAFETY, "equal = true", "equal = true\nweights = { IS1 = 1, IS2 = 1 }", ["profiles-quota-share"]),
    "a share neither equal nor by weight": (SAFETY, "equal = true", "equal = false", ["profiles-quota-share"]),
    "a level that is none": (SAFETY, '"county"', '"canton"', ["profiles-value-unknown"]),
    "a weight for a place of another level": (SAFETY, "IS2 = 30", "IS2 = 30, IS11 = 1", ["profiles-quota-area-unknown"]),
    "an area without a weight": (SAFETY, "IS1 = 10, ", "", ["programmes-quota-area-without-weight"]),
    "nothing said of contested places": (SAFETY, 'contested = "grant"\n', "", ["profiles-key-missing"]),
    "an order by what has none": (SAFETY, 'by = "household.wealth_score"', "by = \"household.size == 1 ? 'a' : 'b'\"", ["rules-type"]),
    "an order by a field that is not there": (SAFETY, 'by = "household.wealth_score"', 'by = "household.none"', ["rules-field-unknown"]),
    "a case that is ranked otherwise": ("cases/safety_net.yaml", "keys: [0.25, 310]", "keys: [0.2, 310]", ["profiles-case-ranked-otherwise"]),
    "a limit that says nothing": (HELP, 'months = 3\nthen = "usable"', 'then = "unknown"', ["profiles-freshness-empty"]),
    "a limit in days and in months": (HELP, "months = 3", "months = 3\ndays = 90", ["profiles-validity-twice"]),
    "a limit of no day": (HELP, "months = 3", "days = 0", ["profiles-validity-none"]),
    "a limit of what the rule does not read": (HELP, "person.income_per_month", "household.wealth_score", ["profiles-freshness-unread"]),
    "two limits of one field": (HELP, "[[version.freshness]]", "[[version.freshness]]\nfield = 'person.income_per_month'\ndays = 9\n[[version.freshness]]", ["profiles-freshness-twice"]),
    "an older value that counts as no": (HELP, '"usable"', '"no"', ["profiles-value-unknown"]),
    "a case about a family that is not in it": ("cases/family_allowance.yaml", "second: {", "third: {", ["profiles-case-nobody"]),
}  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "ids"), FAULTS.values(), ids=list(FAULTS))
def test_a_broken_statement_is_named(isles, file, old, new, ids):
    found = isles.replace(file, old, new).problems()
    assert ids[0] in {each.message.id for each in found}
    assert found


def test_fixed_numbers_by_area_are_a_quota_too(isles):
    text = (isles.folder / SAFETY).read_text()
    fixed = text[: text.index("[version.ranking.quota]")]
    isles.write(SAFETY, fixed + '[version.ranking.quota]\nlevel = "county"\nareas = { IS1 = 7, IS2 = 3 }\n')
    version = next(each for each in read(isles.folder).programmes if each.code == "safety_net").versions[0]
    assert version.ranking.quota == Quota(10, "county", (Share(100, (("IS1", 7), ("IS2", 3))),))
