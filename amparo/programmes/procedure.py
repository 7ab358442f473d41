"""What a programme's law says about procedure: who must look, how long a notice runs, how long one may appeal.

Units   days, counted from the day after the one named: a notice of 30 days given on 1 March takes effect on 31 March
Nulls   without a notice period nothing for the worse ever takes effect: it waits as proposed
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

# Where a programme says nothing of appeals: what most countries' law allows.
APPEAL_DAYS = 365


@dataclass(frozen=True)
class Procedure:
    """How a programme's decisions come about; `law` is a message id.

    `needs_approval`  a second person approves a run before its decisions are written
    `needs_review`    a person other than the maker confirms each change for the worse before its day
    `notice_days`     between the day of the notice and the day on which a change for the worse takes effect
    `appeal_days`     how long a decision can be appealed; what it rests on is kept at least as long
    `appeal_suspends` what was appealed before its day does not take effect before the appeal is over
    `answer_days`     within how many days an appeal is to be answered; None: as its category says
    """

    law: str = ""
    needs_approval: bool = False
    needs_review: bool = False
    notice_days: int | None = None
    appeal_days: int = APPEAL_DAYS
    appeal_suspends: bool = False
    answer_days: int | None = None

    def kept(self) -> dict[str, Any]:
        return asdict(self)


def restored(kept: Mapping[str, Any]) -> Procedure:
    """Return the procedure as a table keeps it; of a programme that never stated one, the default."""
    return Procedure(**kept)
