"""Unlogged tables in which a batch waits: one per grain, one each for identifiers, relationships and memberships.

A row of a grain's table is a subject that is new or said something new. Its own columns come first, the dictionary's
fields after them, typed; `said` holds the same as an observation keeps it, made where two cores can make it. Plaintext identifiers never come here: values are sealed and indexes blinded before.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
from django.db import connections, transaction

from amparo.registry.dictionary import POSTGRES_TYPE, Dictionary

OWN = {
    "key": "text NOT NULL",
    "subject_known": "bigint",
    "entity_id": "uuid NOT NULL",
    "is_new": "boolean NOT NULL",
    "ground": "text NOT NULL",
    "parent_id": "uuid",
    "area_id": "bigint",
    "area_number": "bigint NOT NULL",
    "observed_on": "date NOT NULL",
    "digest": "uuid NOT NULL",
    "said": "jsonb NOT NULL",
}
LINKED = {
    "identifier": {
        "id": "uuid NOT NULL",
        "person_id": "uuid NOT NULL",
        "scheme": "text NOT NULL",
        "value": "bytea NOT NULL",
        "blind_index": "bytea NOT NULL",
        "verified": "boolean NOT NULL",
        "is_live": "boolean NOT NULL",
        "area_number": "bigint NOT NULL",
    },
    "relationship": {
        "person_id": "uuid NOT NULL",
        "other_id": "uuid NOT NULL",
        "kind": "text NOT NULL",
        "starts_on": "date NOT NULL",
        "area_number": "bigint NOT NULL",
    },
    "membership": {
        "person_id": "uuid NOT NULL",
        "household_id": "uuid NOT NULL",
        "starts_on": "date NOT NULL",
        "area_number": "bigint NOT NULL",
        "is_first": "boolean NOT NULL",
    },
    "placed": {"entity_id": "uuid NOT NULL", "grain": "text NOT NULL", "area_id": "bigint NOT NULL"},
}
_TOKEN = re.compile(r"[a-z0-9_]{1,30}")


@dataclass(frozen=True)
class Staged:
    """A batch in its staging tables.

    `fields`  the dictionary's fields delivered, by grain: `household`, `person`, `item:<kind>`
    `newest`  the newest delivery of the source when the batch was compared with the registry: if another came since,
              what is new must be computed again
    """

    token: str
    source_id: int
    digest: str
    fields: Mapping[str, Sequence[str]]
    newest: int

    def __post_init__(self) -> None:
        if not _TOKEN.fullmatch(self.token):
            raise ValueError("a staging token is short and plain")

    def table(self, name: str) -> str:
        """Return the staging table of a grain or of a linked kind."""
        return f'staging."{self.token}_{name.replace(":", "_")}"'


def columns(staged: Staged, name: str) -> list[str]:
    """Return the columns to fill, in order; only the database fills `subject_new`."""
    return list(LINKED[name]) if name in LINKED else [*OWN, *(f"f_{field}" for field in staged.fields[name])]


def open_staging(staged: Staged, dictionary: Dictionary) -> None:
    """Make the batch's tables, empty; those of an earlier, interrupted try are dropped."""
    drop_staging(staged)
    with connections["bulk"].cursor() as cursor:
        for grain, fields in staged.fields.items():
            typed = {f'"f_{field}"': POSTGRES_TYPE[dictionary[grain, field].type] for field in fields}
            own = OWN | {"subject_new": "bigint NOT NULL DEFAULT nextval('registry_subject_id_seq')"}
            cursor.execute(f"CREATE UNLOGGED TABLE {staged.table(grain)} ({_columns(own | typed)})")
        for name, linked in LINKED.items():
            cursor.execute(f"CREATE UNLOGGED TABLE {staged.table(name)} ({_columns(linked)})")


def _columns(types: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {kind}" for name, kind in types.items())


def drop_staging(staged: Staged) -> None:
    """Drop whatever tables carry the batch's token."""
    with connections["bulk"].cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(relname) FROM pg_class WHERE relnamespace = 'staging'::regnamespace AND relkind = 'r'"
            " AND starts_with(relname, %s)",
            [f"{staged.token}_"],
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f"DROP TABLE staging.{table}")


def fill(staged: Staged, name: str, lines: Iterable[pa.Array]) -> int:
    """COPY lines into a staging table, columns as in `columns(staged, name)`; return how many rows.

    `lines`  arrays of text, each one row in PostgreSQL's text format with its line end: such an array's bytes are what
             COPY reads, so that no row is ever touched in Python
    A database that dies meanwhile loses the unlogged rows, and the phase is done again: so commits need not wait.
    """
    named = ", ".join(f'"{each}"' for each in columns(staged, name))
    rows = 0
    with transaction.atomic(using="bulk"), connections["bulk"].cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
        with cursor.cursor.copy(f"COPY {staged.table(name)} ({named}) FROM STDIN") as copy:
            for array in lines:
                copy.write(as_bytes(array))
                rows += len(array)
    return rows


def as_bytes(lines: pa.Array) -> memoryview:
    """Return the texts of an array as they lie in memory, one after the other."""
    lines = lines.cast(pa.large_string())
    if not len(lines):
        return memoryview(b"")
    _, offsets, values = lines.buffers()
    first, last = lines.offset, lines.offset + len(lines)
    places = memoryview(offsets).cast("q")
    return memoryview(values)[places[first] : places[last]]


def holds(staged: Staged, rows: Mapping[str, int]) -> bool:
    """Whether the tables of an earlier try still hold what was filled in: a database that died empties them."""
    with connections["bulk"].cursor() as cursor:
        for name, count in rows.items():
            cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [staged.table(name)])
            if not cursor.fetchone()[0]:
                return False
            cursor.execute(f"SELECT count(*) FROM {staged.table(name)}")
            if cursor.fetchone()[0] != count:
                return False
    return True
