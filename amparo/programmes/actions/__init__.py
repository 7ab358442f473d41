"""Every write of programmes."""

from amparo.programmes.actions.authoring import (
    ask_measure,
    discard_draft,
    measure_draft,
    propose_draft,
    publish_draft,
    write_draft,
)
from amparo.programmes.actions.comparing import cross_check
from amparo.programmes.actions.installing import install
from amparo.programmes.actions.noticing import give_notice, give_notices, record_reply, review, take_effect
from amparo.programmes.actions.planning import approve, plan, stop
from amparo.programmes.actions.retaining import expire_snapshots
from amparo.programmes.actions.running import determine, execute, preview
from amparo.programmes.actions.single import determine_household

__all__ = [
    "approve",
    "ask_measure",
    "cross_check",
    "determine",
    "determine_household",
    "discard_draft",
    "execute",
    "expire_snapshots",
    "give_notice",
    "give_notices",
    "install",
    "measure_draft",
    "plan",
    "preview",
    "propose_draft",
    "publish_draft",
    "record_reply",
    "review",
    "stop",
    "take_effect",
    "write_draft",
]
