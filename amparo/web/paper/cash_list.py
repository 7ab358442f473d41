"""A cash list as PDF: one sheet an area, a row a payment with room to sign, the sum of each page and of all.

    pdf(printed, language) -> bytes

Errors  Refused where a script has no letters in the fonts at hand, or setting took too long: never a page with holes
"""

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.kernel.messages import message
from amparo.kernel.money import Money
from amparo.notices.paper.child import typeset
from amparo.payments.actions.sheets import CashList
from amparo.payments.types import CashRow, CashSheet
from amparo.profiles.languages import has_words, is_right_to_left, say, written
from amparo.trust.queries import areas_numbered
from amparo.web.area_names import plain

SECONDS = 60
ON_A_PAGE = 14
TEMPLATE = Path(__file__).with_name("cash_list.typ")
_HEADER = ("web-cash-number", "web-cash-reference", "web-cash-name", "web-cash-amount", "web-cash-signature")


def pdf(printed: CashList, language: str) -> bytes:
    """Return a cash list as PDF/UA, in a language."""
    try:
        made = typeset(TEMPLATE, _told(printed, language), seconds=SECONDS)
    except subprocess.TimeoutExpired:
        raise Refused("web-paper-slow", seconds=SECONDS) from None
    if made is None:
        raise Refused("web-paper-not-set", language=language)
    return made


def _told(printed: CashList, language: str) -> dict[str, Any]:
    made = printed.made
    places = areas_numbered(each.area_number for each in printed.sheets if each.area_number is not None)
    pages = [page for each in printed.sheets for page in _pages(printed, each, places, language)]
    total = message("web-cash-total", payments=printed.payments, amount=_money(printed, printed.amount_minor))
    name = f"programme-{made.programme}"
    return {
        "language": language.split("-")[0],
        "is_right_to_left": is_right_to_left(language),
        "title": say("web-cash-title", language),
        "about": [
            say(name, language) if has_words(name) else made.programme,
            say("web-payments-part", language, cycle=made.cycle, part=made.part),
            say("web-cash-due", language, day=made.pays_on),
        ],
        "header": [say(each, language) for each in _HEADER],
        "pages": pages,
        "total": written(total, language),
        "paid_by": say("web-cash-paid-by", language),
        "foot": say("web-cash-foot", language, day=clock.today()),
    }


def _pages(printed: CashList, sheet: CashSheet, places: Mapping[int, Any], language: str) -> Iterator[dict[str, Any]]:
    """Yield the pages of an area, each with its own sum."""
    place = places.get(sheet.area_number) if sheet.area_number is not None else None
    where = plain(place, language) if place else say("web-cash-by-reference", language)
    for begin in range(0, len(sheet.rows), ON_A_PAGE):
        rows = sheet.rows[begin : begin + ON_A_PAGE]
        sum_of_page = _money(printed, sum(each.amount_minor for each in rows))
        total = message("web-cash-page-total", payments=len(rows), amount=sum_of_page)
        cells = [_cells(printed, each, language) for each in rows]
        yield {"where": where, "rows": cells, "total": written(total, language)}


def _cells(printed: CashList, row: CashRow, language: str) -> list[str]:
    amount = written(_money(printed, row.amount_minor), language)
    return [written(row.number, language), row.reference, row.name or "–", amount, ""]


def _money(printed: CashList, minor: int) -> Money:
    return Money(minor, printed.made.currency, printed.made.decimals)
