"""What a partner subscribes to, what ends that, and the events that it is told of.

Shape   the messages of subscribe and unsubscribe in, typed requests out; records in, the messages of notify out
Nulls   a kind of filter that is not said is refused: which of the three it is is never guessed from its shape
Errors  Wrong, with the standard's code for subscriptions. An event, a filter or a member that is not known is refused
Source  the standard's subscribe, notify and unsubscribe, of a social registry and a registry of beneficiaries, 1.0.0
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from amparo.dci.codes import (
    VERSION,
    QueryType,
    RecordType,
    Registry,
    SearchReason,
    SubscribeReason,
    UnsubscribeReason,
    Wrong,
)
from amparo.dci.envelope import instant, locale, stamp, text
from amparo.dci.searching import Asked, purpose_in, record_type_in

MOST_CODES = 100
_CRITERIA = {
    *("version", "reg_type", "reg_event_type", "frequency", "filter_type", "filter", "notify_record_type"),
    *("authorize", "consent"),
}


class EventType(StrEnum):
    """What happens in a registry, in the standard's words; UPDATE and DEATH are of peers, for which it has none."""

    REGISTER = "REGISTER"
    UPDATE = "UPDATE"
    DEATH = "DEATH"
    NEW_MEMBER = "NewHouseHoldMember"
    ENROLLED = "enrollement"
    STATUS_CHANGED = "enrollement_status_change"


EVENTS = {
    Registry.SOCIAL: (EventType.REGISTER, EventType.UPDATE, EventType.DEATH, EventType.NEW_MEMBER),
    Registry.BENEFICIARY: (EventType.ENROLLED, EventType.STATUS_CHANGED),
}
# Those that the standard's notify has a word for. Another is named in the header's `meta` alone.
PUBLISHED = {EventType.REGISTER, EventType.NEW_MEMBER, EventType.ENROLLED, EventType.STATUS_CHANGED}
_OTHER_NAMES = {
    "registration": EventType.REGISTER,
    "enrollment": EventType.ENROLLED,
    "enrollment_status_change": EventType.STATUS_CHANGED,
}


@dataclass(frozen=True)
class Wish:
    """One request of a subscription, its form checked. `criteria`: as they came, by which it is read again later."""

    reference_id: str
    criteria: Mapping[str, Any]
    purpose: str
    locale: str = ""


def wishes_in(message: Mapping[str, Any]) -> list[Wish]:
    """Return the requests of a subscription. Raises Wrong where one does not have the form it must: then nothing is done."""
    text(message, "transaction_id", at="message")
    sent = message.get("subscribe_request")
    if not isinstance(sent, list) or not all(isinstance(each, dict) for each in sent):
        raise Wrong("dci-form-wrong", code=SubscribeReason.DETAILS, at="message.subscribe_request")
    found = [_wish(each, f"subscribe_request.{place}") for place, each in enumerate(sent)]
    if len({each.reference_id for each in found}) < len(found):
        raise Wrong("dci-reference-twice", code=SubscribeReason.REFERENCE_TWICE)
    return found


def _wish(sent: Mapping[str, Any], at: str) -> Wish:
    reference = text(sent, "reference_id", at=at, code=SubscribeReason.REFERENCE)
    instant(sent.get("timestamp"), at=f"{at}.timestamp", code=SubscribeReason.TIMESTAMP)
    criteria = sent.get("subscribe_criteria")
    if not isinstance(criteria, dict) or criteria.keys() - _CRITERIA:
        raise Wrong("dci-form-wrong", code=SubscribeReason.DETAILS, at=f"{at}.subscribe_criteria")
    return Wish(reference, criteria, purpose_in(criteria), locale(sent, at=at))


@dataclass(frozen=True)
class Subscribed:
    """What the criteria of a subscription ask for. `asked`: whom it is about, as a search would ask for them."""

    event: EventType
    asked: Asked


def subscribed(criteria: Mapping[str, Any], registry: Registry, *, reference_id: str = "") -> Subscribed:
    """Return what criteria ask for. Raises Wrong, with a code of subscriptions."""
    event = _event(criteria.get("reg_event_type"), registry)
    if criteria.get("frequency") not in (None, "", {}):
        raise Wrong("dci-frequency-not-offered", code=SubscribeReason.DETAILS)
    if criteria.get("filter_type") not in list(QueryType):
        raise Wrong("dci-query-type-unknown", code=SubscribeReason.DETAILS, known=[each.value for each in QueryType])
    return Subscribed(
        event,
        Asked(
            reference_id=reference_id,
            query_type=QueryType(criteria["filter_type"]),
            query=criteria.get("filter"),
            record_type=_record_type(criteria),
            purpose=purpose_in(criteria),
        ),
    )


def _event(name: Any, registry: Registry) -> EventType:
    """Return an event by its name, with or without a name space before it."""
    last = re.split(r"[:/]", name)[-1].lower() if isinstance(name, str) else ""
    known = {each.value.lower(): each for each in EventType} | _OTHER_NAMES
    found = known.get(last)
    if found not in EVENTS[registry]:
        raise Wrong("dci-event-unknown", code=SubscribeReason.TYPES, known=[each.value for each in EVENTS[registry]])
    return found


def _record_type(criteria: Mapping[str, Any]) -> RecordType | None:
    try:
        return record_type_in({"reg_record_type": criteria.get("notify_record_type"), "query": criteria.get("filter")})
    except Wrong as wrong:
        raise as_of_subscription(wrong) from None


def as_of_subscription(wrong: Wrong) -> Wrong:
    """Return what is wrong with a filter, which is read as a search is, with a code of subscriptions."""
    if isinstance(wrong.code, SearchReason):
        return Wrong(wrong.message.id, code=SubscribeReason.DETAILS, **wrong.message.values)
    return wrong


def codes_in(message: Mapping[str, Any]) -> list[str]:
    """Return the subscriptions that are to end, each once. Raises Wrong."""
    text(message, "transaction_id", at="message")
    instant(message.get("timestamp"), at="message.timestamp", code=UnsubscribeReason.TIMESTAMP)
    codes = message.get("subscription_codes")
    is_list = isinstance(codes, list) and 0 < len(codes) <= MOST_CODES
    if not is_list or not all(isinstance(each, str) and 0 < len(each) <= 99 for each in codes):
        raise Wrong("dci-codes-wrong", code=UnsubscribeReason.CODE, most=MOST_CODES)
    return list(dict.fromkeys(codes))


def subscription_item(
    code: str, *, is_live: bool, at: datetime, registry: str, criteria: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what is said of a subscription: its code, and what it is for. A filter that names a number is not repeated."""
    said = {
        name: criteria[name] for name in ("reg_event_type", "filter_type", "notify_record_type") if criteria.get(name)
    }
    return {
        "version": VERSION,
        "code": code,
        "status": "subscribe" if is_live else "unsubscribe",
        "timestamp": stamp(at),
        "reg_type": f"ns:org:RegistryType:{registry}",
        **said,
    }


def notified(
    reference_id: str, record: Mapping[str, Any], *, at: datetime, registry: str, event: EventType, type: RecordType
) -> dict[str, Any]:
    """Return one event with the record of whom it is about. `reference_id` is the event's id, the same however often it is sent."""
    told = {"version": VERSION, "reg_type": f"ns:org:RegistryType:{registry}", "reg_record_type": type.value}
    if event in PUBLISHED:
        told["reg_event_type"] = event.value
    return {"reference_id": reference_id, "timestamp": stamp(at), "data": told | {"reg_records": dict(record)}}
