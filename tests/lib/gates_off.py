"""Switches one of the two gates off, in a test's own database or process; the product has no switch for either."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from amparo.trust import scope

GATES = ("both gates", "the query alone", "row security alone")


@contextmanager
def through(gates: str, server, database: str) -> Iterator[str]:
    """Run a block with both gates, or with one of them alone."""
    if gates == "the query alone":
        with row_security_off(server, database):
            yield gates
    elif gates == "row security alone":
        with pytest.MonkeyPatch.context() as patch:
            open_the_query(patch)
            yield gates
    else:
        yield gates


def open_the_query(patch: pytest.MonkeyPatch) -> None:
    """Let the first gate pass everything, wherever it was imported to."""
    opened = {"within": lambda rows, by, **_: rows, "where": lambda by, **_: ("true", [])}
    for module in [each for name, each in sys.modules.items() if name.startswith("amparo.")]:
        for name, every in opened.items():
            if getattr(module, name, None) is getattr(scope, name) and module is not scope:
                patch.setattr(module, name, every)


class row_security_off:
    """Take the second gate out of one database, as nobody but its superuser can."""

    def __init__(self, server, database) -> None:
        self.server, self.database = server, database

    def __enter__(self) -> None:
        self.change("DISABLE", "RETURN '{(,)}'::int8multirange")

    def __exit__(self, *_) -> None:
        self.change("ENABLE", None)

    def change(self, what: str, reach: str | None) -> None:
        from amparo.project.databases import connect

        with connect(self.server.server, self.database) as superuser:
            protected = "SELECT oid::regclass::text FROM pg_class WHERE relforcerowsecurity AND NOT relispartition"
            for (table,) in superuser.execute(protected).fetchall():
                superuser.execute(f"ALTER TABLE {table} {what} ROW LEVEL SECURITY")
            if reach:
                (self.before,) = superuser.execute("SELECT pg_get_functiondef('amparo_reach'::regproc)").fetchone()
                superuser.execute(
                    "CREATE OR REPLACE FUNCTION amparo_reach() RETURNS int8multirange LANGUAGE plpgsql STABLE AS"
                    f" $$ BEGIN {reach}; END $$"
                )
            else:
                superuser.execute(self.before)
