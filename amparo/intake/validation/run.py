"""Runs the whole validation of one delivery, in a DuckDB file of the batch's own folder."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from amparo.intake.config import Mapping
from amparo.intake.validation import checks
from amparo.intake.validation.check_digits import find_unsound
from amparo.intake.validation.entities import Place, gather, reason_scope, write_places
from amparo.intake.validation.parts import (
    FILE,
    REASONS,
    File,
    Placed,
    identifier_columns,
    placed,
    read_part,
    relationship_columns,
)
from amparo.intake.validation.quarantine import reason_ragged, set_aside, write_bad_units, write_originals
from amparo.intake.validation.reasons import rank
from amparo.registry.schemes import normalised_identifier

MEMORY = "2GB"
THREADS = 2
KNOWN = """
    CREATE TABLE known (
        grain VARCHAR, key VARCHAR, subject_id BIGINT, digest UUID, entity_id UUID, area_id BIGINT, area_number BIGINT,
        related_id UUID, since DATE
    )
"""


@dataclass(frozen=True)
class Setting:
    """What validation must know of the registry and of who delivers.

    `ranges`  the area numbers whoever delivers may reach; None: all
    `known`   fills table `known` with the records of this source that the registry already has
    `erased`  adds a reason to the rows that name somebody who was erased
    """

    places: Sequence[Place]
    today: date
    observed_on: date | None = None
    ranges: Sequence[tuple[int, int]] | None = None
    known: Callable[[duckdb.DuckDBPyConnection, list[Placed]], None] = field(default=lambda db, parts: None)
    erased: Callable[[duckdb.DuckDBPyConnection, list[Placed]], None] = field(default=lambda db, parts: None)


def open_store(folder: Path) -> duckdb.DuckDBPyConnection:
    """Open the batch's own DuckDB file, with bounded memory and no way out to the network."""
    db = duckdb.connect(folder / "batch.duckdb")
    db.execute(f"SET memory_limit = '{MEMORY}'")
    db.execute(f"SET threads = {THREADS}")
    db.execute(f"SET temp_directory = '{folder / 'spill'}'")
    db.execute("SET preserve_insertion_order = false")
    db.execute("PRAGMA disable_checkpoint_on_shutdown")  # a batch that ends is removed; one that dies has its log
    db.execute("SET autoinstall_known_extensions = false")
    db.create_function("normalised_identifier", normalised_identifier, ["VARCHAR"], "VARCHAR")
    return db


def validate(db: duckdb.DuckDBPyConnection, mapping: Mapping, files: list[File], setting: Setting) -> dict[str, Any]:
    """Leave accepted records in `household`, `person`, `item_<n>` and the others in `quarantined` and `original`.

    Returns counts: rows delivered, accepted and quarantined, per grain, reasons and warnings by rule.
    """
    parts = delivered_parts(mapping, files)
    db.execute(REASONS)
    db.execute(KNOWN)
    write_places(db, setting.places)
    for each in parts:
        own = [one for one in files if one.table == each.table_number]
        read_part(db, each, own, mapping, setting.observed_on or mapping.observed_on)
    setting.known(db, parts)
    gather(db, mapping, parts)
    reason_scope(db, setting.ranges, setting.today)
    reason_ragged(db, mapping, files)
    write_bad_units(db, parts)
    _check(db, mapping, parts)
    setting.erased(db, parts)
    delivered = _counts(db, parts)
    set_aside(db, parts)
    write_originals(db, files)
    return _receipt(db, files, delivered, _counts(db, parts))


def delivered_parts(mapping: Mapping, files: list[File]) -> list[Placed]:
    """The parts of the mapping that any file brought; an optional table may be absent."""
    return [each for each in placed(mapping) if any(file.table == each.table_number for file in files)]


def _check(db: duckdb.DuckDBPyConnection, mapping: Mapping, parts: list[Placed]) -> None:
    db.execute("CREATE TABLE warning (row_at BIGINT, rule VARCHAR, field VARCHAR, other BIGINT)")
    for table, named in (
        ("reason (row_at, rule, other)", mapping.checks),
        ("warning (row_at, rule, other)", mapping.warnings),
    ):
        for check in named:
            for statement in checks.statements(check, mapping, parts):
                db.execute(f"INSERT INTO {table} {statement}")
    numbers = {c: each.scheme for part in parts for c, each in identifier_columns(part.part).items()}
    find_unsound(db, mapping.dictionary, numbers.items())
    _warn_formulas(db, parts)
    _warn_relatives(db, parts)


def _warn_formulas(db: duckdb.DuckDBPyConnection, parts: list[Placed]) -> None:
    """A text that a spreadsheet would calculate is kept as the text it is, and said."""
    for each in parts:
        db.execute(
            f"INSERT INTO warning (row_at, rule) SELECT __at, 'intake-formula-kept' FROM {each.name} WHERE __has_formula"
        )


def _warn_relatives(db: duckdb.DuckDBPyConnection, parts: list[Placed]) -> None:
    for each in parts:
        for relative in relationship_columns(each.part):
            db.execute(
                f"INSERT INTO warning (row_at, rule) SELECT __at, 'intake-relative-unknown' FROM {each.name} "
                f"WHERE {relative} IS NOT NULL AND {relative} NOT IN (SELECT __key FROM person WHERE __key IS NOT NULL) "
                f"AND {relative} NOT IN (SELECT key FROM known WHERE grain = 'person')"
            )


def _counts(db: duckdb.DuckDBPyConnection, parts: list[Placed]) -> dict[str, int]:
    tables = {"households": "household", "persons": "person"}
    counts = {grain: _one(db, f"SELECT count(*) FROM {table}") for grain, table in tables.items()}
    items = [f"item_{each.number}" for each in parts if each.part.of]
    return counts | {"items": sum(_one(db, f"SELECT count(*) FROM {each}") for each in items)}


def _receipt(
    db: duckdb.DuckDBPyConnection, files: list[File], delivered: dict[str, int], accepted: dict[str, int]
) -> dict[str, Any]:
    rows = sum(each.read.rows + each.read.ragged for each in files)
    quarantined = _one(db, "SELECT count(*) FROM quarantined")
    return {
        "rows": {"delivered": rows, "accepted": rows - quarantined, "quarantined": quarantined},
        **{
            grain: {"delivered": count, "accepted": accepted[grain], "quarantined": count - accepted[grain]}
            for grain, count in delivered.items()
        },
        "reasons": _by_rule(db, "reason", files),
        "warnings": _by_rule(db, "warning", files),
    }


def _by_rule(db: duckdb.DuckDBPyConnection, table: str, files: list[File]) -> list[dict[str, Any]]:
    """Each rule, and the field that broke it, with how many rows it met and the first of them, by file and line."""
    found = db.execute(f"""
        SELECT rule, field, count(*), min(row_at) FROM (SELECT DISTINCT row_at, rule, field FROM {table}) GROUP BY ALL
    """).fetchall()
    return [
        {"rule": rule, "rows": count, "file": files[row_at // FILE].read.name, "line": row_at % FILE}
        | ({"field": field} if field else {})
        for rule, field, count, row_at in sorted(found, key=lambda each: (rank(each[0]), each[3], each[1] or ""))
    ]


def _one(db: duckdb.DuckDBPyConnection, query: str) -> int:
    return db.execute(query).fetchall()[0][0]
