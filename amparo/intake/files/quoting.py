"""Finds quotation marks that stand where no writer of CSV puts them: readers drop them, and the value becomes another.

Source  RFC 4180, section 2, rules 5 to 7. A mark inside a cell that does not begin with one is a character like any other.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from amparo.intake.files import limits
from amparo.kernel.errors import Refused

_CHUNK = 1 << 20


def check(path: Path, separator: str, file: str) -> None:
    """Refuse text in which something follows the closing mark of a cell, naming the line.

    `path` is UTF-8 with an even number of marks. Cells are taken apart one by one only where a mark looks suspicious.
    """
    if any(_suspicious(separator).search(chunk) for chunk in _chunks(path)) and (
        line := _broken(path, separator, file)
    ):
        raise Refused("intake-quote-misplaced", file=file, line=line)


def _suspicious(separator: str) -> re.Pattern[bytes]:
    """A mark with neither the edge of a cell nor another mark after it, that does not open a cell."""
    edge = re.escape(separator.encode())
    return re.compile(rb'"(?<=[^%b\r\n]")(?=[^%b\r\n"])' % (edge, edge))


def _chunks(path: Path) -> Iterator[bytes]:
    """Yield the text in pieces of whole lines, as long as lines are within their limit."""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK) + file.readline(limits.LINE_BYTES):
            yield chunk


def _broken(path: Path, separator: str, file: str) -> int | None:
    """Return the line on which a quoted cell goes on after its end; None where there is none."""
    edge = re.escape(separator.encode())
    end = rb"(?:%b|\r\n|[\r\n])" % edge
    cells = re.compile(rb'(?:(?:"(?:[^"]|"")*+"|[^"%b\r\n][^%b\r\n]*+)?+%b)*+' % (edge, edge, end))
    wrong = re.compile(rb'"(?:[^"]|"")*+"[^"%b\r\n]' % edge)
    pending, lines = b"", 1
    for chunk in _chunks(path):
        pending += chunk
        whole = cells.match(pending).end()
        if wrong.match(pending, whole):
            return lines + pending.count(b"\n", 0, whole)
        lines += pending.count(b"\n", 0, whole)
        pending = pending[whole:]
        if len(pending) > 2 * limits.LINE_BYTES:
            raise Refused("intake-line-too-long", file=file, line=lines, most=limits.LINE_BYTES >> 20)
    return None
