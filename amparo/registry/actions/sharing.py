"""Hands records over to a partner, page by page, within its agreement and both gates, under the partner's own names."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connections

from amparo.registry import queries
from amparo.registry.lent import PERSON, opened, statement
from amparo.registry.lent_records import LentRecord, identifiers, named, told_of
from amparo.trust.actions.exchanging import exchange_page
from amparo.trust.covering import Covered, Request
from amparo.trust.types import Actor

Place = tuple[int, int]


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
    records = sorted(named(page.covered, rows, held, page.partner), key=lambda each: each.pseudonym)
    return Page(page.exchange, tuple(records), rows[-1][1:3] if is_full else None)


def _rows(covered: Covered, *, about: str, granted: str, after: Place | None) -> list[tuple]:
    words = queries.dictionary()
    asked = statement(covered, words, about=about, granted=granted, after=after)
    with connections["default"].cursor() as cursor:
        cursor.execute(asked.text, asked.values)
        return opened(covered, cursor.fetchall(), words)
