"""Subscriptions: acknowledged at once, begun or ended when the answer is called back, each under one agreement."""

from typing import Any

from amparo.dci.codes import Status, SubscribeReason, UnsubscribeReason, Wrong
from amparo.dci.envelope import expect_count, stamp
from amparo.dci.subscribing import Wish, codes_in, subscribed, subscription_item, wishes_in
from amparo.interop.dci import following, looking, vocabulary
from amparo.interop.dci.asking import Asking, Under, under
from amparo.kernel.errors import Refused
from amparo.profiles.languages import say
from amparo.registry.changes import begin_following, stop_following
from amparo.registry.queries import dictionary
from amparo.trust.actions import subscribing
from amparo.trust.actions.exchanging import NotCovered, refusals_kept
from amparo.trust.machines.subscriptions import criteria_of, own_subscriptions
from amparo.trust.types import Ground

MOST_REQUESTS = 20


def wishes_under(asking: Asking) -> tuple[list[Wish], Under]:
    """Return the requests of a subscription, and the agreement they are under. What it refuses is written down."""
    wishes = wishes_in(asking.message)
    expect_count(asking.header, len(wishes), most=MOST_REQUESTS)
    ground = under(asking, {each.purpose for each in wishes})
    with refusals_kept(ground.row.id, by=ground.by):
        looking.expect_covered(ground)
    return wishes, ground


def subscribe(asking: Asking, correlation_id: str) -> dict[str, Any]:
    """Begin what a message subscribes to, and return the answer: a code for each request, or why there is none."""
    wishes, ground = wishes_under(asking)
    return {
        "transaction_id": asking.message["transaction_id"],
        "correlation_id": correlation_id,
        "subscribe_response": [_settled(each, asking, ground) for each in wishes],
    }


def _settled(wish: Wish, asking: Asking, ground: Under) -> dict[str, Any]:
    """Return what one request is answered; whatever is wrong with it is said, and nobody is told of anything by it."""
    try:
        row, is_new = _begun(wish, asking, ground)
    except NotCovered:
        raise
    except Refused as refused:
        return rejected(wish.reference_id, refused, asking)
    told = {"reference_id": wish.reference_id, "timestamp": stamp(asking.now), "status": Status.DONE.value}
    if not is_new:
        already = Wrong("interop-dci-subscribed-already", code=SubscribeReason.ALREADY)
        told = rejected(wish.reference_id, already, asking)
    return told | {"subscriptions": [_item(row, asking)]}


def _begun(wish: Wish, asking: Asking, ground: Under) -> tuple[Any, bool]:
    words = dictionary()
    following.read(wish.criteria, ground, words, registry=asking.registry)  # what is not understood begins nothing
    event = subscribed(wish.criteria, asking.registry).event
    wanted = subscribing.Wish(
        asking.registry.value,
        event.value,
        wish.criteria,
        asking.kept,
        wish.reference_id,
        asking.message["transaction_id"],
    )
    row, is_new = subscribing.subscribe(
        wanted,
        machine=asking.who.machine,
        agreement=ground.row.code,
        by=ground.by,
        under=Ground(ground.row.purpose_id, agreement=ground.row.code, on_consent=ground.row.needs_consent),
    )
    try:
        if row.ended_at is None:
            begin_following(following.about(row, ground, words).follows)
    except Refused:  # what cannot be followed is not begun
        subscribing.unsubscribe([row], kept=asking.kept, by=asking.who.acting_under(None))
        raise
    return row, is_new


def _item(row: Any, asking: Asking) -> dict[str, Any]:
    return subscription_item(
        str(row.id),
        is_live=row.ended_at is None,
        at=row.begun_at,
        registry=vocabulary.NAMES[asking.registry],
        criteria=criteria_of(row),
    )


def rejected(reference: str, refused: Refused, asking: Asking) -> dict[str, Any]:
    """Return that one request of a subscription is refused, and why."""
    code = getattr(refused, "code", None)
    known = isinstance(code, SubscribeReason)
    return looking.rejected(reference, refused, asking) | {
        "status_reason_code": code.value if known else SubscribeReason.DETAILS.value
    }


def refused_whole(asking: Asking, references: list[str], refused: Refused) -> dict[str, Any]:
    """Return the answer to a subscription that its agreement does not cover any more."""
    return {"subscribe_response": [rejected(each, refused, asking) for each in references]}


def unsubscribe(asking: Asking, correlation_id: str) -> dict[str, Any]:
    """End a machine's own subscriptions, all that a message names or, where one of them is not its own, none."""
    codes = codes_in(asking.message)
    own = own_subscriptions(asking.who.machine, codes)
    told = {
        "transaction_id": asking.message["transaction_id"],
        "correlation_id": correlation_id,
        "timestamp": stamp(asking.now),
    }
    live = [each for each in own.values() if each.ended_at is None or each.ended_by == asking.kept]
    if len(own) < len(codes):  # another's is as one that is not there
        return told | _not_ended("interop-dci-subscription-unknown", UnsubscribeReason.CODE, own, asking)
    if not live:
        return told | _not_ended("interop-dci-unsubscribed-already", UnsubscribeReason.ALREADY, own, asking)
    subscribing.unsubscribe(live, kept=asking.kept, by=asking.who.acting_under(None))
    stop_following([each.id for each in live])
    ended = [{"code": each, "status": "unsubscribe"} for each in codes]
    return told | {"status": Status.DONE.value, "subscription_status": ended}


def _not_ended(message: str, code: UnsubscribeReason, own: dict[str, Any], asking: Asking) -> dict[str, Any]:
    standing = [{"code": each, "status": "unsubscribe" if row.ended_at else "subscribe"} for each, row in own.items()]
    return {
        "status": Status.REJECTED.value,
        "status_reason_code": code.value,
        "status_reason_message": say(Wrong(message, code=code).message, asking.language).replace("\n", " ")[:999],
        "subscription_status": standing,
    }


def not_ended(asking: Asking, references: list[str], refused: Refused) -> dict[str, Any]:
    """Return the answer to the end of subscriptions where that is refused as a whole."""
    told = {"timestamp": stamp(asking.now)}
    return told | _not_ended(refused.message.id, UnsubscribeReason.REQUESTER, {}, asking)
