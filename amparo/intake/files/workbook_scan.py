"""Looks into a spreadsheet's zip and XML before any spreadsheet library does, and refuses what would hurt it.

Source  ECMA-376 part 1, 18.3 (worksheets); APPNOTE.TXT 6.3.10 (zip)
"""

import posixpath
import stat
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.parsers import expat

from amparo.intake.files import limits
from amparo.kernel.errors import Refused

_CHUNK = 1 << 16
_NESTED = (".zip", ".xlsx", ".xlsm", ".gz", ".7z", ".rar", ".docx", ".ods")


@dataclass
class Sheet:
    """What the scan saw of a sheet: its size by its cells, and its formulas by (row, column), both from 1."""

    name: str
    rows: int = 0
    columns: int = 0
    formulas: dict[tuple[int, int], str] = field(default_factory=dict)


def scan(path: Path, file: str, sheet: str | None) -> Sheet:
    """Return what the wanted sheet (the first, if none is named) holds.

    Errors  Refused with file, sheet, row and column where there is one
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _check_directory(archive, path, file)
            name, part = _sheet_part(archive, file, sheet)
            if "xl/sharedStrings.xml" in archive.namelist():
                _check_strings(archive, file)
            return _scan_sheet(archive, part, name, file)
    except (zipfile.BadZipFile, KeyError, EOFError, OSError, NotImplementedError, RuntimeError, ValueError):
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
    if len({each.filename for each in entries}) < len(entries) or _overlap(entries, path.stat().st_size):
        raise Refused("intake-workbook-suspect", file=file)


def _is_suspect(entry: zipfile.ZipInfo) -> bool:
    """Paths that climb, links, and archives within the archive have no place in a spreadsheet."""
    name = entry.filename.replace("\\", "/")
    climbs = name.startswith("/") or ".." in name.split("/") or ":" in name
    return climbs or stat.S_ISLNK(entry.external_attr >> 16) or name.lower().endswith(_NESTED)


def _overlap(entries: list[zipfile.ZipInfo], size: int) -> bool:
    """Entries that share bytes unpack to many times what they weigh."""
    ordered = sorted(entries, key=lambda each: each.header_offset)
    ends = [each.header_offset for each in ordered[1:]] + [size]
    return any(each.header_offset + 30 + each.compress_size > end for each, end in zip(ordered, ends, strict=True))


def _sheet_part(archive: zipfile.ZipFile, file: str, sheet: str | None) -> tuple[str, str]:
    """Return the sheet's name and its part in the archive."""
    sheets: list[tuple[str, str]] = []
    targets: dict[str, str] = {}

    def workbook(tag: str, attributes: dict[str, str]) -> None:
        if tag == "sheet":
            link = next((value for key, value in attributes.items() if key.split("|")[-1] == "id"), "")
            sheets.append((attributes.get("name", ""), link))

    def relations(tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    _parse(archive, "xl/workbook.xml", file, workbook)
    _parse(archive, "xl/_rels/workbook.xml.rels", file, relations)
    for name, link in sheets:
        if sheet in (None, name) and link in targets:
            target = targets[link]
            return name, target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
    raise Refused("intake-sheet-missing", file=file, sheet=sheet or "1", found=", ".join(name for name, _ in sheets))


def _check_strings(archive: zipfile.ZipFile, file: str) -> None:
    length = 0

    def start(tag: str, _: dict[str, str]) -> None:
        nonlocal length
        if tag == "si":
            length = 0

    def text(part: str) -> None:
        nonlocal length
        length += len(part)
        if length > limits.CELL_LENGTH:
            raise Refused("intake-workbook-cell-too-long", file=file, most=limits.CELL_LENGTH)

    _parse(archive, "xl/sharedStrings.xml", file, start, text)


class _SheetScan:
    """State of one pass over a sheet's XML."""

    def __init__(self, found: Sheet, file: str) -> None:
        self.found, self.file = found, file
        self.row, self.column, self.length = 0, 0, 0
        self.formula: list[str] | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "dimension":
            self._grow(*_far_corner(attributes.get("ref", "A1")))
        elif tag == "row":
            self.row, self.column = int(attributes.get("r", self.row + 1)), 0
        elif tag == "c":
            self.column += 1
            self.length = 0
            if "r" in attributes:
                self.row, self.column = _reference(attributes["r"])
            self._grow(self.row, self.column)
        elif tag == "f":
            self.formula = []

    def text(self, part: str) -> None:
        self.length += len(part)
        if self.length > limits.CELL_LENGTH:
            self._refuse("intake-sheet-cell-too-long", most=limits.CELL_LENGTH)
        if self.formula is not None:
            self.formula.append(part)

    def end(self, tag: str) -> None:
        if tag == "f" and self.formula is not None:
            self.found.formulas[self.row, self.column] = "=" + "".join(self.formula)
            self.formula = None
            if len(self.found.formulas) > limits.FORMULAS:
                self._refuse("intake-sheet-formulas", most=limits.FORMULAS)

    def _grow(self, row: int, column: int) -> None:
        found = self.found
        found.rows, found.columns = max(found.rows, row), max(found.columns, column)
        if found.columns > limits.COLUMNS:
            raise Refused("intake-columns-too-many", file=self.file, columns=found.columns, most=limits.COLUMNS)
        if found.rows * found.columns > limits.SHEET_CELLS:
            self._refuse("intake-sheet-too-large", most=limits.SHEET_CELLS)

    def _refuse(self, id: str, **values: Any) -> None:
        raise Refused(id, file=self.file, sheet=self.found.name, row=self.row, column=self.column, **values)


def _scan_sheet(archive: zipfile.ZipFile, part: str, name: str, file: str) -> Sheet:
    found = Sheet(name)
    state = _SheetScan(found, file)
    _parse(archive, part, file, state.start, state.text, state.end)
    return found


def _reference(cell: str) -> tuple[int, int]:
    """Turn "B7" into row 7, column 2."""
    letters = cell.rstrip("0123456789")
    if not (letters.isascii() and letters.isalpha() and letters.isupper() and len(letters) <= 3):
        raise ValueError("no cell reference")
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return int(cell[len(letters) :]), column


def _far_corner(reference: str) -> tuple[int, int]:
    return _reference(reference.split(":")[-1].replace("$", ""))


def _parse(
    archive: zipfile.ZipFile,
    part: str,
    file: str,
    start: Callable[[str, dict[str, str]], None],
    text: Callable[[str], None] | None = None,
    end: Callable[[str], None] | None = None,
) -> None:
    """Parse one part as a stream. A document type is refused: entities live there."""

    def doctype(*_: object) -> None:
        raise Refused("intake-workbook-suspect", file=file)

    parser = expat.ParserCreate(namespace_separator="|")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = lambda tag, attributes: start(tag.split("|")[-1], attributes)
    if text:
        parser.CharacterDataHandler = text
    if end:
        parser.EndElementHandler = lambda tag: end(tag.split("|")[-1])
    try:
        for chunk in _chunks(archive, part, file):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except expat.ExpatError:
        raise Refused("intake-workbook-unreadable", file=file) from None


def _chunks(archive: zipfile.ZipFile, part: str, file: str) -> Iterator[bytes]:
    """Unpack a part, trusting what comes out and not the size the directory claims."""
    unpacked = 0
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            unpacked += len(chunk)
            if unpacked > limits.ZIP_BYTES:
                raise Refused("intake-workbook-bomb", file=file, most=limits.ZIP_BYTES >> 20)
            yield chunk
