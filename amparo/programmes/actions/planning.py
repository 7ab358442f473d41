"""Planning a run, approving it by a second person, asking it to stop. Nothing of this writes a decision."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db import transaction

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, Refused
from amparo.programmes import models
from amparo.programmes.planned import demands_approval, engine_version, wanted
from amparo.programmes.queries.runs import run_of
from amparo.programmes.types import Engine, Run, RunState
from amparo.snapshot.types import Snapshot
from amparo.trust.eyes import is_same_human
from amparo.trust.log.recording import record
from amparo.trust.types import Actor, ActorKind, Event, Ground, Permission


def plan(
    *,
    on: date,
    by: Actor,
    under: Ground,
    programmes: Collection[str] = (),
    snapshot: Snapshot | None = None,
    engine: Engine = Engine.COLUMNAR,
    is_full: bool = False,
    using: str = "default",
) -> Run:
    """Write down what a run will decide: programmes (all, where none is named), day, rules and figures of this moment.

    Without a snapshot one is taken when the run is prepared. `is_full` decides everybody again, also those of whom
    nothing has changed. Raises Refused for a day without programmes, a programme without a rule on the day, and where
    a programme demands approval and no person is named who plans: nobody could then be told from the one who approves.
    """
    by = by.narrowed(Permission.DETERMINE)
    book = wanted(on, programmes, using=using)
    needs_approval = demands_approval(book, using)
    if needs_approval and by.kind is ActorKind.SYSTEM:
        raise Refused("programmes-run-needs-planner")
    with transaction.atomic(using=using):
        row = models.Determination.objects.using(using).create(
            snapshot_id=snapshot.id if snapshot else None,
            known_at=snapshot.taken_at if snapshot else None,
            on_day=on,
            engine=engine,
            engine_version=engine_version(engine),
            planned_at=clock.now(),
            started_by=by.id,
            purpose=under.purpose,
            needs_approval=needs_approval,
            is_full=is_full,
            is_of_all=not programmes or len(book.programmes) == len(wanted(on, (), using=using).programmes),
            programmes=book.versions(),
            parameters=book.figures(),
        )
        _record(Event.RUN_PLANNED, row, by=by, using=using, programmes=list(row.programmes), on=on.isoformat())
    return run_of(row)


@transaction.atomic
def approve(run: UUID, *, by: Actor) -> Run:
    """Let a planned and previewed run write its decisions; by another person than planned it (four eyes)."""
    by = by.narrowed(Permission.APPROVE_RUN)
    row = _locked(run)
    if by.kind is not ActorKind.OFFICER:
        raise Refused("programmes-approver-not-a-person")
    if is_same_human(by, row.started_by):
        raise Refused("programmes-approver-is-planner")
    if row.state != RunState.PLANNED or row.previewed_at is None:
        raise Refused("programmes-run-not-previewed")
    row.approved_by, row.approved_at = by.id, clock.now()
    row.save(update_fields=["approved_by", "approved_at"])
    _record(Event.RUN_APPROVED, row, by=by, using="default")
    return run_of(row)


def stop(run: UUID, *, by: Actor, using: str = "default") -> Run:
    """Ask a run to stop; whoever works on it stops at the next step, and nothing of it stays but the plan."""
    by = by.narrowed(Permission.DETERMINE)
    with transaction.atomic(using=using):
        row = _locked(run, using)
        if row.state != RunState.RUNNING:
            raise Refused("programmes-run-not-running")
        row.is_stop_asked = True
        row.save(update_fields=["is_stop_asked"])
        _record(Event.RUN_STOPPED, row, by=by, using=using)
    return run_of(row)


def _locked(run: UUID, using: str = "default") -> models.Determination:
    row = models.Determination.objects.using(using).select_for_update().filter(id=run).first()
    if row is None:
        raise NotFound("programmes-run-unknown")
    return row


def _record(event: Event, row: models.Determination, *, by: Actor, using: str, **details) -> None:
    record(event, by=by, under=Ground(row.purpose), about_kind="determination", about_id=row.id, using=using, **details)
