"""Unlogged tables in which waits what must be held against the registry once more while it is recorded.

A row of a grain's table is a subject that said something new, of which the registry knows the record or whom it is about;
the other tables hold what may be there already, or ends what is there. What is new altogether is not staged, nor is what
anybody said: both go from whoever delivers straight into the tables (`recording`, `new`). Identifiers and values of contact
never come here in the clear: values are sealed, indexes blinded and digests made before.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
from django.db import connections, transaction

from amparo.kernel.copying import copy_into, in_binary
from amparo.kernel.errors import Refused

OWN = {
    "key": "text NOT NULL",
    "subject_id": "bigint NOT NULL",
    "is_known": "boolean NOT NULL",  # the subject
    "entity_id": "uuid NOT NULL",
    "is_new": "boolean NOT NULL",  # the entity
    "ground": "text NOT NULL",
    "parent_id": "uuid",
    "area_id": "bigint",
    "area_number": "bigint NOT NULL",
    "digest": "uuid NOT NULL",
}
LINKED = {
    "identifier": {  # that somebody else claims
        "id": "uuid NOT NULL",
        "person_id": "uuid NOT NULL",
        "scheme": "text NOT NULL",
        "value": "bytea NOT NULL",
        "blind_index": "bytea NOT NULL",
        "verified": "boolean NOT NULL",
        "area_number": "bigint NOT NULL",
    },
    "contact": {
        "id": "uuid NOT NULL",
        "subject_id": "bigint NOT NULL",
        "field": "text NOT NULL",
        "digest": "bytea NOT NULL",
        "value": "bytea NOT NULL",
        "area_number": "bigint NOT NULL",
    },
    "relationship": {
        "person_id": "uuid NOT NULL",
        "other_id": "uuid NOT NULL",
        "kind": "text NOT NULL",
        "starts_on": "date NOT NULL",
        "area_number": "bigint NOT NULL",
    },
    "move": {"person_id": "uuid NOT NULL", "household_id": "uuid NOT NULL", "starts_on": "date NOT NULL"},
    "grouped": {
        "person_id": "uuid NOT NULL",
        "household_id": "uuid NOT NULL",
        "kind": "text NOT NULL",
        "named": "uuid",  # the delivered group; becomes the id of one that is new; null: in none
        "place": "bigint",  # the delivered group's among those of the household
        "starts_on": "date NOT NULL",
        "subject_id": "bigint",  # where it is known
        "area_number": "bigint NOT NULL",
    },
    "placed": {"entity_id": "uuid NOT NULL", "grain": "text NOT NULL", "area_id": "bigint NOT NULL"},
}
_TRIES = 20
_TOKEN = re.compile(r"[a-z0-9_]{1,30}")


@dataclass(frozen=True)
class Staged:
    """A batch in its staging tables.

    `fields`  the dictionary's fields delivered, by grain: `household`, `person`, `item:<kind>`
    `persons` how many persons it says something new of
    `newest`  the newest delivery of the source when the batch was compared with the registry: if another came since,
              what is new must be computed again
    `blinding` the master key of the blind indexes: the same holds if another has taken its place
    """

    token: str
    source_id: int
    digest: str
    fields: Mapping[str, Sequence[str]]
    persons: int
    newest: int
    blinding: int

    def __post_init__(self) -> None:
        if not _TOKEN.fullmatch(self.token):
            raise ValueError("a staging token is short and plain")

    def table(self, name: str) -> str:
        """Return the staging table of a grain or of a linked kind."""
        return f'staging."{self.token}_{name.replace(":", "_")}"'

    def columns(self, name: str) -> dict[str, str]:
        """Return the columns of a table in their order, with their types."""
        return LINKED.get(name, OWN)

    def types(self, name: str) -> dict[str, str]:
        """Return the same as COPY wants to know it."""
        return {column: kind.removesuffix(" NOT NULL") for column, kind in self.columns(name).items()}

    @property
    def tables(self) -> list[str]:
        return [*self.fields, *LINKED]


def open_staging(staged: Staged) -> None:
    """Make the batch's tables, empty; those of an earlier, interrupted try are dropped."""
    drop_staging(staged.token)
    with connections["bulk"].cursor() as cursor:
        for name in staged.tables:
            columns = ", ".join(f'"{column}" {kind}' for column, kind in staged.columns(name).items())
            cursor.execute(f"CREATE UNLOGGED TABLE {staged.table(name)} ({columns})")


def drop_staging(token: str) -> None:
    """Drop whatever tables carry a batch's token."""
    with connections["bulk"].cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(relname) FROM pg_class WHERE relnamespace = 'staging'::regnamespace AND relkind = 'r'"
            " AND starts_with(relname, %s)",
            [f"{token}_"],
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f"DROP TABLE staging.{table}")


def fill(staged: Staged, name: str, reading: pa.RecordBatchReader) -> int:
    """COPY rows with the columns and types of a staging table into it; return how many.

    A database that dies meanwhile loses the unlogged rows, and the phase is done again: so commits need not wait.
    """
    with transaction.atomic(using="bulk"), connections["bulk"].cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
        return copied(staged.table(name), staged.columns(name), reading)


def copied(table: str, columns: Iterable[str], reading: pa.RecordBatchReader) -> int:
    """COPY rows into columns of a table, in the order of both, within the transaction of the bulk role; return how many."""
    bulk = connections["bulk"]
    with bulk.cursor() as cursor:
        with bulk.wrap_database_errors, cursor.cursor.copy(copy_into(table, columns)) as copy:
            for piece in in_binary(reading):
                copy.write(piece)
        return max(cursor.cursor.rowcount, 0)


def reserve_subjects(count: int) -> int:
    """Reserve a run of subject ids, and return the first: a batch knows its subjects before it is recorded."""
    statement = """
        SELECT min(id), max(id) - min(id) + 1
        FROM (SELECT nextval('registry_subject_id_seq') AS id FROM (SELECT generate_series(1, %s)) counted) reserved
    """
    with connections["bulk"].cursor() as cursor:
        for _ in range(_TRIES):
            cursor.execute(statement, [count])
            first, width = cursor.fetchone()
            if width == count:  # otherwise somebody took an id in between
                return first
    raise Refused("registry-batch-stale")


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
