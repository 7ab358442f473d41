"""Every write of intake: receiving a delivery, working on it, stopping it and going on."""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connections, transaction

from amparo.intake import folder, models
from amparo.intake.config import Mapping as Checked
from amparo.intake.config import mapping as check_mapping
from amparo.intake.delivered import digest as digest_of
from amparo.intake.delivered import tables_of
from amparo.intake.files import limits
from amparo.intake.files.sniffing import digest as file_digest
from amparo.intake.files.wanted import is_odd
from amparo.intake.queries import LOCK, batch_of, lock_number
from amparo.intake.running import Run, receipt_of
from amparo.intake.types import Batch, Phase, Received, State
from amparo.intake.work import Work
from amparo.kernel import clock
from amparo.kernel.errors import NotFound, Refused, Stopped
from amparo.kernel.ids import uuid7
from amparo.registry import queries as registry
from amparo.registry.batch import drop_staging
from amparo.trust.log.recording import record
from amparo.trust.queries import live_purposes
from amparo.trust.types import Actor, Event, Ground, Permission

Tell = Callable[[str, int], None]


def receive(
    paths: Mapping[str, Path],
    raw: Mapping[str, Any],
    *,
    name: str,
    source: str | None = None,
    observed_on: date | None = None,
    by: Actor,
    under: Ground | None = None,
    using: str = "default",
) -> Received:
    """Take a delivery in for work: its files by delivered name, and the mapping to read them with.

    Content that was delivered before with the same mapping, source and day is not taken in again, and nothing is
    written. Runs within `acting` on the default connection, or as an operator on the bulk one.
    Errors  Refused for a mapping that is wrong, a source or purpose that is unknown, files that fit no table
    """
    by = by.narrowed(Permission.DELIVER)
    batch = _ordered(paths, raw, name=name, source=source, observed_on=observed_on, under=under, using=using)
    if held := _held(batch.digest, using):
        return Received(held.id, is_new=False)
    _expect_few_unfinished(by, using)
    batch.delivered_by = by.id
    folder.take_in(batch.id, list(paths.values()))
    try:
        with transaction.atomic(using=using):
            batch.save(using=using, force_insert=True)
            _record(Event.BATCH_RECEIVED, batch, by=by, using=using, files=len(paths), mapping=name)
    except BaseException:
        folder.remove(batch.id)
        raise
    return Received(batch.id, is_new=True)


def preview(
    paths: Mapping[str, Path],
    raw: Mapping[str, Any],
    *,
    name: str,
    source: str | None = None,
    observed_on: date | None = None,
    by: Actor,
    under: Ground | None = None,
    tell: Tell = lambda phase, rows: None,
) -> dict[str, Any]:
    """Return the receipt a delivery would get. Writes nothing: no row, no file but in a folder that goes with it."""
    by = by.narrowed(Permission.DELIVER)
    batch = _ordered(paths, raw, name=name, source=source, observed_on=observed_on, under=under, using="bulk")
    held = _held(batch.digest, "bulk")
    if held and held.state == State.DONE.value:  # one still under way has no receipt yet, and would get this one
        return _receipt_again(held) | {"dry_run": True}
    with tempfile.TemporaryDirectory(dir=settings.DELIVERY_FOLDER, prefix="preview-") as inside:
        work = _work(batch, list(paths.values()), Path(inside), by=by)
        work.tell = tell
        try:
            counted = work.validate()
            tell(Phase.VALIDATED.value, counted["rows"]["delivered"])
            _, added = work.compare()
            return receipt_of(batch, work, counted, added) | {"batch": None, "dry_run": True}
        finally:
            work.close()


def _ordered(
    paths: Mapping[str, Path],
    raw: Mapping[str, Any],
    *,
    name: str,
    source: str | None,
    observed_on: date | None,
    under: Ground | None,
    using: str,
) -> models.Batch:
    """What is to be done, not saved, and checked as far as it can be before any file is opened."""
    checked = check_mapping(dict(raw), registry.dictionary(using=using), name)
    _expect_names(list(paths))
    tables_of(checked, list(paths))
    wanted = source or checked.source or ""
    if wanted not in registry.sources(using=using):
        raise Refused("intake-source-unknown", source=wanted or "-")
    purpose = under.purpose if under else checked.purpose or ""
    if purpose not in {each.code for each in live_purposes(on=clock.today())}:
        raise Refused("intake-purpose-unknown", purpose=purpose or "-")
    day = observed_on or checked.observed_on
    _expect_day(checked, day)
    digests = [file_digest(path) for path in paths.values()]
    return models.Batch(
        id=uuid7(),
        mapping_name=name,
        mapping=_plain(raw),
        source=wanted,
        observed_on=day,
        purpose=purpose,
        agreement=(under.agreement or "") if under else "",
        files=list(paths),
        digest=digest_of(checked, digests, source=wanted, observed_on=str(day)),
        state=State.WAITING.value,
        phase=Phase.RECEIVED.value,
        received_at=clock.now(),
    )


def _expect_few_unfinished(by: Actor, using: str) -> None:
    """Nobody fills the disk with deliveries that are never worked on."""
    over = [State.DONE.value, State.REFUSED.value]
    if (
        models.Batch.objects.using(using).filter(delivered_by=by.id).exclude(state__in=over).count()
        >= limits.UNFINISHED
    ):
        raise Refused("intake-batches-many", most=limits.UNFINISHED)


def _expect_names(files: Sequence[str]) -> None:
    """Refuse a delivered name that could not be stored, or would not be shown as what it is."""
    for number, file in enumerate(files, 1):
        if not file or len(file) > limits.FILE_NAME_LENGTH or is_odd(file) or "/" in file or "\\" in file:
            raise Refused("intake-file-name-odd", number=number, most=limits.FILE_NAME_LENGTH)


def _expect_day(checked: Checked, day: date | None) -> None:
    """Every row needs a day it was observed; a table without one takes its household's, if that has one."""
    homes_are_dated = any(table.observed_on and table.household for table in checked.tables)
    for table in checked.tables:
        if day is None and table.observed_on is None and (table.household or not homes_are_dated):
            raise Refused("intake-observed-missing", table=table.name)


def _plain(raw: Any) -> Any:
    """The mapping as JSON holds it: a TOML day becomes its ISO text, which the mapping's checker also reads."""
    if isinstance(raw, Mapping):
        return {key: _plain(value) for key, value in raw.items()}
    if isinstance(raw, list | tuple):
        return [_plain(value) for value in raw]
    return raw if isinstance(raw, str | int | float | bool | None) else str(raw)


def _held(digest: str, using: str) -> models.Batch | None:
    return models.Batch.objects.using(using).filter(digest=digest).exclude(state=State.REFUSED.value).first()


def _receipt_again(row: models.Batch) -> dict[str, Any]:
    return {**(row.receipt or {"batch": str(row.id), "state": row.state}), "already_delivered": True}


def _work(row: models.Batch, paths: Sequence[Path], inside: Path, *, by: Actor) -> Work:
    return Work(
        mapping=check_mapping(dict(row.mapping), registry.dictionary(using="bulk"), row.mapping_name),
        paths=paths,
        names=row.files,
        folder=inside,
        source=row.source,
        source_id=registry.sources(using="bulk")[row.source],
        observed_on=row.observed_on,
        by=by,
    )


def run(batch_id: UUID, *, by: Actor, tell: Tell = lambda phase, rows: None) -> dict[str, Any]:
    """Work on a batch to its end, from its last whole phase on; return its receipt.

    A batch that is done gives its receipt again, a refused one its refusal; neither writes anything. Raises Refused or
    Stopped: a refused batch is closed and leaves nothing, a stopped one goes on when it is run again.
    """
    by = by.narrowed(Permission.DELIVER)
    with _alone(batch_id):
        row = _row(batch_id)
        if row.state == State.DONE.value:
            return _receipt_again(row)
        if row.state == State.REFUSED.value:  # its files are gone, and its refusal stands
            raise Refused(row.refusal["id"], **row.refusal["values"])
        try:
            _expect_files(row)
            work = _work(row, folder.files(row.id, row.files), folder.of(row.id), by=by)
            return Run(row, work, by, tell).go()
        except Stopped:
            _close(row, State.STOPPED, Event.BATCH_STOPPED, by=by)
            raise
        except Refused as refused:
            message = {"id": refused.message.id, "values": _plain(refused.message.values)}
            _close(row, State.REFUSED, Event.BATCH_REFUSED, by=by, refusal=message)
            raise


def _expect_files(row: models.Batch) -> None:
    """Close a batch whose files were lost, rather than have every worker fail at it for ever."""
    if not all(each.exists() for each in folder.files(row.id, row.files)):
        raise Refused("intake-files-gone")


@contextmanager
def _alone(batch_id: UUID) -> Iterator[None]:
    """One worker at a time; the lock goes with its connection, so that a killed worker holds nobody up."""
    lock = [LOCK, lock_number(batch_id)]
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", lock)
        if not cursor.fetchone()[0]:
            raise Refused("intake-batch-busy")
    try:
        yield
    finally:
        with connections["bulk"].cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", lock)


def _row(batch_id: UUID) -> models.Batch:
    try:
        return models.Batch.objects.using("bulk").get(id=batch_id)
    except models.Batch.DoesNotExist:
        raise NotFound("intake-batch-unknown") from None


def _close(row: models.Batch, state: State, event: Event, *, by: Actor, refusal: dict[str, Any] | None = None) -> None:
    """Write down that a batch ended without being recorded. What a refused one brought is deleted."""
    with transaction.atomic(using="bulk"):
        row.state, row.refusal, row.finished_at = state.value, refusal, clock.now()
        row.save(using="bulk", update_fields=["state", "refusal", "finished_at"])
        _record(event, row, by=by, using="bulk", reason=refusal["id"] if refusal else "")
    if state is State.REFUSED:
        folder.remove(row.id)
        drop_staging(folder.token(row.id))


def stop(batch_id: UUID, *, by: Actor) -> Batch:
    """Ask a batch to stop; whoever works on it stops at the next step, and what was finished stays."""
    open_states = [State.WAITING.value, State.WORKING.value]
    return _ask(batch_id, open_states, Event.BATCH_STOPPED, by=by, is_stop_asked=True)


def resume(batch_id: UUID, *, by: Actor) -> Batch:
    """Let a stopped batch wait for work again; the caller then defers the work."""
    wanted = {"state": State.WAITING.value, "is_stop_asked": False, "finished_at": None}
    return _ask(batch_id, [State.STOPPED.value], Event.BATCH_RECEIVED, by=by, **wanted)


@transaction.atomic
def _ask(batch_id: UUID, states: list[str], event: Event, *, by: Actor, **values: Any) -> Batch:
    by = by.narrowed(Permission.DELIVER)
    if not models.Batch.objects.filter(id=batch_id, state__in=states).update(**values):
        raise Refused("intake-batch-not-so")
    row = models.Batch.objects.get(id=batch_id)
    _record(event, row, by=by, using="default", asked=True)
    return batch_of(row)


def _record(event: Event, row: models.Batch, *, by: Actor, using: str, **details: Any) -> None:
    ground = Ground(row.purpose, row.agreement or None)
    record(event, by=by, under=ground, about_kind="batch", about_id=row.id, using=using, **details)
