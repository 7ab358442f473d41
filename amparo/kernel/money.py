"""Money is an integer of minor units (cents) everywhere inside; major units are for people.

Errors  a text that is no amount, or has more decimals than the currency, is refused: rounding money silently loses it
"""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from amparo.kernel.errors import Refused


@dataclass(frozen=True, order=True)
class Money:
    """An amount to show: minor units and the currency's code and number of decimals."""

    minor: int
    currency: str
    decimals: int = 2

    @property
    def major(self) -> Decimal:
        return to_major(self.minor, self.decimals)


def to_minor(amount: str | int | Decimal, decimals: int = 2) -> int:
    """Return minor units of an amount in major units: `"12.50"` → 1250 with two decimals."""
    try:
        scaled = Decimal(amount).scaleb(decimals)
    except InvalidOperation:
        raise Refused("kernel-money-unreadable", decimals=decimals) from None
    if not scaled.is_finite() or scaled != scaled.to_integral_value():
        raise Refused("kernel-money-unreadable", decimals=decimals)
    return int(scaled)


def to_major(minor: int, decimals: int = 2) -> Decimal:
    """Return the exact decimal in major units: 1250 → 12.50."""
    return Decimal(minor).scaleb(-decimals)
