"""What a profile may say about programmes and parameters, read by `profiles` and used here.

Units   money in minor units; a parameter of type money is an integer
Nulls   an open end (`ends_on` None) means until further notice
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from amparo.programmes.conditions import Condition
from amparo.programmes.enrolment import EnrolmentTerms
from amparo.programmes.freshness import Freshness
from amparo.programmes.procedure import Procedure
from amparo.programmes.quota import Ranking
from amparo.registry.dictionary import Type
from amparo.trust.types import Ground

# On what ground eligibility is decided where nobody names one; every profile has this purpose.
GROUND = Ground(purpose="eligibility")


class Unit(StrEnum):
    """Who a programme decides about."""

    HOUSEHOLD = "household"
    PERSON = "person"
    FAMILY = "family"
    COUPLE = "couple"

    @property
    def is_group(self) -> bool:
        return self in (Unit.FAMILY, Unit.COUPLE)


class Ungrouped(StrEnum):
    """What becomes of somebody in no family, or no couple, where a rule is about them."""

    ALONE = "alone"  # they are a unit by themselves
    UNKNOWN = "unknown"  # nothing can be decided until it is known which they belong to


@dataclass(frozen=True)
class RuleVersion:
    """A programme's rule as it stands from one day to another, both included.

    `rule`    CEL text that gives true, false or unknown
    `amount`  CEL text that gives money per payment period; None: the programme pays nothing itself
    `law`     message id of the legal reference, in the profile's catalogue
    `group`   whose members the rule's `members` are: a family's or a couple's; None: the whole household's
    `ungrouped`  what becomes of who is in no such group; None only where `group` is
    `ranking`  who comes first where places are few; None: everybody for whom the rule holds is granted
    `freshness`  how old facts may be where not the field's own validity holds
    """

    starts_on: date
    rule: str
    law: str
    amount: str | None = None
    ends_on: date | None = None
    group: Unit | None = None
    ungrouped: Ungrouped | None = None
    ranking: Ranking | None = None
    freshness: tuple[Freshness, ...] = ()

    def holds_on(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


@dataclass(frozen=True)
class ProgrammeConfig:
    """One programme; its words are `programme-<code>` and `programme-<code>-about` in the profile's catalogue.

    `insurance`  whether it is social insurance, and not assistance
    """

    code: str
    unit: Unit
    versions: tuple[RuleVersion, ...]
    procedure: Procedure = field(default_factory=Procedure)
    enrolment: EnrolmentTerms = field(default_factory=EnrolmentTerms)
    conditions: tuple[Condition, ...] = ()
    insurance: bool = False

    @property
    def label_id(self) -> str:
        return f"programme-{self.code}"

    def version_on(self, day: date) -> RuleVersion | None:
        """Return the version that holds on the day; None before the first and after the last."""
        return next((each for each in self.versions if each.holds_on(day)), None)


@dataclass(frozen=True)
class ParameterValue:
    """A value from one day on, until the next value's day; `law` is a message id."""

    starts_on: date
    value: int | float | str | bool | date
    law: str


@dataclass(frozen=True)
class ParameterConfig:
    """One dated parameter, `param.<name>` in rules; its words are `parameter-<name>` in the profile's catalogue.

    `unit`    what a number counts, as in the dictionary: "money/month", "years"
    `values`  in order of their first day; before the first there is none, and a rule that needs one is refused
    `area`    code of the area that sets it by itself; None: the nation does
    """

    name: str
    type: Type
    unit: str | None
    law: str
    values: tuple[ParameterValue, ...]
    area: str | None = None

    @property
    def label_id(self) -> str:
        return f"parameter-{self.name}"

    def on(self, day: date) -> ParameterValue | None:
        """Return the value that holds on the day; None before the first."""
        return next((each for each in reversed(self.values) if each.starts_on <= day), None)
