"""What an explanation holds: every step, input and figure of a decision, for whoever puts it into words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from amparo.programmes.config import Unit
from amparo.programmes.procedure import Procedure
from amparo.programmes.types import Decision
from amparo.registry.types import Fact
from amparo.rules.lower.names import plain
from amparo.rules.trace import Trace
from amparo.rules.trace.step import unknown_fields


@dataclass(frozen=True)
class Input:
    """One fact that a rule could read, of the household (`member` None) or of a member by place in `members`.

    `place`  where whoever it is of stands in the record as rules read it: a relative elsewhere or an item has no other
    `fact`  value, source, days; None where nothing is known. `valid_until` is its last day for the programme
    `counts`      whether the rule could read it: a stale one only where the programme says so; None is unknown
    `limit_days`  how many days after it was observed such a fact may be relied on here; None: for ever
    """

    grain: str
    name: str
    member: int | None
    fact: Fact | None
    is_stale: bool
    place: tuple[str | int, ...] = ()
    counts: bool = True
    limit_days: int | None = None


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
class Erased:
    """That facts a decision rested on were erased: on which day, on what ground. Outcome, amount and rule stay."""

    on: date
    ground: str


@dataclass(frozen=True)
class Explanation:
    """Why a decision says what it says, so that it can be followed and done again by hand. Language-free.

    `decision`  None where nothing was decided yet: then this is what the rule says of what is known now
    `law`, and the laws in `figures`, are message ids; `rule` is the rule's text
    `trace`, `amount_trace`  every step of rule and amount; the amount's only where something is granted
    `members`   id and number of each member, by the place that traces and inputs give them
    `figures`   parameter → value, first day ("from") and law
    `group`, `asked`  where only a family's or couple's members are asked: which kind, and their places in `members`, in
                the order in which people are told of them, which traces and inputs follow too: the head, then the oldest
    `ranking`   where places are few: by what the unit is ranked, and how
    `recomputes`  whether the rule, asked again, gives the decision's answer; not so when facts were erased since
    `rule_since`  the first day of the rule's version, and `procedure` what the programme says of notices and appeals
    `erased`    then outcome, amount and what was missing are the decision's own, and there is no trace
    `withheld`  (grain, name) of what the rule reads and the reader may not: then likewise, and `inputs` are the others
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
    trace: Trace | None
    amount_trace: Trace | None
    inputs: tuple[Input, ...]
    figures: Mapping[str, Mapping[str, Any]]
    members: tuple[tuple[UUID, int], ...]
    recomputes: bool
    rule_since: date
    procedure: Procedure
    group: Unit | None = None
    asked: tuple[int, ...] | None = None
    ranking: "Ranked | None" = None
    erased: Erased | None = None
    withheld: tuple[tuple[str, str], ...] = ()

    @property
    def has_steps(self) -> bool:
        """Whether it tells how the rule came to its answer: not where facts were erased, or are withheld from the reader."""
        return self.trace is not None

    @property
    def resting_on_stale(self) -> tuple[Input, ...]:
        """Facts older than they may be that count all the same, because the programme says so: the decision rests on them."""
        return tuple(each for each in self.inputs if each.is_stale and each.counts)

    @property
    def lacking(self) -> tuple[Input, ...]:
        """The facts that keep the outcome or the amount unknown, each once: absent, or stale and so not counted."""
        roots = [each.root for each in (self.trace, self.amount_trace) if each]
        fields = [step for root in roots for step in unknown_fields(root)]
        found = (self.input(step.grain or "", plain(step.name or ""), step.member, step.place) for step in fields)
        return tuple(dict.fromkeys(each for each in found if each is not None))

    def input(
        self, grain: str, name: str, member: int | None = None, place: tuple[str | int, ...] = ()
    ) -> Input | None:
        """Return the input that a step of the trace names by rules' grain ("household" or "member"), or by its place."""
        wanted = (catalogue_grain(grain), name, member)
        if place:
            return next((each for each in self.inputs if (each.place, each.name) == (place, name)), None)
        return next((each for each in self.inputs if (each.grain, each.name, each.member) == wanted), None)


def catalogue_grain(grain: str) -> str:
    """Return the registry's word for a grain of the rules."""
    return "person" if grain == "member" else grain
