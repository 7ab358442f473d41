"""exp, ln and pow with the same digits in every engine.

Libraries of mathematics differ in the last bit, so none is asked. What IEEE 754 fixes to the bit, + - * / and comparison
of doubles, is all that is used here, in one order, and each engine lends its own. Of an engine's own functions only two
are used, where they are exact or made so: a power of two, and the binary exponent.

Units   a result has at most eleven digits, decimals included; it is the true value rounded half-even. What lies within
        4e-14 of it (relatively) of half-way counts as half-way, so that pow(1.5, 2.0, 1) is 2.2
Nulls   the caller asks only within the domain: `x` finite, of `logarithm` between SMALLEST and GREATEST
Source  reduction by ln 2 in two parts, and ln by (m-1)/(m+1): as in fdlibm (Sun Microsystems 1993), e_exp.c and e_log.c
"""

from collections.abc import Callable
from functools import reduce
from typing import Any, NamedTuple

MOST_DECIMALS = 10
MOST_SCALED = 1e11  # of a result times ten to the power of its decimals
HIGHEST, LOWEST = 30.0, -40.0  # exponents beyond which every result is too large, or rounds to 0
SMALLEST, GREATEST = 1e-300, 1e300  # of what has a logarithm: far from where doubles lose digits

_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
_INVERSE_LN2 = 1.44269504088896338700
_SQRT2 = 1.4142135623730951
_NEARLY = 4e-14


class Reckoner(NamedTuple):
    """What an engine lends, for its own kind of doubles.

    `once(value, use)`   use(value), reckoned once
    `choose(condition, then, otherwise)`, `floor(x)`, `two_to(k)` for whole k, `exponent(x)`: the whole k of 2^k <= x < 2^(k+1)
    """

    once: Callable[[Any, Callable[[Any], Any]], Any]
    choose: Callable[[Any, Any, Any], Any]
    floor: Callable[[Any], Any]
    two_to: Callable[[Any], Any]
    exponent: Callable[[Any], Any]


def exponential(x: Any, by: Reckoner) -> Any:
    """Return e to the power of x, for x at most HIGHEST; below LOWEST that of LOWEST."""

    def scaled(x: Any) -> Any:
        return by.once(by.floor(x * _INVERSE_LN2 + 0.5), lambda k: _series(x, k) * by.two_to(k))

    def _series(x: Any, k: Any) -> Any:
        return by.once((x - k * _LN2_HIGH) - k * _LN2_LOW, _taylor)

    return by.once(by.choose(x < LOWEST, LOWEST, x), scaled)


def _taylor(r: Any) -> Any:
    """Return e^r for |r| <= ln 2 / 2: 1 + r/1 (1 + r/2 (1 + …)); the next term is below 1e-18."""
    return reduce(lambda sum, n: (r / float(n)) * sum + 1.0, range(14, 0, -1), 1.0)


def logarithm(x: Any, by: Reckoner) -> Any:
    """Return the natural logarithm of x: of 2^k m, k ln 2 + ln m, with m between half and once the root of two."""

    def of_mantissa(k: Any, mantissa: Any) -> Any:
        is_large = mantissa > _SQRT2
        halved = by.choose(is_large, mantissa / 2.0, mantissa)
        exponent = by.choose(is_large, k + 1.0, k)
        return by.once((halved - 1.0) / (halved + 1.0), lambda s: by.once(exponent, lambda e: _joined(e, s)))

    def _joined(e: Any, s: Any) -> Any:
        return e * _LN2_HIGH + (e * _LN2_LOW + s * 2.0 * by.once(s * s, _odd_series))

    return by.once(
        x,
        lambda v: by.once(
            by.exponent(v), lambda k: by.once(v / by.two_to(k), lambda mantissa: of_mantissa(k, mantissa))
        ),
    )


def _odd_series(z: Any) -> Any:
    """Return 1 + z/3 + z²/5 + …, for z below 0.03; the next term is below 1e-18."""
    return reduce(lambda sum, n: z * sum + 1.0 / n, range(23, 0, -2), 1.0 / 25)


def half_even(x: Any, decimals: int, by: Reckoner) -> Any:
    """Return x, of at most MOST_SCALED / 10^decimals, rounded half-even; nearly half counts as half."""
    ten = 10.0**decimals

    def rounded(scaled: Any) -> Any:
        return by.once(by.floor(scaled), lambda whole: (whole + _up(scaled, whole)) / ten)

    def _up(scaled: Any, whole: Any) -> Any:
        rest = scaled - whole
        nearly = by.choose(scaled < 0.0, scaled * -_NEARLY, scaled * _NEARLY)
        is_half = (rest - 0.5 <= nearly) & (0.5 - rest <= nearly)
        odd = whole - by.floor(whole / 2.0) * 2.0
        return by.choose(is_half, odd, by.choose(rest > 0.5, 1.0, 0.0))

    return by.once(x * ten, rounded)
