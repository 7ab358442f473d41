"""Where something stands in a document of JSON.

Source  RFC 6901
"""

from typing import Any

MISSING = object()


def steps(pointer: str) -> list[str]:
    return [each.replace("~1", "/").replace("~0", "~") for each in pointer.split("/")[1:]]


def at(document: Any, pointer: str) -> Any:
    """Return what stands at a pointer, `MISSING` where nothing does."""
    for step in steps(pointer):
        if isinstance(document, dict) and step in document:
            document = document[step]
        elif isinstance(document, list) and step.isdecimal() and step.isascii() and int(step) < len(document):
            document = document[int(step)]
        else:
            return MISSING
    return document
