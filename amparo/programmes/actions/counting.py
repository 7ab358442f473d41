"""Counting who is left out and who is covered. Nothing is changed, and nobody's record is kept.

Shape   counts by area, kept with their day; the whole country's are returned
Units   units of each programme; households; persons, by life-cycle group
Nulls   unknown is a reason and a group of its own, never a refusal (`gaps`, `lifecycle`)
Errors  Refused where no programme is in force, or none was decided by a run: everybody would look excluded; and where the
        country states no life-cycle groups, or stated others since the run, whose fields its snapshot may not hold
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.db import connections, transaction

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.programmes import evaluation, gaps, lifecycle, models, nearness, publishing
from amparo.programmes.publishing import BULK
from amparo.programmes.queries.runs import latest_run
from amparo.programmes.rulebook import Rulebook, life_groups, rulebook
from amparo.programmes.types import (
    CoverageCount,
    CoverageKind,
    Engine,
    ExclusionCount,
    GapCount,
    GroupExclusionCount,
    Reach,
)
from amparo.programmes.untelling import note_coverage
from amparo.snapshot.queries import open_snapshot, snapshot
from amparo.snapshot.types import Snapshot
from amparo.trust.log.recording import record
from amparo.trust.types import Actor, Event, Ground, Permission, system

# Beside the programmes' own numbers: those of the same rules with their cut-offs moved.
_RELAXED = 10_000
_ANSWERS, _IN_GROUPS = "eased", "lived"
_SEEN = {"household_id": "uuid", "is_near": "boolean", "is_unknown": "boolean"}
_GROUPED = {"person_id": "uuid", "number": "smallint"}
OPENER = system("coverage")


@transaction.atomic(using=BULK)
def count_gaps(*, by: Actor, under: Ground, on: date) -> list[GapCount]:
    """Count, by programme and area, who is granted a benefit and does not receive it; return each programme's own sums."""
    by = by.narrowed(Permission.DETERMINE)
    _expect_decisions()
    row = _begun(CoverageKind.GAPS, on, by)
    found = _added_up(_inserted(gaps.GAPS, {"coverage": row.id, "on": on}))
    note_coverage(row)
    _record(row, by, under, {each.programme: each.missed for each in found})
    return found


@transaction.atomic(using=BULK)
def count_excluded(
    *, by: Actor, under: Ground, on: date, alarm_percent: int | None = None, alarms: Mapping[str, int] | None = None
) -> tuple[ExclusionCount, bool, list[GroupExclusionCount]]:
    """Count, by area, which households receive nothing from anybody and why, and who of each life-cycle group lives in them.

    Return the country's sums, whether the share passes the level of alarm, and the sums of each group. `alarms`: the levels of
    groups, by their code.
    """
    by = by.narrowed(Permission.DETERMINE)
    frozen, book = _expect_decisions(), rulebook(on, using=BULK)
    if not book.programmes:
        raise Refused("programmes-excluded-no-programme", day=on)
    codes = _weigh(frozen, book, under)
    row = _begun(CoverageKind.EXCLUDED, on, by, known_at=frozen.taken_at, alarm_percent=alarm_percent)
    asked = {"coverage": row.id, "on": on, "known_at": frozen.taken_at, "codes": codes}
    _run(gaps.KEPT_REASONS, asked)
    sums = [sum(each) for each in zip(*_inserted(gaps.EXCLUSION, asked), strict=True)]
    found = ExclusionCount(0, *sums)
    rows = _by_group(lifecycle.EXCLUDED, asked) if codes else []
    groups = [GroupExclusionCount(code, 0, *each) for code, each in rows]
    row.is_alarm = alarm_percent is not None and (found.share or 0) * 100 > alarm_percent
    row.alarms = _alarms(groups, alarms or {})
    row.save(using=BULK, update_fields=["is_alarm", "alarms"])
    note_coverage(row)
    told = {"households": found.households, "excluded": found.excluded, "is_alarm": row.is_alarm, "alarms": row.alarms}
    _record(row, by, under, told)
    return found, row.is_alarm, groups


@transaction.atomic(using=BULK)
def count_covered(*, by: Actor, under: Ground, on: date, insured: Sequence[str] = ()) -> list[CoverageCount]:
    """Count, by area and life-cycle group, whom assistance, insurance or both reaches; return the country's sums.

    `insured`  the programmes that are social insurance, run here or told by others
    """
    by = by.narrowed(Permission.DETERMINE)
    frozen, book = _expect_decisions(), rulebook(on, using=BULK)
    codes = _group(frozen, book, under)
    row = _begun(CoverageKind.COVERED, on, by, known_at=frozen.taken_at)
    asked = {"coverage": row.id, "on": on, "codes": codes, "insured": list(insured)}
    rows = _by_group(lifecycle.COVERED, asked)
    note_coverage(row)
    found = [
        CoverageCount(code, 0, Reach(persons, *each[:3]), Reach(persons, *each[3:])) for code, (persons, *each) in rows
    ]
    _record(row, by, under, {each.life_group: [each.reached.persons, each.reached.covered] for each in found})
    return found


def _alarms(groups: Sequence[GroupExclusionCount], levels: Mapping[str, int]) -> dict[str, list[Any]]:
    shares = {each.life_group: (each.share or 0) * 100 for each in groups}
    return {code: [level, shares.get(code, 0) > level] for code, level in levels.items()}


def _by_group(statement: str, asked: Mapping[str, Any]) -> list[tuple[str, list[int]]]:
    """Run a statement that returns group and counts, area by area; return each group's sums, in the groups' order."""
    sums: dict[str, list[int]] = {}
    for code, *counts in _inserted(statement, asked):
        before = sums.get(code, [0] * len(counts))
        sums[code] = [one + other for one, other in zip(before, counts, strict=True)]
    order = [*asked["codes"], lifecycle.OTHER, lifecycle.UNKNOWN]
    return [(code, sums[code]) for code in order if code in sums]


def _expect_decisions() -> Snapshot:
    """Return the snapshot of the latest run over everybody. Raises Refused where there was none yet."""
    run = latest_run(using=BULK)
    if run is None or run.snapshot is None:
        raise Refused("programmes-coverage-without-run")
    return snapshot(run.snapshot)


def _weigh(frozen: Snapshot, book: Rulebook, under: Ground) -> list[str]:
    """Fill `seen` with the households that are near a cut-off or of which something is not known on the book's day.

    Return the codes of the life-cycle groups, by which `grouped` is filled; none where the country states none.
    """
    with open_snapshot(frozen.id, by=OPENER, under=under) as connection:
        evaluation.prepare(connection, frozen.exports["households"], book)
        evaluation.evaluate(connection, _both(book), engine=Engine.COLUMNAR, into=_ANSWERS)
        with connections[BULK].cursor() as cursor:
            cursor.execute(gaps.SEEN)
            publishing.copy(connection, _measured(book), cursor, "seen", _SEEN)
            cursor.execute("ANALYZE seen")
        return _ask_groups(connection, book)


def _group(frozen: Snapshot, book: Rulebook, under: Ground) -> list[str]:
    """Fill `grouped` with the life-cycle group of each person of the snapshot; return the groups' codes.

    Raises Refused where the country states none: everybody would be in no group.
    """
    if not life_groups(using=BULK):
        raise Refused("programmes-coverage-without-groups")
    with open_snapshot(frozen.id, by=OPENER, under=under) as connection:
        evaluation.prepare(connection, frozen.exports["households"], book)
        return _ask_groups(connection, book)


def _ask_groups(connection: Any, book: Rulebook) -> list[str]:
    groups = life_groups(using=BULK)
    with connections[BULK].cursor() as cursor:
        cursor.execute(lifecycle.GROUPED)
        if groups:
            asked = lifecycle.question([rule for _, rule in groups], book.dictionary, book.parameters).on(book.on)
            alone = replace(book, programmes=(asked,))
            evaluation.evaluate(connection, alone, engine=Engine.COLUMNAR, into=_IN_GROUPS)
            answered = lifecycle.ANSWERED.format(answer=_IN_GROUPS)
            publishing.copy(connection, answered, cursor, "grouped", _GROUPED)
        cursor.execute("ANALYZE grouped")
    return [code for code, _ in groups]


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


def _run(statement: str, values: Mapping[str, Any]) -> None:
    with connections[BULK].cursor() as cursor:
        cursor.execute(statement, values)


def _inserted(statement: str, values: Mapping[str, Any]) -> list[tuple]:
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
