"""Words of programmes that cross the border: decisions and their states, runs and their counts, events."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from amparo.kernel.ids import HouseholdId
from amparo.kernel.messages import Message


class State(StrEnum):
    """What a decision does while nothing supersedes it. Kept when it is superseded: it is what the decision was."""

    IN_EFFECT = "in-effect"
    PROPOSED = "proposed"  # for the worse: takes effect on the day of its notice, not by itself
    REVIEW = "review"  # no longer known where a benefit stands: somebody must find out, the benefit goes on


class RunState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Engine(StrEnum):
    COLUMNAR = "columnar"
    REFERENCE = "reference"


@dataclass(frozen=True)
class Decision:
    """What a programme decided about one unit.

    `outcome`  True granted, False not granted, None cannot be decided yet
    `amount`   minor units; None where nothing is granted, or the amount is not known
    `missing`  names of the fields that keep it unknown, as `household.income` or `member.age`
    `run`      the run that made it; None for a decision about a single household, which keeps its `facts`
    """

    id: UUID
    decided_at: datetime
    programme: str
    unit: str
    unit_id: UUID
    household_id: HouseholdId
    area_number: int
    outcome: bool | None
    amount: int | None
    missing: tuple[str, ...]
    on: date
    state: State
    superseded_at: datetime | None
    run: UUID | None
    rule_version: int
    facts: Mapping[str, Any] | None = None

    @property
    def is_standing(self) -> bool:
        return self.superseded_at is None


@dataclass(frozen=True)
class Counts:
    """Units decided about, by outcome, and what that did to the decisions that stood.

    `changed`    decisions written that are in effect; `proposed` and `review` were written beside one that goes on
    `unchanged`  decisions confirmed and not written again
    `withdrawn`  proposals and reviews that the facts no longer bear out
    `absent`     benefits of units that the snapshot does not hold any more; they are put up for review too
    `later`      units decided on since the snapshot was taken, or for a later day: that prevails
    """

    decisions: int = 0
    true: int = 0
    false: int = 0
    unknown: int = 0
    changed: int = 0
    proposed: int = 0
    review: int = 0
    withdrawn: int = 0
    unchanged: int = 0
    absent: int = 0
    later: int = 0


@dataclass(frozen=True)
class Run:
    """A determination: every programme over one snapshot on one day. The same inputs give the same `result_hash`."""

    id: UUID
    snapshot: UUID
    on: date
    engine: Engine
    engine_version: str
    state: RunState
    progress: float
    started_at: datetime
    finished_at: datetime | None
    households: int
    persons: int
    programmes: Mapping[str, Mapping[str, Any]]
    parameters: Mapping[str, Mapping[str, Any]]
    counts: Mapping[str, Counts]
    share_true_weighted: Mapping[str, float | None]
    result_hash: str
    problem: Message | None = None

    @property
    def total(self) -> Counts:
        """All programmes together."""
        every = [vars(each) for each in self.counts.values()]
        return Counts(**{name: sum(each[name] for each in every) for name in vars(Counts())})


@dataclass(frozen=True)
class DecisionsMade:
    """Decisions were written: by a run over the population, or for one household."""

    run: UUID | None
    household_id: HouseholdId | None
    counts: Mapping[str, Counts] = field(default_factory=dict)


@dataclass(frozen=True)
class Comparison:
    """Whether two engines say the same over one snapshot. `differing` names a few units that differ, by programme."""

    households: int
    decisions: int
    equal: int
    differing: tuple[tuple[str, UUID], ...] = ()
