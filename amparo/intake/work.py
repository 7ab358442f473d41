"""The phases of a batch: read, validate, compare and stage, apply. A dry run goes as far as comparing.

Shape   `Work` holds what the phases share; each phase can be done again from what the one before left on disk
Errors  Refused when the file as a whole cannot be taken in; Stopped
"""

from collections.abc import Callable, Sequence
from collections.abc import Mapping as Mapped
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import duckdb

from amparo.intake.comparing.compare import Delivered, compare
from amparo.intake.comparing.erased import hold_back
from amparo.intake.comparing.knowing import key_queries, know_keys
from amparo.intake.comparing.staging import effect, new, said, stage
from amparo.intake.config import Mapping
from amparo.intake.delivered import check_manifest, read_files, read_manifest
from amparo.intake.validation.entities import Place
from amparo.intake.validation.parts import File, Placed
from amparo.intake.validation.run import Setting, delivered_parts, open_store, validate
from amparo.kernel import clock
from amparo.registry.batch import New, Said, Staged, newest_delivery
from amparo.trust.keys.keyring import keyring
from amparo.trust.queries import area_words
from amparo.trust.types import Actor

Tell = Callable[[str, int], None]
STORE = "batch.duckdb"


@dataclass
class Work:
    """One delivery being worked on, in a folder of its own."""

    mapping: Mapping
    paths: Sequence[Path]
    names: Sequence[str]
    folder: Path
    source: str
    source_id: int
    observed_on: date | None
    by: Actor
    tell: Tell = field(default=lambda phase, rows: None)
    is_stopped: Callable[[], bool] = field(default=lambda: False)

    @cached_property
    def files(self) -> list[File]:
        """The files, read in a child process; those read whole already are not read again."""
        return read_files(
            self.mapping,
            self.paths,
            self.names,
            self.folder,
            progress=lambda rows: self.tell("read", rows),
            is_stopped=self.is_stopped,
        )

    @cached_property
    def parts(self) -> list[Placed]:
        return delivered_parts(self.mapping, self.files)

    @cached_property
    def store(self) -> duckdb.DuckDBPyConnection:
        return open_store(self.folder)

    @property
    def came(self) -> Delivered:
        return Delivered(self.mapping, self.parts)

    def close(self) -> None:
        if "store" in self.__dict__:
            self.store.close()
            del self.__dict__["store"]

    def validate(self) -> dict[str, Any]:
        """Validate anew, whatever an interrupted try left; return the receipt so far."""
        self.close()
        for left in self.folder.glob(f"{STORE}*"):
            left.unlink()
        for file, path in zip(self.files, self.paths, strict=True):
            if manifest := read_manifest(path):
                check_manifest(self.store, manifest, file, self.mapping)
        return validate(self.store, self.mapping, self.files, self._setting())

    def _setting(self) -> Setting:
        scope = self.by.scope
        return Setting(
            places=[Place(*each) for each in area_words()],
            today=clock.today(),
            observed_on=self.observed_on,
            ranges=None if scope.is_of_nation else scope.ranges,
            known=self.know,
            erased=partial(hold_back, source=self.source),
        )

    def know(self, store: duckdb.DuckDBPyConnection, parts: list[Placed]) -> None:
        for grain, keys in key_queries(parts).items():
            know_keys(store, grain, keys, source_id=self.source_id, folder=self.folder)

    def compare(self) -> tuple[dict[str, int], dict[str, Any]]:
        """Hold what was accepted against the registry; return how it stood then, and what would be added."""
        stood = {"newest": newest_delivery(self.source_id), "blinding": keyring(using="bulk").blinding}
        self.store.execute("DELETE FROM known")
        self.know(self.store, self.parts)
        where = {"source_id": self.source_id, "folder": self.folder, "blinding": stood["blinding"]}
        compare(self.store, self.mapping, self.parts, **where)
        added = effect(self.store)
        return stood | {"persons": added["persons"]["new"] + added["persons"]["changed"]}, added

    def stage(self, staged: Staged) -> dict[str, int]:
        """Copy who may be known already into the registry's staging tables; return rows by table."""
        return stage(self.store, self.came, staged, self.folder)

    @property
    def new(self) -> New:
        """What is new altogether, for the registry to read while it records it."""
        return partial(new, self.store, self.came)

    @property
    def said(self) -> Said:
        """What they said, for the registry to read while it records them."""
        return partial(said, self.store, self.came)

    def staged(self, token: str, digest: str, stood: Mapped[str, int]) -> Staged:
        """Return the batch's staging tables; `stood`: how the registry stood when it was compared, and how many are new."""
        grains = ["household", "person", *self.came.item_grains]
        fields = {grain: self.came.fields(grain) for grain in grains}
        return Staged(token, self.source_id, digest, fields=fields, **stood)

    def receipt_files(self) -> list[dict[str, Any]]:
        """What the receipt says of each file."""
        return [
            {
                "name": each.read.name,
                "format": each.read.format,
                "rows": each.read.rows + each.read.ragged,
                "sha256": each.read.sha256,
                "encoding": each.read.encoding,
                "separator": each.read.separator,
            }
            for each in self.files
        ]
