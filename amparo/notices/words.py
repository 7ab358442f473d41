"""Puts what is told into words: a profile's, and of what happened only what its kind may tell.

Words stand in the catalogues, which a package above reads (`profiles.languages`); `project` hands that over at start.

Errors  Broken where there are no words, or they ask for something that this kind may not tell: then nothing is sent
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from amparo.kernel.errors import Refused
from amparo.kernel.messages import message
from amparo.notices.kinds import ASKED, KINDS, PARTS, may_hold, words_id
from amparo.notices.types import Channel, Kind

IsRightToLeft = Callable[[str], bool]
# Called with a message id, a language and the values; returns the text, or raises Refused where there is none.
Say = Callable[..., str]
_saying: list[tuple[Say, IsRightToLeft]] = []


class Broken(Refused):
    """The words of a notice cannot be put together."""

    def __init__(self, kind: Kind, part: str, language: str) -> None:
        super().__init__("notices-template-broken", id=words_id(kind, part), language=language)


@dataclass(frozen=True)
class About:
    """What happened, as far as words may name it."""

    kind: Kind
    values: dict[str, Any]
    is_asked: bool = False  # whoever is told asked that messages say more


def speak(say: Say, is_right_to_left: IsRightToLeft) -> None:
    """Say who puts messages into words, and which languages run from right to left. Called once, when the product starts."""
    _saying[:] = [(say, is_right_to_left)]


def is_right_to_left(language: str) -> bool:
    return _saying[0][1](language)


def written(about: About, channel: Channel, language: str) -> dict[str, str]:
    """Return part → text of everything that goes by a channel. Raises Broken."""
    return {part: _part(about, _said_as(about, part), language) for part, by in PARTS.items() if by is channel}


def _said_as(about: About, part: str) -> str:
    """Return the part whose words are taken: those for who asked to be told more, where the kind has such."""
    has_more = about.is_asked and KINDS[about.kind].asked
    return next((more for more, plain in ASKED.items() if plain == part and has_more), part)


def _part(about: About, part: str, language: str) -> str:
    held = may_hold(about.kind, part)
    try:
        text = _saying[0][0](words_id(about.kind, part), language, **{each: about.values[each] for each in held})
    except (Refused, KeyError, IndexError, ValueError, AttributeError):
        raise Broken(about.kind, part, language) from None
    if not text.strip():
        raise Broken(about.kind, part, language)
    return text


def programme(code: str) -> Any:
    """What stands for a programme in a letter: its name, in the language of the letter."""
    return message(f"programme-{code}")


def told(id: str, language: str, **values: Any) -> str:
    """Return words of the product's own: what stands around a letter."""
    return _saying[0][0](id, language, **values)
