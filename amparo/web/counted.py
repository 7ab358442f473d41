"""Counts of people by area as their reader may see them, and the words of life-cycle groups."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from amparo.kernel.disclosure import FEWEST, tells
from amparo.kernel.messages import Message, message
from amparo.programmes.lifecycle import OTHER, UNKNOWN
from amparo.web.presenting import worded


@dataclass(frozen=True)
class Telling:
    """What may be told of counts by area. `exact`: whoever asks sees rows. `untold` None: it is not known what would be given away."""

    exact: bool
    untold: Mapping[tuple[str, int], bool] | None

    def parts(self, code: str, area: int) -> bool:
        """Whether it is told what the counts of an area are made of."""
        return self.exact or (self.untold is not None and (code, area) not in self.untold)

    def whole(self, code: str, area: int, count: int) -> Any:
        """Return how many there are, words for so few, or None where neither may be told."""
        if self.exact:
            return count
        if self.untold is None:
            return None
        return told(count) if tells(count) or not self.untold.get((code, area)) else None


def told(count: int) -> Any:
    return message("web-case-figures-few", count=FEWEST) if tells(count) else count


def group_words(code: str) -> Message | str:
    """Return the words of a life-cycle group; without a code, of all people."""
    if code in (OTHER, UNKNOWN, ""):
        return message(f"web-life-group-{code or 'all'}")
    return worded(f"life-group-{code}", code)
