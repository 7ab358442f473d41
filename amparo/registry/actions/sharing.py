"""Hands records over to a partner, page by page, within its agreement and both gates, under the partner's own names."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connections

from amparo.registry import queries
from amparo.registry.lent import PERSON, opened, statement
from amparo.registry.models import Identifier, Membership
from amparo.trust.actions.exchanging import exchange_page
from amparo.trust.covering import Covered, Request
from amparo.trust.grounds.agreements import partner_of
from amparo.trust.grounds.pseudonyms import pseudonyms
from amparo.trust.keys import encryption
from amparo.trust.types import Actor

Place = tuple[int, int]
Held = tuple[str, bool]  # a number, and whether it is verified


@dataclass(frozen=True)
class LentRecord:
    """One record as a partner gets it: its own name for it, what it asked for, and the identifiers it was granted.

    `fields`  `<grain>.<name>` → value, band, answer or whether known; None: unknown
    """

    pseudonym: str
    fields: Mapping[str, Any]
    identifiers: Mapping[str, str]


@dataclass(frozen=True)
class Page:
    """Some records of an exchange. `after`: where the next page begins; None where this is the last."""

    exchange: UUID
    records: tuple[LentRecord, ...]
    after: Place | None


def share(
    agreement: UUID,
    request: Request,
    *,
    about: str,
    by: Actor,
    on: date,
    exchange: UUID | None = None,
    after: Place | None = None,
    granted: str = "",
) -> Page:
    """Hand one page over, in one transaction in which the agreement cannot change.

    `by` is the partner under this agreement (`trust.types.partner`); `about` is "person" or "household"; `request.records`
    is how many this page may hold. A further page names its `exchange` and where it goes on. Raises NotCovered, with the
    reason, when the request does not keep within the agreement: then nothing is handed over, and that is written down.
    """
    with exchange_page(agreement, request, by=by, on=on, exchange=exchange) as page:
        rows = _rows(page.covered, about=about, granted=granted, after=after)
        ids = [row[0] for row in rows]
        held = identifiers(page.covered, ids) if about == PERSON else {}
        page.records, page.about = len(rows), told_of(about, ids)
    is_full = len(rows) == request.records
    # In the order of the partner's own names: ours tells who was registered together.
    records = sorted(named(page.covered, rows, held), key=lambda each: each.pseudonym)
    return Page(page.exchange, tuple(records), rows[-1][1:3] if is_full else None)


def _rows(covered: Covered, *, about: str, granted: str, after: Place | None) -> list[tuple]:
    words = queries.dictionary()
    asked = statement(covered, words, about=about, granted=granted, after=after)
    with connections["default"].cursor() as cursor:
        cursor.execute(asked.text, asked.values)
        return opened(covered, cursor.fetchall(), words)


def told_of(about: str, ids: Sequence[UUID]) -> dict[str, Sequence[UUID]]:
    """Return whom records tell of. What is told of a household is told of everybody in it."""
    if about == PERSON:
        return {"persons": ids}
    members = Membership.objects.filter(household_id__in=ids, ends_on=None).values_list("person_id", flat=True)
    return {"households": ids, "persons": list(members)}


def identifiers(covered: Covered, persons: Sequence[UUID]) -> Mapping[UUID, Mapping[str, Held]]:
    """Return person → scheme → number and whether it is verified, of the schemes that were asked for and granted."""
    held: dict[UUID, dict[str, Held]] = defaultdict(dict)
    if not covered.identifiers:
        return held
    for each in Identifier.objects.filter(person_id__in=persons, scheme__in=covered.identifiers, is_live=True):
        place = f"registry_identifier.value:{each.id}".encode()
        number = encryption.decrypt("identity", each.value, place).decode()
        held[each.person_id][each.scheme] = number, each.verified
    return held


def named(covered: Covered, rows: Sequence[tuple], held: Mapping[UUID, Mapping[str, Held]]) -> list[LentRecord]:
    """Return rows as the partner's records, in the order of the rows, under the partner's own names."""
    partner = partner_of(covered.agreement)
    names = pseudonyms([row[0] for row in rows], organisation=partner.id, sealed=partner.sealed_key)
    titles = [f"{each.grain}.{each.name}" for each in covered.fields]
    return [
        LentRecord(
            names[row[0]],
            dict(zip(titles, row[3 : 3 + len(titles)], strict=True)),
            {scheme: number for scheme, (number, _) in held.get(row[0], {}).items()},
        )
        for row in rows
    ]
