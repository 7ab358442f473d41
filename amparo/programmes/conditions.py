"""What a programme asks of those who take part, and what follows where it is not met: soft steps first, no sanction by itself.

Units   a share is 0 to 1; `forgotten_after` is months
Nulls   without `least_share` a share that is told says nothing, and the answer is what counts
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from amparo.kernel.dates import add_months
from amparo.programmes.types import BreachAct


class Every(StrEnum):
    """How long a period is in which a condition is to be met."""

    MONTH = "month"
    TWO_MONTHS = "two-months"  # from January on, as the half-years
    HALF_YEAR = "half-year"

    @property
    def months(self) -> int:
        return {Every.MONTH: 1, Every.TWO_MONTHS: 2, Every.HALF_YEAR: 6}[self]

    def first_of(self, day: date) -> date:
        """Return the first day of the period that a day is in."""
        return date(day.year, day.month - (day.month - 1) % self.months, 1)

    def next_after(self, first: date) -> date:
        return add_months(first, self.months)


@dataclass(frozen=True)
class Condition:
    """One condition; its words are `condition-<code>` in the profile's catalogue, and `law` is there too.

    `whom`         CEL text about a member: who of those who take part has to meet it
    `least_share`  from what share on it is met, where a share is told
    `excused`      reasons for which it counts as met: `condition-reason-<code>`
    `steps`        what follows the first time, the second, and so on; the last also after that. None: nothing follows
    `category`     of the case that a visit is; `suspension` the ground on which a suspension is proposed
    `forgotten_after`  after so many months a breach counts no more
    """

    code: str
    law: str
    whom: str
    every: Every = Every.MONTH
    least_share: float | None = None
    excused: tuple[str, ...] = ()
    steps: tuple[BreachAct, ...] = ()
    category: str = ""
    suspension: str = ""
    forgotten_after: int = 12

    @property
    def label_id(self) -> str:
        return f"condition-{self.code}"

    def kept(self) -> dict[str, Any]:
        """Return the condition as a table keeps it."""
        return {**asdict(self), "excused": list(self.excused), "steps": list(self.steps)}


def restored(kept: Mapping[str, Any]) -> Condition:
    """Return a condition as a table keeps it."""
    lists = {"excused": tuple(kept["excused"]), "steps": tuple(map(BreachAct, kept["steps"]))}
    return Condition(**{**kept, "every": Every(kept["every"]), **lists})
