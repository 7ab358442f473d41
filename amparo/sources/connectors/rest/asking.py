"""Asks by REST. What comes back is an answer about the person asked about, whole and as agreed, or a reason.

Units   as `connectors.calling`
Errors  none is raised: each failure is a reason
Source  RFC 6901 (pointers)
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from amparo.registry.schemes import normalised_identifier
from amparo.sources.connectors.calling import bearer, called, document
from amparo.sources.connectors.pointers import MISSING, at, steps
from amparo.sources.connectors.raw import Raw
from amparo.sources.connectors.rest.settings import NUMBER
from amparo.sources.types import Question, Reason


def ask(settings: Mapping[str, Any], question: Question) -> Raw | Reason:
    """Ask about one person."""
    body = called(
        settings["address"].replace(NUMBER, quote(question.number, safe="")),
        question,
        method=settings.get("method", "GET"),
        headers=bearer(settings) | ({settings["header"]: question.number} if "header" in settings else {}),
        content=_content(settings, question),
    )
    return body if isinstance(body, Reason) else understood(body, settings, question)


def _content(settings: Mapping[str, Any], question: Question) -> bytes:
    if settings.get("method", "GET") != "POST":
        return b""
    document: dict[str, Any] = {}
    for pointer, text in settings.get("body", {}).items():
        *path, last = steps(pointer)
        inner = document
        for step in path:
            inner = inner.setdefault(step, {})
        inner[last] = text.replace(NUMBER, question.number)
    return json.dumps(document).encode()


def understood(body: bytes, settings: Mapping[str, Any], question: Question) -> Raw | Reason:
    """Return what an answer says, or what is wrong with it."""
    try:
        said = document(body)
    except ValueError:
        return Reason.MALFORMED
    whose = at(said, settings["echo"])
    if not isinstance(whose, str | int) or isinstance(whose, bool):
        return Reason.DRIFT
    if normalised_identifier(str(whose)) != question.number:
        return Reason.WRONG_PERSON
    if any(at(said, pointer) != text for pointer, text in settings.get("expects", {}).items()):
        return Reason.DRIFT
    found = {each.name: at(said, each.at) for each in question.attributes}
    day = at(said, settings["as_of"]) if "as_of" in settings else None
    if day is MISSING:
        return Reason.DRIFT
    return Raw({name: each for name, each in found.items() if each is not MISSING}, "as_of" in settings, day)
