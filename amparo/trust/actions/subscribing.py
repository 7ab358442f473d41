"""Subscriptions of partners' machines: begun once for each request, so many under an agreement, ended by who began them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.crypto import salted_hmac

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.kernel.ids import uuid7
from amparo.trust.keys import encryption
from amparo.trust.keys.keyring import sealing
from amparo.trust.log.recording import record
from amparo.trust.machines.kept_messages import FIELD_CLASS
from amparo.trust.machines.subscriptions import place
from amparo.trust.models import Subscription
from amparo.trust.types import Actor, Event, Ground

MOST = 20  # of one partner under one agreement
_TURN = "SELECT pg_advisory_xact_lock(7274, hashtext(%s))"


class TooManySubscriptions(Refused):
    """A partner has as many subscriptions under an agreement as it may."""

    def __init__(self) -> None:
        super().__init__("trust-subscriptions-many", most=MOST)


@dataclass(frozen=True)
class Wish:
    """What somebody wants to be told of: of which registry, the standard's criteria, and by which request."""

    registry: str
    event: str
    criteria: Mapping[str, Any]
    kept: UUID
    reference: str
    transaction: str


@transaction.atomic
def subscribe(wish: Wish, *, machine: UUID, agreement: str, by: Actor, under: Ground) -> tuple[Subscription, bool]:
    """Return a machine's subscription, and whether it was begun now; the same wish is one subscription.

    One request begins one, however often its answer is tried. Raises TooManySubscriptions.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TURN, [f"{by.id}:{agreement}"])
    plain = json.dumps([wish.registry, wish.criteria], sort_keys=True).encode()
    digest = salted_hmac("amparo.trust.subscription", plain, algorithm="sha256").hexdigest()
    if of_request := Subscription.objects.filter(kept=wish.kept, reference=wish.reference).first():
        return of_request, True
    live = Subscription.objects.filter(agreement=agreement, ended_at=None)
    if same := live.filter(machine=machine, digest=digest).first():
        return same, False
    theirs = live.filter(machine__organisation=by.id).count()
    if theirs >= MOST:
        raise TooManySubscriptions
    id = uuid7()
    made = Subscription.objects.create(
        id=id,
        machine_id=machine,
        agreement=agreement,
        registry=wish.registry,
        event=wish.event,
        criteria=encryption.encrypt(FIELD_CLASS, json.dumps(wish.criteria).encode(), place(id), key=sealing()),
        digest=digest,
        kept_id=wish.kept,
        reference=wish.reference,
        transaction=wish.transaction,
        begun_at=clock.now(),
    )
    told = {"of": wish.event, "registry": wish.registry}
    record(Event.SUBSCRIPTION_BEGUN, by=by, under=under, about_kind="subscription", about_id=id, **told)
    return made, True


@transaction.atomic
def unsubscribe(subscriptions: Sequence[Subscription], *, kept: UUID, by: Actor) -> None:
    """End some subscriptions of a machine's own, by a message that was kept; one that has ended stays as it was."""
    for each in subscriptions:
        rows = Subscription.objects.filter(id=each.id, ended_at=None)
        if rows.update(ended_at=clock.now(), ended_by=kept):
            record(Event.SUBSCRIPTION_ENDED, by=by, about_kind="subscription", about_id=each.id)


def note_not_followed(subscription: UUID, *, reason: str, by: Actor) -> None:
    """Write down that a subscription matches nobody now, and why: what it asks for is not covered, or not understood."""
    record(
        Event.SUBSCRIPTION_NOT_FOLLOWED,
        by=by,
        about_kind="subscription",
        about_id=subscription,
        reason=reason,
    )


def note_given_up(subscription: UUID, *, events: int, reason: str, by: Actor) -> None:
    """Write down that some events of a subscription are told no more."""
    record(Event.EVENTS_GIVEN_UP, by=by, about_kind="subscription", about_id=subscription, events=events, reason=reason)
