"""Letters: many for one office as one PDF, a page for each, set in the child process of `notices.paper`.

Errors  Unprintable where the fonts at hand lack a letter of somebody's name or address, or setting took too long: then no page is made
"""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from amparo.kernel.errors import Refused
from amparo.notices.paper.child import typeset

SECONDS = 60
TEMPLATE = Path(__file__).with_name("letters.typ")


class Unprintable(Refused):
    """No PDF could be made of these letters."""

    def __init__(self) -> None:
        super().__init__("notices-letters-unprintable")


@dataclass(frozen=True)
class Page:
    """One letter: to whom, in what language, and its words. `says` are paragraphs."""

    name: str = field(repr=False)
    address: str = field(repr=False)
    language: str
    is_right_to_left: bool
    title: str
    says: Sequence[str]
    foot: str


def pdf(pages: Sequence[Page], *, title: str) -> bytes:
    """Return letters as one PDF/UA, in their order. Raises Unprintable."""
    told = {"title": title, "language": pages[0].language, "pages": [_plain(each) for each in pages]}
    try:
        made = typeset(TEMPLATE, told, seconds=SECONDS)
    except subprocess.TimeoutExpired:
        raise Unprintable from None
    if made is None:
        raise Unprintable
    return made


def unprintable(pages: Sequence[Page]) -> list[Page]:
    """Return those of some letters of which no page can be made, found by halves."""
    try:
        pdf(pages, title=pages[0].title)
    except Unprintable:
        if len(pages) == 1:
            return list(pages)
        middle = len(pages) // 2
        return [*unprintable(pages[:middle]), *unprintable(pages[middle:])]
    return []


def _plain(page: Page) -> dict[str, object]:
    return {
        "name": _straight(page.name),
        "address": [_straight(each) for each in page.address.splitlines()],
        "language": page.language.split("-")[0],
        "is_right_to_left": page.is_right_to_left,
        "title": page.title,
        "says": list(page.says),
        "foot": page.foot,
    }


def _straight(words: str) -> str:
    """Return what somebody told us without the marks that turn the direction of what stands around it."""
    return "".join(each for each in words if each.isprintable() and not _turns(each)).strip()


def _turns(sign: str) -> bool:
    return "\u202a" <= sign <= "\u202e" or "\u2066" <= sign <= "\u2069" or sign in "\u061c\u200e\u200f"
