"""Money is whole minor units; nothing is rounded unseen."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo.kernel.errors import Refused
from amparo.kernel.money import Money, to_major, to_minor


@given(st.integers(-(10**15), 10**15), st.integers(0, 4))
def test_minor_to_major_and_back_loses_nothing(minor, decimals):
    assert to_minor(str(to_major(minor, decimals)), decimals) == minor
    assert Money(minor, "EUR", decimals).major == Decimal(minor) / 10**decimals


@pytest.mark.parametrize("amount", ["", "12.345", "1,000", "abc", "NaN", "Infinity", "1e-9"])
def test_what_is_no_amount_or_has_too_many_decimals_is_refused(amount):
    with pytest.raises(Refused, match="kernel-money-unreadable"):
        to_minor(amount)


def test_an_amount_without_decimals_is_in_major_units():
    assert to_minor("12") == 1200
    assert to_minor("12", decimals=0) == 12
