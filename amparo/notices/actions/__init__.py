"""Every write to notices."""

from amparo.notices.actions.installing import install_notices
from amparo.notices.actions.letters import print_letters
from amparo.notices.actions.making import take_back, tell
from amparo.notices.actions.sending import send

__all__ = ["install_notices", "print_letters", "send", "take_back", "tell"]
