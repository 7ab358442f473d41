"""Copies what is new or changed into the registry's staging tables, identifiers sealed on the way."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import duckdb
import pyarrow as pa
from django.db import connections

from amparo.intake.comparing.compare import Delivered
from amparo.intake.comparing.saying import said_as_json
from amparo.intake.validation.expressions import name
from amparo.intake.validation.parts import Placed
from amparo.registry.batch import Staged, fill, open_staging
from amparo.trust.encryption import encrypt_many

_BATCH = 50_000
FIELD_CLASS = "identity"


def stage(
    db: duckdb.DuckDBPyConnection, came: Delivered, staged: Staged, progress: Callable[[int], None]
) -> dict[str, int]:
    """Fill the staging tables, two at a time; return how many rows each has."""
    open_staging(staged, came.mapping.dictionary)
    queries = {grain: _query(came, grain) for grain in staged.fields}
    queries |= {"membership": _MEMBERSHIP, "relationship": _RELATIONSHIP, "placed": _PLACED}
    with ThreadPoolExecutor(2) as pool:
        jobs = {table: pool.submit(_fill, db.cursor(), staged, table, query) for table, query in queries.items()}
        jobs["identifier"] = pool.submit(_fill_identifiers, db.cursor(), staged)
        done = 0
        for job in jobs.values():
            done += job.result()
            progress(done)
    return {table: job.result() for table, job in jobs.items()}


_MEMBERSHIP = "SELECT person_id, household_id, starts_on, area_number, is_first FROM membership_state"
_RELATIONSHIP = "SELECT person_id, other_id, kind, starts_on, area_number FROM relationship_state"
_PLACED = "SELECT entity_id, grain, area_id FROM placed"


def _fill(cursor: duckdb.DuckDBPyConnection, staged: Staged, table: str, query: str) -> int:
    try:
        return fill(staged, table, cursor.execute(query).to_arrow_reader(_BATCH))
    finally:
        connections["bulk"].close()


def _fill_identifiers(cursor: duckdb.DuckDBPyConnection, staged: Staged) -> int:
    query = """
        SELECT id::VARCHAR AS id, person_id, scheme, text, '\\x' || blind AS blind, verified, NOT contested, area_number
        FROM identifier_state
    """
    try:
        return fill(staged, "identifier", _sealed(cursor.execute(query).to_arrow_reader(_BATCH)))
    finally:
        connections["bulk"].close()


def _sealed(batches: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    """Replace each identifier's text by its sealed value, bound to the row it will stand in."""
    for batch in batches:
        places = (f"registry_identifier.value:{id}".encode() for id in batch.column(0).to_pylist())
        texts = (text.encode() for text in batch.column(3).to_pylist())
        sealed = pa.array([f"\\x{value.hex()}" for value in encrypt_many(FIELD_CLASS, texts, places)], pa.string())
        yield batch.set_column(3, "value", sealed)


def _query(came: Delivered, grain: str) -> str:
    return " UNION ALL ".join(_part_query(came, grain, each) for each in came.of(grain)) or _NOTHING


_NOTHING = "SELECT NULL WHERE false"


def _part_query(came: Delivered, grain: str, each: Placed) -> str:
    """What one part delivered that is new or changed, its typed values read from the file again."""
    here = {column.field.name for column in each.part.fields}
    typed = "".join(f", {f'typed.{name(field)}' if field in here else 'NULL'}" for field in came.fields(grain))
    said = said_as_json([column.field for column in each.part.fields], "typed")
    rows = _item_rows(grain, each) if each.part.of else _rows(grain)
    return f"SELECT rows.* EXCLUDE (__at), {said}{typed} FROM ({rows}) rows JOIN {each.typed} typed ON typed.__at = rows.__at"


def _rows(grain: str) -> str:
    home = "LEFT JOIN household_entity home ON home.key = r.__parent" if grain == "person" else ""
    return f"""
        SELECT r.__at, s.key, s.subject_id, e.entity_id, e.is_new, e.ground,
            {"home.entity_id" if home else "NULL::UUID"} AS parent_id, e.area_id, e.area_number, r.__observed_on, s.digest
        FROM {grain} r JOIN {grain}_state s ON s.key = r.__key AND NOT s.is_same
        JOIN {grain}_entity e ON e.key = r.__key {home}
    """


def _item_rows(grain: str, each: Placed) -> str:
    return f"""
        SELECT r.__at, s.key, s.subject_id, s.entity_id, s.is_new, 'record' AS ground, s.holder_id,
            NULL::BIGINT AS area_id, s.area_number, r.__observed_on, s.digest
        FROM item_{each.number} r
        JOIN item_state s ON s.grain = '{grain}' AND s.part = {each.number} AND s.key = r.__key AND NOT s.is_same
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
