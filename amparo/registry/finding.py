"""Finding people and households: by name with typos, identifier, number or area. What was asked and who was shown is recorded."""

from typing import Any

from django.db import connections
from django.db.models import Q, QuerySet

from amparo.kernel.errors import NotPermitted
from amparo.registry.dictionary import Field
from amparo.registry.models import Household
from amparo.registry.queries import PAGE, dictionary
from amparo.registry.schemes import normalised_identifier
from amparo.registry.types import Found
from amparo.trust.keys import encryption
from amparo.trust.keys.keyring import keyring
from amparo.trust.log.recording import record
from amparo.trust.scope import where, within
from amparo.trust.types import Actor, Event, FieldClass, Ground, Standing

NAMES = ("given_name", "family_name")


def find_by_name(asked: str, *, by: Actor, under: Ground, at_most: int = PAGE) -> list[Found]:
    """Return people whose names resemble what was asked, typos allowed, the most alike first.

    Raises NotPermitted where `by` may not read the names: whoever may not read a field does not search by it either.
    """
    _expect_readable(by, *_name_classes())
    found = _found("SELECT person_id, likeness FROM amparo_search_names(%s, %s)", [asked, at_most], by)
    return _recorded(found, by, under, by_what="name")


def find_by_identifier(scheme: str, value: str, *, by: Actor, under: Ground) -> list[Found]:
    """Return the person who holds a live identifier, through its blind index; the value itself is stored sealed.

    Raises NotPermitted where `by` may not read identities.
    """
    _expect_readable(by, FieldClass.IDENTITY)
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
        for each in within(_households(by).filter(number=number), by)
    ]
    return _recorded([*households, *people], by, under, by_what="number")


def households_in(
    first: int, last: int, *, by: Actor, under: Ground, after: int = 0, at_most: int = PAGE
) -> list[Found]:
    """Return a page of the households whose area numbers lie in a range, in the order of their numbers."""
    lies = Q(area_number__range=(first, last))
    if by.scope.shows_protected:
        lies |= Q(area_number__range=(-last, -first))
    rows = within(_households(by).filter(lies, number__gt=after), by)
    found = [
        Found(None, each.id, each.number, "", None, each.area_number) for each in rows.order_by("number")[:at_most]
    ]
    return _recorded(found, by, under, by_what="area")


def searches(by: Actor) -> tuple[bool, bool]:
    """Return whether `by` may search by name, and by identifier."""
    classes = by.classes
    return classes.issuperset(_name_classes()), FieldClass.IDENTITY in classes


def _households(by: Actor) -> QuerySet[Household]:
    """Return the households that `by` may find: those that have ended only to whoever reads what has."""
    return Household.objects.all() if Standing.ENDED in by.standings else Household.objects.filter(ended_on=None)


def _expect_readable(by: Actor, *needed: FieldClass) -> None:
    if not by.classes.issuperset(needed):
        raise NotPermitted("registry-search-withheld")


def _name_classes() -> list[FieldClass]:
    words = dictionary()
    return [field.field_class for role in NAMES if (field := words.with_role("person", role))]


def _with_role(role: str, by: Actor) -> Field | None:
    """Return the field of persons with a role, where `by` may read it of everybody in reach."""
    field = dictionary().with_role("person", role)
    return field if field and field.field_class in by.classes else None


def _found(select: str, values: list[Any], by: Actor) -> list[Found]:
    names = [field.name for role in NAMES if (field := _with_role(role, by))]
    name = "concat_ws(' ', " + ", ".join(f'f."{each}"' for each in names) + ")" if names else "''"
    birth = _with_role("birth_date", by)
    year = f'extract(year FROM f."{birth.name}")::int' if birth else "NULL::int"
    condition, scope = where(by, of="registry_person", row="p")
    statement = f"""
        SELECT p.id, m.household_id, p.number, {name}, {year}, p.area_number, s.likeness
        FROM ({select}) s
        JOIN registry_person p ON p.id = s.person_id
        LEFT JOIN registry_membership m ON m.person_id = p.id AND m.ends_on IS NULL
        LEFT JOIN registry_fact_person f ON f.person_id = p.id
        WHERE {condition}{"" if Standing.DECEASED in by.standings else " AND p.deceased_on IS NULL"}
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
