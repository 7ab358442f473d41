"""What a request's body may be: not large, not deep, one kind of JSON, and nothing in it that no database takes."""

import json
import re
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from ninja.parser import Parser

from amparo.kernel.errors import Refused

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
LINES = "application/x-ndjson"  # a record on each line
LARGEST = 10 * 2**20
DEEPEST = 32
_TEXTS = re.compile(rb'"(?:[^"\\]|\\.)*"', re.S)
_BESIDE = bytes(set(range(256)) - set(b"[]{}"))


class TooLarge(Refused):
    """A body is larger than anything that is asked for here."""

    def __init__(self) -> None:
        super().__init__("interop-too-large", most=LARGEST)


class OtherKind(Refused):
    """A body is of a kind that this operation does not read."""

    def __init__(self, known: tuple[str, ...]) -> None:
        super().__init__("interop-other-kind", known=list(known))


def read(request: HttpRequest, *, takes: tuple[str, ...]) -> None:
    """Read the body, so that what reads it later finds it. Raises TooLarge before a byte is read, or OtherKind."""
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        raise Refused("interop-body-unreadable") from None
    if length > LARGEST:
        raise TooLarge
    if takes and request.content_type not in takes:
        raise OtherKind(takes)
    # Django's own limit is that of forms; a body that was read is kept under this name.
    request._body = request.read() if takes else b""


class StrictParser(Parser):
    """Reads JSON as RFC 8259 has it, and refuses what readers understand differently."""

    def parse_body(self, request: HttpRequest) -> Any:
        return parsed(request.body)


def parsed(body: bytes) -> Any:
    """Return what a body of JSON says. Raises Refused for one that is deep, ambiguous or no JSON."""
    if _depth(body) > DEEPEST:
        raise Refused("interop-too-deep", most=DEEPEST)
    try:
        found = json.loads(body.decode(), object_pairs_hook=_once_each, parse_constant=_no_number)
        for each in _texts(found) if b"\\u" in body else ():  # nothing else is written by its number
            each.encode()  # a lone surrogate is half a character
            if "\0" in each:
                raise ValueError(each)
    except ValueError:
        raise Refused("interop-body-unreadable") from None
    return found


def parsed_lines(body: bytes) -> list[Any]:
    """Return what each line says. Empty lines say nothing."""
    return [parsed(each) for each in body.split(b"\n") if each.strip()]


def _depth(body: bytes) -> int:
    depth = deepest = 0
    for mark in _TEXTS.sub(b"", body).translate(None, _BESIDE):
        depth += 1 if mark in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of two members of one name readers take the first, the last or both."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError(pairs)
    return found


def _no_number(text: str) -> Any:
    raise ValueError(text)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for each in value:
            yield from _texts(each)
        for each in value.values() if isinstance(value, dict) else ():
            yield from _texts(each)
