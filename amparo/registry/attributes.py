"""What is stated of areas: a zone, a poverty rate. Fields of the grain `area`; not about any person.

A value holds from its day until the area's next one. Where the dictionary says `inherited`, an area without a value of
its own has that of the nearest area above it that has one; elsewhere it is unknown.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import connections

from amparo.kernel import clock
from amparo.registry.dictionary import POSTGRES_TYPE, Dictionary, Field, Type
from amparo.registry.types import Fact

AREA = "area"


def resolved(field: Field, on: str = "%(on)s", known: str = "v.replaced_at IS NULL") -> str:
    """Return a query of area number → value, source, day it holds from, and last day (`until`), on a day."""
    above = "p.number <= a.number AND a.number <= p.last_number" if field.is_inherited else "p.id = a.id"
    validity = f", v.starts_on + {field.valid_days}" if field.valid_days is not None else ""
    return f"""
        SELECT DISTINCT ON (a.number) a.number, (v.value #>> '{{}}')::{POSTGRES_TYPE[field.type]} AS value, v.source,
            v.starts_on, least((
                SELECT min(later.starts_on) - 1 FROM registry_areaattribute later
                WHERE later.area_id = v.area_id AND later.field = v.field AND later.starts_on > {on}
                    AND {known.replace("v.", "later.")}
            ){validity}) AS until
        FROM registry_areaattribute v
        JOIN trust_area p ON p.id = v.area_id
        JOIN trust_area a ON {above}
        WHERE v.field = '{field.name}' AND v.starts_on <= {on} AND {known}
        ORDER BY a.number, p.number DESC, v.starts_on DESC
    """


def stated_of(
    numbers: Iterable[int], names: Iterable[str], *, words: Dictionary, on: date
) -> dict[tuple[int, str], Any]:
    """Return (area number, name) → what is stated of each area on a day. What is unknown, or too old, is absent."""
    found: dict[tuple[int, str], Any] = {}
    asked = {"on": on, "numbers": [abs(each) for each in numbers]}
    with connections["default"].cursor() as cursor:
        for name in names:
            query = resolved(words[AREA, name])
            cursor.execute(
                f"SELECT number, value FROM ({query}) r WHERE number = ANY (%(numbers)s) AND (until IS NULL OR until >= %(on)s)",
                asked,
            )
            found |= {(number, name): value for number, value in cursor.fetchall()}
    return found


def attributes_of(
    area_number: int, names: Iterable[str], *, words: Dictionary, on: date, as_of: datetime | None = None
) -> dict[str, Fact]:
    """Return `area.<name>` → fact of an area on a day, as known now or at a past instant. What is unknown is absent."""
    found: dict[str, Fact] = {}
    known = "v.installed_at <= %(as_of)s AND (v.replaced_at IS NULL OR v.replaced_at > %(as_of)s)"
    values = {"on": on, "as_of": as_of or clock.now(), "number": abs(area_number)}
    with connections["default"].cursor() as cursor:
        for name in names:
            field = words[AREA, name]
            cursor.execute(f"SELECT * FROM ({resolved(field, known=known)}) r WHERE number = %(number)s", values)
            for _, value, source, starts_on, until in cursor.fetchall():
                value = float(value) if field.type is Type.NUMBER else value
                found[f"area.{name}"] = Fact(f"area.{name}", value, source, starts_on, until, False)
    return found
