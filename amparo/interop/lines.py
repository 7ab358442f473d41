"""Answers of many records, one on each line, told as they are read: a page after the other, each in a transaction of its own.

The last line alone has `end`: how many records came before it, and the problem that stopped them, if one did. An answer without it
was cut off.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any, TypeVar

from django.http import HttpRequest, StreamingHttpResponse
from ninja import Schema

from amparo.interop import problems, signing
from amparo.interop.bodies import LINES
from amparo.kernel.errors import Refused

Place = TypeVar("Place")
Pages = Iterator[Iterable[dict[str, Any]]]


def are_wanted(request: HttpRequest) -> bool:
    """Whether whoever asks wants a record on each line."""
    return LINES in {each.partition(";")[0].strip() for each in request.headers.get("Accept", "").split(",")}


def in_lines(request: HttpRequest, pages: Pages, *, of: type[Schema]) -> StreamingHttpResponse:
    """Return pages as lines. What refuses the first page refuses the request; a later one ends the answer.

    Raises Refused for an answer that must be signed: what is signed is whole before it begins.
    """
    if request.headers.get(signing.WANTED) == "answer":
        raise Refused("interop-lines-unsigned")
    first = next(pages, ())
    return StreamingHttpResponse(_lines(request, chain([first], pages), of), content_type=LINES)


def pages_of(
    read: Callable[[Place | None], tuple[Iterable[dict[str, Any]], Place | None]], after: Place | None
) -> Pages:
    """Read page after page until there is none after it."""
    while True:
        records, after = read(after)
        yield records
        if after is None:
            return


def _lines(request: HttpRequest, pages: Iterable[Iterable[dict[str, Any]]], of: type[Schema]) -> Iterator[str]:
    told = 0
    problem = None
    try:
        for page in pages:
            for each in page:
                yield of.model_validate(each).model_dump_json() + "\n"
                told += 1
    except Refused as refused:
        problem = refused
    except problems.FAULTS as fault:
        problem = problems.refusal_of(fault)
    yield problems.ended(request, told, problem) + "\n"
