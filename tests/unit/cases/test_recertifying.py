"""Recertification: a case opens ahead of its day, once each, moves on when it is done, and nothing stops by itself (ELI-7, OPS-4)."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connections, transaction

from amparo.cases import actions, queries
from amparo.cases.config import CategoryConfig
from amparo.cases.types import Act, Kind
from amparo.kernel.dates import add_months
from amparo.kernel.errors import Refused
from amparo.programmes import actions as programmes
from amparo.programmes import queries as programme_queries
from amparo.programmes.enrolment import Basis, EnrolledBy, ExitReason, Recertification
from amparo.trust.context import acting
from amparo.trust.types import OWN_RIGHT, Permission, Role, system
from tests.lib import kin
from tests.lib.country import GROUND
from tests.lib.days import today
from tests.unit.cases import setting
from tests.unit.cases.setting import BY, CATEGORIES, done, rows
from tests.unit.programmes.country import installed
from tests.unit.programmes.enrolling import acted, enrol, homes, programme, state_of

pytestmark = pytest.mark.usefixtures("fresh_database")
AGAIN = CategoryConfig("again", Kind.RECERTIFICATION, 30, 5, Role.SUPERVISOR)
TERM = Recertification(12, 90, "again", "law-poor")
WORKER = system("cases")


@pytest.fixture
def home(fresh_database, cast):
    """A home in the north that took part a year ago less a hundred days, in a programme that looks again every year."""
    setting.prepare()
    actions.install_categories((*CATEGORIES, AGAIN), by=BY)
    installed(programme(recertification=TERM, exits=(ExitReason("own-wish", "law-wish", Basis.FACT),)))
    [found] = homes(n1=5_000)
    return found


def began(home, cast, days_to_go: int) -> date:
    """Enrol the home so long ago that its day is so many days ahead; return the day."""
    start = add_months(today() + timedelta(days=days_to_go), -12)
    member = rows("SELECT person_id FROM registry_membership WHERE household_id = %s", home)[0][0]
    enrol(home, by=cast.omid, on=start, recipient=member)
    return add_months(start, 12)


def opened(days: int = 0) -> int:
    return actions.open_recertifications(on=today() + timedelta(days=days), by=WORKER)


def cases() -> list[tuple]:
    return rows(
        "SELECT state, filed_on, event_on, due_on FROM cases_case WHERE kind = 'recertification' ORDER BY event_on"
    )


def taken(cast):
    [(id,)] = rows("SELECT id FROM cases_case WHERE closed_at IS NULL AND kind = 'recertification'")
    with acting(cast.amina.narrowed(Permission.READ_CASE)) as by:
        return queries.case(id, by=by, under=GROUND)


def test_it_opens_ahead_of_its_day_and_once_however_often_the_job_runs(home, cast):
    day = began(home, cast, 100)
    assert [opened(each) for each in (0, 9, 10, 10, 11, 60)] == [0, 0, 1, 0, 0, 0]
    assert cases() == [("open", today() + timedelta(days=10), day, day)]


def test_days_on_which_the_job_did_not_run_are_made_good_with_the_days_of_the_category(home, cast):
    day = began(home, cast, -40)
    assert opened() == 1
    assert cases() == [("open", today(), day, today() + timedelta(days=AGAIN.days))]


def test_it_is_about_the_enrolment_and_told_to_whoever_collects(home, cast):
    began(home, cast, 10)
    opened()
    [(member,)] = rows("SELECT person_id FROM registry_membership WHERE household_id = %s", home)
    assert rows(
        "SELECT c.household_id, c.person_id, e.unit_id, c.programme, c.channel, c.told_at IS NOT NULL FROM cases_case c"
        " JOIN programmes_enrolment e ON e.id = c.enrolment_id"
    ) == [(home, member, home, "poor_home", "system", True)]
    with acting(kin.looking(kin.bound(member, "yara"))) as by:
        [case] = queries.own_cases(by=by)
        with pytest.raises(Refused):  # what a programme has to ask is not withdrawn by whom it asks
            actions.reply(case.id, Act.WITHDRAW, words="", by=by, under=OWN_RIGHT)


def test_a_programme_without_a_term_opens_nothing(home, cast):
    began(home, cast, 10)
    installed(programme())
    assert opened() == 0


@pytest.mark.parametrize("category", [replace(AGAIN, code="other"), replace(AGAIN, kind=Kind.QUALITY)])
def test_a_term_without_its_category_opens_nothing(home, cast, category):
    actions.install_categories((*CATEGORIES, category), by=BY)
    began(home, cast, 10)
    assert opened() == 0


@pytest.mark.parametrize("act", [Act.RESOLVE, Act.DISMISS])
def test_done_in_time_the_day_moves_on_by_its_rhythm(home, cast, act):
    day = began(home, cast, 10)
    opened()
    done(taken(cast), act, cast.amina)
    assert opened() == 0
    following = add_months(day, 12)
    wait = (following - today()).days - TERM.days_ahead
    assert (opened(wait - 1), opened(wait)) == (0, 1)
    assert [each[2] for each in cases()] == [day, following]


def test_done_late_the_next_counts_from_when_it_was_done(home, cast):
    began(home, cast, -40)
    opened()
    done(taken(cast), Act.RESOLVE, cast.amina)
    wait = (add_months(today(), 12) - today()).days - TERM.days_ahead
    assert (opened(wait - 1), opened(wait)) == (0, 1)
    assert cases()[-1][2] == add_months(today(), 12)


def test_not_done_by_its_day_it_is_handed_on_and_nothing_stops(home, cast):
    day = began(home, cast, 10)
    opened()
    late = (taken(cast).due_on - today()).days + AGAIN.escalate_days + 1
    for _ in range(2):
        actions.escalate(on=today() + timedelta(days=late), by=WORKER)
    assert rows("SELECT escalated_to, state FROM cases_case") == [("supervisor", "open")]
    assert rows("SELECT act FROM cases_step") == [("escalate",)]
    assert state_of(home) == "enrolled"
    assert rows("SELECT count(*) FROM programmes_enrolmentnotice") == [(0,)]
    statement, values = programme_queries.payable_sql("poor_home", day + timedelta(days=60), by=WORKER)
    with connections["bulk"].cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({statement}) payable", values)
        assert cursor.fetchone() == (1,)


def test_whoever_left_is_not_asked_any_more_and_a_trace_is_kept(home, cast):
    began(home, cast, 10)
    opened()
    [(enrolment,)] = rows("SELECT id FROM programmes_enrolment")
    acted(programmes.end, enrolment, "own-wish", by=cast.omid, on=today())
    assert opened() == 0
    assert [each[0] for each in cases()] == ["withdrawn"]
    assert rows("SELECT act, state FROM cases_step") == [("withdraw", "withdrawn")]


def test_whoever_waits_is_not_asked(home, cast):
    acted(programmes.wait, "poor_home", home, by=cast.omid, on=add_months(today(), -12))
    assert opened() == 0


def test_the_database_holds_one_open_case_for_an_enrolment(home, cast):
    began(home, cast, 10)
    opened()
    again = (
        "INSERT INTO cases_case SELECT (jsonb_populate_record(c, jsonb_build_object('id', gen_random_uuid(),"
        " 'code', 'ABCDEFABCDEF'))).* FROM cases_case c"
    )
    with pytest.raises(DatabaseError, match="recertification_once"), transaction.atomic(using="bulk"):
        rows(again)


def test_a_whole_programme_is_opened_at_once_and_written_down_once(home, cast):
    incomes = (5_000,) * 20
    for each in homes(n1=incomes, s1=incomes):
        enrol(each, by=cast.omid, on=add_months(today(), -11))
    assert opened() == 40
    assert Counter(each[0] for each in cases()) == {"open": 40}
    assert rows("SELECT details ->> 'opened' FROM trust_audit WHERE event = 'cases-opened'") == [("40",)]


def test_a_day_that_a_month_has_not_is_its_last(home, cast):
    """From 31 August six months on, 28 February; the rule of the calendar, as everywhere."""
    installed(programme(recertification=replace(TERM, every_months=6), enrolled_by=EnrolledBy.PROGRAMME))
    enrol(home, by=cast.omid, on=date(2025, 8, 31))
    actions.open_recertifications(on=date(2026, 2, 1), by=WORKER)
    assert [each[2] for each in cases()] == [date(2026, 2, 28)]
