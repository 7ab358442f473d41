"""Modes: which parts of Amparo an installation serves. What a mode leaves out answers nobody, and its data stays as it is.

Source  requirement ARC-1: a social registry, an integrated beneficiary registry and a virtual social registry are one code
        base, alone or together; decision 44 says why each part stands where it does
"""

from collections.abc import Mapping
from enum import StrEnum

from amparo.kernel.messages import Message, message


class Part(StrEnum):
    """What is switched on and off as one: pages, operations, commands and jobs. The words are under `trust-part-<value>`."""

    HOUSE = "house"  # in every mode: accounts, records, agreements, cases, the audit log, what a citizen sees
    REGISTRATION = "registration"  # files of a census or a register are taken in
    ELIGIBILITY = "eligibility"  # rules decide for all programmes on one record
    SOURCES = "sources"  # other institutions' databases are asked
    FEEDS = "feeds"  # other programmes' systems tell whom they pay
    OPERATIONS = "operations"  # what follows from being enrolled: conditions, transitions, suspension, payments
    GAPS = "gaps"  # what needs both: who is eligible here and receives nothing, and enrolling them

    @property
    def words(self) -> Message:
        return message(f"trust-part-{self.value}")


class Mode(StrEnum):
    """What an installation is run as: `AMPARO_MODE`. The words are under `trust-mode-<value>`."""

    SR = "sr"
    IBR = "ibr"
    VSR = "vsr"
    SR_IBR = "sr+ibr"
    SR_VSR = "sr+vsr"
    ALL = "all"

    @property
    def words(self) -> Message:
        return message(f"trust-mode-{self.value.replace('+', '-')}")


_SR = frozenset({Part.HOUSE, Part.REGISTRATION, Part.ELIGIBILITY})
_IBR = frozenset({Part.HOUSE, Part.FEEDS, Part.OPERATIONS})
_VSR = frozenset({Part.HOUSE, Part.ELIGIBILITY, Part.SOURCES})

SERVES: Mapping[Mode, frozenset[Part]] = {
    Mode.SR: _SR,
    Mode.IBR: _IBR,
    Mode.VSR: _VSR,
    Mode.SR_IBR: _SR | _IBR | {Part.GAPS},
    Mode.SR_VSR: _SR | _VSR,
    Mode.ALL: frozenset(Part),
}
