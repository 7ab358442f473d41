"""Takes typed values out of a file of a profile, and says where in it a wrong one stands.

A reader takes every key it knows; what is left over is a slip of the pen and is refused, so that nothing in a profile
is silently without effect. One wrong entry does not hide the next: faults are collected, entry by entry.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, NoReturn, TypeVar

from amparo.kernel.errors import Refused
from amparo.kernel.messages import Message
from amparo.kernel.money import to_minor
from amparo.profiles.types import Problem

Named = TypeVar("Named", bound=StrEnum)


class Fault(Exception):
    """Carries one problem from the place where it was seen to where it is collected."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(f"{problem.file}: {problem.place}: {problem.message}")


@dataclass
class Problems:
    """Collects what is wrong while reading goes on."""

    found: list[Problem] = field(default_factory=list)

    @contextmanager
    def collected(self) -> Iterator[None]:
        """Collect a fault raised within, and go on after it."""
        try:
            yield
        except Fault as fault:
            self.found.append(fault.problem)

    def add(self, file: str, place: str, id: str, /, **values: Any) -> None:
        self.found.append(Problem(file, place, Message(id, values)))

    def add_refusal(self, file: str, place: str, refusal: Refused) -> None:
        self.found.append(Problem(file, place, refusal.message))


@dataclass(frozen=True)
class Place:
    """A table of a file, with the keys that nobody has taken yet."""

    file: str
    where: str
    left: dict[str, Any]

    def refuse(self, id: str, /, **values: Any) -> NoReturn:
        raise Fault(Problem(self.file, self.where, Message(id, values)))

    def named(self, where: str) -> "Place":
        return replace(self, where=where)

    def within(self, key: str, value: Any) -> "Place":
        if not isinstance(value, dict):
            self._wrong(key, "{ … }")
        return Place(self.file, f"{self.where} › {key}" if self.where else key, dict(value))

    def has(self, key: str) -> bool:
        return key in self.left

    def table(self, key: str) -> "Place":
        """The table under `key`; empty where there is none."""
        return self.within(key, self.left.pop(key, {}))

    def tables(self, key: str) -> list["Place"]:
        """The list of tables under `key`, `[[key]]` in the file."""
        listed = self.left.pop(key, [])
        if not isinstance(listed, list):
            self._wrong(key, f"[[{key}]]")
        return [self.within(f"{key} {number}", each) for number, each in enumerate(listed, 1)]

    def named_tables(self) -> list[tuple[str, "Place"]]:
        """Every table that is left, with its name."""
        return [(name, self.within(name, self.left.pop(name))) for name in list(self.left)]

    def text(self, key: str) -> str:
        return self._take(key, str, "“…”")

    def text_or(self, key: str, default: str | None) -> str | None:
        return self.text(key) if key in self.left else default

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty where there is none."""
        listed = self.left.pop(key, [])
        if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
            self._wrong(key, "[“…”, “…”]")
        return tuple(listed)

    def whole(self, key: str) -> int:
        return self._take(key, int, "12")

    def whole_or(self, key: str, default: int | None) -> int | None:
        return self.whole(key) if key in self.left else default

    def day(self, key: str) -> date:
        value = self._take(key, date, "2026-07-01")
        if type(value) is not date:
            self._wrong(key, "2026-07-01")
        return value

    def day_or(self, key: str) -> date | None:
        return self.day(key) if key in self.left else None

    def truth_or(self, key: str, default: bool) -> bool:
        return self._take(key, bool, "true, false") if key in self.left else default

    def one_of(self, key: str, kind: type[Named]) -> Named:
        given = self.text(key)
        if given not in list(kind):
            self.refuse("profiles-value-unknown", key=key, value=given, known=[each.value for each in kind])
        return kind(given)

    def number(self, key: str) -> float:
        return float(self._take(key, int | float | Decimal, "12.5"))

    def money(self, key: str, decimals: int) -> int:
        """An amount in major units, written as text so that no decimal is lost, as minor units."""
        given = self.left.get(key)
        if isinstance(given, bool) or not isinstance(given, str | int | Decimal):
            self._wrong(key, "“1250.50”")
        try:
            return to_minor(self.left.pop(key), decimals)
        except Refused as refusal:
            raise Fault(Problem(self.file, self.where, refusal.message)) from refusal

    def nothing_left(self) -> None:
        for key in self.left:
            self.refuse("profiles-key-unknown", key=key)

    def _take(self, key: str, kind: Any, example: str) -> Any:
        if key not in self.left:
            self.refuse("profiles-key-missing", key=key)
        value = self.left.pop(key)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            self._wrong(key, example)
        return value

    def _wrong(self, key: str, example: str) -> NoReturn:
        self.refuse("profiles-value-wrong", key=key, example=example)


def top(file: str, raw: Mapping[str, Any]) -> Place:
    return Place(file, "", dict(raw))
