"""Answers a partner's look-ups, of one or of thousands of numbers, or of whoever a query finds, within its agreement.

Each is a page of one exchange, that of the day: under the same gates, counted and written down as any other (`sharing`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from amparo.dci.searching import Query
from amparo.kernel.errors import Refused
from amparo.registry import queries
from amparo.registry.dictionary import Dictionary
from amparo.registry.lent import PERSON, opened, reliable, statement
from amparo.registry.lent_records import Held, LentRecord, holders, identifiers, named, told_of
from amparo.registry.sought import Sought, Wanted, sought, those
from amparo.trust import prepared
from amparo.trust.actions.exchanging import OpenPage, exchange_page
from amparo.trust.covering import Covered, Request
from amparo.trust.types import Actor

# Reads something more of some persons or households, in the same transaction and behind the same gates.
Beside = Callable[[Sequence[UUID]], Mapping[UUID, Any]]
_FIRST = 3  # a row's id and its two numbers come before the fields
_ODD = """
    SELECT odd.entity_id, odd.grain, odd.field, odd.observed_on, odd.conflict FROM registry_fact_exception odd
    WHERE odd.entity_id = ANY(%s) AND (odd.grain || '.' || odd.field) = ANY(%s)
"""


@dataclass(frozen=True)
class ToldRecord(LentRecord):
    """A record with how far it can be relied on.

    `observed`  field → the day on which it was observed, and whether sources disagree; unknown fields are not in it
    `verified`  scheme → whether that number was verified
    `beside`    what else was read of them (`Beside`)
    """

    observed: Mapping[str, tuple[date, bool]] = field(default_factory=dict)
    verified: Mapping[str, bool] = field(default_factory=dict)
    beside: Any = None


class TooManyFound(Refused):
    """More were found than were asked for, and whoever asked for no page gets no part of them."""

    def __init__(self, most: int) -> None:
        super().__init__("registry-too-many-found", most=most)


@dataclass(frozen=True)
class Found:
    """Some of those whom a query found, and how many it found."""

    records: tuple[ToldRecord, ...]
    total: int


def look_up(
    agreement: UUID,
    request: Request,
    numbers: Sequence[tuple[str, str]],
    *,
    by: Actor,
    on: date,
    granted: str = "",
    beside: Beside | None = None,
    words: Dictionary | None = None,
) -> list[ToldRecord | None]:
    """Return for each (scheme, number) the record of the person who holds it; None where that is nobody in reach.

    One question to the database for all of them. `words`: the dictionary, where it was asked for already. Raises NotCovered as `exchange_page` does.
    """
    with exchange_page(agreement, request, by=by, on=on, of_day=True) as page:
        by_place = holders(numbers, page.keys)
        wanted = those(list(set(by_place.values())))
        rows = _rows(page.covered, wanted, words or queries.dictionary(), about=PERSON, granted=granted)
        read = _read(page, rows, about=PERSON, beside=beside)
    by_id = {row[0]: record for row, record in zip(rows, _told(page, rows, read), strict=True)}
    return [by_id.get(by_place.get(place)) for place in range(1, len(numbers) + 1)]


def find(
    agreement: UUID,
    request: Request,
    wanted: Wanted,
    *,
    about: str,
    by: Actor,
    on: date,
    granted: str = "",
    beside: Beside | None = None,
    words: Dictionary | None = None,
) -> Found:
    """Return those of whom is covered that a query finds, at most `request.records` of them, and how many there are.

    Raises NotCovered as `exchange_page` does, and Refused for a query by what the agreement does not hand over.
    """
    with exchange_page(agreement, request, by=by, on=on, of_day=True) as page:
        known = words or queries.dictionary()
        into = sought(wanted, page.covered, known, reliable)
        rows = _rows(page.covered, into, known, about=about, granted=granted)
        total = _total(page.covered, rows, into, known, about=about, granted=granted)
        if wanted.is_whole and total > len(rows):
            raise TooManyFound(request.records)
        read = _read(page, rows, about=about, beside=beside)
    records = _told(page, rows, read)
    if not wanted.sort:  # our own order tells who was registered together
        records = sorted(records, key=lambda each: each.pseudonym)
    return Found(tuple(records), total)


def tell(
    agreement: UUID,
    request: Request,
    ids: Sequence[UUID],
    query: Query | None,
    number: tuple[str, str] | None,
    *,
    about: str,
    by: Actor,
    on: date,
    granted: str = "",
    beside: Beside | None = None,
    words: Dictionary | None = None,
    is_of_dead: bool = False,
) -> dict[UUID, ToldRecord]:
    """Return the records of those among some persons or households whom the agreement reaches, and what they were asked for by finds.

    `query`, `number`  one of them: what somebody would be found by (`find`, `look_up`); without either, nobody is. Raises NotCovered as
    `exchange_page` does.
    """
    with exchange_page(agreement, request, by=by, on=on, of_day=True) as page:
        known = words or queries.dictionary()
        into = _among(list(ids), query, number, page, known)
        rows = _rows(page.covered, into, known, about=about, granted=granted, is_of_dead=is_of_dead)
        read = _read(page, rows, about=about, beside=beside)
    return {row[0]: record for row, record in zip(rows, _told(page, rows, read), strict=True)}


def _among(
    ids: list[UUID], query: Query | None, number: tuple[str, str] | None, page: OpenPage, words: Dictionary
) -> Sought:
    if number:
        return those([each for each in holders([number], page.keys).values() if each in ids])
    if query is None:
        return Sought(["false"])
    into = sought(Wanted(query), page.covered, words, reliable)
    into.conditions.append("own.id = ANY(%(told_ids)s)")
    into.values["told_ids"] = ids
    return into


def _rows(
    covered: Covered, into: Sought, words: Dictionary, *, about: str, granted: str, is_of_dead: bool = False
) -> list[tuple]:
    asked = statement(covered, words, about=about, granted=granted, sought=into, is_of_dead=is_of_dead)
    return opened(covered, prepared.rows(asked.text, asked.values), words)


def _total(
    covered: Covered, rows: Sequence[tuple], into: Sought, words: Dictionary, *, about: str, granted: str
) -> int:
    """Return how many were found; of a page beyond the last one it is asked for by itself."""
    if not rows and into.skip:
        rows = _rows(replace(covered, records=1), replace(into, skip=0), words, about=about, granted=granted)
    return rows[0][-1] if rows else 0


@dataclass(frozen=True)
class _Read:
    """What was read of some rows behind the partner's gates. `odd`: where a field stands apart from its row (`_ODD`)."""

    held: Mapping[UUID, Mapping[str, Held]]
    odd: Mapping[tuple[UUID, str], tuple[date, bool]]
    beside: Mapping[UUID, Any]


def _read(page: OpenPage, rows: Sequence[tuple], *, about: str, beside: Beside | None) -> _Read:
    ids = [row[0] for row in rows]
    page.records, page.about = len(rows), told_of(about, ids)
    held = identifiers(page.covered, ids) if about == PERSON else {}
    return _Read(held, _odd(page.covered, rows), beside(ids) if beside else {})


def _told(page: OpenPage, rows: Sequence[tuple], read: _Read) -> list[ToldRecord]:
    """Return the partner's records of some rows, in their order, under its own names."""
    return [
        ToldRecord(
            record.pseudonym,
            record.fields,
            record.identifiers,
            observed=_observed(row, record.fields, read.odd),
            verified={scheme: is_verified for scheme, (_, is_verified) in read.held.get(row[0], {}).items()},
            beside=read.beside.get(row[0]),
        )
        for row, record in zip(rows, named(page.covered, rows, read.held, page.partner), strict=True)
    ]


def _odd(covered: Covered, rows: Sequence[tuple]) -> dict[tuple[UUID, str], tuple[date, bool]]:
    """Return (whom, field) → day and whether disputed, where a field stands apart from its row."""
    whom = {each for row in rows for each in (row[0], row[-2]) if each}
    fields = [f"{each.grain}.{each.name}" for each in covered.fields]
    found = prepared.rows(_ODD, [list(whom), fields])
    return {(id, f"{grain}.{name}"): (on, conflict) for id, grain, name, on, conflict in found}


def _observed(
    row: tuple, fields: Mapping[str, Any], odd: Mapping[tuple[UUID, str], tuple[date, bool]]
) -> dict[str, tuple[date, bool]]:
    """Return of each field that is known when it was observed. A row ends with: two days, the household, and the total."""
    days = {"person": (row[0], row[-4]), "household": (row[-2], row[-3])}
    found = {}
    for name, value in fields.items():
        whose, day = days[name.partition(".")[0]]
        at = odd.get((whose, name), (day, False))
        if value is not None and at[0] is not None:
            found[name] = at
    return found
