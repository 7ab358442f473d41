"""Tells by its bytes what kind of file was delivered. Its name proves nothing, and what is not read is named."""

import os
import zipfile
from pathlib import Path

from amparo.intake.files.workbook_xml import DAMAGED
from amparo.kernel.errors import Refused

OTHER_THAN_TEXT = (".xlsx", ".xls", ".ods", ".parquet", ".zip", ".gz", ".pdf")
_START = 512
# What else is sent by mistake or by malice, by its first bytes. None of them can begin a table of text.
_MAGIC = (
    (b"\x1f\x8b", "GZIP"),
    (b"BZh", "BZIP2"),
    (b"\xfd7zXZ\x00", "XZ"),
    (b"\x28\xb5\x2f\xfd", "ZSTD"),
    (b"7z\xbc\xaf\x27\x1c", "7Z"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"PARE", "PARQUET (encrypted)"),
    (b"ARROW1\x00\x00", "ARROW"),
    (b"SQLite format 3\x00", "SQLITE"),
    (b"%PDF-", "PDF"),
    (b"{\\rtf", "RTF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"\x7fELF", "ELF"),
)
_PARTS = (
    ("xl/workbook.bin", "XLSB"),
    ("word/document.xml", "DOCX"),
    ("ppt/presentation.xml", "PPTX"),
    ("meta-inf/manifest.mf", "JAR"),
)


def format_of(path: Path, name: str) -> str:
    """Return "xlsx", "parquet" or "csv" by what the file holds.

    Errors  Refused for a file of any other kind, naming the kind where it is known
    """
    with path.open("rb") as file:
        start = file.read(_START)
    if not start:
        raise Refused("intake-file-empty", file=name)
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        _expect_workbook(path, name)
        return "xlsx"
    # A table of text may well begin with a column named PAR1…: what follows the mark is never a letter in Parquet.
    if start.startswith(b"PAR1") and (start[4:5] in (b"\x15", b"\x19", b"\x16", b"") or _end(path) == b"PAR1"):
        return "parquet"
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refused("intake-file-old-workbook", file=name)
    if kind := _kind_of(start):
        raise Refused("intake-file-kind", file=name, kind=kind)
    if Path(name).suffix.lower() in OTHER_THAN_TEXT:
        raise Refused("intake-file-other-kind", file=name)
    return "csv"


def _end(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(-4, os.SEEK_END)
        return file.read()


def _kind_of(start: bytes) -> str | None:
    if start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
        return "HTML, XML"
    return next((kind for mark, kind in _MAGIC if start.startswith(mark)), None)


def _expect_workbook(path: Path, name: str) -> None:
    """Refuse an archive that is no workbook. One that cannot be opened is left to the scan, which says so."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = {each.lower() for each in archive.namelist()}
            if "xl/workbook.xml" in parts:
                return
            kind = next((kind for part, kind in _PARTS if part in parts), None) or _declared(archive, parts)
    except DAMAGED:
        return
    raise Refused("intake-file-kind", file=name, kind=kind)


def _declared(archive: zipfile.ZipFile, parts: set[str]) -> str:
    """The kind an OpenDocument file says it is; any other archive is just one."""
    if "mimetype" not in parts or "content.xml" not in parts:
        return "ZIP"
    return "ODS" if b"spreadsheet" in archive.open("mimetype").read(100) else "ODF"
