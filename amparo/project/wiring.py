"""Hands the installation to the commands: starts the database, sets Django up, serves."""

import os
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from amparo.kernel.errors import Refused
from amparo.project import postgres


class Wiring:
    """One installation, as `amparo.cli.wiring` describes it. As a context it gives the database back at the end."""

    def __init__(self, profile: str, data_dir: Path) -> None:
        self.profile = profile
        self.data_dir = data_dir
        self._open = ExitStack()
        self._is_connected = False

    def __enter__(self) -> "Wiring":
        return self

    def __exit__(self, *error: object) -> None:
        self._open.close()

    def connect(self) -> None:
        """Have the database run and Django set up, in whatever shape the tables are."""
        if self._is_connected:
            return
        from amparo.project.databases import installation

        if not os.environ.get("DATABASE_URL"):
            self._open.enter_context(postgres.using(self.data_dir))
        installation().start()
        os.environ["DJANGO_SETTINGS_MODULE"] = "amparo.project.settings"
        import django

        django.setup()
        self._is_connected = True

    def open(self) -> None:
        """As `connect`; an embedded database is brought to this version's shape, any other must have been."""
        self.connect()
        from amparo.project.migrating import has_pending

        if not has_pending():
            return
        if os.environ.get("DATABASE_URL"):
            raise Refused("project-not-migrated")
        self.migrate()

    def migrate(self) -> None:
        self.connect()
        from amparo.project.migrating import migrate

        migrate()

    def serve(self, *, host: str, port: int | None, ready: Callable[[str], None]) -> None:
        self.open()
        from amparo.project.serving import serve

        serve(host=host, port=port, ready=ready, keep_database=self.keep_database)

    def keep_database(self) -> None:
        if not os.environ.get("DATABASE_URL"):
            postgres.keep(self.data_dir)
