"""Types of the rule language: a kind, a unit and, for codes, the vocabulary.

Units   a product of powers of names: "money/month", "m2", "money". A share and a bare count have no unit, so they
        scale other units. Money is always exact minor units; unrounded money is a NUMBER whose unit has money in it.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

_BARE = {"", "share", "count", "1"}
_PLURALS = {"years": "year", "months": "month", "weeks": "week", "days": "day", "hours": "hour"}
_FACTOR = re.compile(r"([^\d*/]+)(\d*)")


class Kind(StrEnum):
    BOOLEAN = "boolean"
    INTEGER = "integer"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    CODE = "code"
    TEXT = "text"
    LIST = "list"


NUMERIC = (Kind.INTEGER, Kind.NUMBER, Kind.MONEY)
EXACT = (Kind.INTEGER, Kind.MONEY)
ORDERED = (*NUMERIC, Kind.DATE)


@dataclass(frozen=True)
class Unit:
    """A product of powers, as sorted (name, exponent) pairs; no pairs for a bare number."""

    powers: tuple[tuple[str, int], ...] = ()

    @classmethod
    def of(cls, text: str | None) -> "Unit":
        """Return the unit written as `money/month`, `m2`, `money/m2/year`; a number after a name is its power."""
        above, *below = (text or "").split("/")
        factors = [(part, 1) for part in above.split("*")] + [(part, -1) for part in below]
        powers: Counter[str] = Counter()
        for part, sign in factors:
            if part.strip() in _BARE:
                continue
            name, power = _FACTOR.fullmatch(part.strip()).groups()  # type: ignore[union-attr]
            powers[_PLURALS.get(name, name)] += sign * int(power or 1)
        return cls._made(powers)

    @classmethod
    def _made(cls, powers: Mapping[str, int]) -> "Unit":
        return cls(tuple(sorted((name, power) for name, power in powers.items() if power)))

    def power(self, name: str) -> int:
        return dict(self.powers).get(name, 0)

    def times(self, other: "Unit", sign: int = 1) -> "Unit":
        powers = Counter(dict(self.powers))
        for name, power in other.powers:
            powers[name] += sign * power
        return self._made(powers)

    def per(self, other: "Unit") -> "Unit":
        return self.times(other, -1)

    def __str__(self) -> str:
        above = [f"{name}{power if power > 1 else ''}" for name, power in self.powers if power > 0]
        below = [f"/{name}{-power if power < -1 else ''}" for name, power in self.powers if power < 0]
        return "*".join(above or (["1"] if below else [])) + "".join(below)


@dataclass(frozen=True)
class Type:
    kind: Kind
    unit: Unit = field(default_factory=Unit)
    codes: tuple[str, ...] = ()

    @classmethod
    def of(cls, type: str, unit: str | None = None, codes: tuple[str, ...] = ()) -> "Type":
        """Return the type of a catalogue field or parameter; money without a unit is in money."""
        kind, units = Kind(type), Unit.of(unit)
        if kind is Kind.MONEY and not units.power("money"):
            units = units.times(Unit.of("money"))
        return cls(kind, units, codes)

    @cached_property
    def is_numeric(self) -> bool:
        return self.kind in NUMERIC

    @cached_property
    def is_exact(self) -> bool:
        return self.kind in EXACT

    @cached_property
    def is_unrounded_money(self) -> bool:
        return self.kind is Kind.NUMBER and self.unit.power("money") == 1

    def __str__(self) -> str:
        return f"{self.kind}[{self.unit}]" if self.unit.powers else str(self.kind)


BOOLEAN = Type(Kind.BOOLEAN)
INTEGER = Type(Kind.INTEGER)
NUMBER = Type(Kind.NUMBER)
DATE = Type(Kind.DATE)
TEXT = Type(Kind.TEXT)
LIST = Type(Kind.LIST)
YEARS = Type(Kind.INTEGER, Unit.of("years"))
MONTHS = Type(Kind.INTEGER, Unit.of("months"))
DAYS = Type(Kind.INTEGER, Unit.of("days"))


def exact(unit: Unit) -> Type:
    """Return the whole-number type of a unit: MONEY where the unit is money to the first power, else INTEGER."""
    return Type(Kind.MONEY if unit.power("money") == 1 else Kind.INTEGER, unit)


def inexact(unit: Unit) -> Type:
    return Type(Kind.NUMBER, unit)
