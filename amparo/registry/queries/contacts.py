"""Where people are reached: the one read that leads from an id to an address, for whoever sends or prints what they are to be told.

Shape   many persons and households in, `Contact` by id out; who is in none of the rows is reached by nobody
Units   only the fields that the profile names for a use, and the names of whom a letter is for
Nulls   a field that nobody delivered, or that the dictionary does not have, is ""; a household without anybody living has no contact
Errors  NotPermitted for whoever is not charged with sending: no page is
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connections

from amparo.registry import contact_values
from amparo.registry.dictionary import HEAD, Dictionary, Field
from amparo.registry.facts import table
from amparo.registry.queries.installed import dictionary
from amparo.registry.types import Contact
from amparo.trust.log.recording import record
from amparo.trust.types import Actor, Event, FieldClass, Ground, Permission

BULK = "bulk"
NAMES = ("given_name", "family_name")
# Of a home whoever is its head, else the oldest: the same turn in which its record lists them.
_HEADS = """
SELECT DISTINCT ON (m.household_id) m.household_id, m.person_id
FROM registry_membership m
JOIN registry_person p ON p.id = m.person_id AND p.deceased_on IS NULL AND p.erased_on IS NULL
JOIN registry_household h ON h.id = m.household_id AND h.ended_on IS NULL
LEFT JOIN {person} f ON f.person_id = m.person_id
WHERE m.household_id = ANY (%(households)s) AND m.ends_on IS NULL
ORDER BY m.household_id, {turn} p.number
"""
_REACHED = """
SELECT p.id, m.household_id, concat_ws(' ', {names}), {columns}
FROM registry_person p
LEFT JOIN registry_membership m ON m.person_id = p.id AND m.ends_on IS NULL
LEFT JOIN {person} person ON person.person_id = p.id
LEFT JOIN {household} household ON household.household_id = m.household_id
WHERE p.id = ANY (%(persons)s) AND p.deceased_on IS NULL AND p.erased_on IS NULL
"""


def contacts(
    persons: Collection[UUID],
    households: Collection[UUID],
    *,
    wanted: Mapping[str, tuple[str, str]],
    by: Actor,
    under: Ground,
) -> dict[UUID, Contact]:
    """Return id → where whoever it names is reached. `wanted`: use → (grain, field). Who was looked up is on the record."""
    by = by.narrowed(Permission.SEND_NOTICES)
    words = dictionary(using=BULK)
    uses = {use: where for use, where in wanted.items() if where in words and _has_column(words[where])}
    with connections[BULK].cursor() as cursor:
        heads = _heads(cursor, households, words)
        reached = _reached(cursor, {*persons, *heads.values()}, uses, words)
    record(
        Event.CONTACTS_READ,
        by=by,
        under=under,
        using=BULK,
        persons=sorted(str(each) for each in reached),
        fields=sorted(f"{grain}.{name}" for grain, name in uses.values()),
    )
    of_homes = {home: reached[head] for home, head in heads.items() if head in reached}
    return {each: reached[each] for each in persons if each in reached} | of_homes


def _has_column(field: Field) -> bool:
    """Whether a fact is kept of it beside the person or home: nothing that is to protect people is."""
    return field.grain in ("person", "household") and field.field_class is not FieldClass.PROTECTION


def _heads(cursor: Any, households: Collection[UUID], words: Dictionary) -> dict[UUID, UUID]:
    turn = []
    if is_head := words.with_role("person", "is_head"):
        turn.append(f'(f."{is_head.name}" IS TRUE) DESC,')
    if relation := words.with_role("person", "relation_to_head"):
        turn.append(f"(f.\"{relation.name}\" IS NOT DISTINCT FROM '{HEAD}') DESC,")
    if born := words.with_role("person", "birth_date"):
        turn.append(f'f."{born.name}" NULLS LAST,')
    cursor.execute(_HEADS.format(person=table("person"), turn=" ".join(turn)), {"households": list(households)})
    return dict(cursor.fetchall())


def _reached(
    cursor: Any, persons: Collection[UUID], uses: Mapping[str, tuple[str, str]], words: Dictionary
) -> dict[UUID, Contact]:
    names = [f'person."{each.name}"' for role in NAMES if (each := words.with_role("person", role))]
    columns = [f'{grain}."{name}"' for grain, name in uses.values()]
    statement = _REACHED.format(
        names=", ".join(names) or "NULL",
        columns=", ".join(columns) or "NULL",
        person=table("person"),
        household=table("household"),
    )
    cursor.execute(statement, {"persons": list(persons)})
    rows = [(id, home, name, dict(zip(uses, values, strict=False))) for id, home, name, *values in cursor]
    texts = _opened([(id, home, told) for id, home, _, told in rows], uses, words)
    return {
        id: Contact(name, {use: texts.get((id, use), _text(value)) for use, value in told.items()})
        for id, _, name, told in rows
    }


def _opened(
    rows: Sequence[tuple[UUID, UUID, Mapping[str, Any]]], uses: Mapping[str, tuple[str, str]], words: Dictionary
) -> dict[tuple[UUID, str], str]:
    """Return (person, use) → the value that the digest in a fact stands for, of the person's own or of their home's."""
    sealed = {use: where for use, where in uses.items() if words[where].is_sealed}
    asked = {
        (id, use): (id if grain == "person" else home, name, told[use])
        for id, home, told in rows
        for use, (grain, name) in sealed.items()
        if told[use] is not None
    }
    values = contact_values.opened(asked.values(), using=BULK)
    return {at: values[each] for at, each in asked.items()}


def _text(value: object) -> str:
    return "" if value is None else str(value)
