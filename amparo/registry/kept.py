"""Where the registry keeps personal data, and what erasing somebody does there.

A person is erased with all records of theirs in any source: those whose link to them is the last there was. The household
goes with the last who lives in it. Who lived with whom stays as ids and days, as long as others of them are known.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from amparo.kernel import clock
from amparo.registry import facts
from amparo.registry.queries import dictionary
from amparo.registry.schemes import normalised_identifier
from amparo.trust.keeping.kept import FoundBy, Holds, Kept, Lapse, Leaves, Reached, Stone
from amparo.trust.keys import encryption
from amparo.trust.types import SYSTEM_ID

# All memberships, by person: those that are on by one index, those that ended by another.
LIVED = """(
    SELECT id, person_id, household_id, ends_on FROM registry_membership WHERE ends_on IS NULL
    UNION ALL SELECT id, person_id, household_id, ends_on FROM registry_membership WHERE ends_on IS NOT NULL
)"""
# Nobody lives there any more of whom anything is known, nor was it the last home of anybody else.
_EMPTIED = f"""
SELECT DISTINCT m.household_id FROM {LIVED} m
WHERE m.person_id = ANY(%(persons)s) AND NOT EXISTS (
    SELECT FROM registry_membership o JOIN registry_person other ON other.id = o.person_id AND other.erased_on IS NULL
    WHERE o.household_id = m.household_id AND o.person_id <> ALL(%(persons)s)
        AND NOT EXISTS (SELECT FROM {LIVED} later WHERE later.person_id = o.person_id AND later.id > o.id)
)
"""
_GROUPS = """
SELECT g.id FROM registry_group g WHERE g.household_id = ANY(%(households)s)
UNION
SELECT m.group_id FROM registry_groupmembership m
WHERE m.person_id = ANY(%(persons)s) AND NOT EXISTS (
    SELECT FROM registry_groupmembership o JOIN registry_person other ON other.id = o.person_id AND other.erased_on IS NULL
    WHERE o.group_id = m.group_id AND o.person_id <> ALL(%(persons)s)
)
"""
_ITEMS = "SELECT id FROM registry_item WHERE person_id = ANY(%(persons)s) OR household_id = ANY(%(households)s)"
_HOMES = f"SELECT DISTINCT household_id FROM {LIVED} m WHERE person_id = ANY(%(persons)s)"
# Whoever writes down something of a home or its members locks it first, and asks after that whether they were erased.
_HELD_STILL = "SELECT id FROM registry_household WHERE id = ANY(%(homes)s) ORDER BY id FOR NO KEY UPDATE"
# Homes in which somebody lives or lived who is theirs, or theirs at second or third hand: as far as rules look from one to another.
_NEAR = f"""
WITH RECURSIVE kin (id, steps) AS (
    SELECT id, 0 FROM unnest(%(persons)s::uuid[]) id
    UNION
    SELECT CASE r.person_id WHEN kin.id THEN r.other_id ELSE r.person_id END, kin.steps + 1
    FROM kin JOIN registry_relationship r ON r.person_id = kin.id OR r.other_id = kin.id WHERE kin.steps < 3
)
SELECT DISTINCT m.household_id FROM kin JOIN {LIVED} m ON m.person_id = kin.id
"""
# Whom decisions may be about that copied something of those homes.
_UNITS = """
SELECT unnest(%(near)s::uuid[])
UNION SELECT person_id FROM registry_membership WHERE household_id = ANY(%(near)s)
UNION SELECT id FROM registry_group WHERE household_id = ANY(%(near)s)
"""
# A record that was linked to somebody else since is theirs.
_SUBJECTS = """
SELECT DISTINCT l.subject_id FROM registry_subjectlink l
WHERE l.entity_id = ANY(%(entities)s) AND NOT EXISTS (
    SELECT FROM registry_subjectlink live
    WHERE live.subject_id = l.subject_id AND live.ends_at IS NULL AND live.entity_id <> ALL(%(entities)s)
) AND NOT EXISTS (
    SELECT FROM registry_subjectlink later WHERE later.subject_id = l.subject_id AND later.ends_at IS NOT NULL
        AND later.id > l.id AND later.entity_id <> ALL(%(entities)s)
)
"""
# What a delivery under way has found out about the registry is out of date: as if each source had delivered nothing more.
SOURCES_LOCKED = "SELECT pg_advisory_xact_lock(7266, id) FROM (SELECT id FROM registry_source ORDER BY id) source"
_OUTDATED = """
INSERT INTO registry_delivery (source_id, received_at, delivered_by, purpose, agreement, digest)
SELECT id, now(), %(by)s, '', '', '' FROM registry_source
"""


def reach(cursor: Any, persons: Sequence[UUID]) -> dict[str, list[Any]]:
    """Return what goes with these persons: emptied households, groups, items, all of these, and their sources' records.

    Until the transaction ends no delivery records anything, and one that was compared before is compared again.
    """
    cursor.execute(_OUTDATED, {"by": SYSTEM_ID})
    found: dict[str, list[Any]] = {"persons": list(persons)}
    for name, statement in (
        ("households", _EMPTIED),
        ("groups", _GROUPS),
        ("items", _ITEMS),
        ("homes", _HOMES),
        ("near", _NEAR),
        ("units", _UNITS),
    ):
        cursor.execute(statement, found)
        found[name] = [each for (each,) in cursor.fetchall()]
    cursor.execute(_HELD_STILL, found)
    found["entities"] = [*persons, *found["households"], *found["groups"], *found["items"]]
    cursor.execute(_SUBJECTS, found)
    found["subjects"] = [each for (each,) in cursor.fetchall()]
    return found


@dataclass(frozen=True)
class Marks:
    """By what some persons, and the homes and items that go with them, are known in rows that were never taken in.

    `keys`        (source, grain, key at the source)
    `identifiers` (scheme, number as it is compared)
    `names`       field of the dictionary with a role → the texts that were said of one person, for each of them
    """

    keys: frozenset[tuple[str, str, str]]
    identifiers: frozenset[tuple[str, str]]
    names: tuple[dict[str, frozenset[str]], ...] = field(default_factory=tuple)


def marks(cursor: Any, reached: Reached, fields: Sequence[str]) -> Marks:
    """Return the marks of who is reached; `fields` are those of a person by which people know each other."""
    cursor.execute(
        "SELECT source.code, s.grain, s.source_key FROM registry_subject s JOIN registry_source source"
        " ON source.id = s.source_id WHERE s.id = ANY(%(subjects)s)",
        reached,
    )
    keys = frozenset(cursor.fetchall())
    cursor.execute("SELECT scheme, id, value FROM registry_identifier WHERE person_id = ANY(%(persons)s)", reached)
    numbers = frozenset((scheme, normalised_identifier(_opened(id, value))) for scheme, id, value in cursor.fetchall())
    cursor.execute(_SAID, {**reached, "fields": list(fields)})
    people: dict[UUID, dict[str, set[str]]] = {}
    for person, name, value in cursor.fetchall():
        people.setdefault(person, {}).setdefault(name, set()).add(value)
    return Marks(keys, numbers, tuple({name: frozenset(each[name]) for name in each} for each in people.values()))


_SAID = """
SELECT DISTINCT l.entity_id, v.key, v.value #>> '{}'
FROM registry_subjectlink l
JOIN registry_observation o ON o.subject_id = l.subject_id AND o.grain = 'person'
CROSS JOIN LATERAL jsonb_each(o."values") v
WHERE l.entity_id = ANY(%(persons)s) AND v.key = ANY(%(fields)s)
"""


def _opened(id: UUID, value: bytes) -> str:
    return encryption.decrypt("identity", value, f"registry_identifier.value:{id}".encode()).decode()


def refold(persons: Sequence[UUID]) -> None:
    """Write the facts of persons anew from what is left, as whoever may write them; part of the eraser's transaction."""
    fields = [each.name for each in dictionary(using="bulk").of("person")]
    facts.fold("person", persons, fields=fields, using="bulk", as_of=clock.now())


def fields_of(field_class: str) -> list[str]:
    """Return the fields of a person that are of a class."""
    return [each.name for each in dictionary(using="bulk").of("person") if each.field_class == field_class]


def fact_tables(cursor: Any) -> list[tuple[str, str]]:
    """Return each table of facts with its key column."""
    cursor.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ '^registry_fact_(household|person|group|item_\\w+)$'"
    )
    names = [name for (name,) in cursor.fetchall()]
    return [(name, facts.key(name.removeprefix("registry_fact_").replace("item_", "item:", 1))) for name in names]


def _facts(cursor: Any, reached: Reached, stone: Stone) -> int:
    """What is folded from nothing is nothing: unknown."""
    count = 0
    for table, key in fact_tables(cursor):
        cursor.execute(f"DELETE FROM {table} WHERE {key} = ANY(%(entities)s)", reached)
        count += cursor.rowcount
    return count


_OBSERVATIONS = """
UPDATE registry_observation SET "values" = '{}', tombstone = %(stone)s
WHERE subject_id = ANY(%(subjects)s) AND (tombstone IS NULL OR tombstone ? 'fields')
"""
# Of some fields only, which the tombstone names; those of an erasure before it too.
_FIELDS = """
UPDATE registry_observation o SET "values" = "values" - %(fields)s::text[],
    tombstone = %(stone)s::jsonb || jsonb_build_object('fields', (
        SELECT jsonb_agg(DISTINCT name) FROM (
            SELECT jsonb_array_elements_text(o.tombstone -> 'fields')
            UNION ALL SELECT name FROM unnest(%(fields)s::text[]) name WHERE o."values" ? name
        ) lost (name)
    ))
WHERE subject_id = ANY(%(subjects)s) AND grain = 'person' AND "values" ?| %(fields)s::text[]
    AND (tombstone IS NULL OR tombstone ? 'fields')
"""
# Sources name their records by numbers of people and homes.
_RECORDS = """
UPDATE registry_subject SET source_key = 'erased:' || id, last_digest = NULL
WHERE id = ANY(%(subjects)s) AND source_key <> 'erased:' || id
"""
# That somebody's parent is erased is the child's own record too.
_TIES = """
DELETE FROM registry_relationship r
WHERE (r.person_id = ANY(%(persons)s) OR r.other_id = ANY(%(persons)s)) AND NOT EXISTS (
    SELECT FROM registry_person p
    WHERE p.id IN (r.person_id, r.other_id) AND p.id <> ALL(%(persons)s) AND p.erased_on IS NULL
)
"""
# The dead stop being members on their day, which is then forgotten.
_MEMBERSHIPS = """
WITH ended AS (
    UPDATE registry_membership m SET ends_on = greatest(m.starts_on, p.deceased_on) FROM registry_person p
    WHERE p.id = m.person_id AND p.id = ANY(%(persons)s) AND p.deceased_on IS NOT NULL AND m.ends_on IS NULL
        AND m.household_id <> ALL(%(households)s)
)
DELETE FROM registry_membership WHERE household_id = ANY(%(households)s)
"""
# Whoever holds an old letter finds no row by the number on it.
_PERSONS = """
UPDATE registry_person SET erased_on = %(on)s, deceased_on = NULL, number = nextval('registry_person_number_seq')
WHERE id = ANY(%(persons)s) AND erased_on IS NULL
"""
_HOUSEHOLDS = """
UPDATE registry_household SET erased_on = %(on)s, ended_on = coalesce(ended_on, %(on)s),
    number = nextval('registry_household_number_seq')
WHERE id = ANY(%(households)s) AND erased_on IS NULL
"""


_OF_IDENTITY = "DELETE FROM {} WHERE %(field_class)s = 'identity' AND person_id = ANY(%(persons)s)"


# Of some fields of persons; what a record of a home says of the same name is the home's.
_OF_CONTACT = """
DELETE FROM registry_contact c USING registry_subject s
WHERE s.id = c.subject_id AND s.grain = 'person' AND s.id = ANY(%(subjects)s) AND c.field = ANY(%(fields)s)
"""


def _known(place: str, erase: str | Any, **told: Any) -> Kept:
    return Kept(place, Holds.KNOWN, FoundBy.SUBJECT, Leaves.TOMBSTONE, erase=erase, **told)


def _belonging(place: str, erase: str | None, *bare: str) -> Kept:
    return Kept(place, Holds.BELONGING, FoundBy.PERSON, Leaves.BARE_ROW, bare=bare, erase=erase)


# In the order in which they are emptied: who belongs to whom is asked by those above.
KEPT = (
    _known("registry_observation", _OBSERVATIONS, columns=("values",), bare=("grain", "tombstone"), of_class=_FIELDS),
    Kept("registry_fact_", Holds.KNOWN, FoundBy.PERSON, Leaves.NOTHING, erase=_facts, many=True),
    Kept(
        "registry_fact_exception",
        Holds.KNOWN,
        FoundBy.PERSON,
        Leaves.NOTHING,
        bare=("grain", "field"),
        erase="DELETE FROM registry_fact_exception WHERE entity_id = ANY(%(entities)s)",
    ),
    Kept(
        "registry_person_name",
        Holds.NAMES,
        FoundBy.PERSON,
        Leaves.NOTHING,
        columns=("words",),
        field_class="identity",
        erase="DELETE FROM registry_person_name WHERE person_id = ANY(%(persons)s)",
        of_class=_OF_IDENTITY.format("registry_person_name"),
    ),
    Kept(
        "registry_identifier",
        Holds.IDENTIFIERS,
        FoundBy.PERSON,
        Leaves.NOTHING,
        columns=("value", "blind_index", "spare_index"),
        bare=("scheme",),
        field_class="identity",
        erase="DELETE FROM registry_identifier WHERE person_id = ANY(%(persons)s)",
        of_class=_OF_IDENTITY.format("registry_identifier"),
    ),
    Kept(
        "registry_contact",
        Holds.KNOWN,
        FoundBy.SUBJECT,
        Leaves.NOTHING,
        columns=("digest", "value"),
        bare=("field",),
        field_class="contact",
        erase="DELETE FROM registry_contact WHERE subject_id = ANY(%(subjects)s)",
        of_class=_OF_CONTACT,
    ),
    Kept(
        "registry_subject",
        Holds.IDENTIFIERS,
        FoundBy.SUBJECT,
        Leaves.BARE_ROW,
        columns=("source_key", "last_digest"),
        bare=("grain",),
        field_class="identity",
        erase=_RECORDS,
        of_class=f"{_RECORDS} AND grain = 'person' AND %(field_class)s = 'identity'",
    ),
    Kept("registry_subjectlink", Holds.ROWS, FoundBy.SUBJECT, Leaves.BARE_ROW, bare=("ground",)),
    Kept(
        "registry_item",
        Holds.KNOWN,
        FoundBy.PERSON,
        Leaves.NOTHING,
        bare=("kind",),
        erase="DELETE FROM registry_item WHERE id = ANY(%(items)s)",
    ),
    _belonging("registry_relationship", _TIES, "kind"),
    _belonging("registry_groupmembership", "DELETE FROM registry_groupmembership WHERE group_id = ANY(%(groups)s)"),
    _belonging(
        "registry_group",
        "UPDATE registry_group SET ends_on = greatest(starts_on, %(on)s) WHERE id = ANY(%(groups)s) AND ends_on IS NULL",
        "kind",
    ),
    _belonging("registry_membership", _MEMBERSHIPS),
    Kept(
        "registry_erased_number",
        Holds.IDENTIFIERS,
        FoundBy.NOTHING,
        Leaves.ITS_DAY,
        bare=("scheme", "digest", "let_in_ground"),
    ),
    Kept(
        "registry_followed",
        Holds.KNOWN,
        FoundBy.PERSON,
        Leaves.NOTHING,
        columns=("digest",),
        erase="DELETE FROM registry_followed WHERE entity_id = ANY(%(entities)s)",
    ),
    Kept(
        "registry_owed",
        Holds.ROWS,
        FoundBy.PERSON,
        Leaves.NOTHING,
        erase="DELETE FROM registry_owed WHERE entity_id = ANY(%(entities)s)",
    ),
    Kept("registry_protection", Holds.BELONGING, FoundBy.PERSON, Leaves.PSEUDONYM),
    Kept("registry_household", Holds.ROWS, FoundBy.HOUSEHOLD, Leaves.BARE_ROW, columns=("number",), erase=_HOUSEHOLDS),
    Kept(
        "registry_person",
        Holds.ROWS,
        FoundBy.PERSON,
        Leaves.BARE_ROW,
        columns=("number", "deceased_on"),
        erase=_PERSONS,
    ),
)


# Who lives nowhere any more, or died: since the last of their memberships, or of their home, or that day.
_LEFT = (
    """
FROM registry_person p
WHERE p.erased_on IS NULL AND coalesce(p.deceased_on, (
    SELECT max(coalesce(m.ends_on, h.ended_on)) FROM """
    + LIVED
    + """ m
    JOIN registry_household h ON h.id = m.household_id WHERE m.person_id = p.id
    HAVING bool_and(coalesce(m.ends_on, h.ended_on) IS NOT NULL)
)) < %(until)s AND {of_class}
"""
)


def _still_known(field_class: str, fields: Sequence[str]) -> str:
    """Return the condition on person `p` that something of a class is still known of them."""
    named = ", ".join(f'f."{each}"' for each in fields) or "NULL"
    found = [f"SELECT FROM registry_fact_person f WHERE f.person_id = p.id AND num_nonnulls({named}) > 0"]
    if field_class == "identity":
        found.append("SELECT FROM registry_identifier i WHERE i.person_id = p.id")
    return "(" + " OR ".join(f"EXISTS ({each})" for each in found) + ")"


LAPSES = (
    Lapse(
        "person",
        "left",
        due=f"SELECT count(*) {_LEFT}",
        persons=f"SELECT p.id {_LEFT} AND p.id > %(last)s ORDER BY p.id LIMIT %(at_most)s",
        of_class=_still_known,
    ),
)
