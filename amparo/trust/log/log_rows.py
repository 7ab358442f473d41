"""Reads the audit log as the proof needs it: rows as the bytes that were hashed, seals as the objects that were signed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any

from django.db import connections, transaction
from psycopg import sql

from amparo.trust.log.proof import BEFORE_ALL, COLUMNS, Key, Seal, key_of

AT = COLUMNS.index("at")

NO_ID = "00000000-0000-0000-0000-000000000000"
ROWS_AT_ONCE = 50_000
SEALS_AT_ONCE = 1_000
END = 2**63 - 1

_ROWS = sql.SQL(
    "COPY (SELECT {columns} FROM trust_audit WHERE (place, id, at) > ({place}, {id}::uuid, {at}::timestamptz)"
    " AND place < {below} ORDER BY place, id, at LIMIT {at_most}) TO STDOUT"
)
# Without knowing how many rows follow, the planner would sort the whole log again for each part of it.
_BY_INDEX = "SELECT " + ", ".join(
    f"set_config('enable_{each}', 'off', true)" for each in ("seqscan", "bitmapscan", "sort")
)
_SEALS = """
    SELECT form, number, encode(previous, 'hex'), count, first_place, first_id::text, last_place, last_id::text,
           first_at::text, last_at::text, encode(root, 'hex'), sealed_at::text, key, encode(signature, 'hex')
    FROM trust_seal WHERE {condition}
"""


@contextmanager
def reading(*, using: str, isolation: str = "READ COMMITTED") -> Iterator[Any]:
    """Give a cursor in a transaction whose times are written as they are hashed."""
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        if isolation != "READ COMMITTED":
            cursor.execute(f"SET TRANSACTION ISOLATION LEVEL {isolation}")
        cursor.execute("SELECT set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO, YMD', true)")
        yield cursor


def rows_after(cursor: Any, key: Key, *, below: int = END, at_most: int, at: str = "infinity") -> list[bytes]:
    """Return the rows that follow a place and id, up to but without the place `below`.

    No two rows have one place and id, unless somebody forged one: `at` parts them, so that none is passed over.
    """
    place, id = key if key != BEFORE_ALL else (-1, NO_ID)
    given = {"place": place, "id": id, "at": at, "below": below, "at_most": at_most}
    columns = sql.SQL(", ").join(map(sql.Identifier, COLUMNS))
    statement = _ROWS.format(columns=columns, **{name: sql.Literal(value) for name, value in given.items()})
    cursor.execute(_BY_INDEX)
    with cursor.cursor.copy(statement) as copy:
        return [bytes(block)[:-1] for block in copy]  # libpq hands out one row at a time, with its newline


def all_rows(cursor: Any, *, tell: Callable[[int], None] = lambda rows: None) -> Iterator[bytes]:
    """Yield every row of the log, read a part at a time; `tell` hears how many there were so far."""
    return chain.from_iterable(_parts(cursor, tell))


def _parts(cursor: Any, tell: Callable[[int], None]) -> Iterator[list[bytes]]:
    key, at, count = BEFORE_ALL, "infinity", 0
    while lines := rows_after(cursor, key, at=at, at_most=ROWS_AT_ONCE):
        yield lines
        key, at, count = key_of(lines[-1]), time_of(lines[-1]), count + len(lines)
        tell(count)


def time_of(line: bytes) -> str:
    """Return the time that a row names, as PostgreSQL writes it in UTC; as texts these are in the order of time."""
    return line.split(b"\t", AT + 1)[AT].decode()


def all_seals(cursor: Any, *, after: int = 0) -> Iterator[Seal]:
    """Yield every seal by its number, or those after one, a part at a time."""
    number = after
    while found := _seals(cursor, "number > %s ORDER BY number LIMIT %s", [number, SEALS_AT_ONCE]):
        yield from found
        number = found[-1].number


def last_seal(cursor: Any) -> Seal | None:
    found = _seals(cursor, "true ORDER BY number DESC LIMIT 1", [])
    return found[0] if found else None


def leaves_of(cursor: Any, number: int) -> bytes:
    cursor.execute("SELECT leaves FROM trust_seal WHERE number = %s", [number])
    return bytes(cursor.fetchone()[0])


def _seals(cursor: Any, condition: str, values: list[Any]) -> list[Seal]:
    cursor.execute(_SEALS.format(condition=condition), values)
    return [Seal(*row) for row in cursor.fetchall()]
