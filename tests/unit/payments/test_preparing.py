"""Lists: made of what is payable, once, held by checks, proposed within the funds, and then never changed (OPS-1, G8)."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connections, transaction

from amparo.kernel.errors import NotPermitted, Refused
from amparo.payments import actions, queries
from amparo.payments.types import Check, Default, LineKind, ListState
from amparo.trust.context import acting
from amparo.trust.types import Permission, system
from tests.lib import paying
from tests.lib.country import GROUND, household
from tests.lib.paying import CYCLE, DAY, TERMS, enrolled, rows

pytestmark = pytest.mark.usefixtures("fresh_database")


def states(made) -> dict[str, int]:
    return dict(rows("SELECT state, count(*) FROM payments_payment WHERE list_id = %s GROUP BY state", made.id))


def test_hsnp_pays_53635_households_2700_shillings_each(cast):
    """Golden G8: 53,635 × KES 2,700 = KES 144,814,500, in cents."""
    paying.installed()
    paying.many_enrolled(53_635, 2_700_00)
    made = paying.prepared(cast.paz)
    assert (made.payments, made.amount_minor) == (53_635, 144_814_500_00)


def test_a_list_pays_who_is_enrolled_with_an_amount_and_nobody_else(cast):
    paying.installed()
    enrolled(100, 250)
    enrolled(999, state="suspended")
    enrolled(999, state="waiting")
    enrolled(0)
    made = paying.prepared(cast.paz)
    assert (made.payments, made.amount_minor, made.state) == (2, 100 + 250, ListState.PREPARED)


def test_nobody_payable_pays_nobody_and_says_so(cast):
    paying.installed()
    enrolled(100, state="suspended")
    with pytest.raises(Refused, match="payments-nobody-payable"):
        paying.prepared(cast.paz)
    assert rows("SELECT count(*) FROM payments_list") == [(0,)]


def test_an_unknown_amount_is_held_and_never_paid_as_zero(cast):
    paying.installed()
    enrolled(100, None)
    made = paying.prepared(cast.paz)
    assert (made.payments, made.amount_minor, made.held) == (1, 100, 1)
    assert rows("SELECT amount_minor, check_failed FROM payments_payment WHERE state = 'held'") == [
        (None, "unknown-amount")
    ]


def test_of_a_hundred_who_ask_at_once_one_makes_the_list(cast):
    paying.installed()
    enrolled(*[100] * 20)

    def ask(_) -> str:
        try:
            return str(paying.prepared(cast.paz).payments)
        except Refused as refused:
            return refused.message.id
        finally:
            connections["bulk"].close()
            connections["default"].close()

    with ThreadPoolExecutor(12) as threads:
        told = sorted(threads.map(ask, range(100)))
    assert told == ["20", *["payments-list-exists"] * 99]
    assert rows("SELECT count(*), sum(amount_minor) FROM payments_line") == [(20, 20 * 100)]


def test_only_who_prepares_payments_prepares_them(cast):
    paying.installed()
    enrolled(100)
    for other in (cast.amina, cast.ines, cast.quinn, cast.omid):
        with pytest.raises(NotPermitted):
            paying.prepared(other)


# Checks and holds


def test_each_check_holds_with_its_reason_and_a_day(cast):
    home = household("n1", {"given_name": "Ada", "birth_date": date(1950, 1, 1)})
    (person,) = rows("SELECT person_id FROM registry_membership WHERE household_id = %s", home)[0]
    rows("UPDATE registry_person SET deceased_on = %s WHERE id = %s RETURNING id", DAY, person)
    paying.installed(
        replace(TERMS, checks=(Check.IDENTITY_MISSING, Check.DECEASED, Check.OVER_CEILING), ceiling_minor=500)
    )
    enrolled(100, recipients=[None])
    rows(
        "INSERT INTO registry_identifier (id, person_id, scheme, value, blind_index, verified, is_live, contested, source_id,"
        " area_number) SELECT gen_random_uuid(), id, 'national', '\\x0101'::bytea, '\\x01'::bytea, true, true, false, 1,"
        " area_number FROM registry_person WHERE id = %s RETURNING id",
        person,
    )
    enrolled(100, recipients=[person])
    made = paying.prepared(cast.paz)
    with acting(cast.paz.narrowed(Permission.READ_PAYMENTS)) as by:
        held = queries.held(made.id, by=by)
    assert {(each.check, each.until) for each in held} == {
        (Check.IDENTITY_MISSING, DAY + timedelta(days=14)),
        (Check.DECEASED, DAY + timedelta(days=14)),
    }


@pytest.mark.parametrize(("default", "state"), [(Default.PAY, "ready"), (Default.WITHHOLD, "withheld")])
def test_at_its_day_the_programmes_default_decides_and_not_before(cast, default, state):
    paying.installed(replace(TERMS, checks=(Check.OVER_CEILING,), ceiling_minor=500, default=default))
    enrolled(501, 100)
    made = paying.prepared(cast.paz)
    by, last = system("payments"), DAY + timedelta(days=14)
    assert actions.apply_defaults(by=by, on=last) == 0
    assert actions.apply_defaults(by=by, on=last + timedelta(days=1)) == 1
    assert states(made) == ({"ready": 2} if state == "ready" else {"ready": 1, "withheld": 1})


def test_what_cannot_be_paid_is_paid_by_no_default_and_no_person(cast):
    paying.installed()
    enrolled(None)
    made = paying.prepared(cast.paz)
    assert actions.apply_defaults(by=system("payments"), on=DAY + timedelta(days=99)) == 0
    with acting(cast.paz.narrowed(Permission.READ_PAYMENTS)) as by:
        (held,) = queries.held(made.id, by=by)
    with (
        pytest.raises(Refused, match="payments-cannot-be-paid"),
        acting(cast.paz.narrowed(Permission.PREPARE_PAYMENTS)),
    ):
        actions.decide_held(held.id, pays=True, by=cast.paz, under=GROUND)


def test_what_is_still_held_goes_over_to_the_next_part(cast):
    paying.installed(replace(TERMS, checks=(Check.OVER_CEILING,), ceiling_minor=500))
    enrolled(501, 100)
    paying.funded(cast.quinn, 10_000)
    made = actions.propose(paying.prepared(cast.paz).id, by=cast.paz, under=GROUND)
    assert (made.payments, made.held, made.amount_minor) == (1, 0, 100)
    (following,) = [each for each in queries.payment_lists(using="bulk") if each.part == 2]
    with acting(cast.samir.narrowed(Permission.PREPARE_PAYMENTS)) as by:
        (held,) = queries.held(following.id, by=by)
        actions.decide_held(held.id, pays=True, by=by, under=GROUND)
    proposed = actions.propose(following.id, by=cast.paz, under=GROUND)
    assert (proposed.payments, proposed.amount_minor) == (1, 501)


def test_whoever_made_a_list_decides_about_nothing_that_is_held_in_it(cast):
    """Through the action, with another account of the same human being, and past the program into the table."""
    paying.installed(replace(TERMS, checks=(Check.OVER_CEILING,), ceiling_minor=500))
    enrolled(501)
    made = paying.prepared(cast.paz)
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE trust_account SET human = %s WHERE id = %s", [cast.paz.id, cast.samir.id])
    for each in (cast.paz, cast.samir):
        with acting(each.narrowed(Permission.PREPARE_PAYMENTS)) as by:
            (held,) = queries.held(made.id, by=by)
            with pytest.raises(Refused, match="payments-held-same-hands"):
                actions.decide_held(held.id, pays=True, by=by, under=GROUND)
        with pytest.raises(DatabaseError, match="made this list"), transaction.atomic(using="bulk"):
            rows("UPDATE payments_payment SET state = 'ready', settled_by = %s RETURNING id", each.id)
    assert states(made) == {"held": 1}


# Line kinds


def adjusted(cast, enrolment, kind, amount) -> None:
    with acting(cast.paz.narrowed(Permission.PREPARE_PAYMENTS)):
        id = actions.propose_adjustment(enrolment, kind, amount, law="law-poor", by=cast.paz, under=GROUND)
    with acting(cast.quinn.narrowed(Permission.APPROVE_PAYMENTS)):
        actions.confirm_adjustment(id, by=cast.quinn, under=GROUND)


def test_arrears_top_ups_and_recoveries_are_lines_of_the_same_payment(cast):
    paying.installed()
    (one,) = enrolled(100)
    for kind, amount in ((LineKind.ARREARS, 70), (LineKind.ARREARS, 30), (LineKind.TOP_UP, 5), (LineKind.RECOVERY, 20)):
        adjusted(cast, one, kind, amount)
    made = paying.prepared(cast.paz)
    assert (made.payments, made.amount_minor) == (1, 100 + 70 + 30 + 5 - 20)
    assert dict(rows("SELECT kind, amount_minor FROM payments_line")) == {
        "benefit": 100,
        "arrears": 70 + 30,
        "top-up": 5,
        "recovery": -20,
    }
    assert all(len(reference) <= 16 for (reference,) in rows("SELECT reference FROM payments_line"))


def test_lists_made_at_once_take_in_what_waits_once(cast):
    paying.installed()
    (one,) = enrolled(100)
    adjusted(cast, one, LineKind.ARREARS, 70)

    def ask(month: int) -> int:
        try:
            return paying.prepared(cast.paz, cycle=f"2026-{month:02}").amount_minor
        finally:
            connections["bulk"].close()
            connections["default"].close()

    with ThreadPoolExecutor(6) as threads:
        assert sorted(threads.map(ask, range(1, 7))) == [*[100] * 5, 100 + 70]


def test_a_recovery_of_more_than_is_due_waits_for_another_cycle(cast):
    paying.installed()
    (one,) = enrolled(100)
    adjusted(cast, one, LineKind.RECOVERY, 100)
    assert paying.prepared(cast.paz).amount_minor == 100
    assert rows("SELECT list_id FROM payments_adjustment") == [(None,)]


def test_nobody_confirms_their_own_adjustment(cast):
    paying.installed()
    (one,) = enrolled(100)
    with acting(cast.paz.narrowed(Permission.PREPARE_PAYMENTS)):
        id = actions.propose_adjustment(one, LineKind.ARREARS, 5, law="law-poor", by=cast.paz, under=GROUND)
    with pytest.raises(NotPermitted), acting(cast.paz.narrowed(Permission.PREPARE_PAYMENTS)):
        actions.confirm_adjustment(id, by=cast.paz, under=GROUND)
    with pytest.raises(DatabaseError, match="one human being"), transaction.atomic(using="bulk"):
        rows("UPDATE payments_adjustment SET confirmed_by = proposed_by, confirmed_at = now() RETURNING id")


# Funds, freeze, approval


def test_a_list_over_the_programmes_funds_is_refused_before_approval(cast):
    paying.installed()
    enrolled(100, 100)
    paying.funded(cast.quinn, 199)
    made = paying.prepared(cast.paz)
    with pytest.raises(Refused, match="payments-over-funds"):
        actions.propose(made.id, by=cast.paz, under=GROUND)
    paying.funded(cast.quinn, 1)
    assert actions.propose(made.id, by=cast.paz, under=GROUND).state is ListState.PROPOSED
    assert queries.available_minor("poor_home", using="bulk") == 0


CHANGES = (
    "UPDATE payments_payment SET amount_minor = amount_minor + 1 RETURNING id",
    "UPDATE payments_payment SET recipient_id = gen_random_uuid() RETURNING id",
    "UPDATE payments_payment SET state = 'withheld' RETURNING id",
    "DELETE FROM payments_payment RETURNING id",
    "DELETE FROM payments_line RETURNING id",
    "UPDATE payments_line SET amount_minor = 7 RETURNING id",
    "UPDATE payments_list SET amount_minor = 7 RETURNING id",
    "UPDATE payments_list SET state = 'prepared' RETURNING id",
    "UPDATE payments_list SET state = 'approved', signature = '\\x01' RETURNING id",
    (
        "INSERT INTO payments_payment (id, list_id, enrolment_id, unit_id, area_number, reference, amount_minor, state)"
        " SELECT gen_random_uuid(), id, gen_random_uuid(), gen_random_uuid(), 1, 'X', 5, 'ready' FROM payments_list RETURNING id"
    ),
    (
        "INSERT INTO payments_line (id, payment_id, programme_id, cycle, unit_id, kind, amount_minor, reference, area_number)"
        " SELECT gen_random_uuid(), id, 1, '2026-11', gen_random_uuid(), 'benefit', 5, 'X', 1 FROM payments_payment"
        " RETURNING id"
    ),
)


def test_the_database_changes_nothing_of_a_proposed_list(cast):
    paying.installed()
    enrolled(100)
    paying.funded(cast.quinn, 100)
    actions.propose(paying.prepared(cast.paz).id, by=cast.paz, under=GROUND)
    refused = r"never changed|not taken|nothing is added|does not go|by other people|denied"
    for statement in CHANGES:
        with pytest.raises(DatabaseError, match=refused):
            rows(statement)


def test_a_list_is_approved_by_as_many_others_as_its_sum_demands(cast):
    paying.installed()
    enrolled(1_000_000_00)
    paying.funded(cast.quinn, 1_000_000_00)
    made = actions.propose(paying.prepared(cast.paz).id, by=cast.paz, under=GROUND)
    assert made.hands == 2
    assert paying.approved(cast.quinn, made).state is ListState.PROPOSED
    with pytest.raises(Refused, match="payments-same-hands"):
        paying.approved(cast.quinn, made)
    assert paying.approved(cast.rosa, made).state is ListState.APPROVED


def test_two_accounts_of_one_human_are_one_hand(cast):
    paying.installed()
    enrolled(100)
    paying.funded(cast.quinn, 100)
    made = actions.propose(paying.prepared(cast.paz).id, by=cast.paz, under=GROUND)
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE trust_account SET human = %s WHERE id = %s", [cast.paz.id, cast.quinn.id])
    with pytest.raises(Refused, match="payments-same-hands"):
        paying.approved(cast.quinn, made)
    assert paying.approved(cast.rosa, made).state is ListState.APPROVED


def test_a_withdrawn_list_can_be_made_anew_and_an_approved_one_is_never_withdrawn(cast):
    paying.installed()
    (one,) = enrolled(100)
    adjusted(cast, one, LineKind.ARREARS, 7)
    made = paying.prepared(cast.paz)
    actions.withdraw(made.id, by=cast.paz, under=GROUND)
    again = paying.sent(cast)
    assert again.amount_minor == 107
    with pytest.raises(Refused, match="payments-list-not-so"):
        actions.withdraw(again.id, by=cast.paz, under=GROUND)


def test_a_cycle_that_is_none_of_the_programmes_is_refused(cast):
    paying.installed(replace(TERMS, every_months=2))
    enrolled(100)
    for cycle in ("2026-12", "2025-11", "2026-13", "november"):
        with pytest.raises(Refused, match="payments-cycle-unknown"):
            actions.prepare("poor_home", cycle, by=cast.paz, under=GROUND, on=DAY)
    assert actions.prepare("poor_home", CYCLE, by=cast.paz, under=GROUND, on=DAY).pays_on == date(2026, 11, 25)


def test_payments_move_with_their_enrolment(cast):
    home = household("n1", {"birth_date": date(1980, 1, 1)})
    paying.installed()
    (one,) = enrolled(100)
    paying.prepared(cast.paz)
    south = paying.number_of("s1")
    rows("SELECT 1 FROM registry_household WHERE id = %s", home)
    with connections["owner"].cursor() as cursor:
        cursor.execute("SET ROLE amparo_definer")
        cursor.execute("UPDATE programmes_enrolment SET area_number = %s WHERE id = %s", [south, one])
        cursor.execute("RESET ROLE")
    assert rows("SELECT area_number FROM payments_payment UNION ALL SELECT area_number FROM payments_line") == [
        (south,),
        (south,),
    ]
    with acting(cast.chen.narrowed(Permission.FIND)), connections["default"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM payments_payment")
        assert cursor.fetchone() == (1,)
    with acting(cast.amina.narrowed(Permission.FIND)), connections["default"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM payments_payment")
        assert cursor.fetchone() == (0,)
