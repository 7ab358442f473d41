"""What notices does when something happened to an account: its owner is to be warned, where an address of theirs is known."""

from amparo.notices.actions.warning import warn_owner
from amparo.trust.types import system
from amparo.trust.types.warned import AccountWarning

BY = system("notices")


def tell_owner(event: AccountWarning) -> None:
    """Write the warning in the transaction of what it is of; of a new address at both, the former and the new one."""
    if event.former:
        warn_owner(event.account, event.of, by=BY, former=event.former)
    warn_owner(event.account, event.of, by=BY)
