"""What is live of programmes: which systems told of which, last when; for which ones it is decided and who is enrolled here.

Shape   figures of the whole installation: days and counts of rows, nobody's record
Nulls   a delivery that was taken back, or of which no row was accepted, told nothing
Source  requirement ARC-2: what is claimed is read from what flows
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from amparo.programmes.overlapping import TOLD_MONTHS
from amparo.programmes.types import EnrolmentState
from amparo.trust.types import Actor, Permission

# Receipts of an earlier version count no schemes: the delivery then stands for whatever its system may tell of.
_HEARD = """
SELECT d.feed, told->>'scheme', max(d.day), max(d.delivered_at), max(d.day) > %s::date - interval '{months} months'
FROM programmes_feeddelivery d
CROSS JOIN LATERAL jsonb_array_elements(coalesce(d.receipt->'schemes', '[{{"scheme": null}}]'::jsonb)) AS told
WHERE (d.receipt->'rows'->>'accepted')::bigint > 0
    AND NOT EXISTS (SELECT FROM programmes_feedretraction r WHERE r.delivery_id = d.id)
GROUP BY 1, 2 ORDER BY 1, 2
"""
_DECIDED = """
SELECT p.code FROM programmes_programme p WHERE p.withdrawn_at IS NULL
    AND EXISTS (SELECT FROM programmes_decision d WHERE d.programme_id = p.id)
"""
_ENROLLED = """
SELECT p.code FROM programmes_programme p WHERE p.withdrawn_at IS NULL
    AND EXISTS (SELECT FROM programmes_enrolment e WHERE e.programme_id = p.id AND e.state = ANY (%s))
"""
_STANDING = [EnrolmentState.ENROLLED.value, EnrolmentState.SUSPENDED.value]


@dataclass(frozen=True)
class FeedHeard:
    """What one system told last of one of its programmes.

    `scheme`   None in deliveries of an earlier version, which stand for every programme of the system
    `day`      as of which it was told; `at` when it was taken in
    `is_fresh` whether it is told of months that count (`overlapping.TOLD_MONTHS`)
    """

    feed: str
    scheme: str | None
    day: date
    at: datetime
    is_fresh: bool


def feeds_heard(*, by: Actor, on: date) -> list[FeedHeard]:
    """Return by system and programme what was told last and still stands."""
    by.narrowed(Permission.READ_AGREEMENT)
    with connection.cursor() as cursor:
        cursor.execute(_HEARD.format(months=TOLD_MONTHS), [on])
        return [FeedHeard(*row) for row in cursor.fetchall()]


def programmes_decided(*, by: Actor) -> set[str]:
    """Return the programmes run here of which anything was decided."""
    by.narrowed(Permission.READ_AGREEMENT)
    with connection.cursor() as cursor:
        cursor.execute(_DECIDED)
        return {code for (code,) in cursor.fetchall()}


def programmes_enrolled(*, by: Actor) -> set[str]:
    """Return the programmes run here in which anybody takes part."""
    by.narrowed(Permission.READ_AGREEMENT)
    with connection.cursor() as cursor:
        cursor.execute(_ENROLLED, [_STANDING])
        return {code for (code,) in cursor.fetchall()}
