"""Hands over what is new or changed: who may be known already through staging tables, who is new straight into the registry's.

Identifiers and values of contact are sealed on the way.
"""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import duckdb
import pyarrow as pa
from django.db import connections

from amparo.intake.comparing.compare import Delivered
from amparo.intake.comparing.contacts import know_contacts, to_seal, without_contacts
from amparo.intake.comparing.names import know_names, names
from amparo.intake.comparing.saying import said_as_json
from amparo.intake.validation.expressions import literal, name
from amparo.intake.validation.parts import Placed
from amparo.kernel.copying import rows
from amparo.registry.batch import Staged, fill, open_staging, reserve_subjects
from amparo.registry.sealed import CONTACT, IDENTIFIER
from amparo.trust.keys.encryption import Key, encrypt_many
from amparo.trust.keys.keyring import sealing
from amparo.trust.keys.sealed import SealedColumn

# Of whom the registry knows neither the record nor whom it is about.
_NEW = "is_new AND NOT is_known"
# What the sealed values of a table are sealed as.
_SEALED = {"identifier": IDENTIFIER, "contact": CONTACT}


def stage(db: duckdb.DuckDBPyConnection, came: Delivered, staged: Staged, folder: Path) -> dict[str, int]:
    """Fill the staging tables, two at a time; return how many rows each has."""
    open_staging(staged)
    reserve(db, came)
    for each in came.parts:
        db.execute(f"CREATE OR REPLACE TABLE {_subjects(each)} AS {_row(each)}")
    know_contacts(db, came, _subjects)
    know_names(db, came, _subjects, _NEW, folder=folder)
    queries = {grain: f"FROM ({_rows(came, grain)}) WHERE NOT ({_NEW})" for grain in staged.fields}
    queries |= {
        "identifier": _identifiers("contested"),
        "contact": to_seal("is_known"),
        "relationship": "FROM relationship_state WHERE NOT is_new",
        "move": "FROM membership_state WHERE NOT is_first",
        "grouped": "FROM group_state",
        "placed": "FROM placed",
    }
    with ThreadPoolExecutor(2) as pool:
        jobs = {table: pool.submit(_fill, db.cursor(), staged, table, query) for table, query in queries.items()}
        return {table: job.result() for table, job in jobs.items()}


def new(
    db: duckdb.DuckDBPyConnection, came: Delivered, table: str, columns: Mapping[str, str], grain: str
) -> pa.RecordBatchReader:
    """Return what is new altogether, as `registry.batch.New` describes it."""
    subjects = f"({_rows(came, grain)}) WHERE {_NEW}"
    queries = {
        "household": f"SELECT entity_id AS id, * FROM {subjects}",
        "person": f"SELECT entity_id AS id, * FROM {subjects}",
        "item": f"""
            SELECT entity_id AS id, CASE WHEN held_by = 'person' THEN parent_id END AS person_id,
                CASE WHEN held_by = 'household' THEN parent_id END AS household_id, area_number FROM {subjects}
        """,
        "subject": f"SELECT subject_id AS id, key AS source_key, area_number, digest AS last_digest FROM {subjects}",
        "subjectlink": f"FROM {subjects}",
        "contact": to_seal("NOT is_known"),
        "membership": "FROM membership_state",
        "identifier": _identifiers("NOT contested"),
        "relationship": "FROM relationship_state WHERE is_new",
        "person_name": names(came, _subjects, _NEW),
    }
    return _reading(db.cursor(), table, columns, queries[table])


def said(
    db: duckdb.DuckDBPyConnection,
    came: Delivered,
    grain: str,
    columns: Mapping[str, str],
    *,
    is_first: bool = False,
) -> pa.RecordBatchReader:
    """Return what the staged subjects of a grain said, as `registry.batch.Said` describes it, from the files again."""
    query = _union((_said(came, grain, each) for each in came.of(grain)), [*columns, "is_first"])
    return rows(db.cursor(), f"FROM ({query}) WHERE is_first" if is_first else query, columns)


def reserve(db: duckdb.DuckDBPyConnection, came: Delivered) -> None:
    """Make `first_subject`: for each grain and part, the id before that of its first new subject."""
    db.execute("CREATE OR REPLACE TABLE first_subject (grain VARCHAR, part INTEGER, before BIGINT)")
    states = [("household", None, "household_state"), ("person", None, "person_state")]
    states += [
        (each.part.grain, each.number, f"(SELECT * FROM item_state WHERE part = {each.number})")
        for grain in came.item_grains
        for each in came.of(grain)
    ]
    for grain, part, state in states:
        [(count,)] = db.execute(f"SELECT coalesce(max(nth), 0) FROM {state}").fetchall()
        before = reserve_subjects(count) - 1 if count else 0
        db.execute("INSERT INTO first_subject VALUES (?, ?, ?)", [grain, part, before])


def _identifiers(which: str) -> str:
    """The numbers to be sealed, and what each is bound to."""
    return f"""
        SELECT id, person_id, scheme, text, {IDENTIFIER.place} AS place, unhex(blind) AS blind_index, verified, area_number
        FROM identifier_state WHERE {which}
    """


def _fill(db: duckdb.DuckDBPyConnection, staged: Staged, table: str, query: str) -> int:
    try:
        return fill(staged, table, _reading(db, table, staged.types(table), query))
    finally:
        connections["bulk"].close()


def _reading(db: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, str], query: str) -> pa.RecordBatchReader:
    """Return a query's rows for a table; where it holds what is sealed, sealed."""
    if table not in _SEALED:
        return rows(db, query, columns)
    [(count,)] = db.execute(f"SELECT count(*) FROM ({query})").fetchall()
    key = sealing(count, using="bulk")  # before the COPY, which has the connection to itself
    return _sealed(db, query, columns, _SEALED[table], key)


def _sealed(
    db: duckdb.DuckDBPyConnection, query: str, columns: Mapping[str, str], sealed: SealedColumn, key: Key
) -> pa.RecordBatchReader:
    """Return a query's rows, the `text` of each sealed and bound to its `place`: the row it will stand in."""
    plain = {column: kind for column, kind in columns.items() if column != "value"} | {"text": "text", "place": "text"}
    reading = rows(db, query, plain)
    types = {each.name: each.type for each in reading.schema} | {"value": pa.binary()}
    schema = pa.schema([(column, types[column]) for column in columns])
    seal = partial(_seal, schema=schema, sealed=sealed, key=key)
    return pa.RecordBatchReader.from_batches(schema, map(seal, reading))


def _seal(batch: pa.RecordBatch, *, schema: pa.Schema, sealed: SealedColumn, key: Key) -> pa.RecordBatch:
    texts, places = batch.column("text").to_pylist(), batch.column("place").to_pylist()
    bound = (each.encode() for each in places)
    values = pa.array(encrypt_many(sealed.field_class, (each.encode() for each in texts), bound, key=key), pa.binary())
    return pa.record_batch([values if each == "value" else batch.column(each) for each in schema.names], schema=schema)


def _union(queries: Iterable[str], columns: Iterable[str]) -> str:
    """The rows of all queries; where a grain came in no file, there are none."""
    nothing = ", ".join(f"NULL AS {name(each)}" for each in columns)
    return " UNION ALL ".join(queries) or f"SELECT {nothing} WHERE false"


def _rows(came: Delivered, grain: str) -> str:
    """Whoever of a grain is new or changed."""
    return _union((f"SELECT * FROM {_subjects(each)}" for each in came.of(grain)), _COLUMNS)


def _said(came: Delivered, grain: str, each: Placed) -> str:
    """What a part said of them, its typed values read from the file again; digests where values are sealed apart."""
    here = {column.field.name: column.field for column in each.part.fields}
    join, digested = without_contacts(each, "rows")
    values = {field: digested.get(field, f"typed.{name(field)}") for field in here}
    fields = "".join(f", {values.get(field, 'NULL')} AS {name(f'f_{field}')}" for field in came.fields(grain))
    return f"""
        SELECT rows.subject_id, rows.entity_id, rows.is_new AND NOT rows.is_known AS is_first, rows.area_number,
            rows.__observed_on AS observed_on, {said_as_json(list(here.values()), values)} AS "values"{fields}
        FROM {_subjects(each)} rows JOIN {each.typed} typed ON typed.__at = rows.__at{join}
    """


_COLUMNS = (
    "__at", "key", "subject_id", "is_known", "entity_id", "is_new", "ground", "held_by", "parent_id", "area_id",
    "area_number", "__observed_on", "digest",
)  # fmt: skip


def _subjects(each: Placed) -> str:
    """The table of a part's rows that are new or changed, made by `stage`."""
    return f"subject_{each.number}"


def _row(each: Placed) -> str:
    """The rows of a part that are new or changed, with subject and entity."""
    grain, of = each.part.grain, each.part.of
    id = "coalesce(s.subject_id, first.before + s.nth) AS subject_id, s.subject_id IS NOT NULL AS is_known"
    if of:
        return f"""
            SELECT r.__at, s.key, {id}, s.entity_id, s.is_new, 'record' AS ground, {literal(of)} AS held_by,
                s.holder_id AS parent_id, NULL::BIGINT AS area_id, s.area_number, r.__observed_on, s.digest
            FROM item_{each.number} r
            JOIN item_state s ON s.grain = '{grain}' AND s.part = {each.number} AND s.key = r.__key AND NOT s.is_same
            JOIN first_subject first ON first.part = {each.number}
        """
    return f"""
        SELECT r.__at, s.key, {id}, e.entity_id, e.is_new, e.ground, NULL::VARCHAR AS held_by, NULL::UUID AS parent_id,
            e.area_id, e.area_number, r.__observed_on, s.digest
        FROM {grain} r JOIN {grain}_state s ON s.key = r.__key AND NOT s.is_same
        JOIN {grain}_entity e ON e.key = r.__key
        JOIN first_subject first ON first.grain = '{grain}'
    """


def effect(db: duckdb.DuckDBPyConnection) -> dict[str, dict[str, int]]:
    """Return what recording would add, by grain and kind."""
    found = {}
    for grain in ("household", "person"):
        found[f"{grain}s"] = _counts(
            db,
            "SELECT count(*) FILTER (s.subject_id IS NULL) AS new, "
            "count(*) FILTER (s.subject_id IS NOT NULL AND NOT is_same) AS changed, "
            "count(*) FILTER (is_same) AS unchanged, count(*) FILTER (NOT e.is_new AND s.known_id IS NULL) AS linked "
            f"FROM {grain}_state s JOIN {grain}_entity e USING (key)",
        )
    found["items"] = _counts(
        db,
        "SELECT count(*) FILTER (subject_id IS NULL) AS new, count(*) FILTER (is_same) AS unchanged, "
        "count(*) FILTER (subject_id IS NOT NULL AND NOT is_same) AS changed FROM item_state",
    )
    found["identifiers"] = _counts(
        db,
        "SELECT count(*) FILTER (NOT contested) AS new, count(*) FILTER (contested) AS contested FROM identifier_state",
    )
    found["moves"] = _counts(
        db,
        "SELECT (SELECT count(*) FROM membership_state WHERE NOT is_first) AS persons, "
        "(SELECT count(*) FROM placed WHERE grain = 'household') AS households",
    )
    return found


def _counts(db: duckdb.DuckDBPyConnection, query: str) -> dict[str, int]:
    cursor = db.execute(query)
    return dict(zip([column[0] for column in cursor.description], cursor.fetchall()[0], strict=True))
