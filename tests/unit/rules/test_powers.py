"""exp, ln and pow: what they rest on is exact, and what comes out is right (ELI-1)."""

import math
from decimal import Decimal, localcontext

import ibis
import pytest

from amparo.rules.engines.columnar.functions import _BY as COLUMNAR
from amparo.rules.engines.reference.functions import _BY as REFERENCE
from amparo.rules.lower.powers import GREATEST, SMALLEST, exponential, half_even, logarithm


def columnar(values, reckoned):
    return ibis.memtable({"x": values}).select(y=lambda row: reckoned(row.x)).y.to_pyarrow().to_pylist()


def test_powers_of_two_are_exact_on_both_engines():
    exponents = [float(k) for k in range(-1000, 1001)]
    assert columnar(exponents, COLUMNAR.two_to) == [math.ldexp(1.0, int(k)) for k in exponents]
    assert [REFERENCE.two_to(k) for k in exponents] == [math.ldexp(1.0, int(k)) for k in exponents]


def test_binary_exponents_are_exact_beside_every_power_of_two():
    beside = [SMALLEST, GREATEST]
    for k in range(-990, 991):
        power = math.ldexp(1.0, k)
        beside += [math.nextafter(power, 0.0), power, math.nextafter(power, math.inf)]
    exact = [float(math.frexp(x)[1] - 1) for x in beside]
    assert columnar(beside, COLUMNAR.exponent) == exact
    assert [REFERENCE.exponent(x) for x in beside] == exact


@pytest.mark.parametrize("x", [-39.9, -1.5, -0.3, 0.0, 1e-17, 0.3, 1.0, 10.25, 29.9])
def test_an_exponential_is_right_to_the_last_bits(x):
    with localcontext(prec=40):
        true = Decimal(x).exp()
        assert abs(Decimal(exponential(x, REFERENCE)) / true - 1) < Decimal("5e-16")


@pytest.mark.parametrize("x", [1e-300, 1e-9, 0.3, 0.7072, 0.9999999, 1.0, 1.0000001, 1.4143, 2.0, 1e18, 1e300])
def test_a_logarithm_is_right_to_the_last_bits(x):
    with localcontext(prec=40):
        true = Decimal(x).ln()
        assert abs(Decimal(logarithm(x, REFERENCE)) - true) <= abs(true) * Decimal("5e-16")


@pytest.mark.parametrize(
    ("x", "decimals", "rounded"),
    [
        (2.25, 1, 2.2),
        (2.35, 1, 2.4),
        (-2.25, 1, -2.2),
        (2.2500000000000004, 1, 2.2),  # the last bit does not decide
        (2.2499999999999996, 1, 2.2),
        (2.2500001, 1, 2.3),
        (2.5, 0, 2.0),
        (-0.00001, 2, 0.0),
    ],
)
def test_half_goes_to_the_even_digit_and_nearly_half_is_half(x, decimals, rounded):
    assert repr(half_even(x, decimals, REFERENCE)) == repr(rounded)
    assert repr(columnar([x], lambda of: half_even(of, decimals, COLUMNAR))[0]) == repr(rounded)
