"""Reads one sheet of a spreadsheet (XLSX), once its scan found nothing that would hurt."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from itertools import chain, islice, repeat
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
    """Write the sheet's rows as text, formulas and errors as their own text; a row's line is its row in the sheet."""
    found = scan(Path(wanted.path), wanted.name, wanted.sheet)
    rows = _rows(wanted, found)
    heading = _heading(rows, wanted)
    with RowWriter(Path(wanted.into), heading, wanted.name) as writer:
        while batch := list(islice(rows, _BATCH)):
            lines, cells = zip(*batch, strict=True)
            columns = [pa.array(column, pa.string()) for column in zip(*cells, strict=True)]
            numbers = pa.array(lines, pa.int64())
            writer.check_texts(columns, numbers)
            writer.write(columns, numbers)
            progress(writer.rows)
        return Read(wanted.name, "xlsx", writer.rows, 0, sha256, tuple(heading))


def _rows(wanted: Wanted, found: Sheet) -> Iterator[tuple[int, list[str]]]:
    """Yield (row number, texts) of every row in which something is written."""
    try:
        sheet = CalamineWorkbook.from_path(wanted.path).get_sheet_by_name(found.name)
        # The library starts at the first row of all, but at the first column that is used.
        before = sheet.start[1] if sheet.start else found.columns
        if sheet.end and (sheet.end[0] >= found.rows or sheet.end[1] >= found.columns):
            raise Refused("intake-workbook-suspect", file=wanted.name)  # the library reads what was not looked into
        written = _by_row(found)
        first = min([before, *(column for cells in written.values() for column, _ in cells)])
        width = max([sheet.end[1] + 1 if sheet.end else 0, *(c + 1 for cells in written.values() for c, _ in cells)])
        rows = chain(sheet.iter_rows(), repeat(()))
        for number, cells in zip(range(1, found.rows + 1), rows, strict=False):
            texts = [""] * before + [_text(cell) for cell in cells]
            texts += [""] * (width - len(texts))
            for column, text in written.get(number, ()):
                texts[column] = text
            if any(texts):
                yield number, texts[first:]
    except CalamineError:
        raise Refused("intake-workbook-unreadable", file=wanted.name) from None


def _by_row(found: Sheet) -> dict[int, list[tuple[int, str]]]:
    """Return what is taken as written: for each row, columns from 0 with their text."""
    by_row: dict[int, list[tuple[int, str]]] = {}
    for (row, column), text in found.written.items():
        by_row.setdefault(row, []).append((column - 1, text))
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
        return str(int(cell)) if cell.is_integer() and abs(cell) < 10**21 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time(0) else cell.isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)
