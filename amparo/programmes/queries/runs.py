"""Reads of runs: which there were, and how many of what they found where. Counts only, nobody's record."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection

from amparo.kernel import clock
from amparo.kernel.errors import NotFound
from amparo.kernel.messages import Message
from amparo.programmes import models
from amparo.programmes.config import Unit
from amparo.programmes.inforce import lies_within
from amparo.programmes.publishing import RUN_LOCK
from amparo.programmes.rulebook import residents, rulebook, versions_on
from amparo.programmes.types import Counts, Engine, Run, RunState
from amparo.programmes.withholding import withheld
from amparo.registry.dictionary import FOR_DECISIONS
from amparo.trust.queries import actor_with_id
from amparo.trust.scope import where
from amparo.trust.types import Actor, FieldClass


@dataclass(frozen=True)
class AreaCount:
    """How a programme's units in an area and all areas below it were decided; amount in minor units per period."""

    programme: str
    area_number: int
    true: int = 0
    false: int = 0
    unknown: int = 0
    amount: int = 0

    @property
    def units(self) -> int:
        return self.true + self.false + self.unknown

    @property
    def share_true(self) -> float | None:
        """The share granted among all units; None where there is nobody."""
        return self.true / self.units if self.units else None


def latest_run(*, on: date | None = None, using: str = "default") -> Run | None:
    """Return the newest run of all programmes that came to its end, or the newest for a day; None before the first."""
    rows = models.Determination.objects.using(using).filter(state=RunState.DONE, is_of_all=True)
    row = (rows.filter(on_day=on) if on else rows).order_by("-finished_at").first()
    return run_of(row) if row else None


def run(id: UUID, *, using: str = "default") -> Run:
    row = models.Determination.objects.using(using).filter(id=id).first()
    if row is None:
        raise NotFound("programmes-run-unknown")
    return run_of(row)


def is_worked_on() -> bool:
    """Whether any process holds the run's lock; a run marked as running while none does was left by a killed one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = 0 AND objid = %s"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))",
            [RUN_LOCK],
        )
        return cursor.fetchone()[0]


def planner(id: UUID, *, on: date) -> Actor:
    """Return whoever planned a run, with what they may do on the day: a role that ended ends its jobs."""
    row = models.Determination.objects.using("bulk").filter(id=id).first()
    if row is None:
        raise NotFound("programmes-run-unknown")
    return actor_with_id(row.started_by, on=on, job="determine")


def runs(*, at_most: int = 50, using: str = "default") -> list[Run]:
    """Return the latest runs, the newest first, also those under way and those that failed."""
    return [run_of(each) for each in models.Determination.objects.using(using).order_by("-planned_at")[:at_most]]


def programmes_on(on: date, *, area_number: int | None = None) -> list[tuple[str, Unit]]:
    """Return (code, unit) of every programme that has a rule on a day, in the profile's order; those that are for an area."""
    rows = list(versions_on(on))
    places = {} if area_number is None else residents(rows)
    here = (each for each in rows if area_number is None or lies_within(area_number, places.get(each.programme_id)))
    return [(each.programme.code, Unit(each.programme.unit)) for each in here]


def programmes_told(
    on: date, classes: Collection[FieldClass], *, by: Actor, area_number: int
) -> list[tuple[str, Unit]]:
    """Return as `programmes_on` those in `by`'s scope, for who lives there, whose rules read nothing but fields of these classes."""
    if set(classes) >= FOR_DECISIONS:
        here = programmes_on(on, area_number=area_number)
        return [(code, unit) for code, unit in here if by.scope.reaches(code)]
    book = rulebook(on)
    told = (each for each in book.programmes if not withheld(each, classes, book.dictionary))
    return [(each.code, each.unit) for each in told if each.is_for(area_number) and by.scope.reaches(each.code)]


def counts_by_area(run: UUID, areas: Sequence[tuple[int, int]], *, by: Actor) -> list[AreaCount]:
    """Return one row per programme and area, in the order given, each area with everything below it.

    `areas`: (number, last number) of each. What lies outside the actor's areas counts as if it were not there.
    """
    condition, scope = where(by, of="programmes_tally", row="t")
    statement = f"""
        SELECT p.code, a.first, t.outcome, sum(t.units)::bigint, sum(t.amount_minor)::bigint
        FROM unnest(%s::bigint[], %s::bigint[]) a (first, last)
        JOIN programmes_tally t ON t.run_id = %s AND t.area_number BETWEEN a.first AND a.last AND {condition}
        JOIN programmes_programme p ON p.id = t.programme_id
        GROUP BY p.code, a.first, t.outcome
    """
    found: dict[tuple[str, int], dict[str, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(statement, [[each[0] for each in areas], [each[1] for each in areas], run, *scope])
        for code, first, outcome, units, amount in cursor.fetchall():
            cell = found.setdefault((code, first), {"amount": 0})
            cell[_WORD[outcome]] = units
            cell["amount"] += amount
    return [
        AreaCount(code, first, **found.get((code, first), {})) for code in programme_codes(by=by) for first, _ in areas
    ]


_WORD = {True: "true", False: "false", None: "unknown"}


def programme_codes(*, by: Actor | None = None) -> list[str]:
    """Return the codes of the profile's programmes, in its order; of those in `by`'s scope where somebody asks."""
    rows = models.Programme.objects.filter(withdrawn_at=None)
    codes = rows.order_by("position", "code").values_list("code", flat=True)
    return [each for each in codes if by is None or by.scope.reaches(each)]


def programmes_in_force(on: date) -> list[str]:
    """Return the codes of the programmes that a rule holds for on the day, in the profile's order."""
    return [each.programme.code for each in versions_on(on)]


def unit_of_programme(code: str) -> str:
    """Return "household" or "person": whom a programme decides about."""
    unit = models.Programme.objects.filter(code=code, withdrawn_at=None).values_list("unit", flat=True).first()
    if unit is None:
        raise NotFound("programmes-programme-unknown", programme=code, day=clock.today())
    return unit


def run_of(row: models.Determination) -> Run:
    return Run(
        id=row.id,
        snapshot=row.snapshot_id,
        on=row.on_day,
        engine=Engine(row.engine),
        engine_version=row.engine_version,
        state=RunState(row.state),
        progress=row.progress,
        planned_at=row.planned_at,
        planned_by=row.started_by,
        needs_approval=row.needs_approval,
        approved_by=row.approved_by,
        approved_at=row.approved_at,
        previewed_at=row.previewed_at,
        is_stop_asked=row.is_stop_asked,
        base=row.base,
        decided_again=row.decided_again,
        started_at=row.started_at,
        finished_at=row.finished_at,
        households=row.households,
        persons=row.persons,
        programmes=row.programmes,
        parameters=row.parameters,
        counts={code: Counts(**each) for code, each in row.counts.items()},
        share_true_weighted=row.share_true_weighted,
        result_hash=row.result_hash,
        quotas=row.quotas,
        problem=Message(row.problem["id"], row.problem["values"]) if row.problem else None,
    )
