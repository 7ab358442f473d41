"""Asks by REST. What comes back is an answer about the person asked about, whole and as agreed, or a reason.

Units   seconds for everything together, the resolving of the name included; 1 MiB of answer at most
Errors  none is raised: each failure is a reason. A redirect is not followed
Source  RFC 8259 (JSON; names that stand twice are refused), RFC 6901 (pointers), RFC 6585 (429)
"""

import json
import time
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NoReturn
from urllib.parse import quote

from amparo.registry.schemes import normalised_identifier
from amparo.sources.connectors.raw import Raw
from amparo.sources.connectors.rest.settings import NUMBER
from amparo.sources.types import Question, Reason
from amparo.trust.calling_out import Answer, NoAnswer, NotCalled, call, is_safe
from amparo.trust.keys.secrets import secret

LARGEST = 2**20
_MISSING = object()
_BY_STATUS = {401: Reason.REFUSED, 403: Reason.REFUSED, 404: Reason.NOBODY, 429: Reason.LIMITED}


def ask(settings: Mapping[str, Any], question: Question) -> Raw | Reason:
    """Ask about one person."""
    address = settings["address"].replace(NUMBER, quote(question.number, safe=""))
    content = _content(settings, question)
    begun = time.monotonic()
    try:
        if not is_safe(address):
            return Reason.NOT_CALLED
        answer = call(
            address,
            allowed=[address],
            method=settings.get("method", "GET"),
            headers=_headers(settings, question, content),
            content=content,
            seconds=question.seconds,
            largest=LARGEST,
        )
    except NotCalled:
        return Reason.NOT_CALLED
    except NoAnswer:
        return Reason.SLOW if time.monotonic() - begun >= question.seconds * 0.95 else Reason.DOWN
    return understood(answer, settings, question)


def _headers(settings: Mapping[str, Any], question: Question, content: bytes) -> dict[str, str]:
    found = {"Accept": "application/json"}
    if "secret" in settings:
        found["Authorization"] = f"Bearer {secret(settings['secret'])}"
    if "header" in settings:
        found[settings["header"]] = question.number
    if content:
        found |= {"Content-Type": "application/json", "Content-Length": str(len(content))}
    return found


def _content(settings: Mapping[str, Any], question: Question) -> bytes:
    if settings.get("method", "GET") != "POST":
        return b""
    document: dict[str, Any] = {}
    for pointer, text in settings.get("body", {}).items():
        *path, last = _steps(pointer)
        inner = document
        for step in path:
            inner = inner.setdefault(step, {})
        inner[last] = text.replace(NUMBER, question.number)
    return json.dumps(document).encode()


def understood(answer: Answer, settings: Mapping[str, Any], question: Question) -> Raw | Reason:
    """Return what an answer says, or what is wrong with it."""
    if answer.status != 200:
        return _BY_STATUS.get(answer.status, Reason.DOWN if answer.status >= 500 else Reason.DRIFT)
    try:
        document = json.loads(
            answer.body.decode(), object_pairs_hook=_once, parse_float=Decimal, parse_constant=_no_number
        )
    except (ValueError, RecursionError):
        return Reason.MALFORMED
    if not isinstance(document, dict):
        return Reason.MALFORMED
    whose = _at(document, settings["echo"])
    if not isinstance(whose, str | int) or isinstance(whose, bool):
        return Reason.DRIFT
    if normalised_identifier(str(whose)) != question.number:
        return Reason.WRONG_PERSON
    if any(_at(document, pointer) != text for pointer, text in settings.get("expects", {}).items()):
        return Reason.DRIFT
    found = {each.name: _at(document, each.at) for each in question.attributes}
    day = _at(document, settings["as_of"]) if "as_of" in settings else None
    if day is _MISSING:
        return Reason.DRIFT
    return Raw({name: each for name, each in found.items() if each is not _MISSING}, "as_of" in settings, day)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a name that stands twice: readers would not agree on which counts."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice")
    return found


def _no_number(word: str) -> NoReturn:
    raise ValueError("no number of JSON")


def _steps(pointer: str) -> list[str]:
    return [each.replace("~1", "/").replace("~0", "~") for each in pointer.split("/")[1:]]


def _at(document: Any, pointer: str) -> Any:
    """Return what stands at a pointer, `_MISSING` where nothing does."""
    for step in _steps(pointer):
        if isinstance(document, dict) and step in document:
            document = document[step]
        elif isinstance(document, list) and step.isdecimal() and step.isascii() and int(step) < len(document):
            document = document[int(step)]
        else:
            return _MISSING
    return document
