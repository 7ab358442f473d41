"""What a profile may say about cases, read by `profiles` and used here.

Units   days, counted from the day after the one named
Nulls   `escalate_to` "": late cases are only late. A kind without a category has the product's own days
"""

from dataclasses import dataclass

from amparo.cases.types import Kind
from amparo.trust.types import Role

# Where a profile says nothing: a month, and two for what is argued about.
DAYS = 30
DAYS_OF = {Kind.APPEAL: 60, Kind.SUSPICION: 60, Kind.TRANSITION: 90}
# How long somebody has to answer what is held against them.
REPLY_DAYS = 14


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


def days_of(kind: Kind) -> int:
    """Return the days that a kind has where no category says otherwise."""
    return DAYS_OF.get(kind, DAYS)
