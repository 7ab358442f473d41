"""What comes back: full, partial, nothing, an error, returned, unknown; whole or not at all (OPS-1)."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DatabaseError, connections

from amparo.kernel.errors import Refused
from amparo.payments import actions, queries
from amparo.payments.types import PaymentState, ReturnState
from amparo.trust.context import acting
from amparo.trust.types import Permission
from tests.lib import paying
from tests.lib.country import GROUND
from tests.lib.paying import enrolled, rows

pytestmark = pytest.mark.usefixtures("fresh_database")
ON_TIME, LATE = "2026-11-24", "2026-12-02"


@pytest.fixture
def sent(fresh_database, cast):
    paying.installed()
    enrolled(100, 200, 300, 400, 500)
    return paying.sent(cast)


def references(made) -> dict[int, str]:
    """Return minor units → reference; each test's amounts differ."""
    return dict(rows("SELECT amount_minor, reference FROM payments_payment WHERE list_id = %s", made.id))


def told(*lines: tuple) -> bytes:
    header = "reference,outcome,amount,currency,day,reason\n"
    return (header + "\n".join(",".join(map(str, each)) for each in lines)).encode()


def received(made, content: bytes, by):
    with acting(by.narrowed(Permission.RECONCILE_PAYMENTS)):
        return actions.receive(made.id, content, by=by, under=GROUND)


def settled(made, content: bytes, by):
    return actions.settle(received(made, content, by).id, by=by, under=GROUND)


def states() -> dict[int, tuple[str, int]]:
    return {amount: (state, paid) for amount, state, paid in rows(
        "SELECT amount_minor, state, paid_minor FROM payments_payment"
    )}  # fmt: skip


def test_each_outcome_leaves_its_payment_as_it_says(cast, sent):
    known = references(sent)
    found = settled(
        sent,
        told(
            (known[100], "paid", "", "EUR", ON_TIME, ""),
            (known[200], "paid", "1.50", "EUR", LATE, ""),
            (known[300], "paid", "0", "EUR", LATE, ""),
            (known[400], "error", "", "EUR", LATE, "AC01"),
            (known[500], "returned", "5.00", "EUR", LATE, "AC04"),
        ),
        cast.paz,
    )
    assert (found.state, found.conflicts) == (ReturnState.SETTLED, {})
    assert states() == {
        100: ("paid", 100),
        200: ("partial", 150),
        300: ("zero", 0),
        400: ("error", 0),
        500: ("returned", 0),
    }


def test_the_list_counts_its_outcomes_and_who_was_paid_in_time(cast, sent):
    known = references(sent)
    settled(sent, told((known[100], "paid", "", "", ON_TIME, ""), (known[200], "paid", "", "", LATE, "")), cast.paz)
    (made,) = queries.payment_lists(using="bulk")
    assert (made.outcomes, made.on_time) == ({"paid": (2, 100 + 200)}, 1)


def test_one_line_that_contradicts_refuses_the_whole_file(cast, sent):
    known = references(sent)
    lines = [
        (known[100], "paid", "", "EUR", ON_TIME, ""),
        ("99999999999999", "paid", "", "EUR", ON_TIME, ""),
        (known[200], "paid", "2.01", "EUR", ON_TIME, ""),
        (known[300], "paid", "", "KES", ON_TIME, ""),
        (known[400], "paid", "", "EUR", ON_TIME, ""),
        (known[400], "error", "", "EUR", ON_TIME, ""),
    ]
    found = settled(sent, told(*lines), cast.paz)
    assert (found.state, found.conflicts) == (
        ReturnState.REFUSED,
        {"unknown-line": 1, "too-much": 1, "currency": 1, "twice": 2},
    )
    assert {state for state, _ in states().values()} == {"ready"}


def test_another_person_lets_the_rest_of_a_refused_file_count(cast, sent):
    known = references(sent)
    content = told((known[100], "paid", "", "", ON_TIME, ""), ("99999999999999", "paid", "", "", ON_TIME, ""))
    refused = settled(sent, content, cast.paz)
    with pytest.raises(Refused, match="payments-same-hands"):
        actions.override(refused.id, by=cast.paz, under=GROUND)
    found = actions.override(refused.id, by=cast.samir, under=GROUND)
    assert (found.state, found.overridden_by, found.conflicts) == (
        ReturnState.SETTLED,
        cast.samir.id,
        {"unknown-line": 1},
    )
    assert states()[100] == ("paid", 100)
    assert states()[200] == ("ready", 0)


def test_the_database_too_lets_nobody_override_their_own_file(cast, sent):
    settled(sent, told(("99999999999999", "paid", "", "", ON_TIME, "")), cast.paz)
    with pytest.raises(DatabaseError, match="one human being"):
        rows("UPDATE payments_return SET overridden_by = received_by RETURNING id")


def test_a_file_counts_once_and_the_same_word_twice_does_no_harm(cast, sent):
    known = references(sent)
    content = told((known[100], "paid", "", "", ON_TIME, ""))
    settled(sent, content, cast.paz)
    with pytest.raises(Refused, match="payments-return-known"):
        received(sent, content, cast.paz)
    again = settled(sent, told((known[100], "paid", "", "", LATE, "")), cast.paz)
    assert again.state is ReturnState.SETTLED
    assert states()[100] == ("paid", 100)


def test_what_was_paid_may_come_back_and_is_otherwise_not_changed(cast, sent):
    known = references(sent)
    settled(sent, told((known[100], "paid", "", "", ON_TIME, "")), cast.paz)
    assert settled(sent, told((known[100], "error", "", "", LATE, "")), cast.paz).conflicts == {"otherwise": 1}
    assert settled(sent, told((known[100], "returned", "", "", LATE, "")), cast.paz).state is ReturnState.SETTLED
    assert states()[100] == ("returned", 0)


def test_the_unpaid_are_listed_and_the_paid_are_not(cast, sent):
    known = references(sent)
    settled(sent, told((known[100], "paid", "", "", LATE, ""), (known[200], "error", "", "", LATE, "")), cast.paz)
    with acting(cast.paz.narrowed(Permission.READ_PAYMENTS)) as by:
        before = queries.unpaid(sent.id, by=by, under=GROUND, on=sent.pays_on)
        after = queries.unpaid(sent.id, by=by, under=GROUND, on=sent.pays_on.replace(day=30))
    assert [(each.amount_minor, each.state) for each in before] == [(200, PaymentState.ERROR)]
    assert sorted(each.amount_minor for each in after) == [200, 300, 400, 500]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"reference,outcome\nx,sold\n",
        b"no,table\n1,2\n",
        b"<Document><Other/></Document>",
        b'<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]><Document>&e;</Document>',
        b"reference,outcome,amount\nx,paid,-1\n",
        b"reference,outcome,amount\nx,paid,1.005\n",
        b"\xff\xfe\x00",
    ],
)
def test_a_file_of_no_known_kind_is_refused(cast, sent, content):
    with pytest.raises(Refused, match=r"payments-return-(unreadable|empty)"):
        received(sent, content, cast.paz)


def test_of_a_hundred_who_say_at_once_that_the_same_line_is_paid_it_is_paid_once(cast, sent):
    """Each a file of its own, by whoever has the list open; what one says counts, and none adds to it."""
    known = references(sent)

    def said(number: int) -> str:
        try:
            day = f"2026-12-{number % 28 + 1:02}"
            return settled(sent, told((known[500], "paid", "5.00", "EUR", day, f"A{number}")), cast.paz).state.value
        finally:
            connections.close_all()

    with ThreadPoolExecutor(12) as threads:
        assert set(threads.map(said, range(100))) == {"settled"}
    assert states()[500] == ("paid", 500)
    (made,) = queries.payment_lists(using="bulk")
    assert made.outcomes == {"paid": (1, 500)}
    assert rows("SELECT sum(paid_minor)::bigint FROM payments_payment") == [(500,)]


def test_of_a_hundred_who_say_at_once_what_contradicts_one_counts_and_the_others_are_refused_whole(cast, sent):
    known = references(sent)

    def said(number: int) -> str:
        try:
            return settled(
                sent, told((known[500], "paid", f"0.{number + 1:02}", "EUR", LATE, "")), cast.paz
            ).state.value
        finally:
            connections.close_all()

    with ThreadPoolExecutor(12) as threads:
        assert sorted(threads.map(said, range(40))) == ["refused"] * 39 + ["settled"]
    assert states()[500][0] == "partial"
