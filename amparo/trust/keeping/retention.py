"""Letting go of what has passed its time, as the profile's schedules say: so many days after an event, by a law.

Shape   each schedule is gone through in batches, a transaction each, with a certificate each; killed anywhere, the same call
        goes on with what is left. Whoever is held is passed over, and met again by the next run
Units   `days` whole days after the event's own day: what was over on 1 March with 30 days goes on 1 April, not before
Nulls   without an event there is no day: who still lives somewhere, and what still stands, is never due
Errors  a schedule that names something nobody declared takes nothing, and is refused by its name
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connections, transaction

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.kernel.ids import uuid7
from amparo.trust.keeping import ledger
from amparo.trust.keeping.erasable import held, wired
from amparo.trust.keeping.erasing import BULK, certify, erase, eraser, finish, stone_ground, swept
from amparo.trust.keeping.kept import Lapse, Stone
from amparo.trust.log.recording import record
from amparo.trust.models import Erasure, Schedule
from amparo.trust.types import SYSTEM_ID, Actor, Event
from amparo.trust.types.erasures import ErasureState

AT_ONCE = 500
_FIRST = UUID(int=0)
Tell = Callable[[str, int], None]


@dataclass(frozen=True)
class Due:
    """How many things a schedule would take on a day; holds are not looked at."""

    schedule: str
    due: int


@dataclass(frozen=True)
class Taken:
    """What a run took by a schedule, how many it passed over because they are held, and how many are still due."""

    schedule: str
    taken: int
    held: int
    due: int


def schedules() -> list[Schedule]:
    """Return the schedules of the profile, in its order."""
    return list(Schedule.objects.order_by("position"))


def lapse_of(schedule: Schedule) -> Lapse:
    """Return what a schedule lets go. Raises Refused where nobody declared it."""
    for each in wired().lapses:
        if (each.place, each.after) == (schedule.place, schedule.after):
            return each
    raise Refused("trust-schedule-unknown", schedule=schedule.code)


def preview(*, by: Actor, on: date | None = None) -> list[Due]:
    """Count what would be let go on a day, and note it where the page shows it. Erases nothing."""
    found = []
    for each in Schedule.objects.using(BULK).order_by("position"):
        due = _count(each, on or clock.today())
        _note(each, due=due)
        found.append(Due(each.code, due))
    record(
        Event.RETENTION_RUN, by=by, about_kind="schedule", using=BULK, due={each.schedule: each.due for each in found}
    )
    return found


def run(
    *,
    by: Actor,
    on: date | None = None,
    at_once: int = AT_ONCE,
    tell: Tell = lambda schedule, taken: None,
    is_stopped: Callable[[], bool] = lambda: False,
) -> list[Taken]:
    """Let go of all that is due, and erase whoever was confirmed and held until now; return what was taken."""
    day, found = on or clock.today(), []
    _erase_confirmed(by)
    for each in Schedule.objects.using(BULK).order_by("position"):
        lapse_of(each)  # refused before anything of it is taken
        taken = passed = 0
        for took, kept in _batches(each, day, at_once, by):
            taken, passed = taken + took, passed + kept
            tell(each.code, taken)
            if is_stopped():
                break
        due = _count(each, day)
        _note(each, due=due, taken=taken)
        found.append(Taken(each.code, taken, passed, due))
        if is_stopped():
            break
    if any(each.taken for each in found):
        _forget_statistics()
    record(
        Event.RETENTION_RUN,
        by=by,
        about_kind="schedule",
        using=BULK,
        taken={each.schedule: each.taken for each in found},
    )
    return found


def _erase_confirmed(by: Actor) -> None:
    waiting = Erasure.objects.using(BULK).filter(state=ErasureState.CONFIRMED).order_by("confirmed_at")
    for id in list(waiting.values_list("id", flat=True)):
        with suppress(Refused):
            erase(id, by=by)


def _forget_statistics() -> None:
    """The planner remembers samples of what stands in a column; it is asked to look again."""
    with connections[BULK].cursor() as cursor:
        cursor.execute("SELECT amparo_analyze_registry()")


def _until(schedule: Schedule, on: date) -> date:
    return on - timedelta(days=schedule.days)


def _condition(schedule: Schedule, lapse: Lapse) -> str:
    """Return what is asked of who is due besides their day: of one class of fields, that something of it is known."""
    if not schedule.field_class or lapse.of_class is None:
        return "true"
    return lapse.of_class(schedule.field_class, wired().fields_of(schedule.field_class))


def _count(schedule: Schedule, on: date) -> int:
    lapse = lapse_of(schedule)
    condition = _condition(schedule, lapse)
    with connections[BULK].cursor() as cursor:
        cursor.execute(lapse.due.replace("{of_class}", condition), {"until": _until(schedule, on)})
        return cursor.fetchone()[0]


def _note(schedule: Schedule, **counted: int) -> None:
    Schedule.objects.using(BULK).filter(code=schedule.code).update(counted_at=clock.now(), **counted)


def _batches(schedule: Schedule, on: date, at_once: int, by: Actor) -> Iterator[tuple[int, int]]:
    """Take batch after batch until one finds nothing; yield how many were taken, and how many passed over."""
    lapse, last = lapse_of(schedule), _FIRST
    while True:
        if lapse.take:
            taken = _take(schedule, lapse, on, at_once, by)
            if not taken:
                return
            yield taken, 0
            continue
        met, taken = _take_persons(schedule, lapse, on, last, at_once, by)
        if not met:
            return
        last = met[-1]
        yield taken, len(met) - taken


def _take(schedule: Schedule, lapse: Lapse, on: date, at_once: int, by: Actor) -> int:
    with eraser() as cursor:
        row = _begun(schedule)
        taken = lapse.take(cursor, _until(schedule, on), at_once, Stone(stone_ground(row), on))
        if not taken:
            transaction.set_rollback(True, using=BULK)
            return 0
        certify(row, {lapse.place: taken}, persons=(), cursor=cursor, by=by, on=on)
        ledger.append(row, persons=(), on=on)
    return taken


def _take_persons(
    schedule: Schedule, lapse: Lapse, on: date, last: UUID, at_once: int, by: Actor
) -> tuple[list[UUID], int]:
    condition = _condition(schedule, lapse)
    with eraser() as cursor:
        given = {"until": _until(schedule, on), "last": last, "at_most": at_once}
        cursor.execute(lapse.persons.replace("{of_class}", condition), given)
        met = [id for (id,) in cursor.fetchall()]
        persons = [each for each in met if each not in held(cursor, met, on)] if met else []
        if not persons:
            return met, 0
        row = _begun(schedule)
        if schedule.field_class:
            finish_class(cursor, row, persons, schedule.field_class, by=by, on=on)
        else:
            finish(cursor, row, persons, by=by, on=on)
    return met, len(persons)


def finish_class(
    cursor: Any, row: Erasure, persons: list[UUID], field_class: str, *, by: Actor, on: date, is_new: bool = True
) -> None:
    """Erase one class of fields of persons; part of the eraser's transaction. What is left of them is folded anew."""
    of_class = {"fields": wired().fields_of(field_class), "field_class": field_class}
    reached = wired().reach(cursor, persons) | {"batches": [], **of_class}
    places = [replace(each, erase=each.of_class) for each in wired().places]
    counts = swept(cursor, places, reached, Stone(stone_ground(row), on))
    certify(row, counts, persons=persons, cursor=cursor, by=by, on=on, classes=[field_class])
    if is_new:
        ledger.append(row, persons=persons, on=on, classes=[field_class])
    cursor.execute("SET LOCAL ROLE NONE")  # the facts belong to the registry's own writer
    wired().refold(persons)


def _begun(schedule: Schedule) -> Erasure:
    """Write the row of an erasure that a schedule begins; as the eraser, who alone may write one that nobody proposed."""
    now = clock.now()
    row = Erasure(id=uuid7(), schedule=schedule.code, ground=schedule.law, state=ErasureState.CONFIRMED.value)
    row.area_number, row.proposed_by, row.proposed_at = 0, SYSTEM_ID, now
    row.confirmed_by, row.confirmed_at = SYSTEM_ID, now
    row.save(using=BULK, force_insert=True)
    return row
