"""Who is left out, counted: of a programme, and of all of them."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class CoverageKind(StrEnum):
    GAPS = "gaps"  # of each programme: granted, and not received
    EXCLUDED = "excluded"  # of all programmes: nothing from anybody


@dataclass(frozen=True)
class GapCount:
    """A programme's units in an area and all below it: granted by a decision in effect, and of those not receiving."""

    programme: str
    area_number: int
    eligible: int = 0
    missed: int = 0

    @property
    def share(self) -> float | None:
        """The share that does not receive it; None where nobody is granted it."""
        return self.missed / self.eligible if self.eligible else None


@dataclass(frozen=True)
class ExclusionCount:
    """The households of an area and all below it, and those that receive nothing from anybody, each with one reason.

    `near`     a cut-off, or the last place, is within a tenth
    `unknown`  something is not known, or is too old, or was decided since distances were measured
    `beyond`   clearly beyond every cut-off
    """

    area_number: int = 0
    households: int = 0
    near: int = 0
    unknown: int = 0
    beyond: int = 0

    @property
    def excluded(self) -> int:
        return self.near + self.unknown + self.beyond

    @property
    def share(self) -> float | None:
        """The share of the households that is excluded; None where there are none."""
        return self.excluded / self.households if self.households else None

    @property
    def share_near(self) -> float | None:
        return self.near / self.excluded if self.excluded else None

    @property
    def share_unknown(self) -> float | None:
        return self.unknown / self.excluded if self.excluded else None


@dataclass(frozen=True)
class Counted:
    """That it was counted, and when; of exclusion also the level above which it is an alarm, and whether it was passed."""

    kind: CoverageKind
    day: date
    counted_at: datetime
    known_at: datetime | None = None
    alarm_percent: int | None = None
    is_alarm: bool = False
