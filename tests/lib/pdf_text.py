"""The words on a PDF's pages, as far as its fonts say which letter each glyph is.

A page draws numbered glyphs, and each font has a table back to letters. Every line of glyphs is read with every font's
table, since which font drew it stands elsewhere: too many letters come out, never too few.
"""

import re
import zlib

_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_RANGE = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")
_SHOWN = re.compile(
    rb"\[((?:[^\[\]\\()]|\((?:\\.|[^\\()])*\))*)\]\s*TJ|((?:<[^<>]*>|\((?:\\.|[^\\()])*\)))\s*Tj", re.DOTALL
)
_STRING = re.compile(rb"<([0-9A-Fa-f\s]*)>|\(((?:\\.|[^\\()])*)\)", re.DOTALL)
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)


def text_of(paper: bytes) -> str:
    """Return every line of glyphs, once in the letters of each font."""
    streams = [_inflated(each) for each in _STREAM.findall(paper)]
    tables = [_letters(each) for each in streams if b"begincmap" in each]
    lines = [_glyphs(each) for stream in streams if b"begincmap" not in stream for each in _SHOWN.findall(stream)]
    return "\n".join("".join(table.get(glyph, "") for glyph in line) for table in tables for line in lines)


def _inflated(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return stream


def _letters(table: bytes) -> dict[int, str]:
    """Return glyph → letters of one font."""
    found = {}
    for part in re.findall(rb"beginbfchar(.*?)endbfchar", table, re.DOTALL):
        found |= {int(glyph, 16): _text(letters) for glyph, letters in re.findall(rb"<(\w+)>\s*<(\w+)>", part)}
    for part in re.findall(rb"beginbfrange(.*?)endbfrange", table, re.DOTALL):
        for first, last, letters in _RANGE.findall(part):
            start = int(letters, 16)
            found |= {int(first, 16) + n: chr(start + n) for n in range(int(last, 16) - int(first, 16) + 1)}
    return found


def _text(letters: bytes) -> str:
    return bytes.fromhex(letters.decode()).decode("utf-16-be", "replace")


def _glyphs(shown: tuple[bytes, bytes]) -> list[int]:
    """Return the glyphs of one line: two bytes each."""
    raw = b"".join(
        bytes.fromhex(hexed.decode()) if hexed else _ESCAPE.sub(_unescaped, plain)
        for hexed, plain in _STRING.findall(shown[0] or shown[1])
    )
    return [int.from_bytes(raw[at : at + 2]) for at in range(0, len(raw) - 1, 2)]


def _unescaped(found: re.Match) -> bytes:
    said = found[1]
    named = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
    return bytes([int(said, 8) & 255]) if said[:1].isdigit() else named.get(said, said)
