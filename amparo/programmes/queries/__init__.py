"""Every read of programmes."""

from amparo.programmes.queries.decisions import (
    Listed,
    decision,
    decisions_in,
    decisions_of_household,
    exported_decisions,
)
from amparo.programmes.queries.explaining import explain, explain_as_of_today, explain_now
from amparo.programmes.queries.noticing import Adverse, adverse_effects, amount_in_effect, notice, notice_about
from amparo.programmes.queries.previews import AreaChange, previewed
from amparo.programmes.queries.recomputing import Recomputed, recompute, sample
from amparo.programmes.queries.runs import (
    AreaCount,
    counts_by_area,
    is_worked_on,
    latest_run,
    planner,
    programme_codes,
    programmes_in_force,
    programmes_on,
    programmes_told,
    run,
    runs,
    unit_of_programme,
)

__all__ = [
    "Adverse",
    "AreaChange",
    "AreaCount",
    "Listed",
    "Recomputed",
    "adverse_effects",
    "amount_in_effect",
    "counts_by_area",
    "decision",
    "decisions_in",
    "decisions_of_household",
    "explain",
    "explain_as_of_today",
    "explain_now",
    "exported_decisions",
    "is_worked_on",
    "latest_run",
    "notice",
    "notice_about",
    "planner",
    "previewed",
    "programme_codes",
    "programmes_in_force",
    "programmes_on",
    "programmes_told",
    "recompute",
    "run",
    "runs",
    "sample",
    "unit_of_programme",
]
