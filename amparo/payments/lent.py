"""Reads out to the system of a programme what the lists of a cycle pay, page by page, under its agreement.

Shape   one record for each payment of the cycle's approved lists: its reference, the partner's own name for the unit, and the fields
        that it was granted; currency and decimals with it. Where anything is paid to is not in it
Units   minor units
Nulls   an amount or a day that is not known is null; what the agreement does not list is not in a record at all
Errors  NotCovered as `exchange_page`; Refused for what is no cycle of the programme
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from amparo.payments.cycles import cycle_named
from amparo.payments.lent_words import PAYMENT, WORDS
from amparo.payments.queries.terms import terms_of
from amparo.programmes.lent_enrolments import OfUnit, granted, names_of, note_units
from amparo.trust import prepared
from amparo.trust.actions.exchanging import exchange_page
from amparo.trust.covering import Request
from amparo.trust.types import Actor

_PAGE = """
    SELECT reference, unit_id, grain, persons, currency, decimals, amount, state, paid, paid_on
    FROM amparo_payments_lent(%s, %s, %s::int)
"""


@dataclass(frozen=True)
class LentPayment(OfUnit):
    """What is told of one payment. `reference`: that by which whoever pays knows it."""

    reference: str
    currency: str
    decimals: int


@dataclass(frozen=True)
class Page:
    """Some payments. `after`: the reference after which the next page begins; None where this is the last."""

    records: tuple[LentPayment, ...]
    after: str | None


def payments(agreement: UUID, request: Request, cycle: str, *, by: Actor, on: date, after: str = "") -> Page:
    """Hand a page of a cycle's payments over, at most `request.records` of them. A day's pages are one exchange."""
    with exchange_page(agreement, request, by=by, on=on, of_day=True) as page:
        named = cycle_named(terms_of(request.programme)[1], cycle).name
        rows = prepared.rows(_PAGE, [named, after, request.records])
        note_units(page, [(unit, grain, persons) for _, unit, grain, persons, *_ in rows])
    names = names_of(page, [row[1] for row in rows])
    records = tuple(
        LentPayment(
            grain,
            names[unit],
            granted(page.covered, dict(zip(WORDS[PAYMENT], told, strict=True))),
            reference,
            currency,
            decimals,
        )
        for reference, unit, grain, _, currency, decimals, *told in rows
    )
    return Page(records, rows[-1][0] if len(rows) == request.records else None)
