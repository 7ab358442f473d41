"""Every table that leaves for a spreadsheet is written here, so that no text in it runs as a formula.

Numbers, days and other typed values are written as they are, minus sign and all. Of texts, those that a spreadsheet
would calculate get an apostrophe before them, which it shows as text; a telephone number such as +254 700 123 and a
negative number are no formulas and stay.
Source  ASVS 5.0, 1.2.10; the full-width signs are taken for plain ones by East Asian versions of spreadsheet programs
"""

import csv
import re
from collections.abc import Callable, Iterable
from datetime import date, time
from decimal import Decimal
from typing import Any

SIGNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
# Spaces, quotes and what cannot be seen are passed over by the one program or the other on its way to the sign.
_BEFORE = re.compile(r"""[\s"'\u200b\u2060\ufeff]*""")
_HARMLESS = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?|\+[0-9][0-9 ]*")
_TYPED = (int, float, Decimal, date, time)


def writer(stream: Any) -> Callable[[Iterable[Any]], Any]:
    """Return what writes one row of CSV after another to a text stream that translates no line ends.

    It returns what the stream's `write` returns.
    """
    rows = csv.writer(stream)

    def write(cells: Iterable[Any]) -> Any:
        return rows.writerow([cell(each) for each in cells])

    return write


def cell(value: Any) -> str:
    """Return the text of a cell that no spreadsheet takes for a formula; None is an empty one."""
    if value is None:
        return ""
    if isinstance(value, date | time):
        return value.isoformat()
    text = str(value)
    return text if isinstance(value, _TYPED) or not _is_formula(text) else f"'{text}"


def _is_formula(text: str) -> bool:
    if _HARMLESS.fullmatch(text):
        return False
    before = _BEFORE.match(text)
    begins = before.end() if before else 0
    return text[begins : begins + 1] in SIGNS or text[:1] in ("\t", "\r", "\n")
