"""The files of a delivery: which table each belongs to, its manifest, and their reading in a child process."""

import hashlib
import json
import tomllib
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from decimal import Decimal, InvalidOperation
from fnmatch import fnmatch
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import duckdb

from amparo.intake.config import Mapping, Table
from amparo.intake.files import child
from amparo.intake.files.wanted import Read, Wanted
from amparo.intake.validation.expressions import literal, name
from amparo.intake.validation.parts import File
from amparo.kernel.errors import Refused, Stopped

_AT_ONCE = 2
_TICK_SECONDS = 0.5
_STATED = 200  # characters of a manifest that a refusal repeats
MANIFESTS = (".manifest.toml", ".manifest.json")


def tables_of(mapping: Mapping, names: Sequence[str]) -> list[int]:
    """Return, for each file name, the number of the table it belongs to.

    Errors  Refused for a file that fits no table or several, and for a table without a file that is not optional
    """
    found = [_table_of(mapping, each) for each in names]
    for number, table in enumerate(mapping.tables):
        if number not in found and not table.optional:
            raise Refused("intake-file-missing", table=table.name, pattern=", ".join(table.files) or "*")
    return found


def _table_of(mapping: Mapping, file: str) -> int:
    fitting = [number for number, table in enumerate(mapping.tables) if _fits(table, file)]
    if len(fitting) != 1:
        patterns = ", ".join(pattern for table in mapping.tables for pattern in table.files)
        raise Refused("intake-file-unmatched", file=file, tables=len(fitting), patterns=patterns)
    return fitting[0]


def _fits(table: Table, file: str) -> bool:
    return not table.files or any(fnmatch(file.lower(), pattern.lower()) for pattern in table.files)


def digest(mapping: Mapping, digests: Sequence[str], **options: str) -> str:
    """Return what tells one delivery from another: its bytes, how they are read, and as what."""
    said = json.dumps([mapping.digest, sorted(digests), options], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def read_files(
    mapping: Mapping,
    paths: Sequence[Path],
    names: Sequence[str],
    folder: Path,
    *,
    progress: Callable[[int], None] = lambda rows: None,
    is_stopped: Callable[[], bool] = lambda: False,
) -> list[File]:
    """Read every file in a child process of its own, two at a time, into Parquet in the batch's folder.

    A file that was read whole is not read again. `progress` is told the rows of all files together.
    Errors  Refused with file, place and reason; Stopped
    """
    tables = tables_of(mapping, names)
    wanted = [
        _wanted(mapping.tables[table], path, file, folder / f"{number}.parquet")
        for number, (path, file, table) in enumerate(zip(paths, names, tables, strict=True))
    ]
    reads = _read_all(wanted, progress, is_stopped)
    if not any(each.rows or each.ragged for each in reads):
        raise Refused("intake-rows-missing")
    return [
        File(number, table, Path(each.into), read)
        for number, (table, each, read) in enumerate(zip(tables, wanted, reads, strict=True))
    ]


def _read_all(wanted: list[Wanted], progress: Callable[[int], None], is_stopped: Callable[[], bool]) -> list[Read]:
    """The calling thread alone tells progress and asks whether to stop: both may use its database connection."""
    rows, leave = [0] * len(wanted), Event()

    def read(number: int) -> Read:
        return _read_once(wanted[number], partial(rows.__setitem__, number), leave.is_set)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        jobs = [pool.submit(read, number) for number in range(len(wanted))]
        try:
            while wait(jobs, _TICK_SECONDS, FIRST_EXCEPTION).not_done:
                progress(sum(rows))
                if is_stopped() or any(job.done() and job.exception() for job in jobs):
                    break
        finally:
            leave.set()
    failed = [error for job in jobs if (error := job.exception())]
    if failed:
        # What is wrong with one file matters more than that the others were therefore stopped.
        raise min(failed, key=lambda error: isinstance(error, Stopped))
    return [job.result() for job in jobs]


def _wanted(table: Table, path: Path, file: str, into: Path) -> Wanted:
    return Wanted(
        path=str(path.absolute()),
        name=file,
        into=str(into.absolute()),
        columns=table.columns,
        ignore=table.ignore,
        ignore_rest=table.ignore_rest,
        sheet=table.sheet,
        encoding=table.encoding,
        separator=table.separator,
    )


def _read_once(wanted: Wanted, progress: Callable[[int], None], is_stopped: Callable[[], bool]) -> Read:
    """What was read is written down only once it is whole, so that a killed worker reads a half-read file again."""
    note = Path(wanted.into).with_suffix(".json")
    if note.exists():
        return Read.from_json(json.loads(note.read_text()))
    read = child.read(wanted, progress=progress, is_stopped=is_stopped)
    half = note.with_suffix(".half")
    half.write_text(json.dumps(read.as_json()))
    half.replace(note)
    return read


def read_manifest(path: Path) -> dict[str, Any] | None:
    """Return the manifest that stands beside a file, or None."""
    beside = [path.with_name(path.name + ending) for ending in MANIFESTS]
    found = next((each for each in beside if each.exists()), None)
    if found is None:
        return None
    try:
        text = found.read_bytes()[: 1 << 16].decode()
        raw = (
            tomllib.loads(text, parse_float=Decimal)
            if found.suffix == ".toml"
            else json.loads(text, parse_float=Decimal)
        )
        _expect_storable(raw)
    except (ValueError, RecursionError):
        raise Refused("intake-manifest-unreadable", file=path.name) from None
    if not isinstance(raw, dict) or not isinstance(raw.get("totals", {}), dict):
        raise Refused("intake-manifest-unreadable", file=path.name)
    for key in raw:
        if key not in ("rows", "sha256", "schema", "totals"):
            raise Refused("intake-manifest-key-unknown", file=path.name, key=key)
    return raw


def _expect_storable(raw: Any) -> None:
    """Raise ValueError for texts that no database takes: their words would be part of a refusal."""
    said = json.dumps(raw, ensure_ascii=False, default=str)
    said.encode()  # UnicodeEncodeError for half a surrogate pair
    if "\\u0000" in said:
        raise ValueError("NUL in a text")


def check_manifest(db: duckdb.DuckDBPyConnection, manifest: dict[str, Any], file: File, mapping: Mapping) -> None:
    """Refuse a file that is not what its manifest says: rows, bytes, schema, or the sum of a column."""
    read = file.read
    stated = {"rows": read.rows + read.ragged, "sha256": read.sha256, "schema": mapping.schema}
    for key, found in stated.items():
        if key in manifest and str(manifest[key]).lower() != str(found).lower():
            raise Refused(
                "intake-manifest-differs", file=read.name, what=key, stated=_short(manifest[key]), found=str(found)
            )
    decimal = mapping.tables[file.table].decimal if read.format == "csv" else "."
    for column, total in manifest.get("totals", {}).items():
        if column not in read.heading:
            found = ", ".join(read.heading[:12])
            raise Refused("intake-column-missing", file=read.name, column=_short(column), found=found)
        found = _total(db, file, column, decimal)
        if found is None or found != _exact(total, read.name):
            raise Refused(
                "intake-manifest-differs", file=read.name, what=column, stated=_short(total), found=str(found)
            )


def _short(stated: Any) -> str:
    return str(stated)[:_STATED]


def _exact(total: Any, file: str) -> Decimal:
    try:
        exact = Decimal(str(total))
    except InvalidOperation:
        exact = Decimal("NaN")
    if not exact.is_finite():
        raise Refused("intake-manifest-unreadable", file=file)
    return exact


def _total(db: duckdb.DuckDBPyConnection, file: File, column: str, decimal: str) -> Decimal | None:
    """The exact sum of a column's numbers, blank cells left out; None when a cell is no number."""
    text = f"NULLIF(replace(trim({name(column)}), {literal(decimal)}, '.'), '')"
    number = f"TRY_CAST({text} AS DECIMAL(18, 6))"
    query = f"SELECT sum({number}), count({text}) - count({number}) FROM read_parquet({literal(str(file.path))})"
    total, unread = db.execute(query).fetchall()[0]
    return None if unread else total if total is not None else Decimal(0)
