"""Words of notices that cross the border."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from amparo.kernel.messages import Message, message


class Channel(StrEnum):
    """By what somebody is reached. `NONE` is an answer to the question, and no channel: they want to hear nothing."""

    SMS = "sms"
    EMAIL = "email"
    LETTER = "letter"
    NONE = "none"

    @property
    def words(self) -> Message:
        return message(f"notices-channel-{self.value}")


class Kind(StrEnum):
    """What happened. What each may tell stands in `notices.kinds`."""

    DECISION_PROPOSED = "decision-proposed"  # for the worse: it takes effect on the day that it names
    DECISION_IN_EFFECT = "decision-in-effect"  # what had been proposed took effect
    DECISION_GRANTED = "decision-granted"  # for the better: something is granted that was not
    DECISION_RAISED = "decision-raised"  # for the better: the amount is higher
    CASE_RECEIVED = "case-received"
    CASE_CLOSED = "case-closed"
    PAYMENT_UNPAID = "payment-unpaid"  # sent, and it did not arrive
    CONDITION_MISSED = "condition-missed"  # what a programme asks of those who take part was not met in a month

    @property
    def words(self) -> Message:
        return message(f"notices-kind-{self.value}")


class State(StrEnum):
    WAITING = "waiting"  # to be sent, now or when its next attempt is due
    TO_PRINT = "to-print"  # a letter, for whoever prints
    SENT = "sent"  # taken over by who carries it
    PRINTED = "printed"
    TOLD = "told"  # in person, by an officer
    GIVEN_UP = "given-up"  # after so many attempts, or for a reason that no attempt would change
    UNWANTED = "unwanted"  # whoever it is for wants to hear nothing, and no law asks that they do

    @property
    def words(self) -> Message:
        return message(f"notices-state-{self.value}")


class Reason(StrEnum):
    """Why something waits, was given up or goes another way. The words are in the catalogue under `notices-reason-<reason>`."""

    NOT_CONFIGURED = "not-configured"  # this installation was not told where its gateway is
    TEMPLATE_BROKEN = "template-broken"
    NOBODY = "nobody"  # who it was for has died, or nobody lives there any more
    ADDRESS_UNSOUND = "address-unsound"
    ADDRESS_MISSING = "address-missing"  # wanted another way, for which no address is known: a letter
    NOT_CALLED = "not-called"  # the gateway's address may not be called from here
    SILENT = "silent"  # no whole answer came in time
    REFUSED = "refused"  # it answered, and did not take it
    UNREADABLE = "unreadable"  # it answered what nobody agreed on
    UNSAFE = "unsafe"  # it would have gone in the clear
    UNPRINTABLE = "unprintable"  # the fonts at hand lack a letter of a name or an address
    UNKNOWN = "unknown"  # the attempt was cut off: it may have arrived
    TAKEN_BACK = "taken-back"  # what it would have told proved to be wrong before anybody was told

    @property
    def words(self) -> Message:
        return message(f"notices-reason-{self.value}")


class How(StrEnum):
    """Where somebody was told in person."""

    OFFICE = "office"
    VISIT = "visit"  # where they live
    ELSEWHERE = "elsewhere"

    @property
    def words(self) -> Message:
        return message(f"notices-how-{self.value}")


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt. `reason` None: taken over. `code`: what the other side answered, a number of its protocol's."""

    reason: Reason | None = None
    code: int | None = None


@dataclass(frozen=True)
class Sending:
    """Something that somebody is to be told, as a list shows it: of whom, by ids; never where they live or what was written.

    `channel`, `reason`  None as long as nobody looked for a channel, or nothing stands in the way
    `told_on`            the day on which somebody was told in person; also where that does not serve, and it still goes its way
    """

    id: UUID
    kind: Kind
    person: UUID | None
    household: UUID | None
    area_number: int
    made_at: datetime
    state: State
    channel: Channel | None
    reason: Reason | None
    attempts: int
    next_at: datetime
    told_on: date | None = None

    @property
    def reference(self) -> str:
        return reference_of(self.id)


@dataclass(frozen=True)
class Waiting:
    """How many sendings of an area stand in one state for one reason, and since when the oldest does."""

    area_number: int
    state: State
    channel: Channel | None
    reason: Reason | None
    sendings: int
    since: date


def reference_of(id: UUID) -> str:
    """Return what whoever was told something may quote: ten signs, from the part of an id that was drawn."""
    return id.hex[-10:].upper()
