"""Values that a search compares with: each read in its attribute's kind, and nothing else taken for it.

Errors  Wrong for a value of another kind; a number alone may be written as a text
"""

import re
from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import Any

from amparo.dci.codes import SearchReason, Wrong

MOST_TESTS = 100
Value = str | int | float | bool | date


class Kind(StrEnum):
    """What an attribute holds, which decides how it may be compared."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"
    CODE = "code"  # of a list of the standard's: the same or not, and nothing else


def several(value: Any) -> list[Any]:
    """Return the values of a list. The standard's predicates have none, so that there one text holds them, with commas."""
    found = value.split(",") if isinstance(value, str) else value
    if not isinstance(found, list) or not 0 < len(found) <= MOST_TESTS:
        raise Wrong("dci-value-wrong", code=SearchReason.FILTER)
    return [each.strip() if isinstance(each, str) else each for each in found]


def value_of(kind: Kind, value: Any) -> Value:
    """Return a value in its attribute's kind: a number may be written as a text, nothing else as something else."""
    found = _READ[kind](value)
    if found is None:
        raise Wrong("dci-value-wrong", code=SearchReason.FILTER)
    return found


def _text(value: Any) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) and 0 < len(value) <= 200 else None


def _number(value: Any) -> int | float | None:
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,15}(\.\d{1,9})?", value, re.ASCII):
        return float(value) if "." in value else int(value)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number and abs(value) < 2**53 else None


def _day(value: Any) -> date | None:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d(T.*)?", value, re.ASCII):
        return None
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None


def _truth(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


_READ: dict[Kind, Callable[[Any], Value | None]] = {
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.DATE: _day,
    Kind.BOOLEAN: _truth,
    Kind.CODE: _text,
}
