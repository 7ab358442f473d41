"""What an upheld appeal owes comes into the next list: a line for each cycle that lacked it, to the cent, once (acceptance 4)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, connections, transaction

from amparo.cases.types import Act, AppealExecuted
from amparo.kernel import clock, events
from amparo.payments import actions, queries
from amparo.payments.types import ArrearsState, PaymentList
from amparo.trust.context import acting
from amparo.trust.types import Permission
from tests.lib import country, paying
from tests.lib.country import GROUND
from tests.lib.paying import enrolled, rows
from tests.unit.cases import setting
from tests.unit.cases.setting import APPEALED, appealed, decided, done, earns, executed, home, officer
from tests.unit.programmes.country import POOR, run

pytestmark = pytest.mark.usefixtures("fresh_database")
FIRST = date(2026, 12, 1)
GRANT = 2_000  # for each who lives there


def at(days: int = 0):
    """The clock so many days after the first, at noon."""
    day = FIRST + timedelta(days=days)
    with connections["owner"].cursor() as cursor:
        for table in ("registry_observation", "programmes_decision", "trust_audit"):
            cursor.execute("SELECT amparo_ensure_months(%s, %s, 2)", [table, day])
    return clock.fixed(datetime(day.year, day.month, day.day, 12, tzinfo=UTC))


@pytest.fixture
def refused(fresh_database):
    """A household wrongly refused on the first day, of a programme that pays others every month."""
    return wrongly_refused()


def wrongly_refused(programme=APPEALED):
    with at():
        id, _ = home("n1", income=90_000)
        setting.prepare(programme)
        paying.pays()
        run(FIRST)
    enrolled(1)  # somebody else, so that every cycle has its list
    return id


def made(cast: country.Cast, days: int) -> PaymentList:
    """Make the list of the month in which a day lies, so many days after the first."""
    day = FIRST + timedelta(days=days)
    return actions.prepare("poor_home", f"{day:%Y-%m}", by=cast.paz, under=GROUND, on=day)


def upheld(cast: country.Cast, id, days: int, income: int = 5_000) -> list[AppealExecuted]:
    """Appeal, uphold, correct what was wrong and execute, on a day; return what was announced."""
    heard: list[AppealExecuted] = []
    events.react(AppealExecuted, heard.append)
    made_of = decided(id).id
    with at(3):
        case = appealed(made_of, cast.amina)
    with at(days):
        vera = officer(f"vera{days}")
        done(case, Act.BEGIN_REVIEW, vera, Permission.REVIEW_APPEAL, words="")
        done(case, Act.UPHOLD, vera, Permission.REVIEW_APPEAL)
        earns(id, income)
        executed(case, vera)
    return [each for each in heard if each.case == case.id]


def lines(id) -> list[tuple]:
    """Return the lines of a unit: in which cycle's list, kind, for which cycle, how much."""
    return rows(
        "SELECT cycle, kind, owed_for, amount_minor FROM payments_line WHERE unit_id = %s ORDER BY cycle, kind, owed_for",
        id,
    )


def owed(case) -> list[tuple]:
    with acting(country.cast().amina.narrowed(Permission.READ_CASE)) as by:
        return [(each.cycle, each.state, each.amount_minor) for each in queries.arrears_of(case, by=by)]


def test_each_cycle_that_went_without_is_a_line_of_the_next_list(cast, refused):
    for days in (4, 35):
        paying.sent(cast, made(cast, days))
    [event] = upheld(cast, refused, 40)
    waiting = [("2026-12", ArrearsState.WAITING, GRANT), ("2027-01", ArrearsState.WAITING, GRANT)]
    assert owed(event.case) == waiting
    made(cast, 65)  # they take no part yet, so it waits
    assert (lines(refused), owed(event.case)) == ([], waiting)
    enrolled(None, units=[refused])
    paying.sent(cast, made(cast, 95))
    assert lines(refused) == [
        ("2027-03", "arrears", "2026-12", GRANT),
        ("2027-03", "arrears", "2027-01", GRANT),
        ("2027-03", "benefit", None, GRANT),
    ]
    assert rows("SELECT amount_minor FROM payments_payment WHERE unit_id = %s", refused) == [(3 * GRANT,)]
    references = [each for (each,) in rows("SELECT reference FROM payments_line WHERE unit_id = %s", refused)]
    assert len(set(references)) == 3
    assert max(map(len, references)) <= 16
    assert [each[1] for each in owed(event.case)] == [ArrearsState.LISTED] * 2


def test_told_twice_it_is_owed_once_and_no_later_list_pays_it_again(cast, refused):
    paying.sent(cast, made(cast, 4))
    [event] = upheld(cast, refused, 20)
    enrolled(None, units=[refused])
    for days in (35, 65):
        events.announce(event)
        paying.sent(cast, made(cast, days))
    events.announce(event)
    assert [each for each in lines(refused) if each[1] == "arrears"] == [("2027-01", "arrears", "2026-12", GRANT)]
    assert rows("SELECT count(*) FROM payments_arrears") == [(1,)]
    assert rows("SELECT count(*) FROM trust_audit WHERE event = 'arrears-owed'") == [(1,)]
    made(cast, 95)
    with pytest.raises(DatabaseError, match="more would be paid"), transaction.atomic(using="bulk"):
        rows(
            "INSERT INTO payments_line SELECT gen_random_uuid(), p.id, l.programme_id, '2027-03', l.unit_id, l.recipient_id,"
            " 'arrears', 1, 'X', l.area_number, '2026-12' FROM payments_line l, payments_payment p"
            " JOIN payments_list pl ON pl.id = p.list_id WHERE l.owed_for IS NOT NULL AND pl.state = 'prepared'"
            " AND p.unit_id = l.unit_id RETURNING id"
        )


def test_where_another_appeal_wins_more_for_a_cycle_the_difference_is_owed_once(cast, refused):
    paying.sent(cast, made(cast, 4))
    [event] = upheld(cast, refused, 20)
    enrolled(None, units=[refused])
    january = made(cast, 35)
    ((other,),) = rows(
        "INSERT INTO payments_arrears (id, programme_id, case_id, unit_id, area_number, cycle, due_minor, recorded_at)"
        " SELECT gen_random_uuid(), programme_id, gen_random_uuid(), unit_id, area_number, cycle, due_minor + 5, now()"
        " FROM payments_arrears RETURNING case_id"
    )
    paying.sent(cast, made(cast, 65))  # January's list may still change, so that what is left beside it is not known
    assert owed(other) == [("2026-12", ArrearsState.WAITING, 5)]
    paying.sent(cast, january)
    paying.sent(cast, made(cast, 95))
    made(cast, 126)
    arrears = [each for each in lines(refused) if each[1] == "arrears"]
    assert arrears == [("2027-01", "arrears", "2026-12", GRANT), ("2027-03", "arrears", "2026-12", 5)]
    assert owed(event.case) == [("2026-12", ArrearsState.LISTED, GRANT)]
    assert owed(other) == [("2026-12", ArrearsState.LISTED, 5)]


def test_paid_less_than_is_right_is_owed_the_rest_and_paid_more_nothing(cast, refused):
    [enrolment] = enrolled(700, units=[refused])
    paying.sent(cast, made(cast, 4))
    rows("UPDATE programmes_enrolment SET amount_minor = %s WHERE id = %s RETURNING id", GRANT + 1, enrolment)
    paying.sent(cast, made(cast, 35))
    [event] = upheld(cast, refused, 40)
    assert owed(event.case) == [("2026-12", ArrearsState.WAITING, GRANT - 700)]
    made(cast, 65)
    assert [each for each in lines(refused) if each[1] == "arrears"] == [("2027-02", "arrears", "2026-12", GRANT - 700)]


def test_a_list_not_yet_approved_is_waited_for_and_one_made_anew_needs_no_arrears(cast, refused):
    december, january = made(cast, 4), made(cast, 35)
    [event] = upheld(cast, refused, 40)
    enrolled(None, units=[refused])
    february = made(cast, 65)
    assert [each[0] for each in lines(refused)] == ["2027-02"]  # the benefit: nothing stands yet that it could lack
    paying.sent(cast, december)
    actions.withdraw(january.id, by=cast.paz, under=GROUND)
    made(cast, 36)
    actions.withdraw(february.id, by=cast.paz, under=GROUND)
    made(cast, 65)
    assert lines(refused) == [
        ("2027-01", "arrears", "2026-12", GRANT),
        ("2027-01", "benefit", None, GRANT),
        ("2027-02", "benefit", None, GRANT),
    ]
    assert owed(event.case)[1] == ("2027-01", ArrearsState.NOTHING, 0)


def test_what_a_withdrawn_list_took_in_comes_into_the_next(cast, refused):
    paying.sent(cast, made(cast, 4))
    [event] = upheld(cast, refused, 20)
    enrolled(None, units=[refused])
    actions.withdraw(made(cast, 35).id, by=cast.paz, under=GROUND)
    assert owed(event.case) == [("2026-12", ArrearsState.WAITING, GRANT)]
    made(cast, 35)
    assert lines(refused)[0] == ("2027-01", "arrears", "2026-12", GRANT)


def test_who_is_enrolled_no_more_is_owed_too_and_who_waits_for_a_place_waits(cast, refused):
    paying.sent(cast, made(cast, 4))
    upheld(cast, refused, 20)
    [enrolment] = enrolled(GRANT, units=[refused], state="waiting")
    made(cast, 35)
    assert lines(refused) == []
    rows(
        "UPDATE programmes_enrolment SET state = 'ended', ends_on = '2027-01-20' WHERE id = %s RETURNING id", enrolment
    )
    made(cast, 65)
    assert lines(refused) == [("2027-02", "arrears", "2026-12", GRANT)]


def test_a_list_of_nothing_but_arrears_is_one_that_can_be_asked_for(cast, refused):
    paying.sent(cast, made(cast, 4))
    upheld(cast, refused, 20)
    enrolled(0, units=[refused], state="suspended")
    rows("UPDATE programmes_enrolment SET state = 'suspended' WHERE amount_minor = 1 RETURNING id")
    with acting(cast.paz.narrowed(Permission.PREPARE_PAYMENTS)) as by:
        assert queries.is_anybody_payable("poor_home", by=by, on=FIRST + timedelta(days=35))
        assert not queries.is_anybody_payable("old_home", by=by, on=FIRST + timedelta(days=35))
    assert (made(cast, 35).payments, lines(refused)) == (1, [("2027-01", "arrears", "2026-12", GRANT)])


def test_where_no_rule_says_how_much_nothing_is_guessed_and_it_stays_visible(cast):
    """No rule was in force on the day of the January list."""
    first = replace(POOR, ends_on=FIRST + timedelta(days=10))
    later = replace(POOR, starts_on=FIRST + timedelta(days=38))
    id = wrongly_refused(replace(APPEALED, versions=(first, later)))
    for days in (4, 35):
        paying.sent(cast, made(cast, days))
    [event] = upheld(cast, id, 40)
    assert owed(event.case) == [("2026-12", ArrearsState.WAITING, GRANT), ("2027-01", ArrearsState.UNKNOWN, None)]
    enrolled(None, units=[id])
    made(cast, 65)
    assert [each for each in lines(id) if each[1] == "arrears"] == [("2027-02", "arrears", "2026-12", GRANT)]


def test_the_rule_of_each_lists_own_day_says_how_much(cast):
    first = replace(POOR, ends_on=FIRST + timedelta(days=30))
    later = replace(POOR, starts_on=FIRST + timedelta(days=31), amount="household.size * param.grant * 3")
    id = wrongly_refused(replace(APPEALED, versions=(first, later)))
    for days in (4, 35):
        paying.sent(cast, made(cast, days))
    [event] = upheld(cast, id, 40)
    assert [each[2] for each in owed(event.case)] == [GRANT, 3 * GRANT]


def test_arrears_wait_while_the_payment_that_would_carry_them_has_no_known_amount(cast, refused):
    paying.sent(cast, made(cast, 4))
    [event] = upheld(cast, refused, 20)
    [enrolment] = enrolled(None, units=[refused])
    over = (
        "UPDATE programmes_decision SET superseded_at = now() WHERE unit_id = %s AND superseded_at IS NULL RETURNING id"
    )
    rows(over, refused)
    made(cast, 35)
    assert (lines(refused), owed(event.case)[0][1]) == ([], ArrearsState.WAITING)
    rows("UPDATE programmes_enrolment SET amount_minor = 5 WHERE id = %s RETURNING id", enrolment)
    made(cast, 65)
    assert len(lines(refused)) == 2


def test_what_is_owed_moves_with_whom_it_is_owed_to_and_is_seen_by_nobody_elsewhere(cast, refused):
    paying.sent(cast, made(cast, 4))
    [event] = upheld(cast, refused, 20)
    with acting(cast.chen.narrowed(Permission.READ_CASE)) as by:
        assert queries.arrears_of(event.case, by=by) == []
    with connections["owner"].cursor() as cursor:
        cursor.execute("SET ROLE amparo_definer")
        cursor.execute(
            "UPDATE registry_household SET area_number = %s WHERE id = %s", [paying.number_of("s1"), refused]
        )
        cursor.execute("RESET ROLE")
    with acting(cast.chen.narrowed(Permission.READ_CASE)) as by:
        assert len(queries.arrears_of(event.case, by=by)) == 1
    assert owed(event.case) == []
