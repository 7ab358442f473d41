"""Words of how local offices do: what an index says of an area in a month, and from which numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True)
class Rate:
    """One rate of one area: `met` of `of`. `unknown` of whom it is not known whether they belong to either.

    `period`  first day of the latest period that it is about, where it is of conditions
    """

    met: int
    of: int
    unknown: int = 0
    period: date | None = None

    @property
    def value(self) -> float | None:
        """The rate; None where there is nobody of whom it could be one: that is not zero."""
        return self.met / self.of if self.of else None


@dataclass(frozen=True)
class Performance:
    """What an index says of an area in a month. `value` None: something that it is made of is not known.

    `rates`, `stated`, `figures`  by their codes, the figures in the order in which they are made; the last is the index
    `pays`    whether it is enough; None: not known, or nothing is paid by it
    """

    area_number: int
    rates: Mapping[str, Rate]
    stated: Mapping[str, float | None]
    figures: Mapping[str, float | None]
    pays: bool | None = None

    @property
    def value(self) -> float | None:
        return list(self.figures.values())[-1]


@dataclass(frozen=True)
class Measured:
    """That an index was measured for a month: when, by what was known when, by which formulas and figures of the law."""

    index: str
    month: date
    day: date
    known_at: datetime
    measured_at: datetime
    law: str
    formulas: Mapping[str, str]
    parameters: Mapping[str, Mapping[str, object]]
    has_pay: bool
    areas: int = 0
    unknown: int = 0
    rates: tuple[str, ...] = field(default=())
