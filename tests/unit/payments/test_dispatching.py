"""Payments that go by themselves: handed over once as far as anybody can know, asked about where not, and never paid twice (OPS-1)."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connections

from amparo.kernel import clock
from amparo.kernel.errors import NotPermitted, Refused
from amparo.payments import actions, queries, tasks
from amparo.payments.actions import reconciling
from amparo.payments.actions.accounts import Given
from amparo.payments.config import ASKS, DELAYS
from amparo.payments.rails.g2p import calling
from amparo.payments.types import Check, DispatchState, ListState, ReturnState
from amparo.trust.context import acting
from amparo.trust.types import Permission, system
from tests.lib import gateways, paying
from tests.lib.country import GROUND
from tests.lib.payer import SECRET, Does, Payer
from tests.lib.paying import BY_ITSELF, enrolled, rows
from tests.structure.sources import ROOT

SOON = timedelta(seconds=1)
# How often a job is killed while it hands payments over; in CI few times.
KILLS = int(os.environ.get("AMPARO_PAYMENT_KILLS", "2"))
# How many sequences of failures are drawn.
FAILURES = int(os.environ.get("AMPARO_DISPATCHES", "2"))
AMOUNTS = (100, 200, 300, 400, 500)


@pytest.fixture
def world(fresh_database, cast, own_keys, monkeypatch):
    (own_keys / "g2p.secret").write_text(SECRET + "\n")
    monkeypatch.setattr(settings, "PAYMENTS", {"g2p": dict.fromkeys(("address", "sender", "receiver", "callback"), "")})
    monkeypatch.setattr(settings, "CALLS", {"places": [], "inside": []})
    paying.installed(BY_ITSELF)
    return cast


@pytest.fixture
def payer(world):
    found = Payer()
    paying.goes_to(found.address, settings.PAYMENTS, settings.CALLS)
    with gateways.serving(found):
        yield found


@pytest.fixture
def made(world):
    """An approved list of five people with accounts."""
    enrolled(*AMOUNTS, recipients=paying.payees(world.paz, len(AMOUNTS)))
    found = paying.prepared(world.paz)
    paying.funded(world.quinn, sum(AMOUNTS))
    return paying.approved(world.rosa, actions.propose(found.id, by=world.paz, under=GROUND))


def sent(world, made, *, at_once: int = 2):
    return actions.send(made.id, by=world.paz, under=GROUND, at_once=at_once)


def turn(after: timedelta = SOON) -> None:
    """Let the job run so long from now."""
    with clock.fixed(clock.now() + after):
        tasks.dispatch(0)


def parts(made) -> list[tuple]:
    return rows(
        "SELECT part, state, reason, attempts, payments, amount_minor FROM payments_dispatch WHERE list_id = %s ORDER BY part",
        made.id,
    )


def states() -> dict[int, tuple[str, int]]:
    return {each[0]: each[1:] for each in rows("SELECT amount_minor, state, paid_minor FROM payments_payment")}


def references() -> dict[int, str]:
    return dict(rows("SELECT amount_minor, reference FROM payments_payment"))


def returns() -> list[tuple]:
    told = rows("SELECT state, lines, conflicts FROM payments_return ORDER BY received_at, id")
    return [(state, lines, json.loads(conflicts)) for state, lines, conflicts in told]


def test_a_list_goes_in_parts_of_the_standards_form_and_all_of_it_is_paid_once(world, payer, made):
    assert sent(world, made).state is ListState.EXPORTED
    assert [(each[0], each[1], each[4]) for each in parts(made)] == [
        (1, "waiting", 2),
        (2, "waiting", 2),
        (3, "waiting", 1),
    ]
    assert sum(each[5] for each in parts(made)) == made.amount_minor == sum(AMOUNTS)
    turn()
    assert payer.paid == dict.fromkeys(references().values(), 1)
    assert payer.amounts == {reference: f"{minor / 100:.2f}" for minor, reference in references().items()}
    text = str(payer.envelopes)
    assert "Noor, Ada0" in text
    assert not [each for each in ("poor_home", "Relief", "n1") if each in text]
    assert [each["idempotency-key"] for each in payer.headers] == list(payer.handed)
    turn(ASKS[0] + SOON)
    assert {each[1] for each in parts(made)} == {"answered"}
    assert states() == {minor: ("paid", minor) for minor in AMOUNTS}
    turn(timedelta(days=9))
    assert (payer.calls, len(payer.asked)) == (6, 3)


def test_what_goes_and_what_comes_is_in_the_log_by_the_job(world, payer, made):
    sent(world, made, at_once=5)
    turn()
    turn(ASKS[0] + SOON)
    found = [event for (event,) in rows(
        "SELECT event FROM trust_audit WHERE event IN ('list-exported', 'dispatch-attempted', 'dispatch-ended', 'return-settled')"
        " ORDER BY id"
    )]  # fmt: skip
    assert found == ["list-exported", *("dispatch-attempted", "dispatch-ended") * 2, "return-settled"]


@pytest.mark.parametrize("code", ["", "rjct.version.invalid", "It is there; do not send it again!"])
def test_what_is_rejected_for_another_reason_than_that_it_is_not_there_is_not_handed_over_again(
    world, payer, made, code
):
    """It may have arrived and be paid: only the word that it did not lets it go again."""
    payer.does = lambda path, number: Does.CUTS_AFTER if number == 1 else Does.TAKES
    sent(world, made, at_once=5)
    turn()
    payer.handed.clear()
    payer.unknown = code
    turn(timedelta(minutes=5))
    assert payer.handed == {}
    assert parts(made)[0][1:3] == ("waiting", "refused")
    payer.unknown = "rjct.srch_transaction_id.not_found"
    turn(timedelta(hours=1))
    assert len(payer.handed) == 1


def test_nothing_goes_in_a_trial_or_unconfigured_or_in_the_clear(world, payer, made, monkeypatch):
    with monkeypatch.context() as trial:
        trial.setattr("amparo.trust.stage.is_live", lambda **_: False)
        with pytest.raises(NotPermitted):
            sent(world, made)
        with pytest.raises(NotPermitted):
            actions.dispatch(by=system("test"))
    paying.goes_to("", settings.PAYMENTS, settings.CALLS)
    sent(world, made, at_once=5)
    turn()
    assert parts(made)[0][1:4] == ("waiting", "", 0)


@pytest.mark.parametrize(
    ("change", "reason"),
    [(lambda address: settings.CALLS["inside"].clear(), "unsafe"),
     (lambda address: settings.PAYMENTS["g2p"].update(address=address.replace("127.0.0.1", "169.254.169.254")), "unsafe"),
     (lambda address: settings.PAYMENTS["g2p"].update(address="https://user@pays.example"), "not-called")],
)  # fmt: skip
def test_an_address_that_may_not_be_called_is_not(world, payer, made, change, reason):
    change(payer.address)
    sent(world, made, at_once=5)
    turn()
    assert parts(made)[0][1:4] == ("waiting", reason, 1)
    assert payer.calls == 0


@pytest.mark.parametrize(
    ("does", "reason"),
    [(Does.FAILS, "refused"), (Does.ERRS, "refused"), (Does.CUTS_BEFORE, "silent"), (Does.HANGS, "silent")],
)
def test_what_was_not_taken_is_handed_over_again_under_the_same_ids(world, payer, made, does, reason, monkeypatch):
    monkeypatch.setattr(calling, "SECONDS", 0.3 if does is Does.HANGS else 30)
    payer.does = lambda path, number: does if number == 1 else Does.TAKES
    sent(world, made, at_once=5)
    turn()
    assert parts(made)[0][1:4] == ("waiting", reason, 1)
    turn(DELAYS[0] - SOON * 5)
    assert payer.calls == 1
    turn(DELAYS[0] + SOON)
    assert (len(payer.asked), parts(made)[0][1]) == (1, "taken")  # asked first, and then handed over
    assert payer.paid == dict.fromkeys(references().values(), 1)
    assert "Yara" not in str(rows("SELECT details FROM trust_audit WHERE event = 'dispatch-ended'"))


@pytest.mark.parametrize("does", [Does.CUTS_AFTER, Does.BABBLES])
def test_what_was_taken_without_an_answer_is_asked_about_and_not_handed_over_again(world, payer, made, does):
    payer.does = lambda path, number: does if number == 1 else Does.TAKES
    sent(world, made, at_once=5)
    turn()
    turn(DELAYS[0] + SOON)
    assert [len(each) for each in payer.handed.values()] == [1]
    assert parts(made)[0][1] == "answered"
    assert states() == {minor: ("paid", minor) for minor in AMOUNTS}


def test_after_the_last_attempt_it_is_given_up_and_a_person_lets_it_go_again(world, payer, made):
    payer.does = lambda path, number: Does.FAILS
    sent(world, made, at_once=5)
    for number in range(len(DELAYS) + 2):
        turn(sum(DELAYS[:number], SOON * (number + 1)))
    assert parts(made)[0][1:4] == ("given-up", "refused", len(DELAYS))
    payer.does = lambda path, number: Does.TAKES
    with acting(world.paz.narrowed(Permission.EXPORT_PAYMENTS)) as by:
        actions.send_again(made.id, 1, by=by, under=GROUND)
        with pytest.raises(Refused, match="payments-dispatch-not-so"):
            actions.send_again(made.id, 1, by=by, under=GROUND)
        with pytest.raises(Refused, match="payments-dispatch-not-so"):
            actions.send_again(made.id, 2, by=by, under=GROUND)
    turn()
    assert (list(payer.handed), parts(made)[0][1]) == ([rows("SELECT id FROM payments_dispatch")[0][0].hex], "taken")


def test_what_is_lost_waits_for_a_person(world, payer, made):
    sent(world, made, at_once=5)
    turn()
    payer.handed.clear()
    turn(ASKS[0] + SOON)
    assert parts(made)[0][1:3] == ("taken", "lost")
    assert payer.calls == 2
    with acting(world.paz.narrowed(Permission.READ_PAYMENTS)):
        (told,) = queries.dispatches_of(made.id)
    assert (told.state, queries.may_go_again(told.state, told.reason)) == (DispatchState.TAKEN, True)


def test_three_that_nobody_answers_end_a_turn_and_the_rest_is_not_counted(world, payer, made):
    payer.does = lambda path, number: Does.CUTS_BEFORE
    sent(world, made, at_once=1)
    turn()
    assert [each[3] for each in parts(made)] == [1, 1, 1, 0, 0]


def test_full_partial_zero_error_returned_and_pending_leave_each_payment_as_it_says(world, payer, made):
    known = {reference: minor for minor, reference in references().items()}
    says = {
        100: {"status": "succ", "amount": "1.00", "currency_code": "EUR"},
        200: {"status": "succ", "amount": "1.50"},
        300: {"status": "succ", "amount": "0.00"},
        400: {"status": "rjct", "status_reason_code": "rjct.payee_fa.invalid"},
        500: {"status": "pdng"},
    }
    payer.says = lambda reference: says[known[reference]]
    sent(world, made, at_once=5)
    turn()
    turn(ASKS[0] + SOON)
    assert states() == {
        100: ("paid", 100),
        200: ("partial", 150),
        300: ("zero", 0),
        400: ("error", 0),
        500: ("ready", 0),
    }
    assert parts(made)[0][1] == "taken"
    says[500] = {"status": "succ"}
    says[100] = {"status": "rjct", "instruction": "returned"}
    turn(sum(ASKS[:2], SOON * 2))
    assert (states()[500], states()[100], parts(made)[0][1]) == (("paid", 500), ("returned", 0), "answered")


def test_the_same_answer_again_is_not_taken_in_again(world, payer, made):
    known = {reference: minor for minor, reference in references().items()}
    payer.says = lambda reference: {"status": "pdng" if known[reference] == 500 else "succ"}
    sent(world, made, at_once=5)
    turn()
    turn(ASKS[0] + SOON)
    turn(sum(ASKS[:2], SOON * 2))
    assert returns() == [("settled", 4, {})]


@pytest.mark.parametrize(
    ("more", "conflicts"),
    [
        ([{"reference_id": "99999999999999", "status": "succ"}], {"unknown-line": 1}),
        ([{"reference_id": "{100}", "status": "succ", "amount": "1.00"}], {"twice": 2}),
    ],
)
def test_an_answer_that_contradicts_is_refused_whole_and_another_person_lets_the_rest_count(
    world, payer, made, more, conflicts
):
    of = {f"{{{minor}}}": reference for minor, reference in references().items()}
    payer.also = [
        each | {"reference_id": of.get(each["reference_id"], each["reference_id"]), "timestamp": "2026-11-24T09:00:00Z"}
        for each in more
    ]
    sent(world, made, at_once=5)
    turn()
    turn(ASKS[0] + SOON)
    assert returns() == [("refused", 6, conflicts)]
    assert {state for state, _ in states().values()} == {"ready"}
    (id,) = rows("SELECT id FROM payments_return")[0]
    assert actions.override(id, by=world.samir, under=GROUND).state is ReturnState.SETTLED
    assert states()[500] == ("paid", 500)


def settled() -> int:
    return reconciling.settle_told(by=system("payments"), under=GROUND)


def told_and_waiting(world, made) -> None:
    sent(world, made)
    for after in (SOON, ASKS[0] + SOON):
        turn(after)
    assert returns()
    with connections["bulk"].cursor() as cursor:
        cursor.execute("UPDATE payments_return SET state = 'received'")


def test_what_another_worker_has_by_now_is_passed_over(world, payer, made):
    told_and_waiting(world, made)
    with ThreadPoolExecutor(4) as workers:
        found = list(workers.map(lambda _: settled(), range(4)))
    assert max(found) >= 1
    assert "received" not in {state for state, _, _ in returns()}


def test_whatever_else_refuses_a_word_is_seen_and_leaves_it_waiting(world, payer, made, monkeypatch):
    told_and_waiting(world, made)

    def broken(*given):
        raise Refused("payments-same-hands")

    monkeypatch.setattr(reconciling, "_conflicts", broken)
    with pytest.raises(Refused, match="payments-same-hands"):
        settled()
    assert returns()[0][0] == "received"


def test_a_list_goes_once_and_has_no_files_beside(world, payer, made):
    sent(world, made)
    with pytest.raises(Refused, match="payments-list-not-so"):
        sent(world, made)
    with pytest.raises(Refused, match="payments-goes-by-itself"):
        paying.exported(world.paz, made)


def test_who_may_not_send_does_not(world, made):
    for who in (world.quinn, world.amina):
        with pytest.raises(NotPermitted):
            actions.send(made.id, by=who, under=GROUND)


def test_what_is_no_longer_what_was_approved_is_not_handed_over(world, payer, made):
    sent(world, made, at_once=5)
    actions.install([replace(BY_ITSELF, payer=replace(paying.PAYER, account="999"))], by=paying.OPERATOR)
    turn()
    assert parts(made)[0][1:3] == ("given-up", "changed")
    assert payer.calls == 0


def test_an_account_that_the_standard_cannot_write_holds_its_payment_and_not_the_list(world):
    people = paying.payees(world.paz, 2)
    ((number,),) = rows("SELECT number FROM registry_person WHERE id = %s", people[0])
    actions.record_accounts([Given(number, "bank", "Bank of X", "11-1", "Ada0 Noor")], by=world.paz, under=GROUND)
    enrolled(100, 200, recipients=people)
    found = paying.prepared(world.paz)
    assert (found.payments, found.held) == (1, 1)
    assert rows("SELECT check_failed FROM payments_payment WHERE state = 'held'") == [(Check.ACCOUNT_MISSING.value,)]


def test_whatever_fails_in_whatever_order_each_is_paid_once_and_the_sums_agree(world, payer, made):
    """Drawn sequences of failures, for some days; then it answers. The counterpart pays what it takes, and a resend as well."""
    draw = random.Random(os.environ.get("AMPARO_SEED", "1"))
    for number in range(FAILURES):
        if number:
            found = paying.prepared(world.paz, cycle=f"{2027 + number // 12}-{number % 12 + 1:02}")
            paying.funded(world.quinn, sum(AMOUNTS))
            made = paying.approved(world.rosa, actions.propose(found.id, by=world.paz, under=GROUND))
        payer.does = lambda path, call: draw.choice([each for each in Does if each is not Does.HANGS])
        sent(world, made, at_once=draw.randint(1, 5))
        moment = timedelta()
        for _ in range(12):
            moment += timedelta(minutes=draw.choice([1, 6, 40, 600]))
            turn(moment)
        payer.does = lambda path, call: Does.TAKES
        for each in parts(made):
            if each[1] == "given-up":
                with acting(world.paz.narrowed(Permission.EXPORT_PAYMENTS)) as by:
                    actions.send_again(made.id, each[0], by=by, under=GROUND)
        for days in (3, 6):
            turn(moment + timedelta(days=days))
        assert {each[1] for each in parts(made)} == {"answered"}
        ((paid, minor),) = rows(
            "SELECT count(*), sum(paid_minor)::bigint FROM payments_payment WHERE list_id = %s AND state = 'paid'",
            made.id,
        )
        assert (paid, minor) == (len(AMOUNTS), sum(AMOUNTS)) == (made.payments, made.amount_minor)
    assert set(payer.paid.values()) == {1}
    assert sum(round(float(each) * 100) for each in payer.amounts.values()) == sum(AMOUNTS) * FAILURES


def test_of_a_hundred_who_send_at_once_one_does_and_of_many_workers_each_part_is_handed_over_once(world, payer, made):
    def ask(_: int) -> str:
        try:
            return sent(world, made, at_once=1).state.value
        except Refused as refused:
            return refused.message.id
        finally:
            connections.close_all()

    def work(_: int) -> None:
        try:
            tasks.dispatch(0)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(12) as threads:
        assert sorted(threads.map(ask, range(100))) == ["exported", *["payments-list-not-so"] * 99]
        list(threads.map(work, range(24)))
    assert [len(each) for each in payer.handed.values()] == [1] * len(AMOUNTS)
    assert payer.paid == dict.fromkeys(references().values(), 1)


def _child(database: str, keys, payer: Payer) -> subprocess.Popen:
    command = [sys.executable, "-m", "tests.lib.dispatching_under_kills", str(keys), payer.address]
    environment = os.environ | {"AMPARO_DATABASE": database, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE)


def test_a_worker_that_is_killed_between_handing_over_and_noting_leaves_nothing_lost_and_nothing_doubled(
    world, payer, made, own_keys, fresh_database
):
    sent(world, made, at_once=5)
    children = []
    payer.during = lambda: children and children[0].kill()
    with _child(fresh_database, own_keys, payer) as child:
        children.append(child)
        assert child.stdout.read() == b"begun\n"  # until it is killed
        assert child.wait() == -signal.SIGKILL
    assert parts(made)[0][1:4] == ("waiting", "", 1)
    payer.during = lambda: None
    turn(DELAYS[0] + SOON * 10)
    assert [len(each) for each in payer.handed.values()] == [1]
    assert payer.paid == dict.fromkeys(references().values(), 1)
    assert states() == {minor: ("paid", minor) for minor in AMOUNTS}


def test_a_worker_that_is_killed_at_drawn_moments_leaves_nothing_lost_and_nothing_doubled(
    world, payer, made, own_keys, fresh_database
):
    sent(world, made, at_once=1)
    draw = random.Random(os.environ.get("AMPARO_SEED", "1"))
    for _ in range(KILLS):
        rows("UPDATE payments_dispatch SET next_at = now() - interval '1 minute' RETURNING id")
        with _child(fresh_database, own_keys, payer) as child:
            assert child.stdout.readline() == b"begun\n"
            time.sleep(draw.uniform(0, 0.3))
            child.kill()
    payer.does = lambda path, number: Does.TAKES
    for days in (3, 6, 9):
        turn(timedelta(days=days))
    assert payer.paid == dict.fromkeys(references().values(), 1)
    assert {len(each) for each in payer.handed.values()} == {1}
    assert states() == {minor: ("paid", minor) for minor in AMOUNTS}
