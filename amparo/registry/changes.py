"""Notes what changed, and finds out of whom some partner is to be told: by set-based statements, whatever their number.

Who is told of what is decided by what they would see: a digest of that is kept of each, and only where it is another is an
event owed. An import of a country is one noted change, looked at by a few statements for each subscription.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import DataError, connections, transaction
from django.db.models import F

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.registry import queries
from amparo.registry.followed import BULK, Follows, What, found
from amparo.registry.lent import Statement
from amparo.registry.models import Delivery, Followed, Following, NotedChange, Owed

_NOTE = "SELECT amparo_note_change(%s::uuid[], %s::bigint, %s)"
_TURN = "SELECT pg_try_advisory_xact_lock(7275, 0)"
# Persons and homes of which a change may have changed something: all that was said of, their homes, and all who live or lived there.
_HOMES = "SELECT unnest(%(homes)s::uuid[]) AS id"
_DELIVERED = """
    SELECT DISTINCT link.entity_id AS id FROM registry_observation said
    JOIN registry_subjectlink link ON link.subject_id = said.subject_id AND link.ends_at IS NULL
    WHERE said.delivery_id = %(delivery)s AND said.received_at = %(received)s
"""
_CANDIDATES = """
CREATE TEMPORARY TABLE candidate ON COMMIT DROP AS
WITH said AS MATERIALIZED ({said}), home AS (
    SELECT id FROM said
    UNION SELECT m.household_id FROM registry_membership m WHERE m.person_id IN (SELECT id FROM said) AND m.ends_on IS NULL
)
SELECT id FROM home UNION SELECT m.person_id FROM registry_membership m WHERE m.household_id IN (SELECT id FROM home)
"""
_AMONG = "SELECT id FROM candidate"
_BEGIN = """
INSERT INTO registry_followed (subscription, entity_id, digest)
SELECT %(subscription)s, id, digest FROM ({found}) found ON CONFLICT DO NOTHING
"""
# A change of somebody of whom another event still waits takes that one's place; how often it was tried stays.
_OWE = """
WITH found AS MATERIALIZED ({found}), changed AS (
    INSERT INTO registry_followed AS held (subscription, entity_id, digest)
    SELECT %(subscription)s, id, digest FROM found
    ON CONFLICT (subscription, entity_id) DO UPDATE SET digest = EXCLUDED.digest WHERE held.digest <> EXCLUDED.digest
    RETURNING entity_id, xmax = 0 AS is_first
)
INSERT INTO registry_owed (id, subscription, entity_id, change, noted_at, attempts, due_at)
SELECT gen_random_uuid(), %(subscription)s, found.id, %(change)s, %(now)s, 0, %(now)s
FROM found JOIN changed ON changed.entity_id = found.id WHERE found.is_event AND {counts}
ON CONFLICT (subscription, entity_id) DO UPDATE
    SET id = EXCLUDED.id, change = EXCLUDED.change, noted_at = EXCLUDED.noted_at
"""
# Whoever is not reached any more is not told of; if they come back, that is news.
_LEFT = """
DELETE FROM registry_followed held USING candidate
WHERE held.subscription = %(subscription)s AND held.entity_id = candidate.id AND held.entity_id NOT IN (SELECT id FROM ({found}) found)
"""
_FORGET = "DELETE FROM registry_{table} WHERE subscription = ANY(%s)"


def note_change(
    *,
    households: Sequence[UUID] = (),
    delivery: int | None = None,
    enrolments: bool = False,
    using: str = "default",
) -> None:
    """Note that facts of homes, or of whoever a delivery spoke of, may have changed, or who takes part in some programme.

    Nothing is noted while nobody is told of changes.
    """
    with connections[using].cursor() as cursor:
        cursor.execute(_NOTE, [list(households), delivery, enrolments])


def begin_following(follows: Follows) -> None:
    """Take how everybody is whom a subscription is about, so that only what changes from now on is told. Done once.

    One statement, whatever their number. Raises Refused for what the agreement does not hand over: then nothing is followed.
    """
    with transaction.atomic(using=BULK):
        since = clock.now()
        begun = Following.objects.using(BULK).bulk_create(
            [Following(subscription=follows.subscription, since=since)], ignore_conflicts=True
        )
        if not begun or Followed.objects.using(BULK).filter(subscription=follows.subscription).exists():
            return
        if follows.what is not What.REGISTERED:
            with _as_refused():
                _run(_BEGIN, found(follows, queries.dictionary(using=BULK), since=since), follows)


def stop_following(subscriptions: Sequence[UUID]) -> None:
    """Forget what was known for some subscriptions, and what they were still to be told."""
    with transaction.atomic(using=BULK), connections[BULK].cursor() as cursor:
        for table in ("following", "followed", "owed"):
            cursor.execute(_FORGET.format(table=table), [list(subscriptions)])


def changes_wait() -> bool:
    return NotedChange.objects.using(BULK).exists()


def follow_changes(every: Sequence[Follows], refused: Callable[[UUID, Refused], None], *, enrolled: str) -> None:
    """Look at every noted change, in order, and note which events each subscription is owed; each change is looked at once.

    `enrolled`  SQL that gives the ids of whoever stands otherwise in a programme since `%(at)s`, or some time before. A subscription that cannot be followed matches nobody, and `refused` is told why. Where another worker is at it,
    nothing is done.
    """
    broken: dict[UUID, Refused] = {}
    while True:
        with transaction.atomic(using=BULK):
            change = _next_change()
            if change is None:
                break
            begun = dict(Following.objects.using(BULK).values_list("subscription", "since"))
            _candidates(change, enrolled)
            for each in every:
                if each.subscription in begun and each.subscription not in broken:
                    _follow(each, change, begun[each.subscription], broken)
            change.delete(using=BULK)
    for subscription, why in broken.items():
        refused(subscription, why)


def _next_change() -> NotedChange | None:
    """Return the oldest noted change, for whoever's turn it is until the transaction ends."""
    with connections[BULK].cursor() as cursor:
        cursor.execute(_TURN)
        [is_ours] = cursor.fetchone()
    return NotedChange.objects.using(BULK).order_by("id").first() if is_ours else None


def _candidates(change: NotedChange, enrolled: str) -> None:
    values: dict[str, object] = {"homes": change.households, "at": change.at}
    said = enrolled if change.enrolments else _HOMES
    if change.delivery is not None:
        delivery = Delivery.objects.using(BULK).get(id=change.delivery)
        said, values = _DELIVERED, {"delivery": delivery.id, "received": delivery.received_at}
    with connections[BULK].cursor() as cursor:
        cursor.execute(_CANDIDATES.format(said=said), values)
        cursor.execute("ANALYZE candidate")


def _follow(follows: Follows, change: NotedChange, since: datetime, broken: dict[UUID, Refused]) -> None:
    """Note what a subscription is owed for a change. One that is broken stops no other."""
    # That somebody stands otherwise in a programme is told of whoever stood in it before.
    counts = "NOT changed.is_first" if follows.what is What.STANDING else "true"
    try:
        with _as_refused():
            asked = found(follows, queries.dictionary(using=BULK), since=since, among=_AMONG)
            _run(_OWE.replace("{counts}", counts), asked, follows, change=change.id, now=clock.now())
            if follows.what is What.CHANGED:
                _run(_LEFT, asked, follows)
    except Refused as why:
        broken[follows.subscription] = why


@contextmanager
def _as_refused() -> Iterator[None]:
    """Take a value that the database does not (a text with a zero byte) for a filter that is not understood."""
    try:
        with transaction.atomic(using=BULK):
            yield
    except DataError:
        raise Refused("registry-not-sought") from None


def _run(text: str, asked: Statement, follows: Follows, **more: object) -> None:
    values = asked.values | more | {"subscription": follows.subscription}
    with connections[BULK].cursor() as cursor:
        cursor.execute(text.replace("{found}", asked.text), values)


@dataclass(frozen=True)
class OwedEvent:
    """An event that is to be told: its id, whom it is about, when it was noted, and how often it was tried."""

    id: UUID
    entity: UUID
    noted_at: datetime
    attempts: int


def owed_now() -> list[UUID]:
    """Return the subscriptions that some event is due to."""
    rows = Owed.objects.using(BULK).filter(due_at__lte=clock.now())
    return list(rows.values_list("subscription", flat=True).distinct().order_by("subscription"))


def owed_to(subscription: UUID, *, at_most: int) -> list[OwedEvent]:
    """Return the events that are due to a subscription, in the order of their changes."""
    rows = Owed.objects.using(BULK).filter(subscription=subscription, due_at__lte=clock.now())
    return [
        OwedEvent(each.id, each.entity_id, each.noted_at, each.attempts)
        for each in rows.order_by("change", "id")[:at_most]
    ]


def settle_owed(events: Sequence[OwedEvent]) -> None:
    """Forget events that were told, or are told no more. One whose place a later change took meanwhile goes on waiting."""
    Owed.objects.using(BULK).filter(id__in=[each.id for each in events]).delete()


def put_off(events: Sequence[OwedEvent], *, by: timedelta) -> None:
    """Have events wait for a further attempt; a later change of the same person or home waits with them."""
    rows = Owed.objects.using(BULK).filter(id__in=[each.id for each in events])
    rows.update(attempts=F("attempts") + 1, due_at=clock.now() + by)


def give_up(subscription: UUID) -> int:
    """Forget everything that is owed to a subscription; return how many events that were."""
    count, _ = Owed.objects.using(BULK).filter(subscription=subscription).delete()
    return count
