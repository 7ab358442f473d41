"""Who is left out and who is covered, counted: of a programme, of all of them, and by life-cycle group."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class CoverageKind(StrEnum):
    GAPS = "gaps"  # of each programme: granted, and not received
    EXCLUDED = "excluded"  # of all programmes: nothing from anybody
    COVERED = "covered"  # by life-cycle group: whom assistance, insurance or both reaches


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
class GroupExclusionCount:
    """The persons of a life-cycle group in an area and all below it, and those whose home receives nothing, by its reason."""

    life_group: str
    area_number: int = 0
    persons: int = 0
    near: int = 0
    unknown: int = 0
    beyond: int = 0

    @property
    def excluded(self) -> int:
        return self.near + self.unknown + self.beyond

    @property
    def share(self) -> float | None:
        """The share of the group whose home receives nothing; None where there is nobody."""
        return self.excluded / self.persons if self.persons else None

    @property
    def share_near(self) -> float | None:
        return self.near / self.excluded if self.excluded else None

    @property
    def share_unknown(self) -> float | None:
        return self.unknown / self.excluded if self.excluded else None


@dataclass(frozen=True)
class Reach:
    """Persons by what reaches them: assistance alone, insurance alone, both, none of them."""

    persons: int = 0
    assistance: int = 0
    insurance: int = 0
    both: int = 0

    @property
    def covered(self) -> int:
        return self.assistance + self.insurance + self.both

    @property
    def none(self) -> int:
        return self.persons - self.covered

    @property
    def share(self) -> float | None:
        """The share that is covered by anything; None where there is nobody."""
        return self.covered / self.persons if self.persons else None


@dataclass(frozen=True)
class CoverageCount:
    """The persons of a life-cycle group in an area and all below it, and what reaches them.

    `direct`   what is given to the person themselves
    `reached`  also what is given to somebody of their home, or to the home as a whole
    """

    life_group: str
    area_number: int = 0
    direct: Reach = Reach()
    reached: Reach = Reach()


@dataclass(frozen=True)
class OverlapCount:
    """How many homes of an area and all below it receive two programmes, and how these go together; of one: it at all."""

    first: str
    second: str
    overlap: str
    households: int


@dataclass(frozen=True)
class Counted:
    """That it was counted, and when; of exclusion also the level above which it is an alarm, and whether it was passed.

    `alarms`  the same of life-cycle groups for which a level is set
    """

    kind: CoverageKind
    day: date
    counted_at: datetime
    known_at: datetime | None = None
    alarm_percent: int | None = None
    is_alarm: bool = False
    alarms: Mapping[str, tuple[int, bool]] = field(default_factory=dict)
