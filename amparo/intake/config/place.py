"""Reads a TOML table key by key and knows its place, so that a refusal can say where.

Whatever nobody asked for by the end is a slip of the pen, and refused: a misspelt key must not be silently ignored.
"""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, NoReturn

import duckdb

from amparo.kernel.errors import Refused

# Without %y: a year of two digits makes a child of 2019 and a great-grandmother of 1919 the same person.
_DATE_PARTS = frozenset("YmdHMSjbB%")


@dataclass(frozen=True)
class Place:
    """A table of the TOML not yet read to its end. Each method takes its key away; `peek` leaves it."""

    mapping: str
    where: str
    raw: dict[str, Any]

    def refuse(self, id: str, /, **values: Any) -> NoReturn:
        raise Refused(id, mapping=self.mapping, place=self.where, **values)

    def named(self, where: str) -> "Place":
        return Place(self.mapping, where, self.raw)

    def peek(self, key: str, default: Any) -> Any:
        value = self.raw.get(key, default)
        wanted = list if isinstance(default, tuple) else str
        if value is not default and not isinstance(value, wanted):
            self._wrong(key, '"text"')
        return value

    def text(self, key: str, *, needed: bool = False) -> str | None:
        value = self._take(key, needed)
        if isinstance(value, bool):
            value = str(value).lower()
        if isinstance(value, int | float | date):
            value = str(value)
        if value is not None and not isinstance(value, str):
            self._wrong(key, '"text"')
        return value

    def texts(self, key: str, *, needed: bool = False) -> tuple[str, ...]:
        """A list of texts; a single text stands for a list of one."""
        value = self._take(key, needed)
        listed = [] if value is None else [value] if isinstance(value, str) else value
        if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
            self._wrong(key, '["text", "text"]')
        return tuple(listed)

    def pairs(self, key: str) -> tuple[tuple[str, str], ...]:
        """Translations; a code or a truth or a number may stand on the right."""
        inner = self.part(key, needed=False)
        return tuple((left, inner.text(left) or "") for left in list(inner.raw))

    def flag(self, key: str) -> bool:
        value = self._take(key, False)
        if value is not None and not isinstance(value, bool):
            self._wrong(key, "true, false")
        return bool(value)

    def one_of(self, key: str, allowed: tuple[str, ...]) -> str | None:
        value = self.text(key)
        if value is not None and value not in allowed:
            self.refuse("intake-mapping-value-wrong", key=key, allowed=", ".join(allowed))
        return value

    def day(self, key: str) -> date | None:
        value = self._take(key, False)
        if value is None or type(value) is date:
            return value
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError):
            self.refuse("intake-mapping-value-wrong", key=key, allowed="2026-03-01")

    def fraction(self, key: str) -> Fraction | None:
        """An exact number: 0.01, 12 or "1/12". Zero and below would erase or turn what was said."""
        value = self.text(key)
        try:
            found = None if value is None else Fraction(value)
        except (ValueError, ZeroDivisionError):
            self._wrong(key, '0.01, "1/12"')
        if found is not None and found <= 0:
            self._wrong(key, '0.01, "1/12"')
        return found

    def date_format(self, key: str) -> str | None:
        value = self.text(key)
        parts = set() if value is None else {value[i + 1 : i + 2] for i in range(len(value)) if value[i] == "%"}
        if value is not None and (not parts <= _DATE_PARTS or not {"Y"} <= parts):
            self.refuse("intake-mapping-date-format", key=key, format=value)
        return value

    def pattern(self, key: str) -> str | None:
        """A regular expression the columnar engine understands."""
        value = self.text(key)
        if value is not None:
            try:
                duckdb.execute("SELECT regexp_matches('', ?)", [value]).fetchall()
            except duckdb.Error:
                self.refuse("intake-mapping-pattern-broken", key=key, pattern=value)
        return value

    def part(self, key: str, *, needed: bool = True, short: str | None = None) -> "Place":
        """A table within; where `short` is given, a single text or a list stands for `{short = …}`."""
        value = self._take(key, needed)
        if short and isinstance(value, str):
            value = {short: value}
        if value is not None and not isinstance(value, dict):
            self._wrong(key, "[…] table")
        return Place(self.mapping, f"{self.where}, {key}" if self.where else key, dict(value or {}))

    def parts(self, key: str, *, needed: bool = False) -> list["Place"]:
        value = self._take(key, needed)
        if value is not None and not (isinstance(value, list) and all(isinstance(each, dict) for each in value)):
            self._wrong(key, "[[…]] tables")
        where = f"{self.where}, {key}" if self.where else key
        return [Place(self.mapping, f"{where} {n}", dict(each)) for n, each in enumerate(value or [], 1)]

    def nothing_left(self) -> None:
        for key in self.raw:
            self.refuse("intake-mapping-key-unknown", key=key)

    def _take(self, key: str, needed: bool) -> Any:
        if needed and key not in self.raw:
            self.refuse("intake-mapping-key-missing", key=key)
        return self.raw.pop(key, None)

    def _wrong(self, key: str, allowed: str) -> NoReturn:
        self.refuse("intake-mapping-value-wrong", key=key, allowed=allowed)


def at(mapping: str, raw: dict[str, Any]) -> Place:
    return Place(mapping, "", dict(raw))
