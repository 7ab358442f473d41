"""What a hostile file is, and what must become of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

HEADING = "a,b\n"


@dataclass(frozen=True)
class Case:
    """One file, written when it is asked for, and what must become of it: its rows exactly, or a refusal with a place.

    `rows`  (line, cells…) of all that is accepted; `aside` (line, text) of what goes to the quarantine
    """

    name: str
    content: Callable[[], bytes]
    refused: str | None = None
    place: dict[str, Any] = field(default_factory=dict)
    rows: list[tuple] | None = None
    aside: list[tuple] = field(default_factory=list)
    file: str = "f.csv"
    wanted: dict[str, Any] = field(default_factory=dict)
    count: int | None = None  # of rows, where there are too many to write them out
    is_long: bool = False

    def __str__(self) -> str:
        return self.name


def refused(name: str, content: bytes | Callable[[], bytes], id: str, *, file: str = "f.csv", **more: Any) -> Case:
    """A file that is refused whole, and where its message must say that it is wrong."""
    is_long, wanted = more.pop("is_long", False), more.pop("wanted", {})
    return Case(name, _written(content), refused=id, place=more, file=file, wanted=wanted, is_long=is_long)


def taken(name: str, content: bytes | Callable[[], bytes], *rows: tuple, file: str = "f.csv", **more: Any) -> Case:
    """A file that is taken as it is: these rows, and no cell of them another."""
    return Case(name, _written(content), rows=list(rows), file=file, **more)


def _written(content: bytes | Callable[[], bytes]) -> Callable[[], bytes]:
    return content if callable(content) else lambda: content
