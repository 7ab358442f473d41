"""Words of enrolment that cross the border: its states, steps and notices, and what is said when it changes."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from amparo.programmes.enrolment import CollectorKind


class EnrolmentState(StrEnum):
    """Where a unit stands in a programme: `programmes-enrolment-<value>`."""

    WAITING = "waiting"  # on the waiting list
    ENROLLED = "enrolled"
    SUSPENDED = "suspended"  # keeps its place, and is paid nothing for the time being
    ENDED = "ended"


@dataclass(frozen=True)
class EnrolmentStep:
    """One step of an enrolment: which state began, on which day, why, and by whom; `until` as in `EnrolmentNotice`."""

    at: datetime
    on: date
    state: EnrolmentState
    reason: str
    law: str
    by: UUID | None
    until: date | None = None


@dataclass(frozen=True)
class EnrolmentNotice:
    """That a suspension or an exit was made known, and from which day it may take effect.

    `until`  the day on which a suspension ends by itself; None: when somebody reinstates it
    """

    id: UUID
    state: EnrolmentState
    reason: str
    law: str
    until: date | None
    needs_review: bool
    given_on: date
    given_by: UUID | None
    takes_effect_on: date
    confirmed_by: UUID | None
    is_withdrawn: bool
    took_effect_at: datetime | None

    @property
    def is_waiting(self) -> bool:
        return self.took_effect_at is None and not self.is_withdrawn

    @property
    def lacks_review(self) -> bool:
        return self.is_waiting and self.needs_review and self.confirmed_by is None


@dataclass(frozen=True)
class CollectorChange:
    """That somebody else collects, as it is told: by what proof, from which day to which. `collector` None: the person themselves."""

    id: UUID
    kind: CollectorKind
    collector: UUID | None
    proof: str
    law: str
    document: str
    starts_on: date
    ends_on: date | None
    proposed_by: UUID
    confirmed_by: UUID | None
    is_withdrawn: bool
    took_effect_at: datetime | None
    ended_at: datetime | None

    @property
    def is_waiting(self) -> bool:
        return self.took_effect_at is None and not self.is_withdrawn


@dataclass(frozen=True)
class Enrolment:
    """That a unit takes part in a programme, waits for a place, or did. `amount` in minor units; None: not known, or none."""

    id: UUID
    programme: str
    unit: str
    unit_id: UUID
    household_id: UUID | None
    person_id: UUID | None
    recipient_id: UUID | None
    alternate_id: UUID | None
    area_number: int
    source: str
    state: EnrolmentState
    starts_on: date
    ends_on: date | None
    suspended_until: date | None
    amount: int | None
    decision: UUID | None
    steps: tuple[EnrolmentStep, ...] = ()
    notices: tuple[EnrolmentNotice, ...] = ()
    collectors: tuple[CollectorChange, ...] = ()

    @property
    def notice(self) -> EnrolmentNotice | None:
        """The notice that has not yet taken effect; None where there is none."""
        return next((each for each in self.notices if each.is_waiting), None)

    @property
    def change(self) -> CollectorChange | None:
        """The change of who collects that has not yet taken effect; None where there is none."""
        return next((each for each in self.collectors if each.is_waiting), None)


@dataclass(frozen=True)
class Enrolled:
    """How many units were enrolled at once, in how many households; `free` places are left, None where there is no end."""

    units: int
    households: int
    free: int | None


@dataclass(frozen=True)
class UnitsEnrolled:
    """Units were enrolled: so many, in so many households. Said once, however many there were, in the transaction of `using`."""

    programme: str
    units: int
    households: int
    on: date
    using: str = "default"


@dataclass(frozen=True)
class EnrolmentChanged:
    """An enrolment was suspended, reinstated or ended."""

    enrolment: UUID
    programme: str
    state: EnrolmentState
    on: date


@dataclass(frozen=True)
class StepsTaken:
    """Suspensions and exits took effect whose day had come, and suspensions ended: so many, in the transaction of `using`."""

    steps: int
    using: str
