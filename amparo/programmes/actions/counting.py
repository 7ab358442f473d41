"""Counting who is left out: of each programme, and of all of them. Nothing is changed, and nobody's record is kept.

Shape   counts by area, kept with their day; the whole country's are returned
Units   units of each programme; households
Nulls   unknown is a reason of its own, never a refusal (`gaps`)
Errors  Refused where no programme is in force, or none was decided by a run: everybody would look excluded
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.db import connections, transaction

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.programmes import evaluation, gaps, models, nearness, publishing
from amparo.programmes.publishing import BULK
from amparo.programmes.queries.runs import latest_run
from amparo.programmes.rulebook import Rulebook, rulebook
from amparo.programmes.types import CoverageKind, Engine, ExclusionCount, GapCount
from amparo.snapshot.queries import open_snapshot, snapshot
from amparo.snapshot.types import Snapshot
from amparo.trust.log.recording import record
from amparo.trust.types import Actor, Event, Ground, Permission, system

# Beside the programmes' own numbers: those of the same rules with their cut-offs moved.
_RELAXED = 10_000
_ANSWERS = "eased"
_SEEN = {"household_id": "uuid", "is_near": "boolean", "is_unknown": "boolean"}
OPENER = system("coverage")


@transaction.atomic(using=BULK)
def count_gaps(*, by: Actor, under: Ground, on: date) -> list[GapCount]:
    """Count, by programme and area, who is granted a benefit and does not receive it; return each programme's own sums."""
    by = by.narrowed(Permission.DETERMINE)
    _expect_decisions()
    row = _begun(CoverageKind.GAPS, on, by)
    found = _added_up(_inserted(gaps.GAPS, {"coverage": row.id, "on": on}))
    _record(row, by, under, {each.programme: each.missed for each in found})
    return found


@transaction.atomic(using=BULK)
def count_excluded(
    *, by: Actor, under: Ground, on: date, alarm_percent: int | None = None
) -> tuple[ExclusionCount, bool]:
    """Count, by area, which households receive nothing from anybody and why; return the country's sums, and whether the
    share passes the level of alarm."""
    by = by.narrowed(Permission.DETERMINE)
    frozen, book = _expect_decisions(), rulebook(on, using=BULK)
    if not book.programmes:
        raise Refused("programmes-excluded-no-programme", day=on)
    _weigh(frozen, book, under)
    row = _begun(CoverageKind.EXCLUDED, on, by, known_at=frozen.taken_at, alarm_percent=alarm_percent)
    asked = {"coverage": row.id, "on": on, "known_at": frozen.taken_at}
    sums = [sum(each) for each in zip(*_inserted(gaps.EXCLUSION, asked), strict=True)]
    found = ExclusionCount(0, *sums)
    row.is_alarm = alarm_percent is not None and (found.share or 0) * 100 > alarm_percent
    row.save(using=BULK, update_fields=["is_alarm"])
    _record(row, by, under, {"households": found.households, "excluded": found.excluded, "is_alarm": row.is_alarm})
    return found, row.is_alarm


def _expect_decisions() -> Snapshot:
    """Return the snapshot of the latest run over everybody. Raises Refused where there was none yet."""
    run = latest_run(using=BULK)
    if run is None or run.snapshot is None:
        raise Refused("programmes-coverage-without-run")
    return snapshot(run.snapshot)


def _weigh(frozen: Snapshot, book: Rulebook, under: Ground) -> None:
    """Fill `seen` with the households that are near a cut-off or of which something is not known on the book's day."""
    with open_snapshot(frozen.id, by=OPENER, under=under) as connection:
        evaluation.prepare(connection, frozen.exports["households"], book)
        evaluation.evaluate(connection, _both(book), engine=Engine.COLUMNAR, into=_ANSWERS)
        with connections[BULK].cursor() as cursor:
            cursor.execute(gaps.SEEN)
            publishing.copy(connection, _measured(book), cursor, "seen", _SEEN)
            cursor.execute("ANALYZE seen")


def _both(book: Rulebook) -> Rulebook:
    """Return every programme twice: as it is, and with its cut-offs moved."""
    moved = [nearness.relaxed(each, _RELAXED + each.programme_id) for each in book.programmes]
    return replace(book, programmes=(*map(nearness.strict, book.programmes), *moved))


def _measured(book: Rulebook) -> str:
    ranked = [each.programme_id for each in book.programmes if each.ranking]
    return gaps.MEASURED.format(
        relaxed=_RELAXED, answer=_ANSWERS, ranked=", ".join(map(str, ranked)) if ranked else "-1"
    )


def _begun(kind: CoverageKind, on: date, by: Actor, **more: Any) -> models.Coverage:
    return models.Coverage.objects.using(BULK).create(
        kind=kind.value, day=on, counted_by=by.id, counted_at=clock.now(), **more
    )


def _inserted(statement: str, values: dict[str, Any]) -> list[tuple]:
    with connections[BULK].cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def _added_up(rows: Sequence[tuple]) -> list[GapCount]:
    found: dict[int, tuple[int, int]] = {}
    for id, eligible, missed in rows:
        before = found.get(id, (0, 0))
        found[id] = before[0] + eligible, before[1] + missed
    programmes = models.Programme.objects.using(BULK).filter(withdrawn_at=None).order_by("position", "code")
    return [GapCount(each.code, 0, *found.get(each.id, (0, 0))) for each in programmes]


def _record(row: models.Coverage, by: Actor, under: Ground, details: dict[str, Any]) -> None:
    about = {"about_kind": "coverage", "about_id": row.id, "using": BULK}
    record(Event.COVERAGE_COUNTED, by=by, under=under, kind=row.kind, on=row.day.isoformat(), **about, **details)
