"""By what somebody is told: what they asked for, where an address for it is known; else a letter. No database and no clock.

Nulls   who was never asked, or answered what is no channel, is told by what the profile says; nothing known: a letter
"""

import re
from dataclasses import dataclass

from amparo.notices.types import Channel, Reason

_PHONE = re.compile(r"\+?[0-9][0-9 ()./-]{4,24}")
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+")


@dataclass(frozen=True)
class Reached:
    """Where somebody is reached, as the registry knows it."""

    phone: str = ""
    email: str = ""
    address: str = ""
    asked_for: str = ""


@dataclass(frozen=True)
class Way:
    """The channel that is taken and the address there. `reason`: why it is another than was asked for, or goes nowhere."""

    channel: Channel
    address: str = ""
    reason: Reason | None = None

    @property
    def is_sound(self) -> bool:
        return self.reason is not Reason.ADDRESS_UNSOUND


def way_to(reached: Reached, *, is_owed: bool, unasked: Channel) -> Way:
    """Return by what somebody is told. What the law asks that they are told goes by letter to who wants to hear nothing."""
    wanted = _wanted(reached.asked_for, unasked)
    if wanted is Channel.NONE:
        return Way(Channel.LETTER, reached.address) if is_owed else Way(Channel.NONE)
    if wanted is Channel.LETTER:
        return Way(Channel.LETTER, reached.address)
    address = reached.phone if wanted is Channel.SMS else reached.email
    if not address.strip():
        return Way(Channel.LETTER, reached.address, Reason.ADDRESS_MISSING)
    sound = _sound(wanted, address.strip())
    return Way(wanted, sound) if sound else Way(wanted, reason=Reason.ADDRESS_UNSOUND)


def _wanted(asked_for: str, unasked: Channel) -> Channel:
    return Channel(asked_for) if asked_for in list(Channel) else unasked


def _sound(channel: Channel, address: str) -> str:
    """Return an address as the channel takes it, or nothing: one with anything else in it would be read as a command."""
    if channel is Channel.EMAIL:
        return address if _EMAIL.fullmatch(address) else ""
    if not _PHONE.fullmatch(address):
        return ""
    return ("+" if address[0] == "+" else "") + "".join(each for each in address if each.isdigit())
