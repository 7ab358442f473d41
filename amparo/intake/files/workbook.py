"""Reads one sheet of a spreadsheet (XLSX), once its scan found nothing that would hurt."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook

from amparo.intake.files.wanted import Read, Wanted, check_heading
from amparo.intake.files.workbook_scan import Sheet, scan
from amparo.intake.files.writing import RowWriter
from amparo.kernel.errors import Refused

_BATCH = 4_096


def read(wanted: Wanted, sha256: str, progress: Callable[[int], None]) -> Read:
    """Write the sheet's rows as text, formulas as their own text; a row's line is its row in the sheet."""
    found = scan(Path(wanted.path), wanted.name, wanted.sheet)
    rows = _rows(wanted, found)
    heading = _heading(rows, wanted)
    with RowWriter(Path(wanted.into), heading, wanted.name) as writer:
        while batch := list(islice(rows, _BATCH)):
            lines, cells = zip(*batch, strict=True)
            columns = [pa.array(column, pa.string()) for column in zip(*cells, strict=True)]
            writer.write(columns, pa.array(lines, pa.int64()))
            progress(writer.rows)
        return Read(wanted.name, "xlsx", writer.rows, 0, sha256, tuple(heading))


def _rows(wanted: Wanted, found: Sheet) -> Iterator[tuple[int, list[str]]]:
    """Yield (row number, texts) of every row in which something is written."""
    try:
        sheet = CalamineWorkbook.from_path(wanted.path).get_sheet_by_name(found.name)
        # The library starts at the first row of all, but at the first column that is used.
        first_column = sheet.start[1] if sheet.start else 0
        formulas = _formulas_by_row(found, first_column)
        for number, cells in enumerate(sheet.iter_rows(), 1):
            texts = [_text(cell) for cell in cells]
            for column, formula in formulas.get(number, ()):
                texts[column] = formula
            if any(texts):
                yield number, texts
    except CalamineError:
        raise Refused("intake-workbook-unreadable", file=wanted.name) from None


def _formulas_by_row(found: Sheet, first_column: int) -> dict[int, list[tuple[int, str]]]:
    by_row: dict[int, list[tuple[int, str]]] = {}
    for (row, column), formula in found.formulas.items():
        by_row.setdefault(row, []).append((column - 1 - first_column, formula))
    return by_row


def _heading(rows: Iterator[tuple[int, list[str]]], wanted: Wanted) -> list[str]:
    _, texts = next(rows, (0, []))
    if not texts:
        raise Refused("intake-file-empty", file=wanted.name)
    heading = [text.strip() for text in texts]
    check_heading(heading, wanted)
    return heading


def _text(cell: Any) -> str:
    """Write a cell as it would stand in a CSV: whole numbers without a point, days as ISO dates."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time(0) else cell.isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)
