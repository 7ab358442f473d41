"""Every write to cases."""

from amparo.cases.actions.appealing import appeal, execute
from amparo.cases.actions.applying import apply, carry_out_due
from amparo.cases.actions.changing import (
    measure_gaps,
    open_ahead,
    open_changed,
    open_matched,
    open_moved,
    open_told,
)
from amparo.cases.actions.completing import complete
from amparo.cases.actions.filing import file, file_anonymously, file_own
from amparo.cases.actions.installing import install_categories, install_transitions
from amparo.cases.actions.overlapping import open_overlaps
from amparo.cases.actions.paying import close_decided, close_over, open_held
from amparo.cases.actions.recertifying import open_recertifications
from amparo.cases.actions.tending import escalate, open_waiting
from amparo.cases.actions.visiting import open_visits
from amparo.cases.actions.working import act_on, hand_on, hear, reply

__all__ = [
    "act_on",
    "appeal",
    "apply",
    "carry_out_due",
    "close_decided",
    "close_over",
    "complete",
    "escalate",
    "execute",
    "file",
    "file_anonymously",
    "file_own",
    "hand_on",
    "hear",
    "install_categories",
    "install_transitions",
    "measure_gaps",
    "open_ahead",
    "open_changed",
    "open_held",
    "open_matched",
    "open_moved",
    "open_overlaps",
    "open_recertifications",
    "open_told",
    "open_visits",
    "open_waiting",
    "reply",
]
