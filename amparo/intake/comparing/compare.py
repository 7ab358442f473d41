"""Decides, for every accepted record, whether it is new, changed or the same, and which person or household it is.

Shape   `household_state`, `person_state`, `item_state`: one row per accepted record with `is_same`, `subject_id`,
        `entity_id`, `is_new`, `ground`; `identifier_state`, `membership_state`, `placed`, `relationship_state`,
        `group_state`
Nulls   an unknown birth date contradicts none
Source  requirement ID-4: an identifier that two people claim excludes neither of them
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from amparo.intake.comparing.digests import VARIABLE, digest
from amparo.intake.comparing.knowing import blind, know_identifiers, know_keys
from amparo.intake.config import Mapping
from amparo.intake.validation.check_digits import add_set_apart, set_apart
from amparo.intake.validation.expressions import name
from amparo.intake.validation.parts import Placed, group_columns, identifier_columns, relationship_columns
from amparo.registry.contact_values import digest_key

# A new subject's number among the new ones: the registry reserves a run of ids, and the nth takes the nth of them.
NTH_NEW = "count(*) FILTER (k.subject_id IS NULL) OVER (ROWS UNBOUNDED PRECEDING)"


@dataclass(frozen=True)
class Delivered:
    """The parts that came, and what of each grain they deliver."""

    mapping: Mapping
    parts: list[Placed]

    def fields(self, grain: str) -> list[str]:
        """The fields delivered of a grain, in the dictionary's order."""
        came = {column.field.name for each in self.of(grain) for column in each.part.fields}
        return [each.name for each in self.mapping.dictionary.of(grain) if each.name in came]

    def of(self, grain: str) -> list[Placed]:
        return [each for each in self.parts if each.part.grain == grain]

    @property
    def item_grains(self) -> list[str]:
        return list(dict.fromkeys(each.part.grain for each in self.parts if each.part.of))

    @property
    def names(self) -> list[str]:
        """The fields delivered by which people are searched for."""
        fields = [self.mapping.dictionary.with_role("person", role) for role in ("given_name", "family_name")]
        return [each.name for each in fields if each and each.name in self.fields("person")]

    @property
    def identifiers(self) -> dict[str, tuple[str, bool]]:
        found = {c: each for part in self.of("person") for c, each in identifier_columns(part.part).items()}
        return {column: (each.scheme, each.verified) for column, each in found.items()}

    @property
    def relationships(self) -> dict[str, str]:
        return {c: kind for part in self.of("person") for c, kind in relationship_columns(part.part).items()}

    @property
    def groups(self) -> dict[str, str]:
        return {c: kind for part in self.of("person") for c, kind in group_columns(part.part).items()}

    @property
    def says_contact(self) -> bool:
        """Whether a field is delivered whose values are sealed one by one."""
        return any(column.field.is_sealed for each in self.parts for column in each.part.fields)

    @property
    def birth(self) -> str | None:
        """The field with the role of a birth date, if it is delivered."""
        field = self.mapping.dictionary.with_role("person", "birth_date")
        return field.name if field and field.name in self.fields("person") else None


def compare(
    db: duckdb.DuckDBPyConnection, mapping: Mapping, parts: list[Placed], *, source_id: int, folder: Path, blinding: int
) -> None:
    """Make the state tables of everything accepted. `blinding`: the master key of the blind indexes."""
    came = Delivered(mapping, parts)
    blind(db, came.identifiers, key=blinding)
    if came.says_contact:
        db.execute(f"SET VARIABLE {VARIABLE} = ?", [digest_key(using="bulk").hex()])
    _states(db, came)
    set_apart(db, mapping.dictionary)
    field = mapping.dictionary.with_role("person", "birth_date")
    birth = field.name if field else None
    know_identifiers(db, source_id=source_id, birth=birth, folder=folder, key=blinding)
    _link_persons(db, came)
    _link_households(db)
    _entities(db)
    _identifiers(db)
    add_set_apart(db)
    _memberships(db)
    _placed(db)
    _relationships(db, came)
    _groups(db, came)
    _items(db, came, source_id, folder)


def _states(db: duckdb.DuckDBPyConnection, came: Delivered) -> None:
    """Digest every household and person, and find what is known of it."""
    extras = {
        "household": ["r.__area_id"],
        "person": ["r.__parent", "r.__area_id", "i.blinds"]
        + [f"r.{each}" for each in (*came.relationships, *came.groups)],
    }
    # A list sorted afterwards takes a fifth of the time of an aggregate that sorts.
    blinds = "SELECT person_key, array_to_string(list_sort(list(blind)), ' ') AS blinds FROM identifier GROUP BY ALL"
    identifiers = f"LEFT JOIN ({blinds}) i ON i.person_key = r.__key"
    for grain, said in extras.items():
        db.execute(f"""
            CREATE OR REPLACE TABLE {grain}_digest AS
            SELECT r.__key AS key, {digest("r", said)} AS digest
            FROM {grain} r {identifiers if grain == "person" else ""}
        """)
        db.execute(f"""
            CREATE OR REPLACE TABLE {grain}_state AS
            SELECT d.key, d.digest, {NTH_NEW} AS nth, k.subject_id, k.entity_id AS known_id, k.area_id AS known_area_id,
                k.related_id AS home_id, k.since, coalesce(k.digest = d.digest AND k.entity_id IS NOT NULL, false) AS is_same
            FROM {grain}_digest d LEFT JOIN known k ON k.grain = '{grain}' AND k.key = d.key
        """)


def _link_persons(db: duckdb.DuckDBPyConnection, came: Delivered) -> None:
    """Make `linked`: new records whose identifier finds exactly one person, whom no birth date contradicts."""
    contradicts = f"held.birth <> person.{name(came.birth)}" if came.birth else "false"
    db.execute("""
        CREATE OR REPLACE TABLE repeated AS
        SELECT scheme, blind FROM identifier GROUP BY ALL HAVING count(*) > 1
    """)
    db.execute(f"""
        CREATE OR REPLACE TABLE linked AS
        WITH found AS (
            SELECT i.person_key AS key, count(DISTINCT held.person_id) AS people, any_value(held.person_id) AS person_id,
                any_value(held.household_id) AS household_id, any_value(held.since) AS since,
                any_value(held.area_id) AS area_id, bool_or(coalesce({contradicts}, false)) AS contradicted,
                bool_or(r.blind IS NOT NULL) AS repeated
            FROM identifier i
            JOIN person_state s ON s.key = i.person_key AND s.known_id IS NULL
            JOIN held USING (scheme, blind)
            JOIN person ON person.__key = i.person_key
            LEFT JOIN repeated r USING (scheme, blind)
            GROUP BY i.person_key
        ), sure AS (SELECT * FROM found WHERE people = 1 AND NOT contradicted AND NOT repeated)
        SELECT key, person_id, household_id, since, area_id FROM sure
        WHERE person_id NOT IN (SELECT known_id FROM person_state WHERE known_id IS NOT NULL)
            AND person_id NOT IN (SELECT person_id FROM sure GROUP BY person_id HAVING count(*) > 1)
    """)


def _link_households(db: duckdb.DuckDBPyConnection) -> None:
    """Make `home`: new households whose linked members all live in one household that nobody else delivered."""
    db.execute("""
        CREATE OR REPLACE TABLE home AS
        WITH found AS (
            SELECT p.__parent AS key, any_value(l.household_id) AS household_id
            FROM linked l JOIN person p ON p.__key = l.key
            JOIN household_state s ON s.key = p.__parent AND s.known_id IS NULL
            WHERE l.household_id IS NOT NULL
            GROUP BY p.__parent HAVING count(DISTINCT l.household_id) = 1
        )
        SELECT key, household_id FROM found
        WHERE household_id NOT IN (SELECT known_id FROM household_state WHERE known_id IS NOT NULL)
            AND household_id NOT IN (SELECT household_id FROM found GROUP BY household_id HAVING count(*) > 1)
    """)


def _entities(db: duckdb.DuckDBPyConnection) -> None:
    """Give every record its household or person, new ones in the order of their keys."""
    db.execute("""
        CREATE OR REPLACE TABLE household_entity AS
        SELECT s.key, coalesce(s.known_id, home.household_id, uuidv7()) AS entity_id,
            s.known_id IS NULL AND home.household_id IS NULL AS is_new,
            CASE WHEN home.household_id IS NOT NULL THEN 'members' ELSE 'record' END AS ground,
            h.__area_id AS area_id, h.__area_number AS area_number
        FROM household_state s JOIN household h ON h.__key = s.key LEFT JOIN home ON home.key = s.key
        UNION ALL
        SELECT key, entity_id, false, 'record', area_id, area_number FROM known
        WHERE grain = 'household' AND entity_id IS NOT NULL AND key NOT IN (SELECT key FROM household_state)
    """)
    db.execute("""
        CREATE OR REPLACE TABLE person_entity AS
        SELECT s.key, coalesce(s.known_id, l.person_id, uuidv7()) AS entity_id,
            s.known_id IS NULL AND l.person_id IS NULL AS is_new,
            CASE WHEN l.person_id IS NOT NULL THEN 'identifier' ELSE 'record' END AS ground,
            p.__area_id AS area_id, p.__area_number AS area_number,
            coalesce(s.home_id, l.household_id) AS home_id, coalesce(s.since, l.since) AS since,
            coalesce(s.known_area_id, l.area_id) AS old_area_id
        FROM person_state s JOIN person p ON p.__key = s.key LEFT JOIN linked l ON l.key = s.key
        UNION ALL
        SELECT key, entity_id, false, 'record', area_id, area_number, NULL, NULL, area_id FROM known
        WHERE grain = 'person' AND entity_id IS NOT NULL AND key NOT IN (SELECT key FROM person_state)
    """)


def _identifiers(db: duckdb.DuckDBPyConnection) -> None:
    """Make `identifier_state`: what is to be added; `contested` where somebody else claims it, here or there."""
    db.execute("""
        CREATE OR REPLACE TABLE identifier_state AS
        SELECT uuidv7() AS id, e.entity_id AS person_id, i.person_key, i.scheme, i.blind, i.text, i.verified,
            r.blind IS NOT NULL OR held.person_id IS NOT NULL AS contested, r.blind IS NOT NULL AS repeated,
            e.area_number
        FROM identifier i
        JOIN person_state s ON s.key = i.person_key AND NOT s.is_same
        JOIN person_entity e ON e.key = i.person_key
        LEFT JOIN repeated r USING (scheme, blind)
        LEFT JOIN held USING (scheme, blind)
        WHERE held.person_id IS DISTINCT FROM e.entity_id
    """)


def _memberships(db: duckdb.DuckDBPyConnection) -> None:
    """Make `membership_state`: who begins to live where. What was observed before the present stay does not end it."""
    db.execute("""
        CREATE OR REPLACE TABLE membership_state AS
        SELECT e.entity_id AS person_id, h.entity_id AS household_id, p.__observed_on AS starts_on, e.area_number,
            e.home_id IS NULL AS is_first
        FROM person p
        JOIN person_state s ON s.key = p.__key AND NOT s.is_same
        JOIN person_entity e ON e.key = p.__key
        JOIN household_entity h ON h.key = p.__parent
        WHERE e.home_id IS NULL OR (e.home_id <> h.entity_id AND p.__observed_on >= e.since)
    """)


def _placed(db: duckdb.DuckDBPyConnection) -> None:
    """Make `placed`: known households and persons that are now in another area."""
    db.execute("""
        CREATE OR REPLACE TABLE placed AS
        SELECT e.entity_id, 'household' AS grain, e.area_id
        FROM household_state s JOIN household_entity e USING (key)
        WHERE NOT s.is_same AND s.known_area_id <> e.area_id
        UNION ALL
        SELECT e.entity_id, 'person', e.area_id
        FROM person_state s JOIN person_entity e USING (key)
        WHERE NOT s.is_same AND e.old_area_id <> e.area_id
    """)


def _relationships(db: duckdb.DuckDBPyConnection, came: Delivered) -> None:
    selects = [
        f"""
        SELECT other.entity_id AS person_id, e.entity_id AS other_id, '{kind}' AS kind, p.__observed_on AS starts_on,
            e.area_number, e.is_new
        FROM person p
        JOIN person_state s ON s.key = p.__key AND NOT s.is_same
        JOIN person_entity e ON e.key = p.__key
        JOIN person_entity other ON other.key = p.{column} AND other.entity_id <> e.entity_id
        """
        for column, kind in came.relationships.items()
    ]
    empty = (
        "SELECT NULL::UUID AS person_id, NULL::UUID AS other_id, NULL::VARCHAR AS kind, NULL::DATE AS starts_on, "
        "NULL::BIGINT AS area_number, NULL::BOOLEAN AS is_new LIMIT 0"
    )
    db.execute(f"CREATE OR REPLACE TABLE relationship_state AS {' UNION '.join(selects) or empty}")


def _groups(db: duckdb.DuckDBPyConnection, came: Delivered) -> None:
    """Make `group_state`: who is in which family or couple, of every household of which anybody's record says something new.

    The others of such a household are there too: by them a delivered group is known again. `named` stands for the
    delivered text and becomes the id of a group that is new, `place` is where the text comes among those of the
    household; both are null for who is in no group. The text itself goes no further.
    """
    said = " UNION ALL ".join(
        f"SELECT __key AS key, '{kind}' AS kind, {column} AS label FROM person WHERE {column} IS NOT NULL"
        for column, kind in came.groups.items()
    )
    db.execute(f"""
        CREATE OR REPLACE TABLE group_state AS
        WITH said AS (
            SELECT e.entity_id AS person_id, h.entity_id AS household_id, g.kind, nullif(g.label, '') AS label,
                p.__observed_on AS starts_on, e.area_number, s.subject_id, s.is_same, e.is_new
            FROM ({said or "SELECT NULL AS key, NULL AS kind, NULL AS label LIMIT 0"}) g
            JOIN person p ON p.__key = g.key
            JOIN person_state s ON s.key = g.key
            JOIN person_entity e ON e.key = g.key
            JOIN household_entity h ON h.key = p.__parent
        ), labels AS (
            SELECT *, uuidv7() AS named, row_number() OVER (PARTITION BY household_id, kind ORDER BY label) AS place
            FROM (SELECT DISTINCT household_id, kind, label FROM said WHERE label IS NOT NULL)
        )
        SELECT s.person_id, s.household_id, s.kind, l.named, l.place, s.starts_on, s.subject_id, s.area_number
        FROM said s LEFT JOIN labels l USING (household_id, kind, label)
        WHERE s.household_id IN (SELECT household_id FROM said WHERE NOT is_same)
            AND (NOT s.is_new OR s.label IS NOT NULL)
    """)


def _items(db: duckdb.DuckDBPyConnection, came: Delivered, source_id: int, folder: Path) -> None:
    """Make `item_state`: items of all kinds by grain and key, with the rows they came in."""
    db.execute("""
        CREATE OR REPLACE TABLE item_state (
            grain VARCHAR, key VARCHAR, part INTEGER, digest UUID, nth BIGINT, subject_id BIGINT, entity_id UUID, is_new BOOLEAN,
            is_same BOOLEAN, holder_id UUID, area_number BIGINT
        )
    """)
    for grain in came.item_grains:
        keys = " UNION ALL ".join(f"SELECT __key AS key FROM item_{each.number}" for each in came.of(grain))
        know_keys(db, grain, keys, source_id=source_id, folder=folder)
        for each in came.of(grain):
            db.execute(_item_state(each, grain))


def _item_state(each: Placed, grain: str) -> str:
    return f"""
        INSERT INTO item_state
        SELECT '{grain}', r.__key, {each.number}, {digest("r", ["r.__parent"])}, {NTH_NEW}, k.subject_id,
            coalesce(k.entity_id, uuidv7()), k.entity_id IS NULL, false, e.entity_id, e.area_number
        FROM item_{each.number} r
        JOIN {each.part.of}_entity e ON e.key = r.__parent
        LEFT JOIN known k ON k.grain = '{grain}' AND k.key = r.__key;
        UPDATE item_state SET is_same = true FROM known k
        WHERE k.grain = item_state.grain AND k.key = item_state.key AND k.digest = item_state.digest
            AND k.entity_id IS NOT NULL
    """
