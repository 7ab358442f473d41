"""Words of cases that cross the border: what kinds there are, how each goes from state to state, and what is announced.

Units   days are whole days after the day named; amounts are minor units per payment period
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from amparo.kernel.messages import Message, message
from amparo.trust.types import Ground


class Kind(StrEnum):
    """What waits. The words are in the catalogue under `cases-kind-<kind>`."""

    GRIEVANCE = "grievance"
    APPEAL = "appeal"
    CORRECTION = "correction"
    OVERLAP = "overlap"  # two benefits that may not go together
    IDENTITY = "identity"  # one number, two people; or one person, two numbers
    QUALITY = "quality"  # something must be found out
    RECERTIFICATION = "recertification"
    TRANSITION = "transition"
    REFERRAL = "referral"  # to another institution's help
    SUSPICION = "suspicion"  # of an error or of fraud: a flag, and no more
    ALERT = "alert"
    PAYMENT = "payment"  # a check holds it; opened by the house alone

    @property
    def words(self) -> Message:
        return message(f"cases-kind-{self.value}")


class Channel(StrEnum):
    """How it came: `cases-channel-<channel>`."""

    COUNTER = "counter"
    PHONE = "phone"
    WEB = "web"
    TEXT = "text"
    ANONYMOUS = "anonymous"
    SYSTEM = "system"  # nobody asked: the house itself found that somebody must look


class State(StrEnum):
    """Where a case stands: `cases-state-<state>`."""

    OPEN = "open"
    WORKING = "working"
    EVIDENCE = "evidence"
    REVIEW = "review"
    APPLIED = "applied"  # an application waits for its day
    UPHELD = "upheld"
    EXECUTED = "executed"
    REFERRED = "referred"
    SERVED = "served"
    NOT_SERVED = "not-served"  # it was refused
    NO_PLACE = "no-place"
    UNHEARD = "unheard"  # nobody heard what came of it
    CONFIRMED = "confirmed"
    UNFOUNDED = "unfounded"
    RELEASED = "released"
    WITHHELD = "withheld"
    RESOLVED = "resolved"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"


CLOSED = frozenset(
    {
        *(State.EXECUTED, State.SERVED, State.NOT_SERVED, State.NO_PLACE, State.UNHEARD, State.CONFIRMED),
        *(State.UNFOUNDED, State.RELEASED, State.WITHHELD),
        *(State.RESOLVED, State.DISMISSED, State.WITHDRAWN),
    }
)


class Act(StrEnum):
    """What somebody did about a case: `cases-act-<act>`."""

    FILE = "file"
    TAKE = "take"  # on oneself
    HAND_ON = "hand-on"
    NOTE = "note"
    ADD_EVIDENCE = "add-evidence"
    HEAR = "hear"  # tell whom it is about, and ask what they say
    REPLY = "reply"
    BEGIN_REVIEW = "begin-review"
    UPHOLD = "uphold"
    EXECUTE = "execute"
    APPLY = "apply"  # for the next scheme
    RETURN = "return"  # an application that did not come to anything
    REFER = "refer"
    SERVE = "serve"
    NOT_SERVE = "not-serve"
    FIND_NO_PLACE = "find-no-place"
    NOT_HEAR = "not-hear"
    CONFIRM = "confirm"
    CLEAR = "clear"
    RELEASE = "release"  # what is held is paid
    WITHHOLD = "withhold"
    RESOLVE = "resolve"
    DISMISS = "dismiss"
    WITHDRAW = "withdraw"
    ESCALATE = "escalate"


@dataclass(frozen=True)
class Said:
    """What somebody said: in their own words, and to what they were asked, question by question. `erased`: day and ground."""

    words: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    erased: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Dispute:
    """What somebody says is wrong in what a source told of them or their home, in their words. `field`: `person.wage`."""

    why: str = field(repr=False)
    person: UUID
    source: str
    field: str


@dataclass(frozen=True)
class Linked:
    """What a case is about, by id; None: not about one."""

    person: UUID | None = None
    household: UUID | None = None
    decision: UUID | None = None
    enrolment: UUID | None = None
    payment: UUID | None = None
    programme: str = ""


@dataclass(frozen=True)
class Step:
    """One step in the life of a case. `by` None: nobody who is known. `is_told`: to whom it concerns too."""

    act: Act
    state: State
    at: datetime
    by: UUID | None
    is_told: bool
    said: Said | None = None


@dataclass(frozen=True)
class Case:
    """A case as its readers see it. `code` is what everybody asks by.

    `effect`    what an executed appeal changed; of a transition, what was applied for
    `event_on`  of a transition: the day on which it happens in somebody's life
    """

    id: UUID
    code: str
    kind: Kind
    category: str
    channel: Channel
    state: State
    area_number: int
    linked: Linked
    filed_on: date
    filed_by: UUID | None
    due_on: date
    owner: UUID | None
    is_sensitive: bool
    suspends: bool
    told_at: datetime | None
    reply_until: date | None
    escalated_at: datetime | None
    escalated_to: str
    closed_at: datetime | None
    effect: Mapping[str, Any] | None = None
    steps: tuple[Step, ...] = ()
    transition: str = ""
    event_on: date | None = None

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    def is_late(self, on: date) -> bool:
        return self.is_open and self.due_on < on

    @property
    def label_id(self) -> str:
        """The words of its category, or of its kind where it has none."""
        return f"case-category-{self.category}" if self.category else f"cases-kind-{self.kind.value}"

    @property
    def escalated_role(self) -> Message:
        """The role to which it was handed on when it was late."""
        return message(f"trust-role-{self.escalated_to}")

    @property
    def spelt(self) -> str:
        """The code in groups of four, as it is handed out."""
        return "-".join(self.code[place : place + 4] for place in range(0, len(self.code), 4))


@dataclass(frozen=True)
class Asked:
    """What whoever holds a code is told of a case: nothing of anybody."""

    code: str
    state: State
    filed_on: date
    due_on: date
    is_open: bool


@dataclass(frozen=True)
class Counts:
    """Cases of one area and category; `kind` None: of all but flags. `in_time` of those closed, or late and open; flags: judged, and found to be wrong."""

    area_number: int
    category: str
    kind: Kind | None
    filed: int
    open: int
    late: int
    escalated: int
    closed: int
    in_time: int
    judged: int
    unfounded: int

    @property
    def due(self) -> int:
        """How many had their day, or were closed before it."""
        return self.closed + self.late


@dataclass(frozen=True)
class Applied:
    """What became of an application: what the rule says, what it lacks, and the enrolment where there is one by now."""

    outcome: bool | None
    missing: tuple[str, ...] = ()
    enrolment: UUID | None = None


@dataclass(frozen=True)
class Outcomes:
    """What came of the referrals of one area and category: by the state in which each ended; `waiting` have not ended."""

    area_number: int
    category: str
    filed: int
    waiting: int
    served: int
    not_served: int
    no_place: int
    unheard: int

    @property
    def over(self) -> int:
        """How many were sent and came back with an outcome."""
        return self.served + self.not_served + self.no_place + self.unheard


@dataclass(frozen=True)
class AppealExecuted:
    """An appeal was upheld, and the decision was made again as of its own day.

    `since`   the first day for which it holds now, the decision's own; `until` the day on which it was made again
    `was_…`, `outcome`, `amount`  what had been decided for these days, and what is right for them
    `decision` what was appealed; `now` the decision that stands since
    `under`   the ground on which it was executed
    """

    case: UUID
    decision: UUID
    programme: str
    unit: str
    unit_id: UUID
    household_id: UUID
    since: date
    until: date
    was_outcome: bool | None
    was_amount: int | None
    outcome: bool | None
    amount: int | None
    now: UUID | None
    under: Ground
