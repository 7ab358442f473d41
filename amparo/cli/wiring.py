"""What a command may ask of the installation. `amparo.project.wiring` answers."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import typer


class Wiring(Protocol):
    """One installation: a country's profile, and the folder where its database and keys lie."""

    profile: str
    data_dir: Path

    def open(self) -> None:
        """Have the database run, in the shape of this version, and Django set up. Harmless when repeated."""

    def migrate(self) -> None:
        """Bring the database to the shape of this version and of the profile. Harmless when repeated."""

    def serve(self, *, host: str, port: int | None, ready: Callable[[str], None]) -> None:
        """Serve pages and do background work until asked to stop. Calls `ready` with the address once it answers."""


def wiring(context: typer.Context) -> Wiring:
    return context.obj
