"""Finding people and households: by name with typos, identifier, number or area. What was asked and who was shown is recorded."""

from typing import Any

from django.db import connections

from amparo.registry.models import Household
from amparo.registry.queries import PAGE, dictionary
from amparo.registry.schemes import normalised_identifier
from amparo.registry.types import Found
from amparo.trust import encryption
from amparo.trust.actions import record
from amparo.trust.keyring import keyring
from amparo.trust.scope import where, within
from amparo.trust.types import Actor, Event, Ground


def find_by_name(asked: str, *, by: Actor, under: Ground, at_most: int = PAGE) -> list[Found]:
    """Return people whose names resemble what was asked, typos allowed, the most alike first."""
    found = _found("SELECT person_id, likeness FROM amparo_search_names(%s, %s)", [asked, at_most], by)
    return _recorded(found, by, under, by_what="name")


def find_by_identifier(scheme: str, value: str, *, by: Actor, under: Ground) -> list[Found]:
    """Return the person who holds a live identifier, through its blind index; the value itself is stored sealed."""
    keys = keyring().blind_keys
    indexes = [encryption.blind_index(scheme, normalised_identifier(value), key=each) for each in keys]
    statement = (
        "SELECT p AS person_id, NULL::real AS likeness FROM amparo_find_identifier(%s, %s, %s) p WHERE p IS NOT NULL"
    )
    return _recorded(_found(statement, [scheme, keys, indexes], by), by, under, by_what=f"identifier:{scheme}")


def find_by_number(number: int, *, by: Actor, under: Ground) -> list[Found]:
    """Return the household or person with this number of ours."""
    people = _found(
        "SELECT id AS person_id, NULL::real AS likeness FROM registry_person WHERE number = %s", [number], by
    )
    households = [
        Found(None, each.id, each.number, "", None, each.area_number)
        for each in within(Household.objects.filter(number=number), by)
    ]
    return _recorded([*households, *people], by, under, by_what="number")


def households_in(
    first: int, last: int, *, by: Actor, under: Ground, after: int = 0, at_most: int = PAGE
) -> list[Found]:
    """Return a page of the households whose area numbers lie in a range, in the order of their numbers."""
    rows = within(Household.objects.filter(area_number__range=(first, last), number__gt=after), by)
    found = [
        Found(None, each.id, each.number, "", None, each.area_number) for each in rows.order_by("number")[:at_most]
    ]
    return _recorded(found, by, under, by_what="area")


def _found(select: str, values: list[Any], by: Actor) -> list[Found]:
    words = dictionary()
    names = [field.name for role in ("given_name", "family_name") if (field := words.with_role("person", role))]
    name = "concat_ws(' ', " + ", ".join(f'f."{each}"' for each in names) + ")" if names else "''"
    birth = words.with_role("person", "birth_date")
    year = f'extract(year FROM f."{birth.name}")::int' if birth else "NULL::int"
    condition, scope = where(by, column="p.area_number")
    statement = f"""
        SELECT p.id, m.household_id, p.number, {name}, {year}, p.area_number, s.likeness
        FROM ({select}) s
        JOIN registry_person p ON p.id = s.person_id
        LEFT JOIN registry_membership m ON m.person_id = p.id AND m.ends_on IS NULL
        LEFT JOIN registry_fact_person f ON f.person_id = p.id
        WHERE {condition}
        ORDER BY s.likeness DESC NULLS LAST, p.number
    """
    with connections["default"].cursor() as cursor:
        cursor.execute(statement, [*values, *scope])
        return [Found(*row) for row in cursor.fetchall()]


def _recorded(found: list[Found], by: Actor, under: Ground, *, by_what: str) -> list[Found]:
    """One audit row for the search, with the households on it, and one for each person whose name it showed."""
    homes = sorted({str(each.household_id) for each in found if each.person_id is None})
    named = {"households": homes} if homes else {}
    told = {"by_what": by_what, "found": len(found), **named}
    record(Event.HOUSEHOLDS_FOUND, by=by, under=under, about_kind="search", **told)
    for each in found:
        if each.person_id:
            record(
                Event.PERSON_READ,
                by=by,
                under=under,
                about_kind="person",
                about_id=each.person_id,
                area_number=each.area_number,
                seen="search",
            )
    return found
