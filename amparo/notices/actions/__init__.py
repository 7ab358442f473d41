"""Every write to notices."""

from amparo.notices.actions.installing import install_notices
from amparo.notices.actions.letters import print_letters
from amparo.notices.actions.making import take_back, tell, tell_again
from amparo.notices.actions.sending import send
from amparo.notices.actions.serving import tell_in_person
from amparo.notices.actions.warning import send_warnings

__all__ = [
    "install_notices",
    "print_letters",
    "send",
    "send_warnings",
    "take_back",
    "tell",
    "tell_again",
    "tell_in_person",
]
