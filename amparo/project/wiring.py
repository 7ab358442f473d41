"""Hands the installation to the commands: starts the database, sets Django up, serves."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from amparo.kernel.errors import Refused
from amparo.project import postgres
from amparo.project.databases import DEMO, installation, make_folder

if TYPE_CHECKING:
    from amparo.programmes.explanation import Explanation
    from amparo.trust.keys.sealed import SealedColumn


def seal_if_waiting() -> None:
    """Seal what was left by an installation that nobody served since. Where that is refused, whoever then asks for
    personal data is told so, and whoever verifies or looks for the fault can."""
    from amparo.trust.log.sealing import seal
    from amparo.trust.log.serving import is_waiting_long

    if is_waiting_long(using="bulk"):
        with suppress(Refused):
            seal()


def expect_whole() -> None:
    """Refuse what opens anybody's record while a restored database knows less of erasures than the ledger, or more.

    What opens nobody's goes on: to replay them, to verify the log, to add a key. Raises Refused.
    """
    from amparo.trust.keeping.replaying import expect_replayed
    from amparo.trust.types import IMPERSONAL
    from amparo.trust.types.charged import is_charged_beyond

    if is_charged_beyond(IMPERSONAL):
        expect_replayed()


class Wiring:
    """One installation, as `amparo.cli.wiring` describes it. As a context it gives the database back at the end."""

    def __init__(self, profile: str, data_dir: Path) -> None:
        self.profile = profile
        self.data_dir = data_dir
        self._open = ExitStack()
        self._is_connected = self._is_open = False

    def __enter__(self) -> "Wiring":
        return self

    def __exit__(self, *error: object) -> None:
        self._open.close()

    def connect(self) -> None:
        """Have the database run and Django set up, in whatever shape the tables are."""
        if self._is_connected:
            return
        if not os.environ.get("DATABASE_URL"):
            self._open.enter_context(postgres.using(self.data_dir))
        installation().start()
        os.environ["DJANGO_SETTINGS_MODULE"] = "amparo.project.settings"
        import django

        django.setup()
        self._is_connected = True

    def open(self) -> None:
        """As `connect`; an embedded database is brought to this version and profile, any other must have been."""
        self.connect()
        from amparo.project.country import is_installed
        from amparo.project.migrating import has_pending

        if has_pending() or not is_installed(self.profile):
            if os.environ.get("DATABASE_URL"):
                raise Refused("project-not-migrated")
            self.migrate()
        seal_if_waiting()
        expect_whole()
        self._is_open = True

    def migrate(self) -> None:
        self.connect()
        from amparo.project.country import install_country
        from amparo.project.migrating import migrate

        migrate()
        install_country(self.profile)

    @contextmanager
    def scratch(self, name: str, *, with_profile: bool = True) -> Iterator[None]:
        """Work in a database of its own, with the profile or nothing in it, which goes when the block ends."""
        self.open()
        from amparo.project.country import install_country
        from amparo.project.scratch import scratch_database

        with scratch_database(installation(), name):
            if with_profile:
                install_country(self.profile)
            yield

    @property
    def sealed(self) -> "Sequence[SealedColumn]":
        from amparo.project.sealed import SEALED

        return SEALED

    @property
    def is_demo(self) -> bool:
        return (self.data_dir / DEMO).exists()

    @property
    def is_begun(self) -> bool:
        return bool(os.environ.get("DATABASE_URL")) or (self.data_dir / "keys" / "database.json").exists()

    @property
    def is_trial(self) -> bool:
        if not self._is_open:
            return False
        from django.db import OperationalError

        from amparo.trust.stage import is_live

        try:
            return not is_live()
        except OperationalError:  # `serve` has stopped the database by now, and each of its pages has said so
            return False

    def mark_demo(self) -> None:
        """Let the demo's accounts sign in here. To be called before anything else: settings read it at the start."""
        make_folder(self.data_dir)
        (self.data_dir / DEMO).touch(mode=0o600)

    def unmark_demo(self) -> None:
        (self.data_dir / DEMO).unlink(missing_ok=True)

    def letter(self, why: "Explanation", language: str | None) -> bytes:
        """Return what a citizen is handed of an explanation, as PDF; without names, which a command may not read."""
        from amparo.registry.queries import dictionary
        from amparo.web import grouping, languages
        from amparo.web.explaining import Teller
        from amparo.web.letter import letter
        from amparo.web.paper.printing import pdf

        words, offered = dictionary(), languages.offered()
        if language not in (None, *offered):
            raise Refused("project-language-unknown", language=language, known=offered)
        whom = grouping.whom(why, Teller(why, words))
        return pdf(letter(why, words, whom=whom, names={}), language or offered[0])

    def serve(self, *, host: str, port: int | None, ready: Callable[[str], None]) -> None:
        self.open()
        from django.conf import settings

        from amparo.project.serving import serve
        from amparo.project.strength import expect_strong
        from amparo.trust.keeping.replaying import expect_replayed

        expect_strong(settings, host=host)
        expect_replayed()
        serve(host=host, port=port, ready=ready, keep_database=self.keep_database)

    def keep_database(self) -> None:
        if not os.environ.get("DATABASE_URL"):
            postgres.keep(self.data_dir)
