"""Who lives in an area, so many at a time, in one order: for work on everybody that is done in steps, and goes on where it stopped.

Shape   the place after which to go on in; the persons that come next with theirs, out
Units   numbers of areas, both ends included; places in the order of area, household and person
Nulls   a home without members has a row without a person, so that whoever counts on comes past it
"""

from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.db import connections

from amparo.trust.scope import where
from amparo.trust.types import Actor

# Protected people lie below zero, outside every range. Of a home that ended, of who died and of who was erased there is no row.
_AFTER = """
SELECT h.area_number, h.number, coalesce(p.number, 0), p.id, h.id
FROM (
    SELECT id, number, area_number FROM registry_household h
    WHERE (area_number, number) >= (%(area)s, %(household)s) AND area_number <= %(last)s
        AND ended_on IS NULL AND erased_on IS NULL AND {homes}
    ORDER BY area_number, number LIMIT %(most)s
) h
LEFT JOIN (
    SELECT p.id, p.number, m.household_id FROM registry_membership m JOIN registry_person p ON p.id = m.person_id
    WHERE m.ends_on IS NULL AND p.area_number >= 0 AND p.erased_on IS NULL
        AND coalesce(p.deceased_on > %(on)s, true) AND {persons}
) p ON p.household_id = h.id
WHERE (h.area_number, h.number, coalesce(p.number, 0)) > (%(area)s, %(household)s, %(person)s)
ORDER BY 1, 2, 3 LIMIT %(most)s
"""


class Place(NamedTuple):
    """Where somebody comes: number of the area, of the household, and of the person."""

    area: int
    household: int = 0
    person: int = 0


class Reached(NamedTuple):
    place: Place
    person: UUID | None
    household: UUID


def persons_after(place: Place, last: int, *, by: Actor, on: date, at_most: int) -> list[Reached]:
    """Return who comes next in the areas up to the last, as far as whoever asks reaches; none once there is nobody more."""
    (homes, home_values), (persons, person_values) = (
        _scope(by, "registry_household", "h"),
        _scope(by, "registry_person", "p"),
    )
    values = place._asdict() | {"last": last, "on": on, "most": max(at_most, 2)} | home_values | person_values
    with connections["default"].cursor() as cursor:
        cursor.execute(_AFTER.format(homes=homes, persons=persons), values)
        rows = cursor.fetchall()
    return [Reached(Place(area, home, number), person, id) for area, home, number, person, id in rows]


def _scope(by: Actor, table: str, row: str) -> tuple[str, dict[str, object]]:
    """Return the actor's scope with its values by name, as the rest of the statement has them."""
    text, values = where(by, of=table, row=row)
    names = [f"{row}_{place}" for place in range(len(values))]
    for name in names:
        text = text.replace("%s", f"%({name})s", 1)
    return text, dict(zip(names, values, strict=True))
