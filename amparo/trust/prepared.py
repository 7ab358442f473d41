"""Statements that are asked again and again: planned once by each session of the database, and then only run.

Shape   a statement with its values in, rows out; in the transaction that is open, as any other statement
Errors  the database's own, as Django has them
"""

from collections.abc import Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from django.db import connections

_AFTER = 2  # times that a session is asked the same
# Of each session; it is used by one thread at a time, and what a statement found is taken whole.
_cursors: WeakKeyDictionary[psycopg.Connection, psycopg.Cursor] = WeakKeyDictionary()


def rows(text: str, values: Sequence[Any] | Mapping[str, Any], *, using: str = "default") -> list[tuple]:
    """Return what a statement finds. Values are sent beside it: each must be of one type, whatever it is."""
    connection = connections[using]
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    session = connection.connection
    cursor = _cursors.get(session)
    if cursor is None:
        session.prepare_threshold = session.prepare_threshold or _AFTER
        cursor = _cursors[session] = psycopg.Cursor(session)
    with connection.wrap_database_errors:
        return cursor.execute(text, values).fetchall()


def row(text: str, values: Sequence[Any] | Mapping[str, Any], *, using: str = "default") -> tuple:
    """Return the one row that a statement gives."""
    [found] = rows(text, values, using=using)
    return found
