"""G2P Connect, written and read: the standard's words, exact amounts, and nothing that is not understood (OPS-1)."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from amparo.kernel.errors import Refused
from amparo.payments.rails import g2p
from amparo.payments.rails.g2p import answers
from amparo.payments.rails.sending import Due, Sending
from amparo.payments.types import PaymentState
from tests.lib import payer, paying

SENDING = Sending(
    id="0123",
    approved_at=datetime(2026, 11, 20, 12, tzinfo=UTC),
    pays_on=date(2026, 11, 25),
    currency="KES",
    decimals=2,
    programme="hsnp",
    payer=paying.PAYER,
    payments=(Due("00000000000197", 2_700_00, "Abdi Noor", "EQBLKENA", "KE421111", "bank"),),
    goes_on=date(2026, 11, 21),
)


def told(sending: Sending) -> dict:
    return json.loads(g2p.written(sending))["disbursements"][0]


def test_a_message_has_the_form_of_the_standard_and_names_no_programme():
    message = json.loads(g2p.written(SENDING))
    header = {
        "version": "1.0.0",
        "message_id": "1",
        "message_ts": "2026-11-20T12:00:00+00:00",
        "action": "disburse",
        "sender_id": "ministry",
        "total_count": 1,
    }
    payer.expect_sound({"header": header, "message": message})
    assert told(SENDING) == {
        "reference_id": "00000000000197",
        "payer_fa": "account:1000000001@CBKEKENX",
        "payer_name": "Fund",
        "payee_fa": "bank:KE421111@EQBLKENA",
        "payee_name": "Abdi Noor",
        "amount": "2700.00",
        "currency_code": "KES",
        "note": "00000000000197",
        "scheduled_timestamp": "2026-11-25T00:00:00Z",
    }
    assert g2p.written(SENDING) == g2p.written(SENDING)


def test_what_is_due_already_goes_at_once():
    assert "scheduled_timestamp" not in told(replace(SENDING, goes_on=date(2026, 11, 25)))


@pytest.mark.parametrize(("minor", "decimals", "amount"), [(1, 2, "0.01"), (5, 0, "5.0"), (15, 1, "1.5")])
def test_amounts_are_exact(minor, decimals, amount):
    assert g2p.amount(minor, decimals) == amount


@pytest.mark.parametrize(
    ("sending", "refusal"),
    [
        (replace(SENDING, payer=None), "payer-missing"),
        (replace(SENDING, decimals=3), "decimals-too-many"),
        (replace(SENDING, payments=(Due("1", 1, "A", "Bank of X", "1", "bank"),)), "address-unsound"),
        (replace(SENDING, payments=(Due("1", 1),)), "address-unsound"),
    ],
)
def test_what_cannot_be_said_in_it_is_refused(sending, refusal):
    with pytest.raises(Refused, match=f"payments-{refusal}"):
        g2p.written(sending)


def line(**more) -> dict:
    return {"reference_id": "R1", "timestamp": "2026-11-24T09:00:00Z", "status": "succ", **more}


def read(*lines: object) -> list:
    said = {"message": {"transaction_id": "t", "disbursements_status": list(lines)}}
    assert answers.transaction_of(said) == "t"
    return answers.of_callback(said, decimals=2)[1]


@pytest.mark.parametrize(
    ("more", "outcome", "minor", "reason"),
    [
        ({}, PaymentState.PAID, None, ""),
        ({"amount": "1.50", "currency_code": "KES"}, PaymentState.PAID, 150, ""),
        ({"status": "rjct", "status_reason_code": "rjct.payee_fa.invalid"}, PaymentState.ERROR, None, "rjct.payee_fa.invalid"),
        ({"status": "rjct", "instruction": "returned"}, PaymentState.RETURNED, None, ""),
        ({"status": "rjct", "status_reason_code": "Yara Haddad!"}, PaymentState.ERROR, None, ""),
    ],
)  # fmt: skip
def test_each_status_is_an_outcome_and_nobodys_name_is_kept(more, outcome, minor, reason):
    (found,) = read(line(payee_name="Yara Haddad", **more))
    assert (found.reference, found.outcome, found.amount_minor, found.reason) == ("R1", outcome, minor, reason)
    assert "Yara" not in repr(found)


def test_what_is_pending_or_came_twice_says_nothing():
    twice = line(status="rjct", status_reason_code="rjct.reference_id.duplicate")
    assert read(line(status="rcvd"), line(status="pdng"), twice) == []


@pytest.mark.parametrize(
    "broken",
    [
        *("text", None, 1, {}, []),
        *(line(status="paid"), line(amount=1.5), line(amount="1"), line(amount="-1.00"), line(timestamp="soon")),
        *(line(reference_id=""), line(reference_id=7), line(currency_code="EURO"), {"reference_id": "R1"}),
    ],
)
def test_one_line_that_is_not_understood_refuses_all(broken):
    with pytest.raises(answers.Unreadable):
        read(line(), broken)


@pytest.mark.parametrize("said", [[], {}, {"message": 1}, {"message": {"transaction_id": "t"}}, {"message": {}}])
def test_what_is_no_message_is_refused(said):
    for reading in (answers.of_callback, answers.of_status):
        with pytest.raises(answers.Unreadable):
            reading(said, decimals=2)
    with pytest.raises(answers.Unreadable):
        answers.receipt(said)


def test_a_message_that_is_encrypted_or_of_another_transaction_inside_is_refused():
    with pytest.raises(answers.Unreadable):
        answers.rejection({"header": {"status": "succ", "is_msg_encrypted": True}})
    inner = {"transaction_id": "other", "disbursements_status": []}
    said = {"transaction_id": "t", "txnstatus_response": {"txn_type": "on-disburse", "txn_status": inner}}
    with pytest.raises(answers.Unreadable):
        answers.of_status({"message": said}, decimals=2)
