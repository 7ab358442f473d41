"""Which cycle a day is in, and when its money is due. No database and no clock.

Shape   a programme's terms and a day or a cycle's name in; a cycle out
Units   whole months and days; a cycle is named for the month in which it begins, "2026-11"
Nulls   none: every day from the first cycle's first on is in one cycle
Errors  Refused for a day before the first cycle, and for a name that is no cycle of the programme's
"""

import re
from datetime import date, timedelta

from amparo.kernel.dates import add_months, months_between
from amparo.kernel.errors import Refused
from amparo.payments.config import PaymentConfig
from amparo.payments.types import Cycle

_NAME = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


def cycle_on(terms: PaymentConfig, day: date) -> Cycle:
    """Return the cycle that a day is in."""
    if day < terms.first:
        raise Refused("payments-cycle-before-first", programme=terms.programme, first=terms.first)
    return _numbered(terms, months_between(terms.first, day) // terms.every_months)


def cycle_named(terms: PaymentConfig, name: str) -> Cycle:
    """Return the cycle of a name."""
    found = _NAME.fullmatch(name)
    months = (int(found[1]) - terms.first.year) * 12 + int(found[2]) - terms.first.month if found else -1
    if months < 0 or months % terms.every_months:
        raise Refused("payments-cycle-unknown", programme=terms.programme, cycle=name[:20], first=terms.first)
    return _numbered(terms, months // terms.every_months)


def _numbered(terms: PaymentConfig, number: int) -> Cycle:
    first = add_months(terms.first, number * terms.every_months)
    following = add_months(terms.first, (number + 1) * terms.every_months)
    return Cycle(
        name=f"{first:%Y-%m}",
        starts_on=first,
        ends_on=following - timedelta(days=1),
        pays_on=first + timedelta(days=terms.pays_after_days),
    )
