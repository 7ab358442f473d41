"""What is subscribed to, in every form in use, and what is refused; events in the standard's words."""

from datetime import UTC, datetime

import pytest

from amparo.dci.codes import QueryType, RecordType, Registry, SubscribeReason, UnsubscribeReason, Wrong
from amparo.dci.subscribing import EVENTS, EventType, codes_in, notified, subscribed, subscription_item, wishes_in

NOW = "2026-06-15T12:00:00Z"
CRITERIA = {
    "reg_event_type": "REGISTER",
    "filter_type": "idtype-value",
    "filter": {"type": "UIN", "value": "847951632"},
    "notify_record_type": "Member",
}
REQUEST = {"reference_id": "r-1", "timestamp": NOW, "subscribe_criteria": CRITERIA}


def message(*requests):
    return {"transaction_id": "t-1", "subscribe_request": list(requests)}


@pytest.mark.parametrize(
    ("name", "event"),
    [
        ("REGISTER", EventType.REGISTER),
        ("registration", EventType.REGISTER),
        ("spdci-common:RegistryEventType:Death", EventType.DEATH),
        ("https://schema.spdci.org/NewHouseHoldMember", EventType.NEW_MEMBER),
    ],
)
def test_an_event_is_known_by_its_name_with_or_without_a_name_space(name, event):
    found = subscribed(CRITERIA | {"reg_event_type": name}, Registry.SOCIAL)
    assert (found.event, found.asked.query_type) == (event, QueryType.IDENTIFIER)
    assert found.asked.record_type is RecordType.MEMBER


def test_each_registry_has_its_own_events():
    for registry, events in EVENTS.items():
        for event in EventType:
            asked = CRITERIA | {"reg_event_type": event.value}
            if event in events:
                assert subscribed(asked, registry).event is event
            else:
                with pytest.raises(Wrong) as refused:
                    subscribed(asked, registry)
                assert refused.value.code is SubscribeReason.TYPES


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"reg_event_type": None}, SubscribeReason.TYPES),
        ({"filter_type": None}, SubscribeReason.DETAILS),  # its shape is not guessed from
        ({"filter_type": "graphql"}, SubscribeReason.DETAILS),
        ({"frequency": "daily"}, SubscribeReason.DETAILS),
        ({"notify_record_type": "Farmer"}, SubscribeReason.DETAILS),
    ],
)
def test_what_is_not_understood_is_refused_with_a_code_of_subscriptions(change, reason):
    with pytest.raises(Wrong) as refused:
        subscribed(CRITERIA | change, Registry.SOCIAL)
    assert refused.value.code is reason


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (message(REQUEST, REQUEST), SubscribeReason.REFERENCE_TWICE),
        (message(REQUEST | {"reference_id": ""}), SubscribeReason.REFERENCE),
        (message(REQUEST | {"timestamp": "2026-06-15T12:00:00"}), SubscribeReason.TIMESTAMP),
        (message(REQUEST | {"subscribe_criteria": CRITERIA | {"more": 1}}), SubscribeReason.DETAILS),
        ({"transaction_id": "t-1", "subscribe_request": {}}, SubscribeReason.DETAILS),
    ],
)
def test_a_form_that_is_wrong_is_refused_with_its_code(sent, reason):
    with pytest.raises(Wrong) as refused:
        wishes_in(sent)
    assert refused.value.code is reason


@pytest.mark.parametrize("codes", [None, [], "all", [""], [1], ["x"] * 101])
def test_what_lists_no_subscriptions_ends_none(codes):
    with pytest.raises(Wrong) as refused:
        codes_in({"transaction_id": "t-1", "timestamp": NOW, "subscription_codes": codes})
    assert refused.value.code is UnsubscribeReason.CODE


def test_a_code_that_is_named_twice_is_one():
    assert codes_in({"transaction_id": "t-1", "timestamp": NOW, "subscription_codes": ["a", "b", "a"]}) == ["a", "b"]


def test_a_filter_is_not_repeated_and_an_event_without_a_word_has_none():
    at = datetime(2026, 6, 15, tzinfo=UTC)
    told = subscription_item("c", is_live=True, at=at, registry="Social", criteria=CRITERIA)
    assert "847951632" not in str(told)
    for event, has_word in ((EventType.REGISTER, True), (EventType.UPDATE, False)):
        item = notified("e", {"a": 1}, at=at, registry="Social", event=event, type=RecordType.MEMBER)
        assert ("reg_event_type" in item["data"]) is has_word
        assert item["data"]["reg_records"] == {"a": 1}
