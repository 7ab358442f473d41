"""Facts as pages show them: ages, units and codes, and nothing where nothing is known."""

from datetime import date

import pytest

from amparo.kernel.messages import message
from amparo.kernel.money import Money
from amparo.registry.dictionary import Dictionary, Field, Type, Vocabulary
from amparo.registry.types import Fact
from amparo.trust.types import FieldClass
from amparo.web import presenting

WORDS = Dictionary(
    currency="EUR",
    vocabularies=(Vocabulary("floor", ("earth", "marble")),),
    fields=(
        Field("income", "household", Type.MONEY, "test", unit="money/month"),
        Field("floor", "household", Type.CODE, "test", vocabulary="floor"),
        Field("rooms", "household", Type.INTEGER, "test"),
        Field("given_name", "person", Type.TEXT, "test", role="given_name"),
        Field("family_name", "person", Type.TEXT, "test", role="family_name"),
        Field("birth_date", "person", Type.DATE, "test", role="birth_date"),
    ),
)
TODAY = date(2026, 3, 1)


def fact(name: str, value, *, observed_on: date = TODAY, valid_until: date | None = None) -> Fact:
    return Fact(name, value, "census", observed_on, valid_until, conflict=False)


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2026, 3, 1), message("web-days-ago", count=0)),
        (date(2026, 2, 2), message("web-days-ago", count=27)),
        (date(2026, 2, 1), message("web-months-ago", count=1)),
        (date(2024, 3, 2), message("web-months-ago", count=23)),
        (date(2024, 3, 1), message("web-years-ago", count=2)),
    ],
)
def test_the_age_of_a_fact_is_told_in_days_months_or_years(day, said):
    assert presenting.ago(day, TODAY) == said


def test_facts_come_in_the_dictionarys_order_and_only_where_known():
    rows = presenting.known({"rooms": fact("rooms", 3), "income": fact("income", 100)}, "household", WORDS, on=TODAY)
    assert [row.value for row in rows] == [Money(100, "EUR", 2), 3]


def test_what_nobody_told_is_listed_and_what_is_withheld_apart_from_it():
    told = {"rooms": fact("rooms", 3)}
    assert len(presenting.unknown(told, "household", WORDS, {FieldClass.SITUATION})) == 2
    assert presenting.unknown(told, "household", WORDS, set()) == []
    assert presenting.withheld(WORDS, {FieldClass.SITUATION}) == []
    assert len(presenting.withheld(WORDS, set(), "household")) == 3  # whether anything is known of them or not


def test_money_says_its_period_and_not_its_unit():
    (row,) = presenting.known({"income": fact("income", 100)}, "household", WORDS, on=TODAY)
    assert row.unit == message("web-per-month")


def test_a_code_without_words_is_shown_as_it_stands():
    (row,) = presenting.known({"floor": fact("floor", "marble")}, "household", WORDS, on=TODAY)
    assert row.value == "marble"


def test_a_fact_past_its_last_day_is_stale():
    held = {"rooms": fact("rooms", 3, valid_until=date(2026, 2, 28))}
    assert presenting.known(held, "household", WORDS, on=TODAY)[0].is_stale


def test_a_name_is_what_is_known_of_it():
    assert presenting.full_name({"family_name": fact("family_name", "Haddad")}, WORDS) == "Haddad"
    assert presenting.full_name({}, WORDS) == ""


def test_an_unknown_birth_date_gives_no_age():
    assert presenting.age({}, WORDS, on=TODAY) is None
    assert presenting.age({"birth_date": fact("birth_date", date(2008, 2, 29))}, WORDS, on=date(2026, 2, 28)) == 17


@pytest.mark.parametrize(("part", "whole", "said"), [(1, 8, "12.5%"), (0, 5, "0.0%"), (0, 0, "–"), (None, 5, "–")])
def test_nothing_of_nothing_is_not_nought_per_cent(part, whole, said):
    assert presenting.percent(part, whole, "en") == said
