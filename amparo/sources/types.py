"""Words of sources that cross the border. No value and no number of anybody's stands in what these print."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from amparo.kernel.messages import Message, message
from amparo.registry.types import HouseholdRecord


class Caching(StrEnum):
    """What may be kept of an answer."""

    NONE = "none"  # nothing, anywhere: it is shown, and gone with the page
    UNTIL = "until"  # sealed, for so many days, and then deleted
    OBSERVATION = "observation"  # as an observation of the source, for as long as the registry keeps those

    @property
    def words(self) -> Message:
        return message(f"sources-caching-{self.value}")


class Drafting(StrEnum):
    """How a connection came to be. The words are in the catalogue under `web-sources-<drafting>`."""

    STATED = "stated"  # by the profile
    DRAFTED = "drafted"  # in the pages, by one person: nobody is asked
    LIVE = "connected"  # in the pages, and a second person let it go live


class Reason(StrEnum):
    """Why a source's value is not known. The words are in the catalogue under `sources-reason-<reason>`."""

    NOT_COVERED = "not-covered"  # no agreement, purpose or consent lets it be asked
    NO_KEY = "no-key"  # the person has no sound number in the scheme that it knows people by
    DOWN = "down"
    SLOW = "slow"
    RESTING = "resting"  # it failed so often that it is left alone for a while
    LIMITED = "limited"  # asked too often, by its own word or by ours
    REFUSED = "refused"  # it did not let us in
    NOT_CALLED = "not-called"  # its address may not be called from here
    MALFORMED = "malformed"  # what it said is no answer, or no value that there can be
    DRIFT = "drift"  # it speaks another language than was agreed
    WRONG_PERSON = "wrong-person"  # it answered about somebody else
    STALE = "stale"  # it answered with what is older than was agreed
    NOBODY = "nobody"  # it does not know the person
    SILENT = "silent"  # it knows the person, and not this

    @property
    def words(self) -> Message:
        return message(f"sources-reason-{self.value}")


# A source that was not asked may not have been: then what others say holds, as ever. Whoever was asked and did not tell
# might have said otherwise than whoever comes after them.
NOT_ASKED = frozenset({Reason.NOT_COVERED, Reason.NO_KEY})
# What a source did wrong: these count until it is left alone. That it does not know somebody is no fault.
FAULTS = frozenset(Reason) - NOT_ASKED - {Reason.RESTING, Reason.STALE, Reason.NOBODY, Reason.SILENT}


class Lost(StrEnum):
    """Why a value does not hold. The words are in the catalogue under `sources-lost-<lost>`."""

    OUTRANKED = "outranked"  # a source that comes first says otherwise, or the same
    OLDER = "older"  # one of the same rank was heard later
    OUTDATED = "outdated"  # past its last day
    UNCERTAIN = "uncertain"  # a source that comes first was asked, and is not known to agree

    @property
    def words(self) -> Message:
        return message(f"sources-lost-{self.value}")


@dataclass(frozen=True)
class Attribute:
    """One field of a person that a source tells, and how it stands in its answers.

    `at`       where: a JSON pointer, or the name of a column
    `days`     with `UNTIL` how long it is kept; with `OBSERVATION` how long it is not asked for again
    `codes`    theirs → ours; what is in no line is no answer. Empty: as it is
    `factor`   by which a number is multiplied to be in the dictionary's unit
    `yields`   where the source does not know the person or this of them, the next source's word holds. Otherwise nothing does
    """

    name: str
    at: str
    caching: Caching
    days: int = 0
    codes: Mapping[str, Any] = field(default_factory=dict)
    factor: str = "1"
    yields: bool = False


class Happening(StrEnum):
    """What an update says happened. The words are in the catalogue under `sources-happening-<happening>`."""

    BIRTH = "birth"
    DEATH = "death"
    MARRIAGE = "marriage"
    ADDRESS = "address"
    EMPLOYMENT = "employment"
    ENROLMENT = "enrolment"

    @property
    def words(self) -> Message:
        return message(f"sources-happening-{self.value}")


class Road(StrEnum):
    """How updates come in. The words are in the catalogue under `sources-road-<road>`."""

    NOTIFY = "notify"  # as messages of the DCI standard
    WEBHOOK = "webhook"  # signed, by the form of Standard Webhooks
    POLL = "poll"  # the source cannot push: it is asked what changed since

    @property
    def words(self) -> Message:
        return message(f"sources-road-{self.value}")


class UpdateReason(StrEnum):
    """Why nothing was done on an update. The words are in the catalogue under `sources-update-<reason>`."""

    SIGNATURE = "signature"  # not signed by the source
    OLD = "old"  # signed long ago: sent again by whoever kept it
    MALFORMED = "malformed"  # it cannot be read as was agreed
    KIND = "kind"  # nothing was agreed on what happened
    UNKNOWN = "unknown"  # about nobody whom the registry knows, or may act on
    NOT_COVERED = "not-covered"  # no agreement in force lets it be taken
    NOT_KEPT = "not-kept"  # what it tells may not be kept
    DAY = "day"  # of a day to come
    DRIFT = "drift"  # a place or a code that nobody agreed on
    CONFLICT = "conflict"  # against what is known: who died, died on another day, or lived there later
    BROKEN = "broken"  # a rule, figure or field of ours

    @property
    def words(self) -> Message:
        return message(f"sources-update-{self.value}")


@dataclass(frozen=True)
class UpdateKind:
    """One kind of update that a source tells: its own `name` for it, what happened, and where the new values stand.

    Without `attributes` nothing of it is kept: the source is asked again about whoever it is about. A death has one, the day.
    """

    name: str
    happening: Happening
    attributes: tuple[Attribute, ...] = ()


@dataclass(frozen=True)
class UpdateConfig:
    """How a source tells by itself what happened. `settings`: the road's own, which it checks itself (`updates.roads`)."""

    road: Road
    kinds: tuple[UpdateKind, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)

    def kind(self, name: str) -> UpdateKind | None:
        return next((each for each in self.kinds if each.name == name), None)


@dataclass(frozen=True)
class Update:
    """What a source says happened to somebody, as it came. `at`: when, at the source; `values`: as they stand there."""

    id: str = field(repr=False)
    kind: str
    at: datetime
    number: str = field(repr=False)
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class UpdateTaken:
    """An update was taken, and its household decided again: whoever must be told of it reacts to this.

    `is_to_ask`: it told no values, and its source is to be asked about the household
    """

    source: str
    happening: Happening
    person_id: UUID
    household_id: UUID | None
    on: date
    is_to_ask: bool = False


@dataclass(frozen=True)
class UpdatesRefused:
    """How often a source's updates were refused for a reason, and when last."""

    reason: UpdateReason
    times: int
    last_at: datetime


@dataclass(frozen=True)
class UpdatesState:
    """How the updates of a source stand: how many were taken, the last of them, and those that were refused, the latest first.

    `within_seconds`  in how much time 95 of the last 100 were done, from their coming in
    """

    taken: int = 0
    last_at: datetime | None = None
    last: Happening | None = None
    within_seconds: float | None = None
    asked_at: datetime | None = None
    refused: Sequence[UpdatesRefused] = ()


@dataclass(frozen=True)
class ConnectionConfig:
    """How a source is asked: whose database it is, on what ground, by what, and what it costs (VIR-6).

    `source`     code of the registry's source as which its answers count; `owner`: of the organisation, the agreement's provider
    `key`        scheme of the identifiers by which it knows people
    `settings`   the connector's own, which it checks itself
    `cost`       of one question, minor units; `latency_ms`: what it usually takes; `coverage`: share of people it knows, 0 to 1
    `fresh_days` how old what it answers may be at most; None: as old as it is
    `seconds`    how long one question may take; `in_second`, `in_minute`, `in_day`: of how many persons may be asked. None: as
                 many in a day as the others allow
    `updates`    how it tells by itself what happened; None: it does not
    """

    source: str
    owner: str
    agreement: str
    connector: str
    key: str
    attributes: tuple[Attribute, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)
    cost: int = 0
    latency_ms: int | None = None
    coverage: float | None = None
    fresh_days: int | None = None
    seconds: float = 3.0
    in_second: int = 20
    in_minute: int = 600
    in_day: int | None = None
    updates: UpdateConfig | None = None

    def attribute(self, name: str) -> Attribute:
        return next(each for each in self.attributes if each.name == name)


@dataclass(frozen=True)
class ConnectionState:
    """A connection with how it stands. `resting_until` None: it is asked."""

    connection: ConnectionConfig
    drafting: Drafting = Drafting.STATED
    last_success_at: datetime | None = None
    last_failure_at: datetime | None = None
    last_reason: Reason | None = None
    failures: int = 0
    resting_until: datetime | None = None
    updates: UpdatesState = field(default_factory=UpdatesState)


class RoundState(StrEnum):
    """How a round stands. The words are in the catalogue under `sources-round-<state>`."""

    RUNNING = "running"
    STOPPED = "stopped"  # by a person
    HALTED = "halted"  # by itself: it says why
    DONE = "done"

    @property
    def words(self) -> Message:
        return message(f"sources-round-{self.value}")


# How it went with a person of whom there is no reason why not: the words are under `sources-outcome-<outcome>`.
TOLD, HELD = "told", "held"


@dataclass(frozen=True)
class Round:
    """One source asked about everybody in an area. `counts`: `TOLD`, `HELD` (held already) or a reason → of how many persons.

    `persons`  how many there were when it started; `done`: how many it came past
    `waits_for`, `next_at`  for what it waits and until when
    """

    id: UUID
    source: str
    purpose: str
    area: str
    persons: int
    started_by: UUID
    started_at: datetime
    state: RoundState
    ended_at: datetime | None
    done: int
    asked: int
    kept: int
    counts: Mapping[str, int]
    worked_at: datetime | None
    waits_for: Reason | None
    next_at: datetime | None
    problem: Message | None

    @property
    def progress(self) -> float:
        """The share of persons that it came past, 0 to 1; not before it is done does it say 1."""
        if self.state is RoundState.DONE:
            return 1.0
        return min(self.done / self.persons, 0.999) if self.persons else 0.0

    @property
    def reasons(self) -> dict[Reason, int]:
        """Why it is not known of how many, the most frequent first."""
        known = {Reason(name): count for name, count in self.counts.items() if name not in (TOLD, HELD)}
        return dict(sorted(known.items(), key=lambda each: -each[1]))

    @property
    def is_partial(self) -> bool:
        """Whether a source that was asked did not tell of somebody, for a reason that is its own and may pass."""
        return any(reason in FAULTS or reason is Reason.STALE for reason in self.reasons)


@dataclass(frozen=True)
class Question:
    """What a connector asks: about whom, by their number, for which attributes."""

    number: str = field(repr=False)
    attributes: tuple[Attribute, ...] = ()
    seconds: float = 3.0


@dataclass(frozen=True)
class Answer:
    """What a source said of one person: field → value in the dictionary's type, or why it is not known."""

    values: Mapping[str, Any] = field(default_factory=dict, repr=False)
    reasons: Mapping[str, Reason] = field(default_factory=dict)
    observed_on: date | None = None


@dataclass(frozen=True)
class FileValue:
    """A value with its source and day. `is_asked_now`: it came with this file; else it was held here."""

    value: Any = field(repr=False)
    source: str = ""
    observed_on: date | None = None
    is_asked_now: bool = False
    caching: Caching | None = None
    valid_until: date | None = None
    is_outlived: bool = field(default=False, repr=False)

    def is_outdated(self, on: date) -> bool:
        return self.is_outlived or (self.valid_until is not None and self.valid_until < on)


@dataclass(frozen=True)
class FileField:
    """What the file holds of one field of one person (VIR-1, VIR-6). `value` None: unknown, as `missing` or `losing` says.

    `missing`  source → why what it would say is not known
    `losing`   what others say, each with why it does not hold
    """

    name: str
    value: FileValue | None = None
    missing: Mapping[str, Reason] = field(default_factory=dict)
    losing: Sequence[tuple[FileValue, Lost]] = ()


@dataclass(frozen=True)
class HouseholdFile:
    """What all sources that may be asked say of the members of a household: person → its fields, in the dictionary's order.

    `not_covered`  source → why it was not asked of anybody here
    `record`       the household as the registry has it
    """

    record: HouseholdRecord
    fields: Mapping[UUID, Sequence[FileField]]
    asked: Collection[str] = ()
    not_covered: Mapping[str, Message] = field(default_factory=dict)
    failed: Mapping[str, Collection[Reason]] = field(default_factory=dict)

    @property
    def is_partial(self) -> bool:
        """Whether a source that was asked did not tell all that it was asked for."""
        return bool(self.failed)
