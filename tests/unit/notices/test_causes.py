"""Decisions for the worse and cases tell whom they concern, once, and of what a home may not be safe to hear nothing."""

from datetime import timedelta

import pytest

from amparo.cases import actions as cases
from amparo.cases.beginning import Filing
from amparo.cases.types import Act, Channel, Linked, Said
from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.programmes.actions import give_notice, give_notices, take_effect
from amparo.trust.context import acting
from amparo.trust.types import Permission
from tests.lib import paying
from tests.lib.country import GROUND
from tests.unit.cases import setting as of_cases
from tests.unit.notices import setting
from tests.unit.notices.setting import home, rows, sent, who_lives_in
from tests.unit.payments.test_reconciling import ON_TIME, references, settled
from tests.unit.payments.test_reconciling import told as table
from tests.unit.programmes.country import OPERATOR, run

WRITTEN = "SELECT kind, person_id, household_id, programme, day, state FROM notices_sending ORDER BY id"


@pytest.fixture
def losing(words):
    """A home whose grant a run proposes to end."""
    of_cases.prepare()
    id = home(income=5_000)
    run(clock.today())
    rows("UPDATE registry_fact_household SET income = 90000 WHERE household_id = %s", id)
    run(clock.today())
    return id


def test_a_notice_for_a_whole_programme_tells_each_home_once_and_so_does_its_effect(losing):
    today, effect = clock.today(), clock.today() + timedelta(days=10)
    assert [give_notices(["poor_home"], by=OPERATOR, under=GROUND, on=today) for _ in range(2)] == [1, 0]
    assert rows(WRITTEN) == [("decision-proposed", None, losing, "poor_home", effect, "waiting")]
    with clock.fixed(clock.now() + timedelta(days=10)):
        assert [take_effect(on=effect, by=OPERATOR) for _ in range(2)] == [1, 0]
    assert [each[0] for each in rows(WRITTEN)] == ["decision-proposed", "decision-in-effect"]


def test_a_notice_that_an_officer_gives_tells_the_home_in_their_own_gates(losing, cast, gateway):
    decision = of_cases.decided(losing).id
    with acting(cast.amina.narrowed(Permission.GIVE_NOTICE)):
        give_notice(decision, by=cast.amina, under=GROUND, on=clock.today())
    assert [each[:4] for each in rows(WRITTEN)] == [("decision-proposed", None, losing, "poor_home")]
    assert sent() == {"sent": 1}


def test_a_notice_that_is_refused_tells_nobody(losing, cast):
    decision = of_cases.decided(losing).id
    with pytest.raises(Refused), acting(cast.amina.narrowed(Permission.GIVE_NOTICE)):
        give_notice(decision, by=cast.amina, under=GROUND, on=clock.today() - timedelta(days=1))
    assert rows(WRITTEN) == []


def filed(cast, category: str, person) -> object:
    filing = Filing(category, Said("Nothing came."), Channel.COUNTER, Linked(person=person), "n1")
    with acting(cast.amina.narrowed(Permission.OPEN_CASE)) as by:
        return cases.file(filing, by=by, under=GROUND, on=clock.today())


def test_whoever_brings_something_forward_is_told_that_it_came_and_that_it_is_closed(words, cast, gateway):
    of_cases.prepare()
    person = who_lives_in(home())
    case = filed(cast, "unpaid", person)
    of_cases.done(case, Act.RESOLVE, cast.amina)
    assert [each[:2] for each in rows(WRITTEN)] == [("case-received", person), ("case-closed", person)]
    setting.say(words, text="Your message {code}. {reference}")
    assert sent() == {"sent": 2}
    assert f"Your message {case.code}." in gateway.texts[0]["text"]


def test_whom_a_payment_did_not_reach_is_told_once_and_nobody_who_got_something(words, cast):
    paying.installed()
    paying.enrolled(100, 200, 300, 400)
    made = paying.sent(cast)
    known = references(made)
    lines = (
        (known[100], "paid", "", "EUR", ON_TIME, ""),
        (known[200], "paid", "1.50", "EUR", ON_TIME, ""),
        (known[300], "error", "", "EUR", ON_TIME, "AC01"),
        (known[400], "returned", "", "EUR", ON_TIME, "AC04"),
    )
    settled(made, table(*lines), cast.paz)
    unpaid = rows(
        "SELECT household_id, recipient_id FROM payments_payment WHERE state IN ('error', 'returned') ORDER BY id"
    )
    assert rows("SELECT household_id, person_id FROM notices_sending ORDER BY about_id") == unpaid
    assert {each[0] for each in rows(WRITTEN)} == {"payment-unpaid"}


def test_of_what_is_sensitive_or_held_against_somebody_or_about_nobody_nothing_is_told(words, cast):
    of_cases.prepare()
    person = who_lives_in(home())
    for category in ("violence", "flag"):
        filed(cast, category, person)
    filed(cast, "unpaid", None)
    cases.file_anonymously(Filing("unpaid", Said("x"), Channel.WEB, Linked(), "n1"), by=setting.BY, on=clock.today())
    assert rows(WRITTEN) == []
