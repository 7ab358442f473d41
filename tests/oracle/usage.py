"""Which rows of a log concern somebody, and how: written apart from the product, which asks its database."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

WIDE = {
    *("decisions-exported", "quarantine-read", "snapshot-taken", "snapshot-opened", "decisions-recomputed"),
    *("determination-run", "run-previewed", "notices-given"),
}


@dataclass(frozen=True)
class Row:
    """One row of the log, as it was written."""

    id: str
    at: datetime
    event: str
    about_kind: str = ""
    about_id: str = ""
    area_number: int | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Whose:
    """A person, where they live: household and the numbers of the areas around it, and since when they are known."""

    person: str
    home: str
    areas: frozenset[int]
    known_since: datetime


def concerns(row: Row, whose: Whose) -> str | None:
    """Return how a row concerns somebody; None where it does not. The first of these that holds."""
    named = row.details
    if row.about_kind == "person" and row.about_id == whose.person:
        return "self"
    if whose.person in named.get("persons", ()):
        return "self"
    if row.event == "audit-read" and named.get("asked", {}).get("about") in (whose.person, whose.home):
        return "self"
    if row.about_kind == "household" and row.about_id == whose.home:
        return "household"
    if whose.home in named.get("households", ()):
        meant = named.get("units")
        return "household" if meant is None or {whose.person, whose.home} & set(meant) else "other"
    if row.event in WIDE and row.at >= whose.known_since:
        return "population" if row.area_number is None or row.area_number in whose.areas else None
    return None


def expected(rows: Iterable[Row], whose: Whose) -> dict[str, str]:
    """Return id → how, of every row that concerns somebody."""
    return {row.id: how for row in rows if (how := concerns(row, whose))}
