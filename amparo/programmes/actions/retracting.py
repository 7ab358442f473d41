"""Taking back a delivery of another programme's system: what it told goes, its receipt stays with who took it back and why.

Shape   a delivery in; how many rows of what it told went, and how many beneficiaries of whom nothing is told any more
Nulls   whom another delivery tells of as well stays, as that one tells it
Errors  NotFound for a delivery that is none; Refused for one that was taken back before, or without a reason
Source  requirements IBR-1 and ARC-2: what a feed no longer tells is no longer claimed. Whoever erases does it: nobody else may
"""

from datetime import date
from typing import Any
from uuid import UUID

from django.db import connections, transaction

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, Refused
from amparo.programmes import models
from amparo.programmes.actions.feeding import FEEDS
from amparo.programmes.publishing import BULK
from amparo.trust.log.recording import record
from amparo.trust.types import Actor, Event, Ground, Permission

_TOLD = ("programmes_benefit", "programmes_compliance", "programmes_grievance")
_LEFT = """
SELECT held.id FROM programmes_beneficiary held WHERE held.id = ANY (%s)
    AND NOT EXISTS (SELECT FROM programmes_benefit b WHERE b.beneficiary_id = held.id)
    AND NOT EXISTS (SELECT FROM programmes_compliance c WHERE c.beneficiary_id = held.id)
    AND NOT EXISTS (SELECT FROM programmes_grievance g WHERE g.beneficiary_id = held.id)
"""

# Of whom an earlier day tells on: else nothing told of them between the two days would count any more.
_TOLD_ON = """
UPDATE programmes_beneficiary held SET told_on = left_over.day FROM (
    SELECT beneficiary_id, max(day) AS day FROM (
        SELECT beneficiary_id, day FROM programmes_benefit WHERE beneficiary_id = ANY (%(whose)s)
        UNION ALL SELECT beneficiary_id, day FROM programmes_compliance WHERE beneficiary_id = ANY (%(whose)s)
        UNION ALL SELECT beneficiary_id, day FROM programmes_grievance WHERE beneficiary_id = ANY (%(whose)s)
    ) words GROUP BY beneficiary_id
) left_over WHERE held.id = left_over.beneficiary_id AND held.told_on = %(day)s AND left_over.day < held.told_on
"""


@transaction.atomic(using=BULK)
def retract_feed(delivery: UUID, *, reason: str, by: Actor, under: Ground) -> dict[str, Any]:
    """Take back a delivery; return what went. The same file as of the same day is refused from then on."""
    by, reason = by.narrowed(Permission.DELIVER), reason.strip()
    if not reason:
        raise Refused("programmes-feed-retract-reason")
    row = models.FeedDelivery.objects.using(BULK).filter(id=delivery).first()
    if row is None:
        raise NotFound("programmes-feed-delivery-unknown")
    with connections[BULK].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [FEEDS, row.feed])
        if models.FeedRetraction.objects.using(BULK).filter(delivery=row).exists():
            raise Refused("programmes-feed-retracted-before")
        gone, strangers = _take_away(cursor, delivery, row.day)
    models.FeedRetraction.objects.using(BULK).create(
        delivery=row, reason=reason, gone=gone, retracted_by=by.id, retracted_at=clock.now()
    )
    told = {"feed": row.feed, "day": row.day.isoformat(), "rows": gone, "beneficiaries": strangers}
    record(Event.FEED_RETRACTED, by=by, under=under, about_kind="feed-delivery", about_id=delivery, using=BULK, **told)
    return {"delivery": str(delivery), **told}


def _take_away(cursor: Any, delivery: UUID, day: date) -> tuple[int, int]:
    """Delete what a delivery told, and whom nothing is told of any more; return how many of each."""
    cursor.execute("SET LOCAL ROLE amparo_eraser")
    whose: list[UUID] = []
    for table in _TOLD:
        cursor.execute(f"DELETE FROM {table} WHERE delivery_id = %s RETURNING beneficiary_id", [delivery])
        whose += [id for (id,) in cursor.fetchall()]
    cursor.execute(_LEFT, [list(set(whose))])
    left = [id for (id,) in cursor.fetchall()]
    cursor.execute("DELETE FROM programmes_match WHERE beneficiary_id = ANY (%s)", [left])
    cursor.execute("DELETE FROM programmes_beneficiary WHERE id = ANY (%s)", [left])
    cursor.execute("SET LOCAL ROLE NONE")
    cursor.execute(_TOLD_ON, {"whose": list(set(whose)), "day": day})
    return len(whose), len(left)
