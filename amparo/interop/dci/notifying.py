"""Tells partners of events: what their subscriptions are owed, read under their agreements at that moment, signed, at their address.

What changed is noted where it changes. Every minute a job holds that against each subscription, and a further one for each
that is owed anything tells it: so many events in a message, in the order of their changes, again for a day until they are taken.
Errors  what an agreement does not cover any more is told no more, and that is written down; nothing of anybody lies here
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import connections, transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from amparo.dci.codes import Action, Registry, Status
from amparo.dci.envelope import Header
from amparo.dci.envelope import answer as answer_of
from amparo.dci.subscribing import notified
from amparo.interop.dci import calling, door, following, vocabulary
from amparo.interop.dci.asking import Under, own_id
from amparo.interop.modes import REGISTRIES
from amparo.kernel import clock
from amparo.kernel.errors import NotServed, Refused
from amparo.profiles.languages import DEFAULT
from amparo.programmes import lent
from amparo.registry import changes
from amparo.registry.queries import dictionary
from amparo.trust.actions.subscribing import note_given_up, note_not_followed
from amparo.trust.arriving import stated_for
from amparo.trust.machines import peers
from amparo.trust.machines.asking import Caller
from amparo.trust.machines.peers import KnownPeer
from amparo.trust.machines.subscriptions import live_subscriptions, subscription
from amparo.trust.modes import is_on
from amparo.trust.types import Actor, system

JOB = "interop.notify"
AT_ONCE = 500  # events in one message
MOST_ATTEMPTS = 11  # after 3, 9, 27, … seconds: about a day in all, as an answer that is owed
_TURN = "SELECT pg_try_advisory_xact_lock(7276, hashtext(%s))"
_BY = "events"


@dataclass(frozen=True)
class Partner:
    """Whose a subscription is, as they stand now, and under which agreement."""

    who: Caller
    peer: KnownPeer
    ground: Under


def partner_of(row: Any) -> Partner | None:
    """Return whose a subscription is; None where the machine is closed, has no address, or no version of its agreement stands."""
    who, peer = peers.caller_for(row.machine_id), peers.peer_of(row.machine_id)
    if who is None or peer is None or not peer.callback:
        return None
    stated = next((each for each in stated_for(who, on=clock.today()) if each.row.code == row.agreement), None)
    if stated is None:
        return None
    return Partner(who, peer, Under(stated, who.acting_under(stated.row.id)))


def follow_changes() -> None:
    """Hold what changed against every subscription, and have each be told that is owed anything."""
    if changes.changes_wait():
        _follow()
    for each in changes.owed_now():
        with suppress(AlreadyEnqueued):
            app.configure_task(JOB, queue=calling.QUEUE, queueing_lock=f"{JOB}:{each}").defer(subscription_id=str(each))


def _follow() -> None:
    words, follows = dictionary(), []
    for row in live_subscriptions():
        try:
            partner = partner_of(row)
            if partner and is_on(REGISTRIES[Registry(row.registry)]):
                follows.append(following.about(row, partner.ground, words).follows)
        except Refused as refused:
            _not_followed(row.id, refused)
    changes.follow_changes(follows, _not_followed, enrolled=lent.STEPPED)


def _not_followed(subscription: UUID, refused: Refused) -> None:
    note_not_followed(subscription, reason=refused.message.id, by=system(_BY))


def notify(id: UUID) -> None:
    """Tell a subscription what it is owed, page by page, until nothing is due or it is not taken. Nothing where another does so."""
    row = subscription(id)
    if row is None:
        changes.stop_following([id])
        return
    if not is_on(REGISTRIES[Registry(row.registry)]):  # waits until it is
        return
    while _page_told(row):
        pass


def _page_told(row: Any) -> bool:
    """Tell what is due now, at most a page; whether there may be another. Each page is settled before the next is read."""
    with transaction.atomic(using=changes.BULK):
        with connections[changes.BULK].cursor() as cursor:
            cursor.execute(_TURN, [str(row.id)])
            [is_ours] = cursor.fetchone()
        events = changes.owed_to(row.id, at_most=AT_ONCE) if is_ours else []
        return bool(events) and _told(row, events)


def _told(row: Any, events: list[changes.OwedEvent]) -> bool:
    """Tell one page of events; whether the next may be told."""
    partner = partner_of(row)
    if partner is None:
        return _given_up(row, "interop-dci-agreement", system(_BY))
    try:
        message, count = _message(row, partner, events)
        if count:
            _send(row, partner, message, count)
    except NotServed:  # later, when records may be read again
        raise
    except Refused as refused:
        return _given_up(row, refused.message.id, partner.who.acting_under(None))
    except calling.NotDelivered:
        return _put_off(row, partner, events)
    changes.settle_owed(events)
    return True


def _given_up(row: Any, reason: str, by: Actor) -> bool:
    """Tell a subscription nothing of what it is owed: what is not covered now goes out at no later time either."""
    note_given_up(row.id, events=changes.give_up(row.id), reason=reason, by=by)
    return False


def _put_off(row: Any, partner: Partner, events: list[changes.OwedEvent]) -> bool:
    attempts = max(each.attempts for each in events) + 1
    if attempts >= MOST_ATTEMPTS:
        return _given_up(row, "trust-place-silent", partner.who.acting_under(None))
    changes.put_off(events, by=timedelta(seconds=3**attempts))
    return False


def _message(row: Any, partner: Partner, events: list[changes.OwedEvent]) -> tuple[dict[str, Any], int]:
    """Return the message of some events, and how many it tells: of whoever the agreement does not reach now, none."""
    words = dictionary()
    about = following.about(row, partner.ground, words)
    fields = [(each.grain, each.name) for each in about.follows.covered.fields]
    told = lent.tell(
        partner.ground.row.id,
        partner.ground.request(fields, records=len(events)),
        [each.entity for each in events],
        about.follows.query,
        about.follows.number,
        about=about.follows.about,
        by=partner.ground.by,
        on=clock.today(),
        beside=lent.taking_part if about.registry is Registry.BENEFICIARY else None,
        words=words,
        is_of_dead=about.is_of_dead,
    )
    made = _records(about, partner)
    items = [
        notified(
            str(each.id),
            made(told[each.entity]),
            at=each.noted_at,
            registry=vocabulary.NAMES[about.registry],
            event=about.subscribed.event,
            type=about.type,
        )
        for each in events
        if each.entity in told
    ]
    return {"transaction_id": row.transaction, "notify_event": items}, len(items)


def _records(about: following.About, partner: Partner) -> Callable[[Any], dict[str, Any]]:
    terms, on = partner.ground.stated.compiled.terms, clock.today()
    return lambda told: vocabulary.record(about.type, told, terms, about.words, on=on, language=DEFAULT)


def _send(row: Any, partner: Partner, message: dict[str, Any], count: int) -> None:
    header = Header(
        str(uuid4()),
        clock.now(),
        Action.NOTIFY,
        sender_id=own_id(),
        receiver_id=partner.peer.sender,
        total_count=count,
        status=Status.DONE,
        meta={"subscription_code": str(row.id), "event_type": row.event},
    )
    whole = door.signed(answer_of(header, message), header, partner.peer, answers=row.kept_id, who=partner.who)
    calling.deliver(whole, f"{partner.peer.callback}/notify", peer=partner.peer)
