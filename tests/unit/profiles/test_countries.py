"""What the five country profiles promise: golden cases, honest labels, one edit to change the law (ARC-4, ELI-2, ID-1, UPD-5)."""

import shutil
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from amparo.profiles.cases import compiled, figures, run
from amparo.profiles.checking.languages import needed, texts
from amparo.profiles.finding import find
from amparo.profiles.reading import read
from amparo.profiles.types import Profile
from amparo.programmes.quota import seats
from amparo.registry.schemes import is_sound
from amparo.rules.engines.reference import decide
from amparo.rules.model.rule import Decided
from tests.unit.profiles.conftest import Country

COUNTRIES = {
    "brazil": "Ilustrativo",
    "chile": "Ilustrativo",
    "indonesia": "Ilustratif",
    "kenya": "Kwa mfano tu",
    "turkey": "Örnek amaçlı",
}
ILLUSTRATIVE = "law-illustrative-"


@pytest.fixture(scope="module", params=COUNTRIES)
def profile(request) -> Profile:
    return read(find(request.param))


def decision(profile: Profile, programme: str, household: dict[str, Any], members: list[dict], on: date) -> Decided:
    config = next(each for each in profile.programmes if each.code == programme)
    rule = compiled(profile, config, config.version_on(on)).rule
    return decide(rule, {"household": household, "members": members}, on=on, parameters=figures(profile))


def test_every_programme_has_a_case_that_is_true_one_that_is_false_and_one_that_is_unknown(profile):
    for programme in profile.programmes:
        cases = [each for each in profile.cases if each.programme == programme.code]
        assert {expected.outcome for case in cases for expected in case.expected} == {True, False, None}, programme.code


def test_what_was_never_published_says_so_in_each_language(profile):
    """The legal reference stands beside each figure and decision that is shown, so that is where the label belongs."""
    for language in profile.languages:
        words = texts(profile.locale_folder / f"{language}.po", language)
        label = "Illustrative" if language == "en" else COUNTRIES[profile.code]
        laws = {id: text for id, text in words.items() if id.startswith("law-")}
        assert {id for id, text in laws.items() if text.startswith(label)} == {
            id for id in laws if id.startswith(ILLUSTRATIVE)
        }
        assert not [id for id, text in laws.items() if "memory" in text and not id.startswith(ILLUSTRATIVE)]


def test_the_catalogues_of_a_country_hold_what_is_needed_and_nothing_else(profile):
    for language in profile.languages:
        assert set(texts(profile.locale_folder / f"{language}.po", language)) == set(needed(profile))


@pytest.mark.parametrize(
    ("country", "programme", "golden", "outcome", "amount"),
    [
        ("brazil", "bolsa_familia", "G2", True, 163_00),
        ("brazil", "bolsa_familia", "G3", True, 326_00),
        ("brazil", "bolsa_familia", "G4", True, 87_00),
        ("brazil", "bolsa_familia", "G5", False, None),
        ("brazil", "may_register", "G5", True, None),
        ("brazil", "electricity_tariff", "G5", True, None),
        ("brazil", "may_register", "G6", True, None),
        ("brazil", "electricity_tariff", "G6", False, None),
        ("turkey", "social_assistance", "G7, five persons with 2,300", True, None),
        ("turkey", "social_assistance", "G7, five persons with 2,345", False, None),
    ],
)
def test_a_golden_case_comes_out_as_published(country, programme, golden, outcome, amount):
    profile = read(find(country))
    [case] = [each for each in profile.cases if each.programme == programme and each.name.startswith(golden)]
    [result] = run(profile, case)
    assert (result.decided.outcome, result.decided.amount, result.decided.missing) == (outcome, amount, ())


def test_g1_the_corrected_income_of_the_chilean_example_is_447578_pesos():
    profile = read(find("chile"))
    [case] = [each for each in profile.cases if each.programme == "electricity_subsidy" and each.name.startswith("G1")]
    [result] = run(profile, case)
    assert result.keys == ("447578",)


# One line of law each: 89 from July 2018 under the extreme line, 178 under the other.
LINES_OF_2018 = {
    'value = "85.00"\n\n[poverty_line]': 'value = "85.00"\n\n[[extreme_poverty_line.value]]\nfrom = 2018-07-01\nvalue = "89.00"\n\n[poverty_line]',
    'value = "170.00"\n': 'value = "170.00"\n\n[[poverty_line.value]]\nfrom = 2018-07-01\nvalue = "178.00"\n',
}


def family(pay_per_month: int, persons: int = 4) -> list[dict[str, Any]]:
    """A mother who earns so many centavos a month, and children."""
    amounts = ("pension", "unemployment_insurance", "alimony", "donations", "other_income")
    nothing = {"pay_last_month": 0, "pay_last_12_months": 0, **{f"{each}_per_month": 0 for each in amounts}}
    mother = {**nothing, "sex": "female", "birth_date": date(1985, 1, 1), "pregnant": False, "nursing": False}
    mother |= {"pay_last_month": pay_per_month, "pay_last_12_months": 12 * pay_per_month}
    child = {**nothing, "sex": "male", "birth_date": date(2012, 1, 1)}
    return [mother, *([child] * (persons - 1))]


def test_new_lines_of_bolsa_familia_are_an_edit_of_parameters_and_change_no_decision_of_before(tmp_path):
    """ARC-4: 85/170 become 89/178 from July 2018."""
    shutil.copytree(find("brazil"), tmp_path / "brazil")
    country = Country(tmp_path / "brazil")
    for old, new in LINES_OF_2018.items():
        country.replace("parameters.toml", old, new)
    assert country.problems() == []
    before, after = read(find("brazil")), read(country.folder)
    differ = {each.name for each in (tmp_path / "brazil").rglob("*") if each.is_file() and changed(each, tmp_path)}
    assert differ == {"parameters.toml"}

    def decided(profile: Profile, per_head: int, on: date) -> Decided:
        return decision(profile, "bolsa_familia", {}, family(4 * per_head), on)

    eve, day = date(2018, 6, 30), date(2018, 7, 1)
    for per_head in (0, 84_99, 85_00, 85_01, 89_00, 89_01, 170_00, 170_01, 178_00, 178_01):
        for on in (date(2016, 7, 1), date(2017, 6, 15), eve):
            assert decided(after, per_head, on) == decided(before, per_head, on)
    assert [decided(after, 178_00, each).outcome for each in (eve, day)] == [False, True]
    assert decided(after, 178_01, day).outcome is False
    # Three children are 3 × 39; below the line of extreme poverty the basic 85 is added.
    assert [decided(after, 89_00, each).amount for each in (eve, day)] == [117_00, 202_00]


def changed(file, folder) -> bool:
    return file.read_bytes() != (find("brazil") / file.relative_to(folder / "brazil")).read_bytes()


BRAZIL = read(find("brazil"))


def state(updated_on: date | None, on: date) -> dict[str, bool | None]:
    household = {} if updated_on is None else {"updated_on": updated_on}
    codes = ("record_updated", "record_outdated", "record_excluded_09")
    return {each: decision(BRAZIL, each, household, [{}], on).outcome for each in codes}


def test_g14_a_record_is_outdated_after_25_months_and_excluded_for_reason_09_after_49():
    """UPD-5: outdated from the day after 24 months, excluded after 48."""
    last = date(2015, 6, 15)
    assert state(last, date(2017, 7, 15)) == {
        "record_updated": False,
        "record_outdated": True,
        "record_excluded_09": False,
    }
    assert state(last, date(2019, 7, 15)) == {
        "record_updated": False,
        "record_outdated": False,
        "record_excluded_09": True,
    }
    assert set(state(None, date(2019, 7, 15)).values()) == {None}


def test_a_record_with_a_known_day_is_in_exactly_one_state():
    draw, last = Random(3), date(2016, 2, 29)
    for _ in range(60):
        assert sorted(state(last, last + timedelta(days=draw.randrange(2000))).values()) == [False, False, True]


def tc_kimlik(nine: str) -> str:
    """Ten and eleven by the published algorithm, written here on its own."""
    odd, even = sum(map(int, nine[0::2])), sum(map(int, nine[1::2]))
    tenth = (odd * 7 - even) % 10
    return f"{nine}{tenth}{(odd + even + tenth) % 10}"


def test_g13_turkish_identity_numbers_are_told_by_their_check_digits():
    """ID-1: the scheme that the profile declares; no single wrong digit passes."""
    [scheme] = read(find("turkey")).identifiers
    draw = Random(13)
    for _ in range(200):
        number = tc_kimlik(str(draw.randrange(100_000_000, 1_000_000_000)))
        place, step = draw.randrange(11), draw.randrange(1, 10)
        wrong = number[:place] + str((int(number[place]) + step) % 10) + number[place + 1 :]
        assert is_sound(scheme, number)
        assert not is_sound(scheme, wrong)
    assert not is_sound(scheme, tc_kimlik("012345678"))  # none begins with zero
    assert not is_sound(scheme, tc_kimlik("123456789")[:10])


def test_the_places_of_the_hunger_safety_net_are_shared_a_quarter_equally_and_the_rest_by_poverty():
    [hsnp] = [each for each in read(find("kenya")).programmes if each.code == "hsnp"]
    quota = hsnp.versions[0].ranking.quota
    counties = [each.code for each in read(find("kenya")).areas if each.level == "county"]
    given = {area: places for area, places in seats(100_000, quota.shares, counties).items() if places}
    # Mandera, Marsabit, Turkana, Wajir: 25,000 / 4, and 75,000 by 882, 242, 804 and 556 of 2,484.
    assert given == {"KE-24": 32_880, "KE-25": 13_557, "KE-43": 30_525, "KE-46": 23_038}
    assert sum(given.values()) == 100_000


def test_a_case_in_an_area_that_is_not_there_is_refused(country):
    country.replace("cases/winter_support.yaml", "    on: 2027-01-15\n", "    on: 2027-01-15\n    area: VM99\n")
    assert country.ids() == ["trust-area-unknown"]
