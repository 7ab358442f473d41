"""Copies what is new or changed into the registry's staging tables, identifiers sealed on the way."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import duckdb
import pyarrow as pa
from django.db import connections

from amparo.intake.comparing.compare import Delivered
from amparo.intake.comparing.saying import escaped, line, lines, said_as_json
from amparo.intake.validation.expressions import name
from amparo.intake.validation.parts import Placed
from amparo.registry.batch import Staged, fill, open_staging
from amparo.registry.dictionary import Field, Type
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


_MEMBERSHIP = (
    f"SELECT {line('person_id', 'household_id', 'starts_on', 'area_number', 'is_first')} FROM membership_state"
)
_RELATIONSHIP = f"SELECT {line('person_id', 'other_id', 'kind', 'starts_on', 'area_number')} FROM relationship_state"
_PLACED = f"SELECT {line('entity_id', 'grain', 'area_id')} FROM placed"
_IDENTIFIER = "SELECT id::VARCHAR, person_id::VARCHAR, scheme, text, blind, verified, NOT contested, area_number FROM identifier_state"


def _fill(db: duckdb.DuckDBPyConnection, staged: Staged, table: str, query: str) -> int:
    try:
        return fill(staged, table, lines(db, query))
    finally:
        connections["bulk"].close()


def _fill_identifiers(db: duckdb.DuckDBPyConnection, staged: Staged) -> int:
    try:
        return fill(staged, "identifier", _sealed(db.cursor().execute(_IDENTIFIER).to_arrow_reader(_BATCH)))
    finally:
        connections["bulk"].close()


def _sealed(batches: pa.RecordBatchReader) -> Iterator[pa.Array]:
    """Yield identifiers as lines, each text sealed and bound to the row it will stand in."""
    for batch in batches:
        rows = list(zip(*(column.to_pylist() for column in batch.columns), strict=True))
        places = (f"registry_identifier.value:{id}".encode() for id, *_ in rows)
        sealed = encrypt_many(FIELD_CLASS, (text.encode() for _, _, _, text, *_ in rows), places)
        yield pa.array(
            [
                f"{id}\t{person}\t{scheme}\t\\\\x{value.hex()}\t\\\\x{blind}\t{verified}\t{is_live}\t{area}\n"
                for (id, person, scheme, _, blind, verified, is_live, area), value in zip(rows, sealed, strict=True)
            ],
            pa.large_string(),
        )


def _query(came: Delivered, grain: str) -> str:
    return " UNION ALL ".join(_part_query(came, grain, each) for each in came.of(grain)) or _NOTHING


_NOTHING = "SELECT NULL::VARCHAR WHERE false"
_OWN = ("subject_id", "entity_id", "is_new", "ground", "parent_id", "area_id", "area_number", "__observed_on", "digest")  # fmt: skip


def _part_query(came: Delivered, grain: str, each: Placed) -> str:
    """What one part delivered that is new or changed, its typed values read from the file again."""
    here = {column.field.name: column.field for column in each.part.fields}
    typed = [_typed(here[field]) if field in here else "NULL" for field in came.fields(grain)]
    said = escaped(said_as_json(list(here.values()), "typed"), controls=False)
    own = [escaped("rows.key"), *(f"rows.{each}" for each in _OWN)]
    rows = _item_rows(grain, each) if each.part.of else _rows(grain)
    written = line(*own, said, *typed)
    return f"SELECT {written} FROM ({rows}) rows JOIN {each.typed} typed ON typed.__at = rows.__at"


def _typed(field: Field) -> str:
    value = f"typed.{name(field.name)}"
    return escaped(value, controls=False) if field.type in (Type.TEXT, Type.CODE) else value


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
        SELECT r.__at, s.key, s.subject_id, s.entity_id, s.is_new, 'record' AS ground, s.holder_id AS parent_id,
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
