"""A determination: all programmes over one snapshot, and the decisions that changed."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from importlib.metadata import version
from typing import Any
from uuid import UUID

import duckdb
import ibis
import psycopg
from django.db import transaction

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.kernel.events import announce
from amparo.programmes import evaluation, models, publishing, ranking
from amparo.programmes.publishing import BULK
from amparo.programmes.queries.runs import run_of
from amparo.programmes.rulebook import Rulebook, rulebook
from amparo.programmes.types import DecisionsMade, Engine, Run, RunState
from amparo.snapshot.queries import open_snapshot
from amparo.snapshot.stream import bulk_login
from amparo.snapshot.types import Snapshot
from amparo.trust.actions import record
from amparo.trust.types import Actor, Event, Ground, Permission

Tell = Callable[[float], None]
# How much of a run's time each part takes, roughly, at a country's size.
_EVALUATED, _COMPARED = 0.2, 0.3


def determine(
    snapshot: Snapshot,
    *,
    on: date,
    by: Actor,
    under: Ground,
    engine: Engine = Engine.COLUMNAR,
    progress: Tell = lambda share: None,
) -> Run:
    """Decide every programme in force on the day for everybody in the snapshot; write the decisions that changed.

    Nothing adverse happens by itself (`steps`). A rule, a figure or a field that is broken stops the whole run before
    anything is written, and nobody's decision changes. Raises Refused also while another run is under way.
    """
    by = by.narrowed(Permission.DETERMINE)
    with publishing.one_run_at_a_time():
        _close_interrupted()
        book = rulebook(on, using=BULK)
        if not book.programmes:
            raise Refused("programmes-none-on-day", day=on)
        run = _started(snapshot, book, engine=engine, by=by, under=under)
        try:
            with open_snapshot(snapshot.id, by=by, under=under) as connection, _Noted(run.id, progress) as tell:
                return _run(run, connection, snapshot, book, engine=engine, by=by, under=under, tell=tell)
        except BaseException as error:
            _fail(run.id, error)
            raise


def _run(
    run: models.Determination,
    connection: duckdb.DuckDBPyConnection,
    snapshot: Snapshot,
    book: Rulebook,
    *,
    engine: Engine,
    by: Actor,
    under: Ground,
    tell: Tell,
) -> Run:
    evaluation.prepare(connection, snapshot.exports["households"], book)
    evaluation.evaluate(connection, book, engine=engine, tell=lambda share: tell(share * _EVALUATED))
    _take_results(run, connection, book)
    seen = publishing.compare(connection, book, snapshot)
    counts = publishing.counts(connection, book)
    run.counts = {code: asdict(each) for code, each in counts.items()}
    tell(_COMPARED)
    with transaction.atomic(using=BULK):
        publishing.write(
            connection, run.id, book, seen=seen, tell=lambda share: tell(_COMPARED + share * (1 - _COMPARED))
        )
        publishing.write_tallies(connection, run.id)
        run.state, run.progress, run.finished_at = RunState.DONE, 1.0, clock.now()
        run.save(using=BULK)
        _record(run, by=by, under=under)
        announce(DecisionsMade(run=run.id, household_id=None, counts=counts))
    return run_of(run)


def _take_results(run: models.Determination, connection: duckdb.DuckDBPyConnection, book: Rulebook) -> None:
    run.households, run.persons = connection.execute(
        "SELECT count(*), coalesce(sum(size), 0)::BIGINT FROM home"
    ).fetchone()
    run.result_hash = evaluation.result_hash(connection, book)
    run.share_true_weighted = evaluation.share_true_weighted(connection, book)
    run.quotas = ranking.quotas(connection, book)


def _started(snapshot: Snapshot, book: Rulebook, *, engine: Engine, by: Actor, under: Ground) -> models.Determination:
    return models.Determination.objects.using(BULK).create(
        snapshot_id=snapshot.id,
        known_at=snapshot.taken_at,
        on_day=book.on,
        engine=engine,
        engine_version=_engine_version(engine),
        started_at=clock.now(),
        started_by=by.id,
        purpose=under.purpose,
        programmes=book.versions(),
        parameters=book.figures(),
    )


def _engine_version(engine: Engine) -> str:
    libraries = f" duckdb {duckdb.__version__} ibis {ibis.__version__}" if engine is Engine.COLUMNAR else ""
    return f"amparo {version('amparo')}{libraries}"


def _record(run: models.Determination, *, by: Actor, under: Ground) -> None:
    total = run_of(run).total
    record(
        Event.DETERMINATION_RUN,
        by=by,
        under=under,
        about_kind="determination",
        about_id=run.id,
        using=BULK,
        snapshot=str(run.snapshot_id),
        on=run.on_day.isoformat(),
        households=run.households,
        persons=run.persons,
        **asdict(total),
    )


def _close_interrupted() -> None:
    """Say of runs whose process ended in the middle that they did; they wrote nothing."""
    rows = models.Determination.objects.using(BULK).filter(state=RunState.RUNNING)
    rows.update(
        state=RunState.FAILED, finished_at=clock.now(), problem={"id": "programmes-run-interrupted", "values": {}}
    )


def _fail(run: UUID, error: BaseException) -> None:
    message = error.message if isinstance(error, Refused) else None
    problem = {
        "id": message.id if message else "programmes-run-interrupted",
        "values": {name: str(value) for name, value in message.values.items()} if message else {},
    }
    rows = models.Determination.objects.using(BULK).filter(id=run)
    rows.update(state=RunState.FAILED, finished_at=clock.now(), problem=problem)


class _Noted:
    """Progress told to the caller and, on a connection of its own, written where pages see it."""

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
            self.connection.execute(
                "UPDATE programmes_determination SET progress = %s WHERE id = %s", [share, self.run]
            )
            self.noted = share
