"""Reads out who takes part in the programme that a partner's agreement is about, page by page.

Shape   one record for each enrolment: of which kind of unit, the partner's own name for it, and the fields that it was granted
Nulls   a day that is not known or has not come is null; what the agreement does not list is not in a record at all
Errors  NotCovered as `exchange_page`
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from amparo.trust import prepared
from amparo.trust.actions.exchanging import OpenPage, exchange_page
from amparo.trust.covering import Covered, Request
from amparo.trust.grounds.pseudonyms import pseudonyms
from amparo.trust.types import Actor

_PAGE = "SELECT id, unit_id, grain, persons, state, starts_on, ends_on FROM amparo_enrolments_lent(%s, %s::int)"
_NAMES = ("state", "starts_on", "ends_on")


@dataclass(frozen=True)
class OfUnit:
    """What is told of one unit. `unit`: household, person, family or couple; `fields`: those that were granted, by name."""

    unit: str
    pseudonym: str
    fields: Mapping[str, Any]


@dataclass(frozen=True)
class Page:
    """Some enrolments. `after`: where the next page begins; None where this is the last."""

    records: tuple[OfUnit, ...]
    after: UUID | None


def enrolments(agreement: UUID, request: Request, *, by: Actor, on: date, after: UUID | None = None) -> Page:
    """Hand a page of enrolments over, at most `request.records` of them. A day's pages are one exchange.

    Without `enrolment.state` in the agreement only those who take part are told of, else also who waits and who left.
    """
    with exchange_page(agreement, request, by=by, on=on, of_day=True) as page:
        rows = prepared.rows(_PAGE, [after, request.records])
        note_units(page, [(unit, grain, persons) for _, unit, grain, persons, *_ in rows])
    names = names_of(page, [row[1] for row in rows])
    records = [
        OfUnit(grain, names[unit], granted(page.covered, dict(zip(_NAMES, told, strict=True))))
        for _, unit, grain, _, *told in rows
    ]
    # In the order of the partner's own names: ours tells who was enrolled together.
    return Page(
        tuple(sorted(records, key=lambda each: each.pseudonym)), rows[-1][0] if len(rows) == request.records else None
    )


def note_units(page: OpenPage, units: list[tuple[UUID, str, list[UUID]]]) -> None:
    """Say of a page whom it tells of: of each unit its id, what it is, and who belongs to it."""
    persons = {person for _, _, each in units for person in each}
    households = {unit for unit, grain, _ in units if grain == "household"}
    page.records, page.about = len(units), {"persons": sorted(persons), "households": sorted(households)}


def names_of(page: OpenPage, units: list[UUID]) -> dict[UUID, str]:
    return pseudonyms(units, organisation=page.partner.id, sealed=page.partner.sealed_key)


def granted(covered: Covered, told: Mapping[str, Any]) -> dict[str, Any]:
    """Return of what was read the fields that are covered, as the agreement names them, in the order in which they were asked for."""
    return {f"{each.grain}.{each.name}": told[each.name] for each in covered.fields}
