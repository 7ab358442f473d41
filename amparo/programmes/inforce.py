"""One programme's rule as it is in force: checked, with what stands around it. No database here."""

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from amparo.kernel.exports import OBSERVED_ON
from amparo.programmes import catalogue
from amparo.programmes.config import Ungrouped, Unit
from amparo.programmes.freshness import Freshness, Limits, limits
from amparo.programmes.quota import Ranking
from amparo.registry.lists import grain_of
from amparo.rules.lower.core import UNIT_MEMBER
from amparo.rules.model.lookups import Stated
from amparo.rules.model.nodes import NOWHERE, ListRead, Literal, MemberField, walk
from amparo.rules.model.rule import HOUSEHOLD_UNIT, PERSON_UNIT, ProgrammeRule, Rule
from amparo.rules.model.types import BOOLEAN


@dataclass(frozen=True)
class InForce:
    """One programme's rule on the day.

    `within`  first and last number of the areas whose people alone it is for; None: everybody. A decision that is asked anew
              as it was made is asked wherever its unit lived then
    """

    programme_id: int
    code: str
    unit: Unit
    rule_version: int
    hash: str
    law: str
    rule: ProgrammeRule
    group: Unit | None = None
    ungrouped: Ungrouped | None = None
    ranking: Ranking | None = None
    keys: tuple[Rule, ...] = ()  # what units are ranked by, checked
    freshness: tuple[Freshness, ...] = ()
    within: tuple[int, int] | None = None

    def is_for(self, area_number: int) -> bool:
        """Whether it is for who lives there."""
        return lies_within(area_number, self.within)

    def on(self, day: date) -> "InForce":
        """Return the rule and its order as what they refer to stands on the day."""
        return replace(self, rule=self.rule.on(day), keys=tuple(each.on(day) for each in self.keys))

    @property
    def stated(self) -> tuple[Stated, ...]:
        """Tables, models and other programmes that the rule, the amount or the order refers to."""
        return (*self.rule.stated, *(node for each in self.keys for node in each.stated))

    @property
    def reads(self) -> frozenset[tuple[str, str]]:
        """(path, name) in the registry's words of every field and list that the rule, its amount or its order reads."""
        reads = self.rule.reads.union(*(each.reads for each in self.keys))
        named = frozenset(map(catalogue.registry_field, reads))
        of_own_age = {(grain, name) for (grain, name), each in self.limits.items() if each.days is not None}
        # The day a value was observed, where its age is counted otherwise than the registry counts it.
        return named | {(at, name + OBSERVED_ON) for at, name in named if (grain_of(at), name) in of_own_age}

    @cached_property
    def limits(self) -> Limits:
        """How old facts may be for the programme, by grain and field."""
        return limits(self.freshness)

    @property
    def parameters(self) -> frozenset[str]:
        """Names of the figures that the rule, the amount, the order or the number of places needs."""
        places = {self.ranking.quota.places} if self.ranking else set()
        named = frozenset(each for each in places if isinstance(each, str))
        return self.rule.parameters.union(named, *(each.parameters for each in self.keys))

    @cached_property
    def reads_other_members(self) -> bool:
        """Whether a decision about one person looks at the others in the household."""
        models = (each.model for each in (self.rule.outcome, self.rule.amount, *self.keys) if each)
        fields = (node for model in models for node in walk(model) if isinstance(node, MemberField | ListRead))
        return self.unit is not Unit.PERSON or any(each.variable != UNIT_MEMBER for each in fields)


def lies_within(area_number: int, within: tuple[int, int] | None) -> bool:
    """Whether a home lies in a local programme's areas. Whoever is in danger lies below zero, where their home is."""
    return within is None or within[0] <= abs(area_number) <= within[1]


def asked_as(unit: Unit) -> str:
    """Return the rule language's word: only a person has a `member` of their own."""
    return PERSON_UNIT if unit is Unit.PERSON else HOUSEHOLD_UNIT


def asked(programme: InForce, name: str) -> dict[str, ProgrammeRule]:
    """Return the keys of a programme as rules that both engines answer: always true, with the key as their amount."""
    return {f"{name}k{number}": _as_amount(key, programme) for number, key in enumerate(programme.keys)}


def _as_amount(key: Rule, programme: InForce) -> ProgrammeRule:
    everybody = Rule(
        "true", Literal(BOOLEAN, NOWHERE, True), programme.rule.unit, "boolean", 1, programme.rule.of_group
    )
    return ProgrammeRule(everybody, key)
