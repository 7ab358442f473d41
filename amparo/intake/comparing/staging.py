"""Copies what is new or changed into the registry's staging tables, identifiers sealed on the way."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import takewhile
from threading import Event

import duckdb
import pyarrow as pa
from django.db import connections

from amparo.intake.comparing.compare import Delivered
from amparo.intake.comparing.saying import escaped, line, lines, said_as_json
from amparo.intake.validation.expressions import name
from amparo.intake.validation.parts import Placed
from amparo.registry.batch import Staged, empty, fill, open_staging, reserve_subjects
from amparo.registry.dictionary import Field, Type
from amparo.trust.encryption import encrypt_many

_BATCH = 50_000
FIELD_CLASS = "identity"


def stage(db: duckdb.DuckDBPyConnection, came: Delivered, staged: Staged) -> dict[str, int]:
    """Fill the staging tables but those of what was said, two at a time; return how many rows each has."""
    open_staging(staged, came.mapping.dictionary)
    reserve(db, came)
    queries = {grain: _union(_row(came, grain, each) for each in came.of(grain)) for grain in staged.fields}
    queries |= {"membership": _MEMBERSHIP, "relationship": _RELATIONSHIP, "placed": _PLACED}
    with ThreadPoolExecutor(2) as pool:
        jobs = {"identifier": pool.submit(_fill_identifiers, db.cursor(), staged)}
        jobs |= {table: pool.submit(_fill, db.cursor(), staged, table, query) for table, query in queries.items()}
        return {table: job.result() for table, job in jobs.items()}


@contextmanager
def saying(db: duckdb.DuckDBPyConnection, came: Delivered, staged: Staged) -> Iterator[Callable[[], None]]:
    """Fill in what was said while the block runs; yields what waits for its end."""
    leave = Event()
    with ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(_say, db.cursor(), came, staged, grain, leave) for grain in _widest_first(came, staged)]

        def wait() -> None:
            for job in jobs:
                job.result()

        try:
            yield wait
        finally:
            leave.set()


def _widest_first(came: Delivered, staged: Staged) -> list[str]:
    return sorted(staged.fields, key=lambda grain: grain != "person")


def _say(db: duckdb.DuckDBPyConnection, came: Delivered, staged: Staged, grain: str, leave: Event) -> None:
    table = f"{grain} said"
    try:
        empty(staged, table)
        query = _union(_said(came, grain, each) for each in came.of(grain))
        fill(staged, table, takewhile(lambda _: not leave.is_set(), lines(db, query)))
    finally:
        connections["bulk"].close()


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


_MEMBERSHIP = (
    f"SELECT {line('person_id', 'household_id', 'starts_on', 'area_number', 'is_first')} FROM membership_state"
)
_RELATIONSHIP = f"SELECT {line('person_id', 'other_id', 'kind', 'starts_on', 'area_number')} FROM relationship_state"
_PLACED = f"SELECT {line('entity_id', 'grain', 'area_id')} FROM placed"
_IDENTIFIER = """
    SELECT id::VARCHAR, person_id::VARCHAR, scheme, text, blind, verified, NOT contested, area_number
    FROM identifier_state
"""
_NOTHING = "SELECT NULL::VARCHAR WHERE false"


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


def _union(queries: Iterable[str]) -> str:
    return " UNION ALL ".join(queries) or _NOTHING


def _row(came: Delivered, grain: str, each: Placed) -> str:
    """Who a part speaks of that is new or changed."""
    own = ["subject_id", "is_known", "entity_id", "is_new", "ground", "parent_id", "area_id", "area_number", "digest"]
    names = [_typed(came.mapping.dictionary[grain, field]) for field in came.names] if grain == "person" else []
    here = {column.field.name for column in each.part.fields}
    names = [value if field in here else "NULL" for field, value in zip(came.names, names, strict=False)]
    typed = f"JOIN {each.typed} typed ON typed.__at = rows.__at" if names else ""
    written = line(escaped("rows.key"), *(f"rows.{each}" for each in own), *names)
    return f"SELECT {written} FROM ({_subjects(grain, each)}) rows {typed}"


def _said(came: Delivered, grain: str, each: Placed) -> str:
    """What a part said of them, its typed values read from the file again."""
    here = {column.field.name: column.field for column in each.part.fields}
    typed = [_typed(here[field]) if field in here else "NULL" for field in came.fields(grain)]
    said = escaped(said_as_json(list(here.values()), "typed"), controls=False)
    own = [
        "rows.subject_id",
        "rows.entity_id",
        "rows.is_new AND NOT rows.is_known",
        "rows.area_number",
        "rows.__observed_on",
    ]
    rows = f"({_subjects(grain, each)}) rows JOIN {each.typed} typed ON typed.__at = rows.__at"
    return f"SELECT {line(*own, said, *typed)} FROM {rows}"


def _typed(field: Field) -> str:
    value = f"typed.{name(field.name)}"
    return escaped(value, controls=False) if field.type in (Type.TEXT, Type.CODE) else value


def _subjects(grain: str, each: Placed) -> str:
    """The rows of a part that are new or changed, with subject and entity."""
    id = "coalesce(s.subject_id, first.before + s.nth) AS subject_id, s.subject_id IS NOT NULL AS is_known"
    if each.part.of:
        return f"""
            SELECT r.__at, s.key, {id}, s.entity_id, s.is_new, 'record' AS ground, s.holder_id AS parent_id,
                NULL::BIGINT AS area_id, s.area_number, r.__observed_on, s.digest
            FROM item_{each.number} r
            JOIN item_state s ON s.grain = '{grain}' AND s.part = {each.number} AND s.key = r.__key AND NOT s.is_same
            JOIN first_subject first ON first.part = {each.number}
        """
    home = "LEFT JOIN household_entity home ON home.key = r.__parent" if grain == "person" else ""
    return f"""
        SELECT r.__at, s.key, {id}, e.entity_id, e.is_new, e.ground,
            {"home.entity_id" if home else "NULL::UUID"} AS parent_id, e.area_id, e.area_number, r.__observed_on, s.digest
        FROM {grain} r JOIN {grain}_state s ON s.key = r.__key AND NOT s.is_same
        JOIN {grain}_entity e ON e.key = r.__key
        JOIN first_subject first ON first.grain = '{grain}' {home}
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
