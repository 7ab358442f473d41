"""Delivers drawn files to the pure part of intake: read in a child, validated in DuckDB, no database."""

import json
import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from textwrap import dedent
from typing import Any

import duckdb

from amparo.intake.config import Mapping, mapping
from amparo.intake.delivered import read_files
from amparo.intake.validation.entities import Place
from amparo.intake.validation.parts import FILE
from amparo.intake.validation.run import Setting, open_store, validate
from tests.unit.intake.drawn import DICTIONARY

PLACES = (
    Place(1, "N", "North", "region", 1),
    Place(2, "N1", "Hill", "district", 2),
    Place(3, "S", "South", "region", 5_000),
    Place(4, "S1", "Hill", "district", 5_001),
)
TODAY = date(2026, 6, 1)


@dataclass
class Delivered:
    db: duckdb.DuckDBPyConnection
    receipt: dict[str, Any]
    names: list[str]
    grains: list[str]

    def accepted(self, table: str, *columns: str) -> list[tuple]:
        """Columns of accepted records, their own and the dictionary's fields alike."""
        number = next(n for n, grain in enumerate(self.grains) if table in (grain, f"item_{n}"))
        own = [row[0] for row in self.db.execute(f"DESCRIBE {table}").fetchall()]
        named = ", ".join(f"row.{each}" if each in own else f"typed.{each}" for each in columns)
        rows = f"{table} row JOIN typed_{number} typed USING (__at)"
        return self.db.execute(f"SELECT {named} FROM {rows} ORDER BY row.__key").fetchall()

    @property
    def quarantined(self) -> list[tuple[str, int, list[str]]]:
        """(file, line, rules or rule:field) of each row set aside."""
        rows = self.db.execute("SELECT row_at, reasons FROM quarantined ORDER BY row_at").fetchall()
        return [
            (self.names[row_at // FILE], row_at % FILE, [_named(each) for each in reasons]) for row_at, reasons in rows
        ]

    @property
    def originals(self) -> list[Any]:
        rows = self.db.execute("SELECT text FROM original ORDER BY row_at").fetchall()
        return [json.loads(text) if text.startswith("{") else text for (text,) in rows]


def _named(reason: dict[str, Any]) -> str:
    rule = reason["rule"].removeprefix("intake-")
    return f"{rule}:{reason['field']}" if reason["field"] else rule


def drawn(text: str) -> bytes:
    """A CSV from a drawn table: cells between bars, a rule under the heading."""
    lines = [line for line in dedent(text).strip().splitlines() if set(line) - set("-+ ")]
    return "".join(",".join(cell.strip() for cell in line.split("|")) + "\n" for line in lines).encode()


def deliver(folder: Path, said: str | Mapping, files: dict[str, bytes | str], **setting: Any) -> Delivered:
    checked = said if isinstance(said, Mapping) else mapping(tomllib.loads(said), DICTIONARY, "drawn")
    paths = [folder / name for name in files]
    for path, content in zip(paths, files.values(), strict=True):
        path.write_bytes(drawn(content) if isinstance(content, str) else content)
    work = folder / "work"
    work.mkdir()
    read = read_files(checked, paths, list(files), work)
    db = open_store(work)
    receipt = validate(db, checked, read, Setting(**{"places": PLACES, "today": TODAY, **setting}))
    grains = [part.grain for table in checked.tables for part in table.parts]
    return Delivered(db, receipt, list(files), grains)
