"""After a restore: whether database and ledger know the same erasures, and doing those once more that the backup brought back.

Errors  while they differ nobody is served (`expect_replayed`): somebody would be shown whom the law has made gone. A ledger
        that lacks what the database has done is not the right one, and nothing is told by it
"""

from typing import Any
from uuid import UUID

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.trust.keeping import ledger
from amparo.trust.keeping.erasable import wired
from amparo.trust.keeping.erasing import BULK, certify, eraser, finish
from amparo.trust.keeping.ledger import Entry
from amparo.trust.keeping.retention import finish_class
from amparo.trust.log.recording import record
from amparo.trust.models import Erasure
from amparo.trust.types import SYSTEM_ID, Actor, Event
from amparo.trust.types.erasures import ErasureState

REPLAYED = "replayed"  # in place of a schedule, where the person is not in the backup


def not_replayed() -> list[Entry]:
    """Return the erasures of the ledger that the database does not know as done, the oldest first.

    Raises Refused where the ledger lacks one that the database has done.
    """
    done = set(Erasure.objects.using(BULK).filter(state=ErasureState.DONE).values_list("id", flat=True))
    missing = []
    for each in ledger.entries():
        if each.id in done:
            done.discard(each.id)
        else:
            missing.append(each)
    if done:
        raise Refused("trust-ledger-behind", file=ledger.ledger_file().name, missing=len(done))
    return missing


def expect_replayed() -> None:
    """Raise Refused where an erasure of the ledger is not done in the database, or the ledger is not the right one."""
    if missing := not_replayed():
        raise Refused("trust-erasures-not-replayed", count=len(missing))


def replay(*, by: Actor) -> int:
    """Do every erasure once more that the ledger has and the database has not; return how many. Holds do not count:
    it was done, and what was done by law is not undone by a backup."""
    missing = not_replayed()
    for each in missing:
        _replay(each, by)
    record(Event.ERASURES_REPLAYED, by=by, about_kind="schedule", using=BULK, erasures=len(missing))
    return len(missing)


def _replay(entry: Entry, by: Actor) -> None:
    with eraser() as cursor:
        persons = _known(cursor, entry)
        row = _row(entry, persons)
        if entry.classes:
            [field_class] = entry.classes
            finish_class(cursor, row, persons, field_class, by=by, on=entry.on, is_new=False)
        elif entry.persons:
            finish(cursor, row, persons, by=by, on=entry.on, is_new=False)
            wired().keep(cursor, entry.numbers, on=entry.on)
        else:  # what is of no person is due again by the same schedule, whose next run takes it
            certify(row, {}, persons=(), cursor=cursor, by=by, on=entry.on)


def _known(cursor: Any, entry: Entry) -> list[UUID]:
    """Return the persons of an entry whom this database knows: who was registered after the backup is not in it."""
    cursor.execute("SELECT id FROM registry_person WHERE id = ANY(%s)", [list(entry.persons)])
    return [id for (id,) in cursor.fetchall()]


def _row(entry: Entry, persons: list[UUID]) -> Erasure:
    """Return the erasure's row, confirmed: as the backup has it, or written anew."""
    row = Erasure.objects.using(BULK).select_for_update().filter(id=entry.id).first()
    now = clock.now()
    if row is None:
        row = Erasure(id=entry.id, ground=entry.ground, reference=entry.reference, schedule=entry.schedule)
        row.person_id = persons[0] if persons and not entry.schedule else None
        row.schedule = entry.schedule or ("" if row.person_id else REPLAYED)
        row.state, row.area_number, row.proposed_by, row.proposed_at = ErasureState.CONFIRMED.value, 0, SYSTEM_ID, now
        row.confirmed_by, row.confirmed_at = entry.id, now  # two stood behind it, whom the ledger does not name
        row.save(using=BULK, force_insert=True)
    elif row.state == ErasureState.PROPOSED:
        row.state, row.confirmed_by, row.confirmed_at = ErasureState.CONFIRMED.value, SYSTEM_ID, now
        row.save(using=BULK, update_fields=["state", "confirmed_by", "confirmed_at"])
    return row
