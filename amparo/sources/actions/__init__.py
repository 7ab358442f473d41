"""Every write of sources: what is connected, what is asked, what is kept of it and for how long."""

from amparo.sources.actions.asking import open_file
from amparo.sources.actions.connecting import (
    confirm_connection,
    draft_connection,
    end_connection,
    try_connection,
)
from amparo.sources.actions.forgetting import forget_answers
from amparo.sources.actions.installing import install_connections
from amparo.sources.actions.polling import ask_for_updates
from amparo.sources.actions.retrying import ask_again
from amparo.sources.actions.rounds import resume_round, start_rounds, stop_round, work_on
from amparo.sources.actions.updating import refuse_update, take_updates

__all__ = [
    "ask_again",
    "ask_for_updates",
    "confirm_connection",
    "draft_connection",
    "end_connection",
    "forget_answers",
    "install_connections",
    "open_file",
    "refuse_update",
    "resume_round",
    "start_rounds",
    "stop_round",
    "take_updates",
    "try_connection",
    "work_on",
]
