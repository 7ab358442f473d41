"""Every read of programmes."""

from amparo.programmes.queries.decisions import (
    Listed,
    decision,
    decisions_in,
    decisions_of_household,
    exported_decisions,
)
from amparo.programmes.queries.explaining import explain, explain_as_of_today, explain_now
from amparo.programmes.queries.runs import (
    AreaCount,
    counts_by_area,
    latest_run,
    programme_codes,
    programmes_on,
    run,
    runs,
    unit_of_programme,
)

__all__ = [
    "AreaCount",
    "Listed",
    "counts_by_area",
    "decision",
    "decisions_in",
    "decisions_of_household",
    "explain",
    "explain_as_of_today",
    "explain_now",
    "exported_decisions",
    "latest_run",
    "programme_codes",
    "programmes_on",
    "run",
    "runs",
    "unit_of_programme",
]
