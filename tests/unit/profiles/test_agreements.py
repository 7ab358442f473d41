"""Agreements that a profile states: read, held against the rest of the country, and drafted (PRV-4)."""

from datetime import date

import pytest

from amparo.profiles.languages import say
from amparo.profiles.reading import read
from amparo.trust.covering import Comparison, Direction, FieldTerm, Given, Period

FILE = "agreements.toml"


def test_the_example_countrys_agreements_are_read_with_limits_in_minor_units(velmora):
    terms = dict(velmora.agreements)
    assert list(terms) == ["pension_check", "electricity_discount", "tax_income", "tax_wages", "pension_told"]
    pension = terms["pension_check"]
    assert (pension.provider, pension.consumer, pension.direction) == ("ministry", "pension_fund", Direction.OUT)
    assert (pension.starts_on, pension.ends_on, pension.period) == (date(2026, 1, 1), date(2028, 12, 31), Period.MONTH)
    assert pension.fields == (
        FieldTerm("person", "birth_date"),
        FieldTerm("household", "income_per_month", Given.BAND, (1000_00, 2500_00)),
    )
    discount = terms["electricity_discount"]
    assert discount.needs_consent
    assert discount.fields[0].comparison is Comparison.AT_MOST
    assert terms["tax_income"].direction is Direction.IN
    assert [each.code for each in velmora.organisations if each.is_own] == ["ministry"]


def test_a_country_without_agreements_is_whole(country):
    for each in (FILE, "connections.toml"):  # who is asked is asked under an agreement
        (country.folder / each).unlink()
    assert country.ids() == []
    assert read(country.folder).agreements == ()


FAULTS = {
    "two own organisations": (
        lambda c: c.replace(FILE, 'code = "pension_fund"\n', 'code = "pension_fund"\nown = true\n'),
        ["profiles-organisation-own", "sources-agreement-of-others", *["trust-agreement-parties"] * 2],
    ),
    "an organisation twice": (
        lambda c: c.replace(FILE, 'code = "tax_authority"', 'code = "pension_fund"'),
        None,
    ),
    "an unknown party": (
        lambda c: c.replace(FILE, 'consumer = "pension_fund"', 'consumer = "pension_office"'),
        ["profiles-value-unknown"],
    ),
    "an unknown purpose": (
        lambda c: c.replace(FILE, 'purpose = "referral"', 'purpose = "curiosity"'),
        ["profiles-value-unknown"],
    ),
    "an unknown programme": (
        lambda c: c.replace(FILE, "consent = true", 'programme = "none"\nconsent = true'),
        ["profiles-value-unknown"],
    ),
    "an unknown scheme of numbers": (
        lambda c: c.replace(FILE, '["national_id"]', '["passport"]'),
        ["profiles-value-unknown"],
    ),
    "an unknown area": (lambda c: c.replace(FILE, '["VM01", "VM02"]', '["VM99"]'), ["trust-agreement-areas"]),
    "no field": (
        lambda c: c.replace(
            FILE,
            '[[agreement.field]]\ngrain = "household"\nname = "income_per_month"\ngiven = "test"\ncomparison = "at-most"\nlimits = [1500]\n',
            "",
        ),
        ["trust-agreement-fields"],
    ),
    "an unknown field": (
        lambda c: c.replace(FILE, 'name = "birth_date"', 'name = "shoe_size"'),
        ["registry-field-not-lent"],
    ),
    "limits in disorder": (lambda c: c.replace(FILE, "[1000, 2500]", "[2500, 1000]"), ["registry-limits-unfit"]),
    "a limit of another type": (
        lambda c: c.replace(FILE, 'name = "birth_date"\n', 'name = "birth_date"\ngiven = "band"\nlimits = [3]\n'),
        ["registry-limits-unfit"],
    ),
    "days in disorder": (
        lambda c: c.replace(FILE, "until = 2027-12-31", "until = 2020-12-31"),
        ["trust-agreement-days"],
    ),
    "no volume": (lambda c: c.replace(FILE, "volume = 50000", "volume = 0"), ["trust-agreement-numbers"]),
    "a key that does not exist": (lambda c: c.replace(FILE, "consent = true", "consented = true"), None),
    "no words for the consent": (
        lambda c: c.replace("locale/ar.po", 'msgid "consent-electricity_discount"', 'msgid "consent-electricity"'),
        ["profiles-words-missing"],
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found_and_told_in_three_paragraphs(country, fault):
    breaking, ids = FAULTS[fault]
    breaking(country)
    problems = country.problems()
    assert problems
    for each in problems:
        assert [say(each.message, language).count("\n") for language in ("en", "ar")] == [2, 2], each.message.id
    if ids is not None:
        assert sorted(each.message.id for each in problems) == ids
