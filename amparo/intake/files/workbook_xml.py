"""Parses parts of a workbook as streams, with nothing of XML that a table needs not: no document type, one encoding."""

import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from xml.parsers import expat

from amparo.intake.files import limits
from amparo.kernel.errors import Refused

Start = Callable[[str, dict[str, str]], None]
Text = Callable[[str], None]
# What unpacking a damaged archive ends in, besides what is refused by name.
DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, KeyError, EOFError, OSError, NotImplementedError,
           RuntimeError, ValueError)  # fmt: skip
_CHUNK = 1 << 16
_NEVER_READ = "customxml/"  # what users keep there may be in any encoding


class _BegunError(Exception):
    """The first element began: what stands before it was seen."""


def check_prologs(archive: zipfile.ZipFile, file: str) -> None:
    """Refuse a document type or an odd encoding in any XML part, read by us or by the library or not at all."""
    for name in archive.namelist():
        if name.lower().endswith((".xml", ".rels")):
            _check_prolog(archive, name, file)


def _check_prolog(archive: zipfile.ZipFile, part: str, file: str) -> None:
    def begun(*_: object) -> None:
        raise _BegunError

    try:
        parse(archive, part, file, begun, most=limits.XML_PROLOG_BYTES)
    except _BegunError:
        return


def parse(
    archive: zipfile.ZipFile,
    part: str,
    file: str,
    start: Start,
    text: Text | None = None,
    end: Text | None = None,
    *,
    most: int = limits.ZIP_BYTES,
) -> None:
    """Parse one part as a stream; names of elements come without their namespace.

    Errors  Refused for a document type, since entities live there; for an encoding but UTF-8, which libraries read
            differently; for XML that is broken; and for more than `most` bytes
    """
    parser = _parser(file, is_read=not part.lower().startswith(_NEVER_READ))
    parser.StartElementHandler = lambda tag, attributes: start(tag.split("|")[-1], attributes)
    if text:
        parser.CharacterDataHandler = text
    if end:
        parser.EndElementHandler = lambda tag: end(tag.split("|")[-1])
    try:
        for chunk in _chunks(archive, part, file, most):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except expat.ExpatError:
        raise Refused("intake-workbook-unreadable", file=file) from None


def _parser(file: str, *, is_read: bool) -> expat.XMLParserType:
    def suspect(*_: object) -> None:
        raise Refused("intake-workbook-suspect", file=file)

    def declared(version: str, encoding: str | None, standalone: int) -> None:
        if is_read and (encoding or "utf-8").lower() != "utf-8":
            suspect()

    parser = expat.ParserCreate(namespace_separator="|")
    parser.buffer_text = True
    parser.XmlDeclHandler = declared
    parser.StartDoctypeDeclHandler = suspect
    return parser


def _is_utf16(start: bytes) -> bool:
    """With a mark that says so or without."""
    return b"\0" in start[:4] or start[:2] in (b"\xff\xfe", b"\xfe\xff")


def _chunks(archive: zipfile.ZipFile, part: str, file: str, most: int) -> Iterator[bytes]:
    """Unpack a part, trusting what comes out and not the size the directory claims."""
    unpacked = 0
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            if not unpacked and _is_utf16(chunk) and not part.lower().startswith(_NEVER_READ):
                raise Refused("intake-workbook-suspect", file=file)
            unpacked += len(chunk)
            if unpacked > most:
                raise Refused("intake-workbook-bomb", file=file, most=limits.ZIP_BYTES >> 20)
            yield chunk
