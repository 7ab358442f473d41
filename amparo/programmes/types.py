"""Words of programmes that cross the border: decisions and their states, runs and their counts, events."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from amparo.kernel.ids import HouseholdId
from amparo.kernel.messages import Message
from amparo.programmes.config import Unit
from amparo.registry.types import Fact
from amparo.rules.trace import Trace


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
    `rank`     where places are few: the unit's rank when it was decided, among those of its area; of `places`
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
    """

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
    quotas: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)

    @property
    def total(self) -> Counts:
        """All programmes together."""
        every = [vars(each) for each in self.counts.values()]
        return Counts(**{name: sum(each[name] for each in every) for name in vars(Counts())})


@dataclass(frozen=True)
class Input:
    """One fact that a rule could read, of the household (`member` None) or of a member by place in `members`.

    `fact`  value, source, days; None where nothing is known. A stale one counted as unknown
    """

    grain: str
    name: str
    member: int | None
    fact: Fact | None
    is_stale: bool


@dataclass(frozen=True)
class Ranked:
    """How a unit is ranked: each key's expression, whether the largest comes first, and its value for the unit.

    `rank`, `places`  as the run found them; None where no run has ranked the unit yet
    """

    keys: tuple[tuple[str, bool, Trace], ...]
    rank: int | None
    places: int | None
    waiting: int | None


@dataclass(frozen=True)
class Explanation:
    """Why a decision says what it says, so that it can be followed and done again by hand. Language-free.

    `decision`  None where nothing was decided yet: then this is what the rule says of what is known now
    `law`, and the laws in `figures`, are message ids; `rule` is the rule's text
    `trace`, `amount_trace`  every step of rule and amount; the amount's only where something is granted
    `members`   id and number of each member, in the order that traces and inputs count them
    `figures`   parameter → value, first day ("from") and law
    `group`, `asked`  where only a family's or couple's members are asked: which kind, and their places in `members`
    `ranking`   where places are few: by what the unit is ranked, and how
    `recomputes`  whether the rule, asked again, gives the decision's answer; not so when facts were erased since
    """

    decision: Decision | None
    programme: str
    unit: Unit
    unit_id: UUID
    household_id: UUID
    number: int
    on: date
    law: str
    rule: str
    outcome: bool | None
    amount: int | None
    missing: tuple[str, ...]
    trace: Trace
    amount_trace: Trace | None
    inputs: tuple[Input, ...]
    figures: Mapping[str, Mapping[str, Any]]
    members: tuple[tuple[UUID, int], ...]
    recomputes: bool
    group: Unit | None = None
    asked: tuple[int, ...] | None = None
    ranking: "Ranked | None" = None

    def input(self, grain: str, name: str, member: int | None = None) -> Input | None:
        """Return the input that a step of the trace names by rules' grain ("household" or "member")."""
        wanted = (catalogue_grain(grain), name, member)
        return next((each for each in self.inputs if (each.grain, each.name, each.member) == wanted), None)


def catalogue_grain(grain: str) -> str:
    """Return the registry's word for a grain of the rules."""
    return "person" if grain == "member" else grain


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
