"""What is new or changed of contact: a digest in the place of each value, and the value to be sealed.

Shape   `contact_state`: one row for each value of a field that is sealed (`Field.is_sealed`), with the part and the row it came
        in, its subject, its digest and the id of its row in the registry
Nulls   a row that does not say a field has no row here
Errors  a value without a digest stops the recording: it never goes into an observation as it is
"""

from collections.abc import Callable, Iterator

import duckdb
import pyarrow as pa

from amparo.intake.comparing.compare import Delivered
from amparo.intake.validation.expressions import literal, name
from amparo.intake.validation.parts import Placed
from amparo.registry.contact_values import digest_key, digests
from amparo.registry.sealed import CONTACT

_BATCH = 100_000
# The texts to be sealed, and what each is bound to.
TO_SEAL = f"SELECT id, subject_id, field, unhex(digest) AS digest, text, {CONTACT.place} AS place, area_number FROM contact_state"
_EMPTY = """
CREATE OR REPLACE TABLE contact_state (
    part INTEGER, row_at BIGINT, id UUID, subject_id BIGINT, area_number BIGINT, field VARCHAR, text VARCHAR, digest VARCHAR
)
"""


def know_contacts(db: duckdb.DuckDBPyConnection, came: Delivered, subjects: Callable[[str, Placed], str]) -> None:
    """Make `contact_state`. `subjects`: grain and part → the query of its rows that are new or changed."""
    db.execute(_EMPTY)
    for each in came.parts:
        for field in _sealed_fields(each):
            _add(db, each, field, subjects(each.part.grain, each))


def _add(db: duckdb.DuckDBPyConnection, each: Placed, field: str, rows: str) -> None:
    """Add the values of one field, some thousand at a time."""
    key = digest_key(using="bulk")
    reading = db.cursor().execute(f"""
        SELECT rows.__at AS row_at, rows.subject_id, rows.area_number, typed.{name(field)} AS text
        FROM ({rows}) rows JOIN {each.typed} typed ON typed.__at = rows.__at WHERE typed.{name(field)} IS NOT NULL
    """)
    for batch in reading.to_arrow_reader(_BATCH):
        made = pa.array(digests(field, batch.column("text").to_pylist(), key=key), pa.string())
        digested = pa.table([*batch.columns, made], [*batch.schema.names, "digest"])  # noqa: F841 (DuckDB finds it by name)
        db.execute(
            f"INSERT INTO contact_state SELECT {each.number}, row_at, uuidv7(), subject_id, area_number,"
            f" {literal(field)}, text, digest FROM digested"
        )


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
