"""Counts of people by area as their reader may see them, and the words of life-cycle groups."""

from typing import Any

from amparo.cases.queries import FEWEST
from amparo.kernel.messages import Message, message
from amparo.programmes.lifecycle import OTHER, UNKNOWN
from amparo.web.presenting import worded


def tells(*counts: int) -> bool:
    """Whether one of the counts, or what is left beside it, is so small that it might be known who it is."""
    return any(0 < each < FEWEST for each in counts)


def told(count: int) -> Any:
    return message("web-case-figures-few", count=FEWEST) if tells(count) else count


def group_words(code: str) -> Message | str:
    """Return the words of a life-cycle group; without a code, of all people."""
    if code in (OTHER, UNKNOWN, ""):
        return message(f"web-life-group-{code or 'all'}")
    return worded(f"life-group-{code}", code)
