"""What a command may ask of the installation. `amparo.project.wiring` answers."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import typer

if TYPE_CHECKING:
    from amparo.programmes.explanation import Explanation
    from amparo.trust.keys.sealed import SealedColumn


class Wiring(Protocol):
    """One installation: a country's profile, and the folder where its database and keys lie."""

    profile: str
    data_dir: Path

    def open(self) -> None:
        """Have the database run, in the shape of this version, and Django set up. Harmless when repeated.

        A command that opens anybody's record is refused while erasures wait to be done once more (`retention replay`).
        """

    def migrate(self) -> None:
        """Bring the database to the shape of this version and of the profile. Harmless when repeated."""

    def scratch(self, name: str, *, with_profile: bool = True) -> AbstractContextManager[None]:
        """Work in a database of its own, with the profile or nothing in it, which goes when the block ends."""

    @property
    def sealed(self) -> "Sequence[SealedColumn]":
        """Every sealed column of every package. To be read after `open`."""

    @property
    def is_demo(self) -> bool:
        """Whether `amparo demo` made this installation, so that its accounts may sign in."""

    @property
    def is_begun(self) -> bool:
        """Whether there is an installation in the folder, or a database of its own is named."""

    @property
    def is_trial(self) -> bool:
        """Whether the installation that a command worked on has not been taken live. False where none was opened."""

    def mark_demo(self) -> None:
        """Let the demo's accounts sign in here. To be called before `open`."""

    def unmark_demo(self) -> None:
        """Let them sign in no more."""

    def serve(self, *, host: str, port: int | None, ready: Callable[[str], None]) -> None:
        """Serve pages and do background work until asked to stop. Calls `ready` with the address once it answers."""

    def letter(self, why: "Explanation", language: str | None) -> bytes:
        """Return what a citizen is handed of an explanation, as PDF, in a language of the profile (None: its first)."""


def wiring(context: typer.Context) -> Wiring:
    return context.obj
