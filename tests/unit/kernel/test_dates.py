"""Ages and months as law counts them (design 4)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo.kernel.dates import add_months, age_on, months_between

DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        (date(2010, 5, 10), date(2026, 5, 9), 15),
        (date(2010, 5, 10), date(2026, 5, 10), 16),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(2008, 2, 29), date(2024, 2, 29), 16),
        (date(2026, 1, 1), date(2026, 1, 1), 0),
    ],
)
def test_age_is_completed_years_and_the_29th_of_february_turns_on_1_march(birth, day, age):
    assert age_on(birth, day) == age


def test_an_unknown_birth_date_gives_an_unknown_age():
    assert age_on(None, date(2026, 1, 1)) is None


def test_a_month_later_stays_in_the_month_that_is_too_short():
    assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert add_months(date(2024, 1, 31), 1) == date(2024, 2, 29)
    assert add_months(date(2026, 3, 15), -3) == date(2025, 12, 15)


@given(DAYS, st.integers(-600, 600))
def test_months_between_counts_back_the_months_added(day, months):
    assert months_between(day, add_months(day, months)) == months


@given(DAYS, DAYS)
def test_months_between_never_counts_a_month_that_is_not_complete(start, end):
    months = months_between(start, end)
    if start <= end:
        assert add_months(start, months) <= end < add_months(start, months + 1)
    else:
        assert months <= 0
