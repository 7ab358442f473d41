"""Databases that live for one benchmark and go with it, on the installation's own server."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.db import connections

from amparo.project.databases import Installation, connect, make_database, prepare_database
from amparo.project.migrating import migrate
from amparo.snapshot.actions import expire
from amparo.trust.keys.encryption import forget
from amparo.trust.keys.key_sources import FOLDER, make_first_key
from amparo.trust.types import system


@contextmanager
def scratch_database(here: Installation, name: str) -> Iterator[None]:
    """Let Django's connections lead to a new, migrated database, which is dropped when the block ends, with its keys."""
    with _scratch_keys(here), _database(here, name):
        yield


@contextmanager
def _scratch_keys(here: Installation) -> Iterator[None]:
    before = settings.KEY_FOLDER, settings.KEY_SOURCE
    with TemporaryDirectory(dir=here.data_dir, prefix="scratch-keys-") as folder:
        settings.KEY_FOLDER, settings.KEY_SOURCE = Path(folder), FOLDER
        make_first_key(Path(folder))
        forget()
        try:
            yield
        finally:
            settings.KEY_FOLDER, settings.KEY_SOURCE = before
            forget()


@contextmanager
def _database(here: Installation, name: str) -> Iterator[None]:
    server = here.server
    with connect(server, "postgres") as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        make_database(connection, name)
    with connect(server, name) as connection:
        prepare_database(connection)
    before = {alias: connections.databases[alias]["NAME"] for alias in connections}
    _point_at(dict.fromkeys(before, name))
    try:
        migrate()
        try:
            yield
        finally:
            expire(on=date.max, by=system("scratch"))  # the keys of its snapshots go with it: nobody could open them
    finally:
        _point_at(before)
        with connect(server, "postgres") as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _point_at(names: dict[str, str]) -> None:
    for alias, name in names.items():
        connections[alias].close()
        connections.databases[alias]["NAME"] = name
        del connections[alias]
