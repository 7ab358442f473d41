"""Callbacks of G2P Connect: said under the agreement that the programme names, held against the list as a file is, counted once."""

import json
from dataclasses import replace
from uuid import uuid4

import pytest
from django.conf import settings

from amparo.payments import actions, tasks
from amparo.trust.covering import Direction, FieldTerm
from tests.lib import agreeing, country, gateways, machines, paying
from tests.lib.agreeing import TERMS, in_force
from tests.lib.country import GROUND
from tests.lib.payer import SECRET, Payer
from tests.lib.paying import BY_ITSELF, enrolled, rows

AMOUNTS = (100, 200)
INCOMING = replace(
    TERMS, provider="pensions", consumer="ministry", direction=Direction.IN, fields=(FieldTerm("person", "given_name"),)
)


@pytest.fixture
def world(fresh_database, own_keys, monkeypatch):
    (own_keys / "g2p.secret").write_text(SECRET)
    monkeypatch.setattr(settings, "PAYMENTS", {"g2p": {}})
    monkeypatch.setattr(settings, "CALLS", {"places": [], "inside": []})
    paying.installed(BY_ITSELF)
    agreeing.install()
    payer, cast = Payer(), country.cast()
    paying.goes_to(payer.address, settings.PAYMENTS, settings.CALLS)
    enrolled(*AMOUNTS, recipients=paying.payees(cast.paz, len(AMOUNTS)))
    made = paying.prepared(cast.paz)
    paying.funded(cast.quinn, sum(AMOUNTS))
    paying.approved(cast.rosa, actions.propose(made.id, by=cast.paz, under=GROUND))
    actions.send(made.id, by=cast.paz, under=GROUND)
    with gateways.serving(payer):
        tasks.dispatch(0)
        yield payer


@pytest.fixture
def program(world):
    return machines.program(in_force("pays", INCOMING))


def transaction(payer: Payer) -> str:
    (found,) = payer.handed
    return found


def states() -> dict[int, str]:
    return dict(rows("SELECT amount_minor, state FROM payments_payment"))


def test_a_callback_counts_and_the_same_one_again_counts_once(world, program):
    said = world.callback(transaction(world))
    first, again = (program.post("agreements/pays/on-disburse", said) for _ in range(2))
    assert [each.status_code for each in (first, again)] == [200, 200]
    assert first.json()["message"]["ack_status"] == "ACK"
    assert rows("SELECT state, lines FROM payments_return") == [("received", 2)]
    tasks.dispatch(0)
    assert states() == {100: "paid", 200: "paid"}
    assert rows("SELECT state FROM payments_dispatch") == [("answered",)]
    assert world.asked == []
    assert "Noor" not in str(rows("SELECT * FROM payments_returnline"))


def test_a_status_that_comes_later_counts_as_well(world, program):
    found = {"txn_type": "on-disburse", "txn_status": world.response(transaction(world))}
    said = world.callback(transaction(world))
    said["message"] = {"transaction_id": transaction(world), "correlation_id": "c", "txnstatus_response": found}
    assert program.post("agreements/pays/disburse/txn/on-status", said).status_code == 200
    tasks.dispatch(0)
    assert states() == {100: "paid", 200: "paid"}


def test_of_what_is_pending_or_rejected_whole_nothing_is_kept(world, program):
    world.says = lambda reference: {"status": "pdng"}
    assert program.post("agreements/pays/on-disburse", world.callback(transaction(world))).status_code == 200
    world.says = lambda reference: {"status": "succ"}
    said = world.callback(transaction(world))
    said["header"] |= {"status": "rjct", "status_reason_code": "rjct.total_count.limit_exceeded"}
    assert program.post("agreements/pays/on-disburse", said).status_code == 200
    assert rows("SELECT count(*) FROM payments_return") == [(0,)]


def test_an_unknown_line_refuses_the_whole_and_leaves_it_to_a_person(world, program):
    world.also = [{"reference_id": "99", "timestamp": "2026-11-24T09:00:00Z", "status": "succ"}]
    assert program.post("agreements/pays/on-disburse", world.callback(transaction(world))).status_code == 200
    tasks.dispatch(0)
    ((state, conflicts),) = rows("SELECT state, conflicts FROM payments_return")
    assert (state, json.loads(conflicts)) == ("refused", {"unknown-line": 1})
    assert set(states().values()) == {"ready"}


def test_another_agreement_and_a_transaction_of_nobodys_say_nothing(world, program):
    other = machines.program(in_force("elsewhere", INCOMING))
    said = world.callback(transaction(world))
    unknown = said | {"message": said["message"] | {"transaction_id": uuid4().hex}}
    odd = said | {"message": said["message"] | {"transaction_id": "t-1"}}
    assert other.post("agreements/elsewhere/on-disburse", said).status_code == 404
    assert [program.post("agreements/pays/on-disburse", each).status_code for each in (unknown, odd)] == [404, 404]
    assert rows("SELECT count(*) FROM payments_return") == [(0,)]


@pytest.mark.parametrize(
    "change",
    [{"message": None}, {"message": []}, {"header": {}}, {"header": {"status": "succ", "is_msg_encrypted": True}}],
)
def test_what_has_not_the_standards_form_is_refused(world, program, change):
    answer = program.post("agreements/pays/on-disburse", world.callback(transaction(world)) | change)
    assert (answer.status_code, answer.json()["id"]) == (400, "payments-answer-unreadable")
