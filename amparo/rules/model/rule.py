"""A checked rule, and what a programme asks: who is meant, and how much they get."""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

from amparo.kernel.errors import Refused
from amparo.kernel.messages import message
from amparo.rules.model.lookups import Stated
from amparo.rules.model.nodes import Node, ParameterValue, Place, meaning, walk, with_parts
from amparo.rules.model.reads import reads

HOUSEHOLD_UNIT = "household"
PERSON_UNIT = "person"


class RuleRefused(Refused):
    """The text is no rule: where it goes wrong, why, and what to do. `values` always hold line and column, from 1.

    `text`  the text that line and column are of, where it is not the rule's own: a table's rows, a model's question
    """

    def __init__(self, id: str, place: Place, **values: object) -> None:
        super().__init__(id, line=place.line, column=place.column, **values)
        self.line, self.column, self.place = place.line, place.column, place
        self.text: str | None = None


@dataclass(frozen=True)
class Rule:
    """Made by `check.check` only.

    `unit`   "household" or "person": whom the rule decides about
    `gives`  "boolean" or "money", or "order" for a key of a ranking
    `cost`   upper bound of steps for a household, as `check.limits` counts them
    `of_group`  whether `members` are those of a family or couple inside the household, and not all of it
    """

    text: str
    model: Node
    unit: str
    gives: str
    cost: int
    of_group: bool = False
    _days: dict[date, "Rule"] = field(default_factory=dict, compare=False, repr=False)

    def on(self, day: date) -> "Rule":
        """Return the rule as tables, models and other programmes' rules stand on the day; Refused where one does not."""
        if not self.stated:
            return self
        if day not in self._days:
            self._days[day] = replace(self, model=_on(self.model, day), _days={})
        return self._days[day]

    @cached_property
    def stated(self) -> tuple[Stated, ...]:
        """What the rule refers to, also through what it refers to; on a day (`on`) only what holds then."""
        return tuple(node for node in walk(self.model) if isinstance(node, Stated))

    @cached_property
    def reads(self) -> frozenset[tuple[str, str]]:
        """(path, field) of every field and list that can matter (`model.reads`), on any day or on the one of `on`.

        The counted `household.size` is none.
        """
        return frozenset(reads(self.model))

    @cached_property
    def parameters(self) -> frozenset[str]:
        return frozenset(node.name for node in walk(self.model) if isinstance(node, ParameterValue))

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the meaning: spaces, comments and names of variables do not count, types and units do."""
        of = " of group" if self.of_group else ""
        return hashlib.sha256(f"{self.unit}{of} {meaning(self.model)}".encode()).hexdigest()


def _on(node: Node, day: date) -> Node:
    if not isinstance(node, Stated):
        return with_parts(node, lambda part: _on(part, day))
    place = node.place_on(day)
    if place is None:
        raise Refused(
            "rules-stated-without-version", kind=message(f"rules-stated-{node.kind}"), name=node.name, day=day
        )
    version = _on(node.versions[place], day)
    return replace(node, versions=(version,), days=(node.days[place],), laws=(node.laws[place],))


@dataclass(frozen=True)
class ProgrammeRule:
    """`amount` is asked only where `outcome` is true; without it a programme grants without an amount."""

    outcome: Rule
    amount: Rule | None = None

    def __post_init__(self) -> None:
        of_both = {(each.unit, each.of_group) for each in (self.outcome, self.amount) if each}
        if self.amount and len(of_both) > 1:
            raise Refused("rules-units-differ", outcome=self.outcome.unit, amount=self.amount.unit)

    @property
    def unit(self) -> str:
        return self.outcome.unit

    def on(self, day: date) -> "ProgrammeRule":
        """Return the programme's rule as what it refers to stands on the day."""
        return replace(self, outcome=self.outcome.on(day), amount=self.amount and self.amount.on(day))

    @property
    def stated(self) -> tuple[Stated, ...]:
        return (*self.outcome.stated, *(self.amount.stated if self.amount else ()))

    @property
    def of_group(self) -> bool:
        return self.outcome.of_group

    @property
    def reads(self) -> frozenset[tuple[str, str]]:
        return self.outcome.reads | (self.amount.reads if self.amount else frozenset())

    @property
    def parameters(self) -> frozenset[str]:
        return self.outcome.parameters | (self.amount.parameters if self.amount else frozenset())


@dataclass(frozen=True)
class Decided:
    """What a programme's rule says of one unit.

    `outcome`  True, False, or None: unknown
    `amount`   minor units; None unless the outcome is True and the amount known
    `missing`  sorted names of the fields whose values keep the outcome unknown, or, of a true outcome, the amount
    """

    outcome: bool | None
    amount: int | None = None
    missing: tuple[str, ...] = ()
