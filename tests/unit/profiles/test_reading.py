from datetime import date
from decimal import Decimal

import pytest
import yaml

from amparo.profiles.places import Problems
from amparo.profiles.reading import read, read_leniently
from amparo.profiles.reading.exact_yaml import load
from amparo.profiles.types import ProfileRefused
from amparo.registry.dictionary import FieldClass, Type


def test_the_example_country_is_whole(velmora):
    assert (velmora.currency, velmora.decimals, velmora.languages) == ("XVM", 2, ("en", "ar"))
    assert len(velmora.dictionary.of("household")) >= 30
    assert len(velmora.dictionary.of("person")) >= 40
    assert {each.code for each in velmora.programmes} == {
        "child_grant",
        "disability_benefit",
        "lanavtan_rent_help",
        "old_age_pension",
        "winter_support",
    }
    assert [sum(area.level == level for area in velmora.areas) for level in velmora.levels] == [1, 6, 30, 180]


def test_a_field_takes_the_types_of_the_dictionary(velmora):
    income = velmora.dictionary["household", "income_per_month"]
    assert (income.type, income.unit, income.valid_days) == (Type.MONEY, "money/month", 730)
    assert (income.minimum, income.maximum) == (0, 1_000_000_00)  # minor units
    assert income.precedence == ("tax_authority", "application", "census")
    assert velmora.dictionary["person", "pregnant"].field_class is FieldClass.SENSITIVE


def test_a_parameter_has_each_value_from_its_day(velmora):
    line = next(each for each in velmora.parameters if each.name == "poverty_line")
    assert line.on(date(2024, 12, 31)) is None
    assert line.on(date(2026, 6, 30)).value == 1800_00
    assert line.on(date(2026, 7, 1)).value == 1950_00


def test_the_digest_changes_with_any_byte_and_with_any_name(country):
    first = read(country.folder).digest
    assert read(country.folder).digest == first
    country.add("areas.csv", "")
    assert read(country.folder).digest == first
    country.add("names.toml", "\n")
    second = read(country.folder).digest
    (country.folder / "names.toml").rename(country.folder / "other.toml")
    assert len({first, second, read(country.folder).digest}) == 3


def test_a_hidden_file_is_no_part_of_the_country(country):
    before = read(country.folder).digest
    country.write(".notes", "to do")
    assert read(country.folder).digest == before


def test_a_profile_that_cannot_be_read_is_refused_with_all_its_problems(country):
    country.replace("dictionary.toml", 'type = "boolean"', 'type = "bool"', times=2)
    with pytest.raises(ProfileRefused) as refusal:
        read(country.folder)
    assert [each.message.id for each in refusal.value.problems] == ["profiles-value-unknown"] * 2
    assert refusal.value.message.values["count"] == 2


def test_an_entry_that_cannot_be_read_does_not_hide_the_others(country):
    country.replace("dictionary.toml", 'name = "rooms"', 'name = "rooms"\ncolour = "blue"')
    problems = Problems()
    profile = read_leniently(country.folder, problems)
    assert [(each.place, each.message.id) for each in problems.found] == [("household.rooms", "profiles-key-unknown")]
    assert ("household", "rooms") not in profile.dictionary
    assert ("household", "bedrooms") in profile.dictionary


def test_without_its_first_file_a_profile_is_nothing(country):
    country.write("profile.toml", "profile = [")
    problems = Problems()
    assert read_leniently(country.folder, problems) is None
    assert problems.found[0].file == "profile.toml"


def test_yaml_keeps_decimals_exact_and_words_as_they_are():
    assert load("a: 3600.10\nb: no\nc: true\nd: 2026-07-01") == {
        "a": Decimal("3600.10"),
        "b": "no",
        "c": True,
        "d": date(2026, 7, 1),
    }


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\na: 2",
        "a: &x [1]\nb: *x",
        "1: a",
        "a: !!python/object/apply:os.system ['true']",
        "a: [",
    ],
)
def test_yaml_that_says_two_things_or_runs_something_is_refused(text):
    with pytest.raises(yaml.YAMLError):
        load(text)


def test_a_list_is_complete_in_the_sources_that_say_so_and_in_no_other(velmora):
    words = velmora.dictionary
    assert words.a_list("person", "parents").complete_in == ("civil_registry",)
    assert words.a_list("household", "plot").complete_in == ("application",)
    assert words.a_list("person", "caregiver").complete_in == ()
    assert words.month_of("item:income_month").name == "month"
    assert words.month_of("item:plot") is None


def test_the_installed_version_changes_with_what_sources_name_whole(country):
    before = read(country.folder).dictionary.version
    country.replace("sources.toml", 'complete = ["plot"]', "complete = []")
    assert read(country.folder).dictionary.version != before
