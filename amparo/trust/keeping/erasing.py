"""Erasing: all that is known of somebody goes, in one transaction, by a role that can only take away.

Shape   places are emptied in the order in which they were declared (`kept`); what goes with a person is found first
        A certificate counts what went, place by place; it and its hash stand in the erasure's row, the hash in the audit log too
Nulls   what is erased is unknown from then on, never "no": facts are folded from what is left
Errors  Refused while somebody may not be erased; then nothing is written. Done once, a second call changes nothing
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connections, transaction

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, Refused
from amparo.kernel.events import announce
from amparo.trust.keeping import ledger
from amparo.trust.keeping.erasable import held, wired
from amparo.trust.keeping.kept import Kept, Reached, Stone
from amparo.trust.log.recording import record
from amparo.trust.models import Erasure
from amparo.trust.types import SYSTEM_ID, Actor, Event
from amparo.trust.types.erasures import ErasureState, PersonsErased

BULK = "bulk"
_ALONE = 7271  # one erasure at a time: each finds what the one before left


@contextmanager
def eraser() -> Iterator[Any]:
    """Give a cursor in one transaction as the role that may only take away."""
    with transaction.atomic(using=BULK), connections[BULK].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [_ALONE])
        for each in wired().locks:
            cursor.execute(each)
        cursor.execute("SET LOCAL ROLE amparo_eraser")
        yield cursor


def erase(id: UUID, *, by: Actor) -> Erasure:
    """Do a confirmed erasure; return it with its certificate. One that is done is returned as it is.

    Raises NotFound, and Refused where it is not confirmed or the person is held.
    """
    with eraser() as cursor:
        row = Erasure.objects.using(BULK).select_for_update().filter(id=id).first()
        if row is None:
            raise NotFound("trust-erasure-unknown")
        if row.state == ErasureState.DONE:
            return row
        if row.state != ErasureState.CONFIRMED:
            raise Refused("trust-erasure-not-confirmed")
        if held(cursor, [row.person_id], clock.today()):
            raise Refused("trust-erasure-held")
        return finish(cursor, row, [row.person_id], by=by, on=clock.today())


def finish(cursor: Any, row: Erasure, persons: list[UUID], *, by: Actor, on: date, is_new: bool = True) -> Erasure:
    """Erase persons under a row that is there and confirmed; part of the eraser's transaction.

    One that is not new stands in the ledger already.
    """
    stone = Stone(stone_ground(row), on)
    reached = wired().reach(cursor, persons) | {"batches": []}
    numbers = wired().numbers(cursor, reached)
    counts = swept(cursor, wired().places, reached, stone)
    wired().keep(cursor, numbers, on=on)
    certify(row, counts, persons=persons, households=reached["households"], cursor=cursor, by=by, on=on)
    if is_new:
        ledger.append(row, persons=persons, on=on, numbers=numbers)
    homes = set(reached["homes"]) - set(reached["households"])
    transaction.on_commit(lambda: announce(PersonsErased(sorted(homes))), using=BULK)
    return row


def stone_ground(row: Erasure) -> str:
    return f"{row.ground} ({row.reference})" if row.reference else row.ground


def swept(cursor: Any, places: Sequence[Kept], reached: Reached, stone: Stone) -> dict[str, int]:
    """Empty the places, in their order; return what was taken from each."""
    values = {**reached, "on": stone.on, "ground": stone.ground, "stone": json.dumps(stone.plain), "by": SYSTEM_ID}
    counts = {}
    for each in places:
        if callable(each.erase):
            counts[each.place] = each.erase(cursor, reached, stone)
        elif each.erase:
            cursor.execute(each.erase, values)
            counts[each.place] = cursor.rowcount
    return counts


def certify(
    row: Erasure,
    counts: dict[str, int],
    *,
    persons: Sequence[UUID],
    households: Sequence[UUID] = (),
    cursor: Any,
    by: Actor,
    on: date,
    classes: Sequence[str] = (),
) -> None:
    """Write the certificate: what was erased, where, how often, on what ground. Nobody's id is in it."""
    leaves = {each.place: each.leaves.value for each in (*wired().lapses, *wired().places)}
    row.certificate = {
        "erasure": str(row.id),
        "ground": row.ground,
        "reference": row.reference,
        "schedule": row.schedule,
        "on": on.isoformat(),
        "persons": len(persons),
        "households": len(households),
        "classes": list(classes),
        "places": [{"place": name, "erased": count, "leaves": leaves[name]} for name, count in counts.items()],
        "waiting": [
            {"place": "snapshots", "id": str(id), "until": until.isoformat()} for id, until in wired().waiting(cursor)
        ],
    }
    row.digest, row.done_at, row.state = digest(row.certificate), clock.now(), ErasureState.DONE.value
    row.save(using=BULK, update_fields=["state", "done_at", "certificate", "digest"])
    told = {"erasure": str(row.id), "digest": row.digest, "rows": sum(counts.values())}
    about = {"about_kind": "person", "about_id": row.person_id} if row.person_id else {"about_kind": "schedule"}
    about |= {"about_id": row.schedule} if row.schedule else {}
    named = {"persons": [str(each) for each in persons]} if row.schedule and persons else {}
    record(Event.PERSON_ERASED, by=by, using=BULK, **about, **told, **named)


def digest(certificate: dict[str, Any]) -> str:
    """Return the hash by which a certificate is known to be the one that was written."""
    return hashlib.sha256(json.dumps(certificate, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
