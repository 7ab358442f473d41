"""What a check holds is a case: opened with the list, due on the day of the default, decided by another than made it (OPS-1)."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from amparo.cases import actions, queries
from amparo.cases.config import CategoryConfig
from amparo.cases.types import Act, Case, Kind
from amparo.kernel import clock
from amparo.kernel.errors import NotFound, Refused
from amparo.kernel.events import announce
from amparo.payments import actions as payments
from amparo.payments.types import Check, Default, PaymentsHeld
from amparo.trust.context import acting
from amparo.trust.types import Permission, Role, system
from tests.lib import paying
from tests.lib.country import GROUND
from tests.lib.paying import CYCLE, TERMS, enrolled, rows
from tests.unit.cases import setting
from tests.unit.cases.setting import done

pytestmark = pytest.mark.usefixtures("fresh_database")
HELD = CategoryConfig("held", Kind.PAYMENT, 10, 0, Role.SUPERVISOR)
CEILING = replace(TERMS, checks=(Check.OVER_CEILING,), ceiling_minor=500)


def prepared(cast, *amounts: int | None, terms=CEILING):
    """Make today's list of a programme whose checks hold what is over 500."""
    actions.install_categories((*setting.CATEGORIES, HELD), by=setting.BY)
    paying.installed(terms)
    enrolled(*amounts)
    return payments.prepare("poor_home", CYCLE, by=cast.paz, under=GROUND, on=clock.today())


def held(cast, which: int = 0) -> Case:
    """Return a case about a held payment, as the officer of the north sees it."""
    ids = [id for (id,) in rows("SELECT id FROM cases_case WHERE kind = 'payment' ORDER BY id")]
    with acting(cast.amina.narrowed(Permission.READ_CASE)) as by:
        return queries.case(ids[which], by=by, under=GROUND)


def states() -> list[tuple]:
    """Return state of the case and of the payment, of each that is or was held."""
    return rows(
        "SELECT c.state, p.state FROM cases_case c LEFT JOIN payments_payment p ON p.id = c.payment_id ORDER BY c.id"
    )


def test_each_held_payment_opens_one_case_due_on_the_day_of_the_default(cast):
    made = prepared(cast, 501, 100, 502)
    until = clock.today() + timedelta(days=CEILING.hold_days)
    assert (
        rows(
            "SELECT c.kind, c.category_id, c.programme, c.due_on, c.area_number = p.area_number"
            " FROM cases_case c JOIN payments_payment p ON p.id = c.payment_id AND p.state = 'held'"
        )
        == [("payment", "held", "poor_home", until, True)] * 2
    )
    announce(PaymentsHeld(made.id, "poor_home", {"over-ceiling": 2}, until))
    assert rows("SELECT count(*) FROM cases_case") == [(2,)]
    assert rows("SELECT details ->> 'opened' FROM trust_audit WHERE event = 'cases-opened'") == [("2",)]


def test_a_case_names_the_home_where_the_registry_knows_it(cast):
    actions.install_categories(setting.CATEGORIES, by=setting.BY)
    id, _ = setting.home("n1")
    paying.installed(CEILING)
    enrolled(501, units=[id])
    payments.prepare("poor_home", CYCLE, by=cast.paz, under=GROUND, on=clock.today())
    assert rows("SELECT household_id, category_id FROM cases_case") == [(id, None)]


@pytest.mark.parametrize(
    ("act", "ends"), [(Act.RELEASE, ("released", "ready")), (Act.WITHHOLD, ("withheld", "withheld"))]
)
def test_deciding_the_case_decides_about_the_payment(cast, act, ends):
    made = prepared(cast, 501, 100)
    done(held(cast), act, cast.amina)
    assert states() == [ends]
    ((counted,),) = rows("SELECT (payments, held, withheld)::text FROM payments_list WHERE id = %s", made.id)
    assert counted == ("(2,0,0)" if act is Act.RELEASE else "(1,0,1)")
    assert rows("SELECT settled_by FROM payments_payment WHERE settled_by IS NOT NULL") == [(cast.amina.id,)]
    assert rows("SELECT by_id FROM trust_audit WHERE event = 'payment-settled'") == [(cast.amina.id,)]
    assert rows("SELECT act FROM cases_step") == [(act.value,)]


def test_what_nobody_gives_a_reason_for_is_not_decided(cast):
    prepared(cast, 501)
    with pytest.raises(Refused, match="cases-move-without-words"):
        done(held(cast), Act.RELEASE, cast.amina, words=" ")
    assert states() == [("open", "held")]


def test_what_cannot_be_paid_is_released_by_no_case_and_the_case_stays_open(cast):
    prepared(cast, None, 100)
    with pytest.raises(Refused, match="payments-cannot-be-paid"):
        done(held(cast), Act.RELEASE, cast.amina)
    payments.apply_defaults(by=system("payments"), on=clock.today() + timedelta(days=99))
    assert states() == [("open", "held")]


def test_whoever_made_the_list_decides_no_case_about_it(cast):
    """Nor with another account of theirs, which nobody knew of when it was let work on cases."""
    prepared(cast, 501)
    case = held(cast)
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE trust_account SET human = %s WHERE id = %s", [cast.paz.id, cast.amina.id])
    with pytest.raises(Refused, match="payments-held-same-hands"):
        done(case, Act.RELEASE, cast.amina)
    with acting(cast.amina.narrowed(Permission.READ_CASE)) as by:
        assert {each.act for each in queries.moves(case.id, by=by)} & {Act.RELEASE, Act.WITHHOLD} == set()
    assert states() == [("open", "held")]
    done(case, Act.RELEASE, cast.bruno)


def test_who_works_elsewhere_neither_sees_nor_decides_it(cast):
    prepared(cast, 501)
    case = held(cast)
    with pytest.raises(NotFound, match="cases-case-unknown"):
        done(case, Act.RELEASE, cast.chen)
    assert states() == [("open", "held")]


@pytest.mark.parametrize("pays", [True, False])
def test_decided_on_the_payments_page_the_case_is_over(cast, pays):
    prepared(cast, 501, 502)
    payment = held(cast).linked.payment
    with acting(cast.samir.narrowed(Permission.PREPARE_PAYMENTS)) as by:
        payments.decide_held(payment, pays=pays, by=by, under=GROUND)
    assert states() == [("released", "ready") if pays else ("withheld", "withheld"), ("open", "held")]
    assert rows("SELECT act, by_id FROM cases_step") == [("release" if pays else "withhold", cast.samir.id)]
    with pytest.raises(Refused, match="cases-move-not-possible"):
        done(held(cast), Act.WITHHOLD, cast.amina)


@pytest.mark.parametrize(
    ("default", "ends"), [(Default.PAY, ("released", "ready")), (Default.WITHHOLD, ("withheld", "withheld"))]
)
def test_at_its_day_the_default_decides_and_the_case_is_over(cast, default, ends):
    prepared(cast, 501, 502, terms=replace(CEILING, default=default))
    last = held(cast).due_on
    payments.apply_defaults(by=system("payments"), on=last)
    assert states() == [("open", "held")] * 2
    payments.apply_defaults(by=system("payments"), on=last + timedelta(days=1))
    assert states() == [ends] * 2


def test_what_goes_over_to_the_next_part_keeps_its_case(cast):
    made = prepared(cast, 501, 100)
    paying.funded(cast.quinn, 10_000)
    payments.propose(made.id, by=cast.paz, under=GROUND)
    assert states() == [("open", "held")]
    done(held(cast), Act.RELEASE, cast.amina)
    assert states() == [("released", "ready")]


def test_with_a_list_that_is_taken_back_its_cases_are_over(cast):
    made = prepared(cast, 501, 100)
    payments.withdraw(made.id, by=cast.paz, under=GROUND)
    assert states() == [("withdrawn", None)]
    payments.prepare("poor_home", CYCLE, by=cast.paz, under=GROUND, on=clock.today())
    assert states() == [("withdrawn", None), ("open", "held")]


def test_nobody_files_one_by_hand(cast):
    actions.install_categories((*setting.CATEGORIES, HELD), by=setting.BY)
    with pytest.raises(Refused, match="cases-category-unknown"):
        setting.filed(cast.amina, "held")
    assert "held" not in {each.code for each in queries.categories()}


def test_ten_thousand_are_a_handful_of_statements(cast):
    """As many to open and to close as one takes."""
    actions.install_categories((*setting.CATEGORIES, HELD), by=setting.BY)
    paying.installed(CEILING)
    enrolled(501)
    few = _statements(cast, CYCLE)
    paying.many_enrolled(10_000, 501)
    assert _statements(cast, "2026-12") == few
    assert rows("SELECT state, count(*) FROM cases_case GROUP BY state") == [("released", 1 + 10_001)]


def _statements(cast, cycle: str) -> tuple[int, int]:
    with CaptureQueriesContext(connections["bulk"]) as opening:
        made = payments.prepare("poor_home", cycle, by=cast.paz, under=GROUND, on=clock.today())
    with CaptureQueriesContext(connections["bulk"]) as closing:
        payments.apply_defaults(by=system("payments"), on=_last(made.id) + timedelta(days=1))
    payments.withdraw(made.id, by=cast.paz, under=GROUND)
    return len(opening), len(closing)


def _last(list_id: UUID) -> date:
    return rows("SELECT max(held_until) FROM payments_payment WHERE list_id = %s", list_id)[0][0]
