"""What there is to erase, as the packages declare it and `project` puts it together; and who may not be erased for now."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from amparo.kernel.errors import Refused
from amparo.trust.keeping.kept import Kept, Lapse

Number = tuple[int, str, str]


@dataclass(frozen=True)
class Erasing:
    """What the packages declare, as `project` puts it together.

    `reach`    what goes with some persons, by the names that places use
    `holds`    each returns those of some persons who may not be erased on a day
    `waiting`  the copies that go on a day of their own, with their days
    `lapses`   what schedules may let go
    `fields_of`  the fields of a class, for schedules that let go of one class
    `locks`    statements that wait for whoever could bring back what is erased meanwhile: the longest waits first
    `numbers`  by what those who are reached would be known again in a delivery: (key, scheme, digest)
    `keep`     keeps these, from the day of the erasure
    `refold`   writes the facts of persons anew from what is left of their observations
    """

    places: Sequence[Kept]
    reach: Callable[[Any, Sequence[UUID]], dict[str, list[Any]]]
    holds: Sequence[Callable[[Any, list[UUID], date], Collection[UUID]]]
    waiting: Callable[[Any], list[tuple[UUID, date]]]
    lapses: Sequence[Lapse]
    fields_of: Callable[[str], list[str]]
    refold: Callable[[Sequence[UUID]], None]
    numbers: Callable[[Any, dict[str, list[Any]]], list[Number]]
    keep: Callable[..., None]
    locks: Sequence[str] = ()


_wired: list[Erasing] = []


def wire(erasing: Erasing) -> None:
    """Say what there is to erase; `project` does so at start."""
    _wired[:] = [erasing]


def wired() -> Erasing:
    """Return what there is to erase. Raises Refused where nobody said so: nothing would be erased, and it would be certified."""
    if not _wired:
        raise Refused("trust-erasing-not-wired")
    return _wired[0]


_HOLDS = """
SELECT DISTINCT person_id FROM trust_hold
WHERE person_id = ANY(%s) AND ended_at IS NULL AND (until IS NULL OR until >= %s)
"""


def held(cursor: Any, persons: list[UUID], on: date) -> set[UUID]:
    """Return those of some persons who may not be erased on a day: by a hold, or by what is still open about them."""
    cursor.execute(_HOLDS, [persons, on])
    found = {id for (id,) in cursor.fetchall()}
    return found.union(*(each(cursor, persons, on) for each in wired().holds))
