"""How long snapshots are kept."""

from collections.abc import Mapping
from datetime import date, timedelta

from amparo.kernel.exports import Grade

# A decision can be appealed for a year in most countries' law; linkage has no use after its run.
KEPT_DAYS: Mapping[Grade, int] = {Grade.DECISION: 400, Grade.LINKAGE: 1, Grade.RESEARCH: 90}


def retain_until(grade: Grade, taken_on: date) -> date:
    """Return the last day on which a snapshot of this grade may be opened."""
    return taken_on + timedelta(days=KEPT_DAYS[grade])
