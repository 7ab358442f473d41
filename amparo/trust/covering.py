"""What a data-sharing agreement allows, and whether one request keeps within it. No database and no clock.

Shape   an agreement, a request and a day in; `Covered` (which fields, how, of whom) or `Refusal` (why not) out
Units   ranges of area numbers with both ends included; limits of a band or test in the field's own type, money in minor
        units; volume in records
Nulls   `exchanges` None: as often as is asked. Everything else is stated, and what is not stated is not allowed
Errors  none is raised: what does not keep within the agreement is refused whole, with the first reason found
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Any
from uuid import UUID

from amparo.kernel.messages import Message, message

Limit = int | float | str | bool | date
Range = tuple[int, int]


class Given(StrEnum):
    """How much of a field's value is handed over."""

    VALUE = "value"
    BAND = "band"  # between which of the stated limits it lies
    TEST = "test"  # yes or no: whether it passes the stated comparison
    KNOWN = "known"  # whether anything is known


class Comparison(StrEnum):
    AT_LEAST = "at-least"
    AT_MOST = "at-most"
    EQUALS = "equals"


class Direction(StrEnum):
    """Seen from the registry."""

    OUT = "out"
    IN = "in"


class Period(StrEnum):
    """The stretch of the calendar in which exchanges and records are counted."""

    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class State(StrEnum):
    """Where an agreement stands. Expiry is no state: the day decides it (`covers`)."""

    DRAFTED = "drafted"
    SIGNED = "signed"  # by one of the two sides
    IN_FORCE = "in-force"
    SUSPENDED = "suspended"
    ENDED = "ended"


@dataclass(frozen=True)
class FieldTerm:
    """One field that may be handed over, and how.

    `limits`      of a band: its inner limits, ascending; of a test: the one value compared with
    `comparison`  of a test only
    """

    grain: str
    name: str
    given: Given = Given.VALUE
    limits: tuple[Limit, ...] = ()
    comparison: Comparison | None = None

    @property
    def is_sound(self) -> bool:
        """Whether the limits are those that the way of giving asks for."""
        if self.given is Given.BAND:
            return len(self.limits) > 0 and _ascend(self.limits) and self.comparison is None
        if self.given is Given.TEST:
            return len(self.limits) == 1 and self.comparison is not None
        return not self.limits and self.comparison is None


def _ascend(limits: tuple[Limit, ...]) -> bool:
    """Whether limits are in one order from low to high; what has no order, or is no number, is in none."""
    if any(isinstance(each, str | bool) or each != each for each in limits):
        return False
    if len({isinstance(each, date) for each in limits}) > 1:
        return False
    return all(before < after for before, after in pairwise(limits))  # type: ignore[operator]


@dataclass(frozen=True)
class Terms:
    """What two sides agree on.

    `provider`, `consumer`  codes of organisations
    `areas`        codes of areas; everybody who lives in them, and nobody without one
    `programme`    narrows these to whom the programme grants something; empty: all of them
    `identifiers`  schemes whose numbers are handed over beside the partner's pseudonym
    `exchanges`, `volume`  how often and how many records in one period
    `retention_days`  how long the consumer may keep what it got
    """

    provider: str
    consumer: str
    direction: Direction
    purpose: str
    legal_basis: str
    fields: tuple[FieldTerm, ...]
    areas: tuple[str, ...]
    starts_on: date
    ends_on: date
    volume: int
    period: Period
    retention_days: int
    programme: str = ""
    identifiers: tuple[str, ...] = ()
    needs_consent: bool = False
    exchanges: int | None = None

    @property
    def partner(self) -> str:
        """Return the side that is not the registry's own."""
        return self.consumer if self.direction is Direction.OUT else self.provider

    def asked_under(self, code: str) -> str:
        """Return a digest of what a person is asked to consent to: who gets what, how, for what purpose, under what code.

        A version that asks the same as the one it succeeds keeps the consents; one that asks anything else needs new ones.
        """
        fields = sorted(
            json.dumps([each.grain, each.name, each.given, [str(limit) for limit in each.limits], each.comparison])
            for each in self.fields
        )
        told = [code, self.provider, self.consumer, self.purpose, self.programme, fields, sorted(self.identifiers)]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()


@dataclass(frozen=True)
class Agreement:
    """One version of an agreement as it stands. `ranges`: the numbers of its areas, one range for each."""

    id: UUID
    code: str
    version: int
    terms: Terms
    state: State
    ranges: tuple[Range, ...]


@dataclass(frozen=True)
class Request:
    """What somebody asks for under an agreement, with how much they have had in its present period.

    `fields`   (grain, name); each is handed over as the agreement says
    `areas`    ranges of area numbers: some of the agreement's areas, each of them whole
    `records`  how many at most this time
    `is_continued`  a further page of an exchange that was counted when it began
    """

    consumer: str
    direction: Direction
    purpose: str
    fields: tuple[tuple[str, str], ...]
    areas: tuple[Range, ...]
    records: int
    programme: str = ""
    identifiers: tuple[str, ...] = ()
    records_so_far: int = 0
    exchanges_so_far: int = 0
    is_continued: bool = False

    @property
    def asked(self) -> dict[str, Any]:
        """What is asked for, as an exchange keeps it."""
        return {
            "purpose": self.purpose,
            "fields": [f"{grain}.{name}" for grain, name in self.fields],
            "areas": [list(each) for each in self.areas],
            "programme": self.programme,
            "identifiers": list(self.identifiers),
        }


@dataclass(frozen=True)
class Covered:
    """What may be handed over: the request, in the agreement's words. Everything a query needs to keep within it."""

    agreement: UUID
    fields: tuple[FieldTerm, ...]
    areas: tuple[Range, ...]
    programme: str
    identifiers: tuple[str, ...]
    needs_consent: bool
    asked: str
    records: int
    on: date


@dataclass(frozen=True)
class Refusal:
    """Why the whole request is refused: what happened, why it matters, what to do."""

    reason: Message


def covers(agreement: Agreement, request: Request, on: date) -> Covered | Refusal:
    """Return what an agreement lets a request have on a day, or why it gets nothing at all.

    One field that is not listed, one area that is not named, and the whole request is refused.
    """
    for holds in _MUST_HOLD:
        if reason := holds(agreement, request, on):
            return Refusal(reason)
    terms = agreement.terms
    listed = {(each.grain, each.name): each for each in terms.fields}
    return Covered(
        agreement=agreement.id,
        fields=tuple(listed[each] for each in dict.fromkeys(request.fields)),
        areas=tuple(dict.fromkeys(request.areas)),
        programme=terms.programme,
        identifiers=tuple(dict.fromkeys(request.identifiers)),
        needs_consent=terms.needs_consent,
        asked=terms.asked_under(agreement.code),
        records=request.records,
        on=on,
    )


def _state(agreement: Agreement, request: Request, on: date) -> Message | None:
    if agreement.state is State.IN_FORCE:
        return None
    return message("trust-agreement-not-in-force", agreement=agreement.code, state=state_words(agreement.state))


def state_words(state: State) -> Message:
    return message(f"trust-agreement-state-{state.value}")


def _day(agreement: Agreement, request: Request, on: date) -> Message | None:
    terms = agreement.terms
    if on < terms.starts_on:
        return message("trust-agreement-not-begun", agreement=agreement.code, day=terms.starts_on)
    if on > terms.ends_on:
        return message("trust-agreement-expired", agreement=agreement.code, day=terms.ends_on)
    return None


def _party(agreement: Agreement, request: Request, on: date) -> Message | None:
    if request.consumer == agreement.terms.consumer and request.direction is agreement.terms.direction:
        return None
    return message("trust-agreement-of-others", agreement=agreement.code)


def _purpose(agreement: Agreement, request: Request, on: date) -> Message | None:
    if request.purpose == agreement.terms.purpose:
        return None
    return message("trust-agreement-other-purpose", agreement=agreement.code, purpose=agreement.terms.purpose)


def _fields(agreement: Agreement, request: Request, on: date) -> Message | None:
    if not request.fields:
        return message("trust-agreement-nothing-asked", agreement=agreement.code)
    listed = {(each.grain, each.name) for each in agreement.terms.fields if each.is_sound}
    lost = [f"{grain}.{name}" for grain, name in dict.fromkeys(request.fields) if (grain, name) not in listed]
    return (
        message("trust-agreement-field-not-covered", agreement=agreement.code, fields=_listed(lost)) if lost else None
    )


def _identifiers(agreement: Agreement, request: Request, on: date) -> Message | None:
    lost = [each for each in dict.fromkeys(request.identifiers) if each not in agreement.terms.identifiers]
    if not lost:
        return None
    return message("trust-agreement-no-identifier", agreement=agreement.code, schemes=_listed(lost))


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)


def _population(agreement: Agreement, request: Request, on: date) -> Message | None:
    """A part of an area would tell where in it somebody lives, another programme that they are in it."""
    areas_hold = bool(request.areas) and set(request.areas) <= set(agreement.ranges)
    if areas_hold and request.programme == agreement.terms.programme:
        return None
    return message("trust-agreement-other-population", agreement=agreement.code)


def _frequency(agreement: Agreement, request: Request, on: date) -> Message | None:
    most = agreement.terms.exchanges
    if most is None or request.is_continued or request.exchanges_so_far < most:
        return None
    return message("trust-agreement-too-often", agreement=agreement.code, most=most, period=_of_period(agreement))


def _volume(agreement: Agreement, request: Request, on: date) -> Message | None:
    most = agreement.terms.volume
    left = max(most - max(request.records_so_far, 0), 0)
    if 0 < request.records <= left:
        return None
    return message(
        "trust-agreement-too-many", agreement=agreement.code, most=most, left=left, period=_of_period(agreement)
    )


def _of_period(agreement: Agreement) -> Message:
    return message(f"trust-period-{agreement.terms.period.value}")


# In the order in which a reason is given: what concerns the agreement itself comes before what concerns the request.
_MUST_HOLD: tuple[Callable[[Agreement, Request, date], Message | None], ...] = (
    _state,
    _day,
    _party,
    _purpose,
    _fields,
    _identifiers,
    _population,
    _frequency,
    _volume,
)


def first_day(period: Period, on: date) -> date:
    """Return the day on which the period that a day lies in began."""
    month = {Period.YEAR: 1, Period.QUARTER: on.month - (on.month - 1) % 3}.get(period, on.month)
    return on if period is Period.DAY else date(on.year, month, 1)
