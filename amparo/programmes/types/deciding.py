"""Words of programmes that cross the border: decisions and their states, runs and their counts, events."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any
from uuid import UUID

from amparo.kernel.ids import HouseholdId
from amparo.kernel.messages import Message

# Stands among what is missing for fields that the reader may not read (`withholding`).
WITHHELD = "withheld"


class State(StrEnum):
    """What a decision does while nothing supersedes it. Kept when it is superseded: it is what the decision was."""

    IN_EFFECT = "in-effect"
    PROPOSED = "proposed"  # for the worse: takes effect on the day of its notice, not by itself
    REVIEW = "review"  # no longer known where a benefit stands: somebody must find out, the benefit goes on


class RunState(StrEnum):
    PLANNED = "planned"
    RUNNING = "running"
    STOPPED = "stopped"  # somebody stopped it, or its process ended; nothing was written, and it can go on
    DONE = "done"
    FAILED = "failed"


class Change(StrEnum):
    """What a run would do to what stands about one unit."""

    GAINS = "gains"
    MORE = "more"
    LESS = "less"
    LOSES = "loses"
    UNKNOWN = "unknown"  # was known, or is asked for the first time, and cannot be decided
    REFUSED = "refused"  # not granted, where nothing was granted before
    SAME = "same"  # another rule, household or missing field, and the same answer
    WITHDRAWN = "withdrawn"  # what was pending no longer is
    LATER = "later"  # decided since for newer facts or a later day: left alone


class Engine(StrEnum):
    COLUMNAR = "columnar"
    REFERENCE = "reference"
    SPARK = "spark"  # the columnar engine, on Spark


@dataclass(frozen=True)
class Decision:
    """What a programme decided about one unit.

    `outcome`  True granted, False not granted, None cannot be decided yet
    `amount`   minor units; None where nothing is granted, or the amount is not known
    `rank`     where places are few: the unit's rank when it was decided, among those of its area; of `places`
    `missing`  names of the fields that keep it unknown, as `household.income` or `member.age`; `WITHHELD` for some of them
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
    rank: int | None = None
    places: int | None = None

    @property
    def waiting(self) -> int | None:
        """The unit's place on the waiting list; None where it is on none: granted, refused or unknown."""
        return place_waiting(self.outcome, self.rank, self.places)

    @property
    def has_claim(self) -> bool:
        """Whether somebody would lose something if it ended: a benefit, or a place on the waiting list."""
        return self.outcome is True or self.waiting is not None

    @property
    def is_standing(self) -> bool:
        return self.superseded_at is None


def place_waiting(outcome: bool | None, rank: int | None, places: int | None) -> int | None:
    """Return the place on the waiting list of who is eligible and ranked beyond the places there are."""
    return None if outcome is not False or rank is None or places is None else rank - places


@dataclass(frozen=True)
class Counts:
    """Units decided about, by outcome, and what that did to the decisions that stood.

    `changed`    decisions written that are in effect; `proposed` and `review` were written beside one that goes on
    `unchanged`  decisions confirmed and not written again
    `withdrawn`  proposals and reviews that the facts no longer bear out
    `absent`     benefits of units that the snapshot does not hold any more; they are put up for review too
    `later`      units decided on since the snapshot was taken, or for a later day: that prevails
    `waiting`    of those not granted: eligible, and on the waiting list because the places are taken
    `contested`  places that somebody may turn out to have a better claim to, about whom something is unknown
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
    waiting: int = 0
    contested: int = 0


@dataclass(frozen=True)
class Run:
    """A determination: every programme over one snapshot on one day. The same inputs give the same `result_hash`.

    `quotas`  of each ranked programme, area by area: places, and how many are certain, contested, waiting and unknown
    `snapshot`  None while a planned run waits for its snapshot to be taken
    `planned_by`, `approved_by`  accounts, or the system
    `base`      the run since which only what changed was decided again (`decided_again` households); None: everybody
    """

    id: UUID
    snapshot: UUID | None
    on: date
    engine: Engine
    engine_version: str
    state: RunState
    progress: float
    planned_at: datetime
    planned_by: UUID
    needs_approval: bool
    approved_by: UUID | None
    approved_at: datetime | None
    previewed_at: datetime | None
    is_stop_asked: bool
    base: UUID | None
    decided_again: int | None
    started_at: datetime | None
    finished_at: datetime | None
    households: int
    persons: int
    programmes: Mapping[str, Mapping[str, Any]]
    parameters: Mapping[str, Mapping[str, Any]]
    counts: Mapping[str, Counts]
    share_true_weighted: Mapping[str, float | None]
    result_hash: str
    problem: Message | None = None
    quotas: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)

    @property
    def total(self) -> Counts:
        """All programmes together."""
        every = [vars(each) for each in self.counts.values()]
        return Counts(**{name: sum(each[name] for each in every) for name in vars(Counts())})


@dataclass(frozen=True)
class Draft:
    """A new version of a rule, figure, table or model that somebody has written and nobody has published yet, or that was.

    `measured`  what it would change on the latest snapshot, or the problem that stood in the way
    """

    id: UUID
    kind: str
    code: str
    starts_on: date
    ends_on: date | None
    law: str
    content: Mapping[str, Any]
    cases: str
    written_by: UUID
    written_at: datetime
    proposed_at: datetime | None = None
    measure_asked_at: datetime | None = None
    measured: Mapping[str, Any] | None = None
    is_over: bool = False
    published_by: UUID | None = None
    published_at: datetime | None = None

    @property
    def digest(self) -> str:
        """What two looks at a draft share if it says the same in both."""
        said = [self.kind, self.code, str(self.starts_on), str(self.ends_on), self.law, self.content, self.cases]
        return sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    @property
    def is_being_measured(self) -> bool:
        return self.measure_asked_at is not None and self.measured is None and not self.is_over


@dataclass(frozen=True)
class Reply:
    """What somebody answered to a notice, and the day it came. With `erased`, day and ground, the words are none."""

    received_on: date
    words: str
    recorded_by: UUID
    recorded_at: datetime
    erased: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Review:
    """What a person other than the maker found: whether the change may take effect, and why, unless that was `erased`."""

    confirms: bool
    reason: str
    reviewed_by: UUID
    reviewed_at: datetime
    erased: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Notice:
    """That a decision for the worse was made known. `was` is the amount that stands until then, in minor units.

    `is_overtaken`  another decision has taken the place of the one it is about, which will not take effect
    """

    id: UUID
    decision: UUID
    programme: str
    unit_id: UUID
    household_id: UUID
    area_number: int
    was: int | None
    law: str
    needs_review: bool
    appeal_days: int
    given_on: date
    given_by: UUID
    takes_effect_on: date
    took_effect_at: datetime | None
    is_overtaken: bool
    replies: tuple[Reply, ...] = ()
    reviews: tuple[Review, ...] = ()

    @property
    def is_waiting(self) -> bool:
        return self.took_effect_at is None and not self.is_overtaken

    @property
    def is_denied(self) -> bool:
        """Whether the last review said that it must not take effect."""
        return bool(self.reviews) and not self.reviews[-1].confirms

    @property
    def lacks_review(self) -> bool:
        """Whether a review must come before it may take effect: demanded, or later than the last reply."""
        last = self.reviews[-1].reviewed_at if self.reviews else None
        if last is None:
            return self.needs_review or bool(self.replies)
        return bool(self.replies) and last <= self.replies[-1].recorded_at


@dataclass(frozen=True)
class DecisionsMade:
    """Decisions were written: by a run over the population, or for one household."""

    run: UUID | None
    household_id: HouseholdId | None
    counts: Mapping[str, Counts] = field(default_factory=dict)


@dataclass(frozen=True)
class Comparison:
    """Whether two engines say the same over one snapshot: outcome, amount and what is missing, unit by unit.

    `households_equal`  those of which everything decided about them and their members is equal
    `differing`  a few that differ, as (programme, unit)
    """

    households: int
    households_equal: int
    decisions: int
    equal: int
    differing: tuple[tuple[str, UUID], ...] = ()
