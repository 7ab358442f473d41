"""Reads of snapshots: which there are, and the rows of one, to whoever may open it and on the record."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any
from uuid import UUID

import duckdb

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, Refused
from amparo.kernel.exports import Grade
from amparo.snapshot import columnar, folder, models
from amparo.snapshot.types import Frozen, Snapshot
from amparo.trust.keys.encryption import decrypt
from amparo.trust.log.recording import record
from amparo.trust.log.serving import expect_sealed
from amparo.trust.types import Actor, Event, Ground, Permission

KEY_CLASS = "snapshot"


@contextmanager
def open_snapshot(id: UUID, *, by: Actor, under: Ground) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a DuckDB connection with one view per export, and one with the hash of each row where there are hashes.

    Who opened it, and on what ground, is written first.

    Raises NotServed where the audit log is not sealed, NotFound when there is no such snapshot or it has expired, and
    Refused when a file is missing or is not the one that was written: a snapshot that was touched answers nothing.
    """
    by = by.narrowed(Permission.OPEN_SNAPSHOT)
    expect_sealed(using="bulk")
    row = _row(id)
    key = decrypt(KEY_CLASS, row.wrapped_key, key_place(id))
    record(Event.SNAPSHOT_OPENED, by=by, under=under, about_kind="snapshot", about_id=id, using="bulk")
    place = folder.of(id)
    with folder.working() as work, columnar.connect(place, work, key=key) as connection:
        for frozen in snapshot_of(row).exports.values():
            file = place / f"{frozen.name}.parquet"
            if not file.is_file() or folder.sha256(file) != frozen.sha256:
                raise Refused("snapshot-file-differs", export=frozen.name)
            _show(connection, frozen, columnar.read(file))
        yield connection


def _show(connection: duckdb.DuckDBPyConnection, frozen: Frozen, rows: str) -> None:
    columns = f"* EXCLUDE ({columnar.ROW_HASH})" if frozen.hashed_by else "*"
    connection.execute(f"CREATE VIEW {frozen.name} AS SELECT {columns} FROM {rows}")
    if frozen.hashed_by:
        connection.execute(f"CREATE VIEW {frozen.name}_hashed AS SELECT * FROM {rows}")


def snapshot(id: UUID) -> Snapshot:
    """Return the manifest of a snapshot that can still be opened."""
    return snapshot_of(_row(id))


def latest(grade: Grade) -> Snapshot | None:
    """Return the newest snapshot of a grade that can still be opened; None when there is none."""
    rows = models.Snapshot.objects.using("bulk").filter(grade=grade.value, expired_at=None)
    row = rows.filter(retain_until__gte=clock.today()).order_by("-taken_at").first()
    return snapshot_of(row) if row else None


def snapshot_of(row: models.Snapshot) -> Snapshot:
    return Snapshot(
        id=row.id,
        grade=Grade(row.grade),
        on=row.on_day,
        taken_at=row.taken_at,
        log_position=row.log_position,
        retain_until=row.retain_until,
        exports={name: _frozen(each) for name, each in row.manifest["exports"].items()},
        versions=row.manifest["versions"],
        expired_at=row.expired_at,
    )


def key_place(id: UUID) -> bytes:
    """What binds a wrapped key to its row."""
    return f"snapshot_snapshot.wrapped_key:{id}".encode()


def _frozen(plain: dict[str, Any]) -> Frozen:
    days = {name: day and date.fromisoformat(day) for name, day in plain["earliest"].items()}
    return Frozen(**{**plain, "earliest": days})


def _row(id: UUID) -> models.Snapshot:
    row = models.Snapshot.objects.using("bulk").filter(id=id).first()
    if row is None or row.expired_at or row.retain_until < clock.today():
        raise NotFound("snapshot-unknown")
    return row
