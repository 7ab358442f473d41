"""Every write of programmes."""

from amparo.programmes.actions.authoring import (
    ask_measure,
    discard_draft,
    measure_draft,
    propose_draft,
    publish_draft,
    write_draft,
)
from amparo.programmes.actions.collecting import (
    Proposed,
    change_collectors,
    confirm_collector,
    propose_collector,
    withdraw_collector,
)
from amparo.programmes.actions.comparing import cross_check
from amparo.programmes.actions.counting import count_covered, count_excluded, count_gaps
from amparo.programmes.actions.enrolling import enrol, enrol_many, wait
from amparo.programmes.actions.feeding import take_feed
from amparo.programmes.actions.following import follow_conditions
from amparo.programmes.actions.installing import install, install_life_groups
from amparo.programmes.actions.matching import decide_match
from amparo.programmes.actions.measuring import install_indices, measure
from amparo.programmes.actions.noticing import give_notice, give_notices, record_reply, review, take_effect
from amparo.programmes.actions.overlapping import class_overlaps
from amparo.programmes.actions.planning import approve, plan, stop
from amparo.programmes.actions.posting import IN_WORK, post_feed, take_post
from amparo.programmes.actions.retaining import expire_snapshots
from amparo.programmes.actions.retracting import retract_feed
from amparo.programmes.actions.running import determine, execute, preview
from amparo.programmes.actions.single import determine_household
from amparo.programmes.actions.suspending import (
    confirm_notice,
    end,
    reinstate,
    suspend,
    take_steps,
    withdraw_notice,
)

__all__ = [
    "IN_WORK",
    "Proposed",
    "approve",
    "ask_measure",
    "change_collectors",
    "class_overlaps",
    "confirm_collector",
    "confirm_notice",
    "count_covered",
    "count_excluded",
    "count_gaps",
    "cross_check",
    "decide_match",
    "determine",
    "determine_household",
    "discard_draft",
    "end",
    "enrol",
    "enrol_many",
    "execute",
    "expire_snapshots",
    "follow_conditions",
    "give_notice",
    "give_notices",
    "install",
    "install_indices",
    "install_life_groups",
    "measure",
    "measure_draft",
    "plan",
    "post_feed",
    "preview",
    "propose_collector",
    "propose_draft",
    "publish_draft",
    "record_reply",
    "reinstate",
    "retract_feed",
    "review",
    "stop",
    "suspend",
    "take_effect",
    "take_feed",
    "take_post",
    "take_steps",
    "wait",
    "withdraw_collector",
    "withdraw_notice",
    "write_draft",
]
