"""What is new or changed of contact: a digest in the place of each value, and the value to be sealed.

Shape   `contact_state`: one row for each value of a field that is sealed (`Field.is_sealed`), with the part and the row it came
        in, its subject and whether that is known, its digest and the id of its row in the registry
Nulls   a row that does not say a field has no row here
Errors  a value without a digest stops the recording: it never goes into an observation as it is
"""

from collections.abc import Callable, Iterator

import duckdb

from amparo.intake.comparing.compare import Delivered
from amparo.intake.validation.expressions import literal, name
from amparo.intake.validation.parts import Placed
from amparo.registry.contact_values import digest_in_sql, digest_key
from amparo.registry.sealed import CONTACT
from amparo.trust.keys.hmac_in_sql import holding

_EMPTY = """
CREATE OR REPLACE TABLE contact_state (
    part INTEGER, row_at BIGINT, id UUID, subject_id BIGINT, is_known BOOLEAN, area_number BIGINT, field VARCHAR, text VARCHAR,
    digest VARCHAR
)
"""


def know_contacts(db: duckdb.DuckDBPyConnection, came: Delivered, subjects: Callable[[Placed], str]) -> None:
    """Make `contact_state`. `subjects`: part → the table of its rows that are new or changed."""
    db.execute(_EMPTY)
    if came.says_contact:
        with holding(db, digest_key(using="bulk")):
            for each in came.parts:
                for field in _sealed_fields(each):
                    _add(db, each, field, subjects(each))


def _add(db: duckdb.DuckDBPyConnection, each: Placed, field: str, rows: str) -> None:
    db.execute(f"""
        INSERT INTO contact_state
        SELECT {each.number}, rows.__at, uuidv7(), rows.subject_id, rows.is_known, rows.area_number, {literal(field)},
            typed.{name(field)}, {digest_in_sql(field, f"typed.{name(field)}")}
        FROM {rows} rows JOIN {each.typed} typed ON typed.__at = rows.__at WHERE typed.{name(field)} IS NOT NULL
    """)


def to_seal(which: str) -> str:
    """Return the query of the texts to be sealed, and what each is bound to."""
    return f"""
        SELECT id, subject_id, field, unhex(digest) AS digest, text, {CONTACT.place} AS place, area_number
        FROM contact_state WHERE {which}
    """


def without_contacts(each: Placed, rows: str) -> tuple[str, dict[str, str]]:
    """Return what to join to a part's `rows` by, and field → the SQL of what stands in a value's place."""
    fields = list(_sealed_fields(each))
    if not fields:
        return "", {}
    columns = ", ".join(f"any_value(digest) FILTER (field = {literal(each)}) AS {name(each)}" for each in fields)
    join = f"""
        LEFT JOIN (SELECT row_at, {columns} FROM contact_state WHERE part = {each.number} GROUP BY row_at) sealed
            ON sealed.row_at = {rows}.__at
    """
    missing = "error('a value of contact has no digest')::VARCHAR"
    return join, {
        field: f"CASE WHEN typed.{name(field)} IS NOT NULL THEN coalesce(sealed.{name(field)}, {missing}) END"
        for field in fields
    }


def _sealed_fields(each: Placed) -> Iterator[str]:
    return (column.field.name for column in each.part.fields if column.field.is_sealed)
