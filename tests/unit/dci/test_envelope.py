"""What is around every message: read strictly, refused with the place and never the value."""

from datetime import UTC, datetime, timedelta

import pytest

from amparo.dci.codes import Ack, Action, Error, HeaderReason, Registry, Status, Wrong
from amparo.dci.envelope import (
    Header,
    acknowledgement,
    answer,
    expect_count,
    expect_new,
    instant,
    locale,
    received,
    request,
    stamp,
)

NOW = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
HEADER = {
    "version": "1.0.0",
    "message_id": "m-1",
    "message_ts": "2026-06-15T12:00:00Z",
    "action": "search",
    "sender_id": "spmis.example.org",
    "receiver_id": "sr.example.org",
    "total_count": 1,
    "is_msg_encrypted": False,
}
MESSAGE = {"transaction_id": "t-1"}


def body(**changes):
    header = {name: value for name, value in (HEADER | changes).items() if value is not ...}
    return {"signature": "", "header": header, "message": MESSAGE}


def read(sent, **more):
    return received(sent, actions=(Action.SEARCH,), **more)


def test_a_message_is_read_and_what_a_signature_is_of_stays_as_it_came():
    sent = body(unknown_to_us=[1, 2], meta="")
    found = read(sent)
    assert (found.header.message_id, found.header.sender_id, found.header.message_ts) == (
        "m-1",
        "spmis.example.org",
        NOW,
    )
    assert found.signed == {"header": sent["header"], "message": MESSAGE}
    assert (found.signature, found.header.meta, found.header.status) == ("", {}, None)


@pytest.mark.parametrize("placeholder", ["", None, "unsigned", "unsigned-stub"])
def test_what_stands_for_no_signature_is_none(placeholder):
    assert read(body() | {"signature": placeholder}).signature == ""


WRONG = {
    "no message id": ({"message_id": ...}, Error.BAD),
    "an empty message id": ({"message_id": ""}, Error.BAD),
    "a message id that is a number": ({"message_id": 7}, Error.BAD),
    "a message id without end": ({"message_id": "m" * 100}, Error.BAD),
    "a line in an id": ({"message_id": "m\nm"}, Error.BAD),
    "no sender": ({"sender_id": ...}, Error.SENDER),
    "no time": ({"message_ts": ...}, HeaderReason.MESSAGE_TS),
    "a time without offset": ({"message_ts": "2026-06-15T12:00:00"}, HeaderReason.MESSAGE_TS),
    "a day that is none": ({"message_ts": "2026-02-31T12:00:00Z"}, HeaderReason.MESSAGE_TS),
    "another version": ({"version": "2.0.0"}, HeaderReason.VERSION),
    "an action that is none": ({"action": "delete"}, HeaderReason.ACTION),
    "another address's action": ({"action": "subscribe"}, HeaderReason.ACTION),
    "no count": ({"total_count": ...}, HeaderReason.COUNT),
    "a count in words": ({"total_count": "1"}, HeaderReason.COUNT),
    "a count that is yes": ({"total_count": True}, HeaderReason.COUNT),
    "meta that is a list": ({"meta": [1]}, Error.BAD),
    "whether encrypted in words": ({"is_msg_encrypted": "no"}, Error.BAD),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_with_a_header_has_a_code(what):
    changes, code = WRONG[what]
    with pytest.raises(Wrong) as refused:
        read(body(**changes))
    assert refused.value.code == code


@pytest.mark.parametrize("sent", [None, [], "x", {}, {"header": HEADER}, {"header": HEADER, "message": []}])
def test_what_is_no_message_is_refused(sent):
    with pytest.raises(Wrong) as refused:
        read(sent)
    assert refused.value.code == Error.BAD


def test_a_signature_that_is_no_text_is_refused():
    with pytest.raises(Wrong):
        read(body() | {"signature": {"alg": "none"}})


def test_an_event_says_its_status_and_need_not_say_who_sends_it():
    sent = body(action="notify", status="succ", sender_id=..., total_count=...)
    found = received(sent, actions=(Action.NOTIFY,), is_answer=True)
    assert found.header.status is Status.DONE
    with pytest.raises(Wrong):
        received(body(action="notify"), actions=(Action.NOTIFY,), is_answer=True)


def test_a_message_holds_for_five_minutes_and_one_more_for_clocks():
    for minutes in (0, -5.9, 0.9):
        expect_new(Header("m", NOW + timedelta(minutes=minutes), Action.SEARCH), now=NOW)
    for minutes in (-6.1, 1.1):
        with pytest.raises(Wrong) as refused:
            expect_new(Header("m", NOW + timedelta(minutes=minutes), Action.SEARCH), now=NOW)
        assert refused.value.code == HeaderReason.MESSAGE_TS


def test_a_message_holds_as_many_requests_as_it_says():
    header = Header("m", NOW, Action.SEARCH, total_count=2)
    expect_count(header, 2, most=2)
    for count, most, code in (
        (1, 2, HeaderReason.COUNT),
        (0, 2, HeaderReason.COUNT),
        (2, 1, HeaderReason.COUNT_LIMIT),
    ):
        with pytest.raises(Wrong) as refused:
            expect_count(header, count, most=most)
        assert refused.value.code == code


def test_instants_are_read_with_their_offset_and_written_in_utc():
    at = instant("2026-06-15T15:30:00.000+03:30", at="x")
    assert at == NOW
    assert stamp(at) == "2026-06-15T12:00:00.000Z"


@pytest.mark.parametrize("wrong", ["en", "ENG", "engl", "e1g", 5])
def test_a_language_is_three_small_letters(wrong):
    assert locale({"locale": "eng"}, at="x") == "eng"
    assert locale({}, at="x") == ""
    with pytest.raises(Wrong):
        locale({"locale": wrong}, at="x")


def test_an_acknowledgement_has_an_error_only_where_there_is_one():
    fine = acknowledgement(Ack.YES, at=NOW, correlation_id="c-1")
    told = {"ack_status": "ACK", "timestamp": "2026-06-15T12:00:00.000Z", "correlation_id": "c-1"}
    assert fine == {"message": told}
    wrong = acknowledgement(Ack.ERROR, at=NOW, correlation_id="c-1", error=(Error.BAD, "x" * 2000))
    assert wrong["message"]["error"] == {"code": "err.request.bad", "message": "x" * 999}


def test_what_is_written_is_read_again():
    header = Header("m-2", NOW, Action.SEARCH, "us", "them", total_count=3, meta={"page": 1})
    assert read(request(header, MESSAGE)).header == header
    told = Header("m-3", NOW, Action.ON_SEARCH, "us", "them", total_count=3, status=Status.DONE)
    found = received(answer(told, MESSAGE, completed=2), actions=(Action.ON_SEARCH,), is_answer=True)
    assert found.header == told
    assert found.signed["header"]["completed_count"] == 2
    assert Registry("sr") is Registry.SOCIAL
