"""Tables that rules go by, as grids of inputs: from the drawing to cells, and from what was posted back to a drawing.

Shape   a grid is a name, its columns, and rows of cells; the input of a cell is called `<name>-<row>-<column>`
Errors  none here: a cell that cannot be read, a bar in a cell, rows that overlap are found by the checks of every drawing
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from amparo.rules.check.drawn import MOST_ROWS

Row = tuple[str, ...]


@dataclass(frozen=True)
class Grid:
    name: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def drawing(self) -> str:
        """Return the drawing as a profile has it, so that line and column of a refusal are those of a row."""
        wide = [max(map(len, each)) for each in zip(self.columns, *self.rows, strict=True)]
        lines = [
            " | ".join(cell.ljust(n) for cell, n in zip(row, wide, strict=True)) for row in (self.columns, *self.rows)
        ]
        ruler = "-+-".join("-" * each for each in wide)
        return "\n".join([lines[0].rstrip(), ruler, *(each.rstrip() or "|" for each in lines[1:]), ""])

    def acted(self, act: str) -> "Grid":
        """Return the grid after a press of one of its buttons: `add:<name>`, `remove:<name>:<row>`."""
        what, _, which = act.partition(":")
        name, _, row = which.rpartition(":") if what == "remove" else (which, "", "")
        if name != self.name:
            return self
        if what == "add" and len(self.rows) < MOST_ROWS:
            return replace(self, rows=(*self.rows, ("",) * len(self.columns)))
        if what == "remove" and row.isdecimal():
            return replace(self, rows=tuple(each for place, each in enumerate(self.rows) if str(place) != row))
        return self


def of_drawing(name: str, drawing: str, columns: Sequence[str]) -> Grid:
    """Return a drawing as a grid. A row of another width keeps its cells as far as there are columns."""
    lines = [line for line in drawing.splitlines() if line.strip() and not re.fullmatch(r"[\s|+-]*-[\s|+-]*", line)]
    return of_rows(name, columns, ([each.strip() for each in line.split("|")] for line in lines[1:]))


def of_rows(name: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Grid:
    wide = len(columns)
    return Grid(name, tuple(columns), tuple(tuple([*row, *[""] * wide][:wide]) for row in rows))


def posted(name: str, columns: Sequence[str], sent: Mapping[str, str]) -> Grid:
    """Return what somebody filled in, rows in order; an input that is missing is empty."""
    numbers = {int(found[1]) for key in sent if (found := re.fullmatch(rf"{re.escape(name)}-(\d{{1,4}})-\d+", key))}
    cells = ([sent.get(f"{name}-{row}-{column}", "") for column in range(len(columns))] for row in sorted(numbers))
    return of_rows(name, columns, ([" ".join(each.split()) for each in row] for row in cells))
