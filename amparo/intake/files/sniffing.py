"""Finds out how a text is written, without guessing: what is not certain is refused, naming the candidates."""

import codecs
import csv
import hashlib
import io
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from amparo.intake.files import limits
from amparo.intake.files.wanted import Wanted
from amparo.kernel.errors import Refused

SEPARATORS = (",", ";", "\t", "|")
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Whoever names one of these has looked at the text; we cannot tell them apart.
LEGACY = ("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp874",
          "iso8859-1", "iso8859-2", "iso8859-5", "iso8859-6", "iso8859-7", "iso8859-8", "iso8859-9", "iso8859-15",
          "koi8-r", "koi8-u", "mac-roman", "cp437", "cp850", "shift_jis", "euc_jp", "euc_kr", "gb18030", "big5")  # fmt: skip
_LEGACY_NAMES = {codecs.lookup(each).name for each in LEGACY}
_CHUNK = 1 << 20


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True)
class Text:
    """A text file proven to be in one encoding throughout, now as UTF-8 at `path`."""

    path: Path
    encoding: str
    lines: int
    quotes: int


def as_utf8(wanted: Wanted) -> Text:
    """Read the whole file once, strictly; write it anew as UTF-8 if it is anything else.

    Errors  Refused with the line of the first byte that does not belong, and the encodings that would fit
    """
    source = Path(wanted.path)
    encoding = _encoding(source, wanted)
    copy = None if encoding in ("utf-8", "utf-8-sig") else Path(wanted.into).with_suffix(".utf8")
    found = _pass(source, encoding, copy, wanted)
    if encoding in _LEGACY_NAMES and not found.is_ascii and _is_utf8(source):
        raise Refused("intake-encoding-is-utf8", file=wanted.name, encoding=encoding)
    if found.quotes % 2:
        raise Refused("intake-quote-open", file=wanted.name, line=_odd_line(copy or source))
    return Text(copy or source, encoding, found.lines, found.quotes)


def _encoding(path: Path, wanted: Wanted) -> str:
    start = path.open("rb").read(4)
    for bom, encoding in _BOMS:
        if start.startswith(bom):
            return encoding
    named = wanted.encoding
    if named is None or codecs.lookup(named).name == "utf-8":
        return "utf-8"
    if codecs.lookup(named).name not in _LEGACY_NAMES:
        raise Refused("intake-encoding-unknown", file=wanted.name, encoding=named, known=", ".join(LEGACY))
    return codecs.lookup(named).name


@dataclass
class _Seen:
    """What one pass over the text counts: line ends, quotes, and the length of the line still open."""

    lines: int = 1
    quotes: int = 0
    is_ascii: bool = True
    open_length: int = 0

    def add(self, text: str, file: str) -> None:
        if "\0" in text:
            raise Refused("intake-text-nul", file=file, line=self.lines + text[: text.index("\0")].count("\n"))
        first = text.find("\n")
        if self.open_length + (len(text) if first < 0 else first) > limits.LINE_BYTES:
            raise Refused("intake-line-too-long", file=file, line=self.lines, most=limits.LINE_BYTES >> 20)
        self.open_length = self.open_length + len(text) if first < 0 else len(text) - text.rfind("\n") - 1
        self.lines += text.count("\n")
        self.quotes += text.count('"')
        self.is_ascii = self.is_ascii and text.isascii()


def _pass(source: Path, encoding: str, copy: Path | None, wanted: Wanted) -> _Seen:
    """Decode the whole file strictly, writing it as UTF-8 to `copy` where one is asked for."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    seen = _Seen()
    with source.open("rb") as file, _written(copy) as out:
        chunk = b"-"
        while chunk:
            chunk = file.read(_CHUNK)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                line = seen.lines + error.object[: error.start].count(b"\n")
                raise _not_in(encoding, wanted, line, source) from None
            seen.add(text, wanted.name)
            if out:
                out.write(text)
    return seen


def _written(copy: Path | None) -> AbstractContextManager[TextIO | None]:
    return copy.open("w", encoding="utf-8", newline="") if copy else nullcontext()


def _not_in(encoding: str, wanted: Wanted, line: int, source: Path) -> Refused:
    if encoding == "utf-8" and b"\0" in source.open("rb").read(_CHUNK):  # no legacy encoding of text has it
        raise Refused("intake-text-nul", file=wanted.name, line=line)
    candidates = ", ".join(each for each in LEGACY if _decodes(source, each))
    id = "intake-encoding-unclear" if encoding == "utf-8" else "intake-encoding-broken"
    return Refused(id, file=wanted.name, line=line, encoding=encoding, candidates=candidates)


def _decodes(source: Path, encoding: str) -> bool:
    with source.open("rb") as file:
        try:
            codecs.getincrementaldecoder(encoding)("strict").decode(file.read(_CHUNK))
        except UnicodeDecodeError:
            return False
    return True


def _is_utf8(source: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    try:
        with source.open("rb") as file:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _odd_line(path: Path) -> int:
    """The first line with an odd number of quotes: there, or in a cell of several lines before it, one stayed open."""
    with path.open("rb") as file:
        return next(number for number, line in enumerate(file, 1) if line.count(b'"') % 2)


def heading_of(text: Text, wanted: Wanted) -> tuple[list[str], str]:
    """Return the column names as written, and the separator under which most of the wanted columns are there."""
    with text.path.open(encoding="utf-8-sig", newline="") as file:
        first = file.readline(limits.LINE_BYTES)
        while first.count('"') % 2 and (more := file.readline(limits.LINE_BYTES)):  # a name may hold a line end
            first += more
    separators = (wanted.separator,) if wanted.separator else SEPARATORS
    headings = {each: _cells(first, each) for each in separators}

    def fit(separator: str) -> tuple[int, int]:
        names = {name.strip() for name in headings[separator]}
        return len(names & set(wanted.columns)), len(names)

    best = max(separators, key=fit)
    return headings[best], best


def _cells(line: str, separator: str) -> list[str]:
    csv.field_size_limit(limits.LINE_BYTES)
    return next(csv.reader(io.StringIO(line, newline=""), delimiter=separator), [])
