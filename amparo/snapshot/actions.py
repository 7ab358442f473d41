"""Every write of snapshots: taking one, and deleting those whose time is over."""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict
from datetime import date
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
import pyarrow as pa
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connections, transaction

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.kernel.events import announce
from amparo.kernel.exports import MAY_HOLD, Export, Grade
from amparo.kernel.ids import uuid7
from amparo.snapshot import columnar, folder, models, stream
from amparo.snapshot.config import retain_until
from amparo.snapshot.kept import TAKING
from amparo.snapshot.queries import KEY_CLASS, key_place, snapshot_of
from amparo.snapshot.types import Frozen, Snapshot, SnapshotTaken
from amparo.trust.keys.encryption import encrypt
from amparo.trust.keys.keyring import sealing
from amparo.trust.log.recording import record
from amparo.trust.log.serving import expect_sealed
from amparo.trust.types import Actor, Event, Ground, Permission

Tell = Callable[[str, int], None]
Rows = Callable[..., AbstractContextManager[pa.RecordBatchReader]]
Freeze = Callable[[Export, duckdb.DuckDBPyConnection], Frozen]


def take(
    exports: Sequence[Export],
    *,
    grade: Grade,
    on: date,
    by: Actor,
    under: Ground,
    versions: Mapping[str, Any] | None = None,
    progress: Tell = lambda export, rows: None,
    rows: Rows = stream.rows,
) -> Snapshot:
    """Freeze exports as they stand at this instant, for decisions on the day `on`.

    All are read in one repeatable-read transaction and written to a folder that exists whole or not at all. `rows` gives
    those of an export: what its query finds in the database.
    Raises NotServed where the audit log is not sealed, Refused for a grade that is not built yet, an export that is not of the grade, or one that holds a column
    the grade may not hold; then nothing is left on disk.
    """
    by = by.narrowed(Permission.TAKE_SNAPSHOT)
    expect_sealed(using="bulk")
    _expect_grade(exports, grade)
    database = connections["bulk"].settings_dict["NAME"]
    kept = models.Snapshot.objects.using("bulk").filter(expired_at=None).values_list("id", flat=True)
    folder.sweep(kept, database=database)
    id, key = uuid7(), os.urandom(columnar.KEY_BYTES)
    with _taking(), folder.writing(id, database=database) as part:
        with stream.instant(stream.bulk_login()) as instant:
            taken_at = clock.now()
            # Elsewhere a row's hash would tell whose row in another project's snapshot says the same.
            hashed = grade is Grade.DECISION
            freeze = partial(
                _frozen, rows=partial(rows, at=instant), part=part, on=on, progress=progress, hashed=hashed
            )
            frozen = _freeze(exports, freeze, part, key=key)
        folder.complete(id)
        row = models.Snapshot(id=id, grade=grade, on_day=on, taken_at=taken_at, taken_by=by.id, purpose=under.purpose)
        row.log_position, row.retain_until = instant.log_position, retain_until(grade, taken_at.date())
        row.wrapped_key = _wrapped(id, key)
        row.manifest = {"exports": _plain(frozen), "versions": {**_versions(), **(versions or {})}}
        return _written(row, by=by, under=under)


@contextmanager
def _taking() -> Iterator[None]:
    """Let no erasure come between the rows that are read and the snapshot's own row, by which it would be found."""
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock_shared(%s, 0)", [TAKING])
    try:
        yield
    finally:
        with connections["bulk"].cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock_shared(%s, 0)", [TAKING])


def expire(*, on: date, by: Actor) -> int:
    """Delete every snapshot whose last day has passed, its key first; return how many.

    Without the key no copy of the files can be read, wherever a backup may have taken it.
    """
    by = by.narrowed(Permission.TAKE_SNAPSHOT)
    due = models.Snapshot.objects.using("bulk").filter(expired_at=None, retain_until__lt=on)
    return sum(_expired(id, by=by) for id in list(due.values_list("id", flat=True)))


@transaction.atomic(using="bulk")
def keep(id: UUID, *, until: date, by: Actor) -> bool:
    """Let a snapshot be opened until a day at least; return whether that is later than it was to be.

    Its deletion is never put forward by this, only put off.
    """
    rows = models.Snapshot.objects.using("bulk").filter(id=id, expired_at=None, retain_until__lt=until)
    changed = bool(rows.update(retain_until=until))
    if changed:
        record(Event.SNAPSHOT_KEPT, by=by, about_kind="snapshot", about_id=id, using="bulk", until=until.isoformat())
    return changed


def _expired(id: UUID, *, by: Actor) -> int:
    with transaction.atomic(using="bulk"):
        rows = models.Snapshot.objects.using("bulk").filter(id=id, expired_at=None)
        changed = rows.update(wrapped_key=None, expired_at=clock.now())
        if changed:
            record(Event.SNAPSHOT_EXPIRED, by=by, about_kind="snapshot", about_id=id, using="bulk")
    folder.remove(id)
    return changed


def _expect_grade(exports: Sequence[Export], grade: Grade) -> None:
    allowed = MAY_HOLD.get(grade)
    if allowed is None:
        raise Refused("snapshot-grade-not-yet", grade=grade.value)
    for export in exports:
        if grade not in export.grades:
            raise Refused("snapshot-export-of-other-grade", export=export.name, grade=grade.value)
        for column, kind in export.classes().items():
            if kind not in allowed:
                raise Refused("snapshot-column-not-allowed", export=export.name, column=column, grade=grade.value)


def _freeze(exports: Sequence[Export], freeze: Freeze, part: Path, *, key: bytes) -> list[Frozen]:
    with columnar.connect(part, key=key) as connection:
        frozen = [freeze(each, connection) for each in exports]
    spill = part / columnar.SPILL
    if spill.exists():
        spill.rmdir()
    return frozen


def _frozen(
    export: Export,
    connection: duckdb.DuckDBPyConnection,
    *,
    rows: Rows,
    part: Path,
    on: date,
    progress: Tell,
    hashed: bool,
) -> Frozen:
    file = part / f"{export.name}.parquet"
    with rows(export, parameters={"on": on, **export.parameters}) as reader:
        counted = stream.Counted(reader, export.nested, lambda rows: progress(export.name, rows))
        connection.register("stream", counted.reader)
        try:
            columnar.write(connection, "stream", file, hashed=hashed)
        except duckdb.Error as error:
            raise counted.error or error from error
        connection.unregister("stream")
    return Frozen(
        name=export.name,
        rows=counted.rows,
        nested=counted.nested,
        sha256=folder.sha256(file),
        size_bytes=file.stat().st_size,
        classes=export.classes(),
        earliest=counted.earliest,
        hashed_by=columnar.HASHED_BY if hashed else "",
    )


def _written(row: models.Snapshot, *, by: Actor, under: Ground) -> Snapshot:
    with transaction.atomic(using="bulk"):
        row.save(using="bulk", force_insert=True)
        taken = snapshot_of(row)
        rows = {name: each.rows for name, each in taken.exports.items()}
        record(
            Event.SNAPSHOT_TAKEN, by=by, under=under, about_kind="snapshot", about_id=row.id, using="bulk", rows=rows
        )
        announce(SnapshotTaken(taken))
    return taken


def _wrapped(id: UUID, key: bytes) -> bytes:
    return encrypt(KEY_CLASS, key, key_place(id), key=sealing(using="bulk"))


def _plain(frozen: list[Frozen]) -> dict[str, Any]:
    return json.loads(json.dumps({each.name: asdict(each) for each in frozen}, cls=DjangoJSONEncoder))


def _versions() -> dict[str, str]:
    return {"amparo": version("amparo"), "duckdb": duckdb.__version__}
