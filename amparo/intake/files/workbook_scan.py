"""Looks into a spreadsheet's zip and XML before any spreadsheet library does, and refuses what would hurt it.

What the library would change or drop (a formula, an error, a number no spreadsheet can hold) is kept here as written.
Source  ECMA-376 part 1, 18.3 (worksheets); APPNOTE.TXT 6.3.10 (zip)
"""

import posixpath
import re
import stat
import zipfile
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any

from amparo.intake.files import limits
from amparo.intake.files.workbook_xml import DAMAGED, check_prologs, parse
from amparo.kernel.errors import Refused

_MACROS = "xl/vbaproject.bin"
_STRINGS = "xl/sharedstrings.xml"
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_END_OF_DIRECTORY = b"PK\x05\x06"
_NESTED = (".zip", ".xlsx", ".xlsm", ".gz", ".7z", ".rar", ".docx", ".ods")


@dataclass
class Sheet:
    """What the scan saw of a sheet: its size by its cells, and by (row, column), both from 1, what is taken as written."""

    name: str
    rows: int = 0
    columns: int = 0
    written: dict[tuple[int, int], str] = field(default_factory=dict)


def scan(path: Path, file: str, sheet: str | None) -> Sheet:
    """Return what the wanted sheet (the first, if none is named) holds.

    Errors  Refused with file, sheet, row and column where there is one
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _check_directory(archive, path, file)
            check_prologs(archive, file)
            name, part = _sheet_part(archive, file, sheet)
            strings = [each for each in archive.namelist() if each.lower() == _STRINGS]
            lengths = _lengths(archive, strings[0], file) if strings else []
            return _scan_sheet(archive, part, name, file, lengths)
    except DAMAGED:
        raise Refused("intake-workbook-unreadable", file=file) from None


def _check_directory(archive: zipfile.ZipFile, path: Path, file: str) -> None:
    entries = archive.infolist()
    if len(entries) > limits.ZIP_ENTRIES or sum(each.file_size for each in entries) > limits.ZIP_BYTES:
        raise Refused("intake-workbook-bomb", file=file, most=limits.ZIP_BYTES >> 20)
    for each in entries:
        if each.file_size > limits.ZIP_RATIO_FROM and each.file_size > limits.ZIP_RATIO * max(each.compress_size, 1):
            raise Refused("intake-workbook-bomb", file=file, most=limits.ZIP_BYTES >> 20)
        if each.flag_bits & 0x1:
            raise Refused("intake-workbook-locked", file=file)
        if _is_suspect(each):
            raise Refused("intake-workbook-suspect", file=file)
    names = {each.filename.lower() for each in entries}  # the library looks parts up whatever their case
    if len(names) < len(entries) or _END_OF_DIRECTORY in archive.comment or _overlap(entries, archive.start_dir):
        raise Refused("intake-workbook-suspect", file=file)
    if _MACROS in names:
        raise Refused("intake-workbook-macros", file=file)


def _is_suspect(entry: zipfile.ZipInfo) -> bool:
    """Paths that climb, links, and archives within the archive have no place in a spreadsheet."""
    name = entry.filename.replace("\\", "/")
    climbs = name.startswith("/") or ".." in name.split("/") or ":" in name
    return climbs or stat.S_ISLNK(entry.external_attr >> 16) or name.lower().endswith(_NESTED)


def _overlap(entries: list[zipfile.ZipInfo], size: int) -> bool:
    """Entries that share bytes unpack to many times what they weigh; bytes before the first are another file's."""
    if min((each.header_offset for each in entries), default=0):
        return True
    ordered = sorted(entries, key=lambda each: each.header_offset)
    ends = [each.header_offset for each in ordered[1:]] + [size]
    return any(each.header_offset + 30 + each.compress_size > end for each, end in zip(ordered, ends, strict=True))


def _sheet_part(archive: zipfile.ZipFile, file: str, sheet: str | None) -> tuple[str, str]:
    """Return the sheet's name and its part in the archive."""
    sheets: list[tuple[str, str, bool]] = []
    targets: dict[str, str] = {}

    def workbook(tag: str, attributes: dict[str, str]) -> None:
        if tag == "sheet":
            link = next((value for key, value in attributes.items() if key.split("|")[-1] == "id"), "")
            sheets.append((attributes.get("name", ""), link, attributes.get("state", "visible") == "visible"))

    def relations(tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship" and attributes.get("TargetMode") != "External":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    parse(archive, "xl/workbook.xml", file, workbook)
    parse(archive, "xl/_rels/workbook.xml.rels", file, relations)
    if len({name.lower() for name, *_ in sheets}) < len(sheets):
        raise Refused("intake-workbook-suspect", file=file)
    for name, link, is_visible in sheets:
        if (name == sheet or (sheet is None and is_visible)) and link in targets:
            target = targets[link]
            return name, target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
    found = ", ".join(name for name, _, is_visible in sheets if is_visible or sheet)
    raise Refused("intake-sheet-missing", file=file, sheet=sheet or "1", found=found)


def _lengths(archive: zipfile.ZipFile, part: str, file: str) -> list[int]:
    """Return how long each shared text is."""
    lengths: list[int] = []

    def start(tag: str, _: dict[str, str]) -> None:
        if tag == "si":
            lengths.append(0)

    def text(part: str) -> None:
        if lengths:
            lengths[-1] += len(part)
            if lengths[-1] > limits.CELL_LENGTH:
                raise Refused("intake-workbook-cell-too-long", file=file, most=limits.CELL_LENGTH)

    parse(archive, part, file, start, text)
    return lengths


class _SheetScan:
    """State of one pass over a sheet's XML."""

    def __init__(self, found: Sheet, file: str, lengths: list[int]) -> None:
        self.found, self.file, self.lengths = found, file, lengths
        self.row, self.column, self.length, self.characters = 0, 0, 0, 0
        self.kind = "n"
        self.parts: list[str] | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "c":
            self._cell(attributes)
        elif tag in ("v", "f"):
            self.parts = []
        elif tag == "row":
            self._row(_whole(attributes["r"]) if "r" in attributes else self.row + 1)
        elif tag == "dimension":
            self._grow(*_far_corner(attributes.get("ref", "A1")))
        elif tag == "mergeCell":
            self._merged(attributes.get("ref", "A1"))

    def _row(self, number: int) -> None:
        if number <= self.row:
            self._refuse("intake-sheet-disordered")
        self.row, self.column = number, 0

    def _cell(self, attributes: dict[str, str]) -> None:
        row, column = _reference(attributes["r"]) if "r" in attributes else (self.row, self.column + 1)
        if row != self.row or column <= self.column:
            self._refuse("intake-sheet-disordered")
        self.column, self.length, self.kind = column, 0, attributes.get("t", "n")
        self._grow(row, column)

    def text(self, part: str) -> None:
        self._count(len(part))
        if self.parts is not None:
            self.parts.append(part)

    def _count(self, length: int) -> None:
        self.length += length
        self.characters += length
        if self.length > limits.CELL_LENGTH:
            self._refuse("intake-sheet-cell-too-long", most=limits.CELL_LENGTH)
        if self.characters > limits.SHEET_CHARACTERS:
            self._refuse("intake-sheet-too-long", most=limits.SHEET_CHARACTERS >> 20)

    def end(self, tag: str) -> None:
        if self.parts is None or tag not in ("v", "f"):
            return
        said, self.parts = "".join(self.parts), None
        if tag == "f":
            self._write("=" + said)
        elif self.kind == "s":
            number = _whole(said.strip())
            self._count(self.lengths[number] if number < len(self.lengths) else 0)
        elif (self.row, self.column) not in self.found.written and _is_as_written(self.kind, said.strip()):
            self._write(said.strip())

    def _write(self, text: str) -> None:
        self.found.written[self.row, self.column] = text
        if len(self.found.written) > limits.FORMULAS:
            self._refuse("intake-sheet-formulas", most=limits.FORMULAS)

    def _merged(self, reference: str) -> None:
        """Merged cells keep one value of several: which rows it stands for is seen, not written."""
        self.row, self.column = _reference(reference.partition(":")[0].replace("$", ""))
        if _far_corner(reference) != (self.row, self.column):
            self._refuse("intake-sheet-merged")

    def _grow(self, row: int, column: int) -> None:
        found = self.found
        found.rows, found.columns = max(found.rows, row), max(found.columns, column)
        if found.columns > limits.COLUMNS:
            raise Refused("intake-columns-too-many", file=self.file, columns=found.columns, most=limits.COLUMNS)
        if found.rows * found.columns > limits.SHEET_CELLS:
            self._refuse("intake-sheet-too-large", most=limits.SHEET_CELLS)

    def _refuse(self, id: str, **values: Any) -> None:
        raise Refused(id, file=self.file, sheet=self.found.name, row=self.row, column=self.column, **values)


def _is_as_written(kind: str, said: str) -> bool:
    """Whether a cell's text would not survive being a number of the library's: an error, or digits beyond a double's."""
    if kind == "e":
        return True
    if kind != "n" or not said:
        return False
    if not _NUMBER.fullmatch(said) or not isfinite(float(said)):
        return True
    digits = said.lstrip("+-")
    return digits.isdecimal() and (int(float(said)) != int(said) or (len(digits) > 1 and digits[0] == "0"))


def _scan_sheet(archive: zipfile.ZipFile, part: str, name: str, file: str, lengths: list[int]) -> Sheet:
    found = Sheet(name)
    state = _SheetScan(found, file, lengths)
    parse(archive, part, file, state.start, state.text, state.end)
    return found


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise ValueError("no whole number")
    return int(text)


def _reference(cell: str) -> tuple[int, int]:
    """Turn "B7" into row 7, column 2."""
    letters = cell.rstrip("0123456789")
    if not (letters.isascii() and letters.isalpha() and letters.isupper() and len(letters) <= 3):
        raise ValueError("no cell reference")
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    row = int(cell[len(letters) :])
    if row < 1:
        raise ValueError("no cell reference")
    return row, column


def _far_corner(reference: str) -> tuple[int, int]:
    return _reference(reference.split(":")[-1].replace("$", ""))
