"""A log of its own to seal, read and forge: rows written by hand, and somebody with every right over the database."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connections

from amparo.kernel.ids import uuid7

EVENTS = ("household-read", "person-read", "decision-read", "signed-in", "denied")


@contextmanager
def own_custodian(folder: Path) -> Iterator[Path]:
    """Let keys and the custodian's file lie in a folder of the test's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "KEY_FOLDER", folder)
        patch.setattr(settings, "AUDIT_CUSTODIAN", folder / "custodian.jsonl")
        yield folder / "custodian.jsonl"


def login(alias: str = "bulk") -> psycopg.Connection:
    """Return a connection of its own, beside Django's, as one of the installation's logins."""
    wanted = connections[alias].get_connection_params()
    names = ("host", "port", "user", "password", "dbname")
    return psycopg.connect(**{name: wanted[name] for name in names})


@contextmanager
def almighty(here, name: str) -> Iterator[psycopg.Cursor]:
    """Give a cursor as a database administrator has it, whom no trigger stops."""
    with psycopg.connect(here.server.conninfo(dbname=name)) as connection, connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica; SET TimeZone = 'UTC'")
        yield cursor


def write(cursor, draw: random.Random, rows: int = 1, *, months: bool = False) -> list[str]:
    """Write rows, in this month or (as the owner of what is to come) in those around it; return their ids."""
    ids = []
    for _ in range(rows):
        ids.append(str(uuid7()))
        cursor.execute(
            "INSERT INTO trust_audit (id, at, event, by_id, by_kind, purpose, about_kind, about_id, details)"
            " VALUES (%s, now() + %s * interval '1 day', %s, %s, 'officer', 'registration', 'person', %s, %s::jsonb)",
            [
                ids[-1],
                draw.choice((-29, 0, 35)) if months else 0,
                draw.choice(EVENTS),
                str(uuid7()),
                str(uuid7()),
                f'{{"seen": "line\\\\nwith\\\\ttab {draw.random()}"}}',
            ],
        )
    return ids
