"""Words of conditions: what follows a breach, what was found of a period, and what is said of it."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID


class BreachAct(StrEnum):
    """What follows a breach: `programmes-breach-<value>`. None of them takes anything away."""

    NOTICE = "notice"  # whom it concerns is told
    VISIT = "visit"  # an officer finds out why: a case
    SUSPENSION = "suspension"  # proposed; a person gives notice of it, or does not


@dataclass(frozen=True)
class Followed:
    """What was found of one condition in one period: of whom it is asked, of whom anything was told, who met it and who did not.

    `excused`  of those who met it, whom a reason excuses
    `found`, `taken_back`  breaches that are new, and that what was told since no longer bears out
    """

    programme: str
    condition: str
    period: date
    watched: int
    told: int
    met: int
    excused: int
    missed: int
    found: int = 0
    taken_back: int = 0

    @property
    def unknown(self) -> int:
        return self.watched - self.told


@dataclass(frozen=True)
class ConditionTold:
    """What stands of a condition in one month of one person: the answer and what it was told with. `is_met` None: not known."""

    programme: str
    condition: str
    period: date
    person_id: UUID
    is_met: bool | None
    share: float | None
    reason: str
    told_on: date


@dataclass(frozen=True)
class Breach:
    """That a condition was not met in a period, and what follows. `number`: the how manieth time, in the order of its steps.

    `taken_back_at`  since when what is told no longer bears it out
    """

    id: UUID
    enrolment: UUID
    unit_id: UUID
    programme: str
    condition: str
    period: date
    number: int
    act: BreachAct | None
    found_on: date
    taken_back_at: datetime | None = None

    @property
    def stands(self) -> bool:
        return self.taken_back_at is None


@dataclass(frozen=True)
class ConditionFollowed:
    """A condition was followed. Both statements give rows while its transaction lasts.

    `visits`  enrolments in which somebody is to look: enrolment_id, household_id, person_id, area_number, found_on
    `over`    enrolments in which nobody need look any more, with the same columns
    """

    programme: str
    category: str
    on: date
    visits: str
    over: str
