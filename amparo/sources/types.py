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


@dataclass(frozen=True)
class ConnectionConfig:
    """How a source is asked: whose database it is, on what ground, by what, and what it costs (VIR-6).

    `source`     code of the registry's source as which its answers count; `owner`: of the organisation, the agreement's provider
    `key`        scheme of the identifiers by which it knows people
    `settings`   the connector's own, which it checks itself
    `cost`       of one question, minor units; `latency_ms`: what it usually takes; `coverage`: share of people it knows, 0 to 1
    `fresh_days` how old what it answers may be at most; None: as old as it is
    `seconds`    how long one question may take; `in_second`, `in_minute`: how many may be asked
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
