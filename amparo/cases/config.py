"""What a profile may say about cases, read by `profiles` and used here.

Units   days, counted from the day after the one named
Nulls   `escalate_to` "": late cases are only late. A kind without a category has the product's own days
"""

from dataclasses import dataclass
from enum import StrEnum

from amparo.cases.types import Kind
from amparo.trust.types import Role

# Where a profile says nothing: a month, and two for what is argued about.
DAYS = 30
DAYS_OF = {Kind.APPEAL: 60, Kind.SUSPICION: 60, Kind.TRANSITION: 90}
# How long somebody has to answer what is held against them.
REPLY_DAYS = 14
# How long before a birthday its transition opens at the latest.
LEAD_DAYS = 90


@dataclass(frozen=True)
class CategoryConfig:
    """What cases are about; its words are `case-category-<code>` and `case-category-<code>-about` in the profile's catalogue.

    `days`           the standard: within how many days it is to be closed
    `escalate_days`  how many days after that it goes to `escalate_to`
    `roles`          who may see those that are sensitive
    `is_public`      may be filed without saying who one is
    `questions`      what is asked beside one's own words: `case-question-<code>-<question>`
    """

    code: str
    kind: Kind
    days: int
    escalate_days: int = 0
    escalate_to: Role | None = None
    is_sensitive: bool = False
    roles: tuple[Role, ...] = ()
    is_public: bool = False
    questions: tuple[str, ...] = ()

    @property
    def label_id(self) -> str:
        return f"case-category-{self.code}"


class Trigger(StrEnum):
    """What in a life begins a transition: `transition-<code>` in the profile's catalogue says it of each."""

    AGE = "age"  # somebody reaches an age, known beforehand
    FACT = "fact"  # a fact of somebody reaches a value it did not have
    BORN = "born"  # a child is born into a household that was known
    TOLD = "told"  # a scheme tells of somebody whom it did not tell of before
    MOVED = "moved"  # somebody takes part in a programme of one area and lives outside it


@dataclass(frozen=True)
class TransitionConfig:
    """A transition of a life, and which schemes it may lead out of and into.

    `years`, `days`   of an age: how many, and how many days ahead its case opens, `LEAD_DAYS` or more
    `field`, `value`  of a fact of a person: which, and the value as an observation writes it ("true", "retired")
    `told`            schemes, of other programmes' systems, whose new record begins it
    `receiving`       only whoever takes part in one of `ends` is asked about
    `ends`            programmes and schemes that it may end; nothing ends by it
    `next`            programmes and schemes that may follow, the likeliest first
    `category`        what its cases are about, of the kind `transition`
    `source`          as whose word it is recorded what somebody answers when they apply
    """

    code: str
    trigger: Trigger
    category: str
    source: str
    years: int | None = None
    days: int = LEAD_DAYS
    field: str = ""
    value: str = ""
    told: tuple[str, ...] = ()
    receiving: bool = False
    ends: tuple[str, ...] = ()
    next: tuple[str, ...] = ()

    @property
    def label_id(self) -> str:
        return f"transition-{self.code}"


def days_of(kind: Kind) -> int:
    """Return the days that a kind has where no category says otherwise."""
    return DAYS_OF.get(kind, DAYS)
