"""A determination: what a planned run would change, and the decisions it writes. It can be stopped, and goes on.

Everything is written in one transaction at the end. A run that was stopped or killed has written nothing; it goes on by
finding the same again from the same snapshot, rules and figures, and its result hash says that it did.
"""

from collections.abc import Callable, Collection
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from uuid import UUID

import duckdb
import psycopg
from django.db import transaction

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, Refused
from amparo.kernel.events import announce
from amparo.programmes import models, previewing, publishing, results
from amparo.programmes.actions.planning import plan
from amparo.programmes.actions.retaining import keep_for_appeals
from amparo.programmes.freezing import freeze
from amparo.programmes.planned import as_planned, demands_approval
from amparo.programmes.publishing import BULK
from amparo.programmes.queries.runs import run_of
from amparo.programmes.results import Results
from amparo.programmes.rulebook import Rulebook
from amparo.programmes.telling import tell_of_better
from amparo.programmes.types import DecisionsMade, Engine, Run, RunState
from amparo.snapshot.queries import open_snapshot
from amparo.snapshot.queries import snapshot as snapshot_with_id
from amparo.snapshot.stream import bulk_login
from amparo.snapshot.types import Snapshot
from amparo.trust.log.recording import record
from amparo.trust.types import Actor, Event, Ground, Permission, system

Tell = Callable[[float], None]
# How much of a run's time each part takes, roughly, at a country's size.
_EVALUATED, _COMPARED = 0.2, 0.3
# Whoever plans a run need not be able to open a snapshot: the run itself does, on the record.
OPENER = system("determination")


class Stopped(Exception):
    """Somebody asked the run to stop."""


def determine(
    snapshot: Snapshot,
    *,
    on: date,
    by: Actor,
    under: Ground,
    engine: Engine = Engine.COLUMNAR,
    programmes: Collection[str] = (),
    is_full: bool = False,
    progress: Tell = lambda share: None,
) -> Run:
    """Decide every programme in force on the day for everybody in the snapshot; write the decisions that changed.

    Plans and executes at once, so a programme that demands approval is refused. Nothing adverse happens by itself
    (`steps`). A rule, a figure or a field that is broken stops the whole run before anything is written, and nobody's
    decision changes. Raises Refused also while another run is under way.
    """
    planned = plan(
        on=on, by=by, under=under, programmes=programmes, snapshot=snapshot, engine=engine, is_full=is_full, using=BULK
    )
    return execute(planned.id, by=by, progress=progress)


def preview(run: UUID, *, by: Actor, progress: Tell = lambda share: None) -> Run:
    """Find what a planned run would change and count it by programme and area, writing no decision.

    Takes its snapshot first where it has none. Raises Refused where the rules are others by now, or a run is under way.
    """
    by = by.narrowed(Permission.DETERMINE)
    with publishing.one_run_at_a_time():
        _close_interrupted()
        row = _open(run)
        row.state, row.previewed_at = RunState.PLANNED, None
        with _noting_the_end(row.id):
            book, snapshot = as_planned(row, using=BULK), _snapshot(row, by)
            return _previewed(row, snapshot, book, by=by, tell=progress)


def _previewed(row: models.Determination, snapshot: Snapshot, book: Rulebook, *, by: Actor, tell: Tell) -> Run:
    ground = Ground(row.purpose)
    with open_snapshot(snapshot.id, by=OPENER, under=ground) as connection:
        found = results.find(connection, row, snapshot, book, by=OPENER, under=ground, tell=tell)
        with transaction.atomic(using=BULK):
            previewing.write(connection, row.id)
            row.counts = {code: asdict(each) for code, each in found.counts.items()}
            row.previewed_at, row.approved_by, row.approved_at = clock.now(), None, None
            row.save(using=BULK)
            _record(Event.RUN_PREVIEWED, row, by=by)
    return run_of(row)


def execute(run: UUID, *, by: Actor, progress: Tell = lambda share: None) -> Run:
    """Write the decisions of a planned run, or go on with one that was stopped or whose process ended.

    Raises Refused where it is over, where an approval that a programme demands is missing, and where its rules or
    figures are others by now; then nothing is written.
    """
    by = by.narrowed(Permission.DETERMINE)
    with publishing.one_run_at_a_time():
        _close_interrupted()
        row = _open(run)
        book = as_planned(row, using=BULK)
        if (row.needs_approval or demands_approval(book, BULK)) and row.approved_by is None:
            raise Refused("programmes-run-not-approved")
        snapshot = _snapshot(row, by)
        row.state, row.started_at, row.progress = RunState.RUNNING, clock.now(), 0
        row.is_stop_asked, row.problem = False, None
        row.save(using=BULK)
        with _noting_the_end(row.id), _Noted(row.id, progress) as tell:
            return _run(row, snapshot, book, by=by, tell=tell)


def _run(run: models.Determination, snapshot: Snapshot, book: Rulebook, *, by: Actor, tell: Tell) -> Run:
    ground = Ground(run.purpose)
    with open_snapshot(snapshot.id, by=OPENER, under=ground) as connection:
        found = results.find(
            connection, run, snapshot, book, by=OPENER, under=ground, tell=lambda share: tell(share * _EVALUATED)
        )
        _take_results(run, found)
        tell(_COMPARED)
        with transaction.atomic(using=BULK):
            at = _write(run, connection, book, found, tell=tell)
            tell_of_better("d.run_id = %(run)s", {"at": at, "run": run.id}, by=by, using=BULK)
            keep_for_appeals(run, book, by=by)
            _record(Event.DETERMINATION_RUN, run, by=by, **_population(run))
            announce(DecisionsMade(run=run.id, household_id=None, counts=found.counts))
    return run_of(run)


def _write(
    run: models.Determination, connection: duckdb.DuckDBPyConnection, book: Rulebook, found: Results, *, tell: Tell
) -> datetime:
    at = publishing.write(
        connection, run.id, book, seen=found.seen, tell=lambda share: tell(_COMPARED + share * (1 - _COMPARED))
    )
    publishing.write_tallies(connection, run.id)
    run.state, run.progress, run.finished_at = RunState.DONE, 1.0, clock.now()
    run.save(using=BULK)
    return at


def _take_results(run: models.Determination, found: Results) -> None:
    run.households, run.persons = found.households, found.persons
    run.hashes, run.weights = dict(found.totals.hashes), dict(found.totals.weights)
    run.result_hash, run.share_true_weighted = found.totals.hash, found.totals.shares
    run.counts = {code: asdict(each) for code, each in found.counts.items()}
    run.quotas = found.quotas
    run.base, run.decided_again = found.base, found.decided_again


def _open(run: UUID) -> models.Determination:
    """Return a run that is not over; the run's lock is held, so one marked as running is not."""
    row = models.Determination.objects.using(BULK).filter(id=run).first()
    if row is None:
        raise NotFound("programmes-run-unknown")
    if row.state not in (RunState.PLANNED, RunState.STOPPED):
        raise Refused("programmes-run-over")
    return row


def _snapshot(row: models.Determination, by: Actor) -> Snapshot:
    """Return the run's snapshot, taken now where it has none; with it, the run can be done again."""
    if row.snapshot_id:
        return snapshot_with_id(row.snapshot_id)
    taken = freeze(on=row.on_day, by=by, under=Ground(row.purpose))
    row.snapshot_id, row.known_at = taken.id, taken.taken_at
    row.save(using=BULK, update_fields=["snapshot", "known_at"])
    return taken


def _record(event: Event, run: models.Determination, *, by: Actor, **details: Any) -> None:
    record(
        event,
        by=by,
        under=Ground(run.purpose),
        about_kind="determination",
        about_id=run.id,
        using=BULK,
        snapshot=str(run.snapshot_id),
        on=run.on_day.isoformat(),
        **details,
    )


def _population(run: models.Determination) -> dict[str, Any]:
    return {"households": run.households, "persons": run.persons, **asdict(run_of(run).total)}


def _close_interrupted() -> None:
    """Say of runs whose process ended in the middle that they were stopped; they wrote nothing, and can go on."""
    _end(models.Determination.objects.using(BULK).filter(state=RunState.RUNNING), RunState.STOPPED)


@contextmanager
def _noting_the_end(run: UUID):
    """Write how a run ended that did not come to its end: refused for good, or stopped and able to go on."""
    rows = models.Determination.objects.using(BULK).filter(id=run)
    try:
        yield
    except Stopped:
        _end(rows, RunState.STOPPED)
        raise Refused("programmes-run-interrupted") from None
    except Refused as refused:
        values = {name: str(value) for name, value in refused.message.values.items()}
        _end(rows, RunState.FAILED, {"id": refused.message.id, "values": values})
        raise
    except BaseException:
        _end(rows, RunState.STOPPED)
        raise


def _end(rows: Any, state: RunState, problem: dict[str, Any] | None = None) -> None:
    told = problem or {"id": "programmes-run-interrupted", "values": {}}
    rows.update(state=state, finished_at=clock.now(), problem=told, is_stop_asked=False)


class _Noted:
    """Progress told to the caller and, on a connection of its own, written where pages see it; and back, the wish to stop."""

    def __init__(self, run: UUID, progress: Tell) -> None:
        self.run, self.progress, self.noted = run, progress, 0.0

    def __enter__(self) -> Tell:
        self.connection = psycopg.connect(bulk_login(), autocommit=True)
        return self.tell

    def __exit__(self, *_: Any) -> None:
        self.connection.close()

    def tell(self, share: float) -> None:
        self.progress(share)
        # The row belongs to the last transaction of the run once everything is written.
        if self.noted + 0.01 <= share < 1:
            noted = self.connection.execute(
                "UPDATE programmes_determination SET progress = %s WHERE id = %s RETURNING is_stop_asked",
                [share, self.run],
            )
            self.noted = share
            if noted.fetchone()[0]:
                raise Stopped
