"""Reads what a table or model is drawn with: one row a line, cells between `|`, the names of the columns first.

Errors  RuleRefused with line and column in the drawing: no rows, another number of cells than columns, other columns
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from amparo.rules.model.nodes import NOWHERE, Place
from amparo.rules.model.rule import RuleRefused

MOST_ROWS = 500
_RULER = re.compile(r"[\s|+-]*-[\s|+-]*")


class Written(NamedTuple):
    """A cell's words, without the spaces around them, and where they stand."""

    text: str
    place: Place


def drawn(text: str, columns: Sequence[str]) -> list[list[Written]]:
    """Return the rows below a head that names exactly these columns; a line of dashes may follow the head."""
    lines = [_cells(line, number, start) for number, start, line in _lines(text)]
    if not lines or [each.text for each in lines[0]] != list(columns):
        place = lines[0][0].place if lines else NOWHERE
        raise RuleRefused("rules-table-head", place, columns=" | ".join(columns))
    rows = lines[1:]
    if not rows:
        raise RuleRefused("rules-table-empty", lines[0][0].place)
    if len(rows) > MOST_ROWS:
        raise RuleRefused("rules-table-too-long", rows[MOST_ROWS][0].place, most=MOST_ROWS)
    for row in rows:
        if len(row) != len(columns):
            raise RuleRefused("rules-table-width", row[0].place, found=len(row), expected=len(columns))
    return rows


def _lines(text: str) -> list[tuple[int, int, str]]:
    """Return number, place in the text, and words of each line that holds a row."""
    found: list[tuple[int, int, str]] = []
    start = 0
    for number, line in enumerate(text.split("\n"), 1):
        is_ruler = number > 1 and "-" in line and len(found) == 1 and _RULER.fullmatch(line)
        if line.strip() and not is_ruler:
            found.append((number, start, line))
        start += len(line) + 1
    return found


def _cells(line: str, number: int, start: int) -> list[Written]:
    cells, column = [], 0
    for part in line.split("|"):
        first = column + len(part) - len(part.lstrip())
        words = part.strip()
        place = Place(number, first + 1, start + first, start + first + max(len(words), 1))
        cells.append(Written(words, place))
        column += len(part) + 1
    return cells
