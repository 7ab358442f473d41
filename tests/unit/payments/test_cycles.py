"""Cycles by calendar, terms as tables keep them, and names that are one's."""

from dataclasses import replace
from datetime import date

import pytest

from amparo.kernel.errors import Refused
from amparo.payments.config import Threshold, restored
from amparo.payments.cycles import cycle_named, cycle_on
from amparo.payments.matching import is_same_name
from tests.lib.paying import BY_BANK, TERMS

TWO_MONTHS = replace(TERMS, first=date(2025, 12, 15), every_months=2, pays_after_days=10)


@pytest.mark.parametrize(
    ("day", "name", "starts", "ends", "pays"),
    [
        (date(2025, 12, 15), "2025-12", date(2025, 12, 15), date(2026, 2, 14), date(2025, 12, 25)),
        (date(2026, 2, 14), "2025-12", date(2025, 12, 15), date(2026, 2, 14), date(2025, 12, 25)),
        (date(2026, 2, 15), "2026-02", date(2026, 2, 15), date(2026, 4, 14), date(2026, 2, 25)),
    ],
)
def test_each_day_is_in_one_cycle(day, name, starts, ends, pays):
    found = cycle_on(TWO_MONTHS, day)
    assert (found.name, found.starts_on, found.ends_on, found.pays_on) == (name, starts, ends, pays)
    assert cycle_named(TWO_MONTHS, name) == found


def test_a_day_before_the_first_cycle_is_in_none():
    with pytest.raises(Refused, match="payments-cycle-before-first"):
        cycle_on(TWO_MONTHS, date(2025, 12, 14))


@pytest.mark.parametrize("name", ["2026-01", "2025-10", "2025-13", "26-02", ""])
def test_a_name_that_is_no_cycle_is_refused(name):
    with pytest.raises(Refused, match="payments-cycle-unknown"):
        cycle_named(TWO_MONTHS, name)


def test_more_money_needs_more_hands():
    terms = replace(TERMS, approvals=(Threshold(0, 1), Threshold(1_000, 2), Threshold(10_000, 3)))
    assert [terms.hands(each) for each in (0, 999, 1_000, 9_999, 10_000)] == [1, 1, 2, 2, 3]


@pytest.mark.parametrize("terms", [TERMS, BY_BANK, TWO_MONTHS])
def test_terms_are_restored_as_they_were_kept(terms):
    assert restored(terms.kept()) == terms


@pytest.mark.parametrize(
    ("holder", "person", "is_one"),
    [
        ("NOOR, Ada Maria", "Ada Noor", True),
        ("Ada Noor", "Ada Maria Noor", True),
        ("Zeynep Celik", "Zeynep Çelik", True),
        ("Ada Ali", "Ada Noor", False),
        ("Ada", "Ada Noor", False),
        ("", "Ada Noor", False),
        ("Ada Noor", "", False),
        ("Suharto", "Suharto", True),
    ],
)
def test_a_holder_is_the_person_whose_words_they_bear(holder, person, is_one):
    assert is_same_name(holder, person) is is_one
