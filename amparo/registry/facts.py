"""Facts: what holds of a person, household, group or item now, folded from all that was observed.

Shape   one wide typed table per grain, one column per field of the dictionary, with the row's own source and day;
        `registry_fact_exception` where a field's source or day differs from the row's, or sources disagree
Nulls   a field nobody delivered is null: unknown
Source  docs/decisions/0003-the-fold.md
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connections
from psycopg import sql

from amparo.kernel.errors import Refused
from amparo.registry.dictionary import POSTGRES_TYPE, Dictionary, Field
from amparo.trust import gates
from amparo.trust.types import FieldClass

# The grains whose facts an agreement may hand over.
LENT = ("person", "household")

# Facts are looked up by whom they are about, not by value: the planner needs to know little of the values, and after an
# import of a country measuring eighty columns as closely as keys would take as long as building their tables' indexes.
_ADD_COLUMN = sql.SQL("ALTER TABLE {table} ADD COLUMN {field} {type}, ALTER COLUMN {field} SET STATISTICS 10")


def table(grain: str) -> str:
    """Return the table that holds the facts of a grain."""
    return "registry_fact_" + grain.replace(":", "_")


def key(grain: str) -> str:
    """Return the key column of that table: `household_id`, `person_id`, `group_id` or `item_id`."""
    return grain.split(":")[0] + "_id"


def install_tables(dictionary: Dictionary) -> None:
    """Make the tables and columns that the dictionary asks for, as the owner.

    A field that is gone keeps its column and what it holds. Raises Refused where a field changed its type: facts of
    another type cannot stand in one column; and where one is to protect people that has a column, which others read.
    """
    with connections["owner"].cursor() as cursor:
        for grain in (each for each in dictionary.grains if each != "area"):  # stated, not observed
            columns = _columns(cursor, grain)
            if not columns:
                cursor.execute(_create(grain))
            for field in dictionary.of(grain):
                held = columns.get(field.name)
                if field.field_class is FieldClass.PROTECTION:
                    if held is not None:
                        raise Refused("registry-field-now-protects", field=field.name, grain=grain)
                elif held is None:
                    cursor.execute(
                        _ADD_COLUMN.format(
                            table=sql.Identifier(table(grain)),
                            field=sql.Identifier(field.name),
                            type=sql.SQL(POSTGRES_TYPE[field.type]),
                        )
                    )
                elif held != POSTGRES_TYPE[field.type]:
                    raise Refused("registry-field-type-changed", field=field.name, grain=grain, held=held)
        if born := dictionary.with_role("person", "birth_date"):
            cursor.execute(_BIRTHS.format(table=sql.Identifier(table("person")), field=sql.Identifier(born.name)))


def expect_as_sealed(dictionary: Dictionary, held: Mapping[tuple[str, str], bool]) -> None:
    """Refuse to seal values that were taken in as they are, and to read digests as if they were values.

    `held`  (grain, field) → whether its values were sealed until now; of one that was dropped, what it left tells
    """
    for field in dictionary.fields:
        before = held.get((field.grain, field.name))
        before = _is(_KEPT_SEALED, field) if before is None else before
        if before != field.is_sealed and _is(_SAID, field):
            raise Refused("registry-field-sealed-otherwise", field=field.name, grain=field.grain)


_KEPT_SEALED = """SELECT EXISTS (SELECT FROM registry_contact c JOIN registry_subject s ON s.id = c.subject_id
    WHERE s.grain = %s AND c.field = %s)"""
_SAID = 'SELECT EXISTS (SELECT FROM registry_observation WHERE grain = %s AND "values" ? %s)'


def _is(asked: str, field: Field) -> bool:
    """Whether a statement finds any row of a field; asked as who sees them all."""
    with connections["bulk"].cursor() as cursor:
        cursor.execute(asked, [field.grain, field.name])
        return cursor.fetchone()[0]


def _columns(cursor, grain: str) -> dict[str, str]:
    cursor.execute(
        "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute"
        " WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped",
        [table(grain)],
    )
    return dict(cursor.fetchall())


def _create(grain: str) -> str:
    own = key(grain)
    return f"""
        CREATE TABLE {table(grain)} (
            {own} uuid PRIMARY KEY,
            area_number bigint NOT NULL,
            source_id smallint NOT NULL,
            observed_on date NOT NULL,
            received_at timestamptz NOT NULL
        );
        {gates.protect(table(grain))}
        GRANT DELETE ON {table(grain)} TO amparo_area, amparo_national;
        GRANT SELECT, DELETE ON {table(grain)} TO amparo_eraser;
        {gates.open_to_programmes(table(grain), only=f"amparo_concerns({own})")}
        {gates.shelter(table(grain))}
        {_lent(grain)}
    """


def _lent(grain: str) -> str:
    """Return what lets partners read a table under an agreement: facts of persons and households, and no others."""
    return gates.lend(table(grain), only=f"amparo_agreed_{grain}({key(grain)})") if grain in LENT else ""


# Who reaches an age soon is asked every day, of everybody.
_BIRTHS = sql.SQL("CREATE INDEX IF NOT EXISTS registry_fact_person_born ON {table} ({field})")

# Of each subject the last word on each field; then, among the subjects, what is not outlived before what is, the more
# authoritative source before the less, the later before the earlier. A subject whose last word takes a value back (null)
# says nothing of the field. A value is outlived when another was observed more
# than the field's validity after it. The order is total, so that any set of households folds to the same facts.
FOLD = """
WITH target AS MATERIALIZED (SELECT unnest(%(ids)s::uuid[]) AS id),
said AS (
    SELECT DISTINCT ON (l.entity_id, v.key, o.subject_id)
        l.entity_id, o.area_number, v.key AS field, v.value, o.subject_id, o.source_id, o.observed_on, o.received_at
    FROM target t
    JOIN registry_subjectlink l ON l.entity_id = t.id AND l.starts_at <= %(as_of)s
        AND (l.ends_at IS NULL OR l.ends_at > %(as_of)s)
    JOIN registry_observation o ON o.subject_id = l.subject_id AND o.received_at <= %(as_of)s AND o.grain = %(grain)s
    CROSS JOIN LATERAL jsonb_each(o."values") v
    WHERE v.key = ANY (%(fields)s)
    ORDER BY l.entity_id, v.key, o.subject_id, o.observed_on DESC, o.received_at DESC, o.delivery_id DESC
),
weighed AS (
    SELECT s.*, d.valid_days,
        coalesce(s.observed_on + d.valid_days < max(s.observed_on) OVER field, false) AS outlived,
        coalesce(p.rank, 32767) AS rank
    FROM said s
    JOIN registry_fielddefinition d ON d.grain = %(grain)s AND d.name = s.field
    LEFT JOIN registry_precedence p ON p.grain = %(grain)s AND p.field = s.field AND p.source_id = s.source_id
    WHERE s.value <> 'null'
    WINDOW field AS (PARTITION BY s.entity_id, s.field)
),
ranked AS (
    SELECT *, row_number() OVER best AS place,
        first_value(value) OVER best IS DISTINCT FROM value AND NOT outlived AS differs
    FROM weighed
    WINDOW best AS (PARTITION BY entity_id, field
        ORDER BY outlived, rank, observed_on DESC, received_at DESC, subject_id DESC)
),
chosen AS (
    SELECT *, bool_or(differs) OVER (PARTITION BY entity_id, field) AS conflict FROM ranked
),
fact AS (
    SELECT entity_id, field, value, source_id, observed_on, received_at, conflict,
        observed_on + valid_days AS valid_until
    FROM chosen WHERE place = 1
)
"""

_PROVENANCE = """
, row_source AS (
    SELECT DISTINCT ON (entity_id) entity_id, source_id, observed_on
    FROM fact GROUP BY entity_id, source_id, observed_on
    ORDER BY entity_id, count(*) DESC, observed_on DESC, source_id
),
folded AS (
    SELECT f.entity_id, jsonb_object_agg(f.field, f.value) AS doc, max(f.received_at) AS received_at
    FROM fact f GROUP BY f.entity_id
),
"""


def fold(grain: str, ids: Sequence[UUID], *, fields: Sequence[str], using: str, as_of: datetime) -> None:
    """Write the facts of these entities anew from their observations, in three statements whatever their number.

    An entity without observations loses its facts. Runs in the caller's transaction.
    """
    values = {"ids": list(ids), "grain": grain, "as_of": as_of, "fields": list(fields)}
    with connections[using].cursor() as cursor:
        cursor.execute(
            "DELETE FROM registry_fact_exception WHERE entity_id = ANY(%(ids)s) AND grain = %(grain)s", values
        )
        cursor.execute(f"DELETE FROM {table(grain)} WHERE {key(grain)} = ANY(%(ids)s)", values)
        cursor.execute(_write(grain, fields), values)


def _write(grain: str, fields: Sequence[str]) -> str:
    columns = "".join(f', "{each}"' for each in fields)
    typed = "".join(f', (r.filled)."{each}"' for each in fields)
    return f"""
        {FOLD} {_PROVENANCE}
        place AS (
            SELECT entity_id, max(l.area_number) AS area_number  -- what protects people lies below zero, wherever they live
            FROM target t JOIN registry_subjectlink l ON l.entity_id = t.id AND l.ends_at IS NULL
            GROUP BY entity_id
        ),
        exceptions AS (
            INSERT INTO registry_fact_exception
                (grain, entity_id, field, source_id, observed_on, valid_until, conflict, area_number)
            SELECT %(grain)s, f.entity_id, f.field, f.source_id, f.observed_on, f.valid_until, f.conflict, a.area_number
            FROM fact f JOIN row_source r USING (entity_id) JOIN place a USING (entity_id)
            WHERE f.conflict OR (f.source_id, f.observed_on) IS DISTINCT FROM (r.source_id, r.observed_on)
        )
        INSERT INTO {table(grain)} ({key(grain)}, area_number, source_id, observed_on, received_at{columns})
        SELECT r.entity_id, a.area_number, s.source_id, s.observed_on, r.received_at{typed}
        FROM (SELECT entity_id, received_at, jsonb_populate_record(NULL::{table(grain)}, doc) AS filled FROM folded) r
        JOIN row_source s USING (entity_id) JOIN place a USING (entity_id)
    """


_READ = """
SELECT entity_id, field, value, source.code AS source, observed_on, valid_until, conflict, received_at
FROM fact JOIN registry_source source ON source.id = fact.source_id
ORDER BY entity_id, field
"""
READ = FOLD + _READ

# The same for a citizen, whom the view shows of each observation what their relation to its person lets them see.
_OBSERVATION = "registry_observation o ON o.subject_id = l.subject_id"
READ_TOLD = (
    FOLD.replace(_OBSERVATION, "registry_told o ON o.entity_id = l.entity_id AND o.subject_id = l.subject_id") + _READ
)


def definition(field: Field) -> dict:
    """Return the field as the database keeps it."""
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in vars(field).items()
        if value is not None
    }
