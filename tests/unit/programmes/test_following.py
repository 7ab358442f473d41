"""Conditions are followed: what is unknown is never a breach, steps are soft and in order, and nothing is taken away by them."""

import random
from dataclasses import replace
from datetime import date

import pytest
from django.db import DatabaseError, connections, transaction

from amparo.kernel import events
from amparo.kernel.dates import add_months
from amparo.kernel.errors import Refused
from amparo.notices.actions import install_notices
from amparo.notices.config import NoticesConfig
from amparo.notices.types import Kind
from amparo.programmes import models
from amparo.programmes.actions import install
from amparo.programmes.conditions import Every
from amparo.programmes.types import BreachAct, ConditionFollowed
from amparo.rules.model.rule import RuleRefused
from amparo.trust.types import system
from tests.unit.programmes.conditions import (
    ATTENDANCE,
    SCHOOL,
    SINCE,
    asking,
    breaches,
    decided,
    follow,
    home,
    told,
)
from tests.unit.programmes.country import GRANT, LINE, installed
from tests.unit.programmes.enrolling import enrol, state_of
from tests.unit.programmes.feeding import reasons, rows, written_of

pytestmark = pytest.mark.usefixtures("fresh_database")
MARCH, APRIL, MAY, JUNE = (date(2026, month, 1) for month in (3, 4, 5, 6))


@pytest.fixture
def one(cast):
    """A home that takes part, with two children."""
    installed(asking())
    found = home("n1", "111", "222")
    decided()
    enrol(found, by=cast.omid, on=SINCE)
    return found


def month(day: date) -> str:
    return f"{day:%Y-%m}"


def missed(folder, *months: date, day: date, child: str = "111") -> None:
    told(folder, [(child, month(each), "no", "", "") for each in months], day=day)


def test_each_wrong_row_is_set_aside_with_its_reason(one, tmp_path):
    wrong = [
        ("met-unknown", ("111", "2026-03", "maybe", "", "")),
        ("share-unreadable", ("111", "2026-03", "", "120", "")),
        ("reason-unknown", ("111", "2026-03", "no", "", "laziness")),
        ("period-unreadable", ("111", "March", "no", "", "")),
        ("nobody-named", ("", "2026-03", "no", "", "")),
    ]
    for number, (reason, row) in enumerate(wrong):
        assert reasons(told(tmp_path, [row], day=date(2026, 4, 1 + number))) == {reason: 1}
    follow(APRIL)
    assert breaches() == {}


def test_a_receipt_counts_answers_and_a_row_told_before_is_not_told_again(one, tmp_path):
    lines = [("111", "2026-03", "yes", "", ""), ("222", "2026-03", "", "90", ""), ("333", "2026-03", "unknown", "", "")]
    receipt = told(tmp_path, lines, day=APRIL)
    assert receipt["answers"] == {"share": 1, "unknown": 1, "yes": 1}
    assert receipt["beneficiaries"] == {"identifier": 2, "decided": 0, "review": 0, "programme": 1}
    assert told(tmp_path, lines, day=MAY)["rows"]["unchanged"] == 3


@pytest.mark.parametrize(
    ("row", "counts"),
    [
        (("no", "", ""), (1, 0, 1)),
        (("yes", "", ""), (1, 1, 0)),
        (("unknown", "", ""), (0, 0, 0)),
        (("", "", ""), (0, 0, 0)),
        (("no", "", "illness"), (1, 1, 0)),  # excused
        (("no", "", "moved"), (1, 0, 1)),  # a reason that excuses nobody
        (("no", "85", ""), (1, 1, 0)),  # the law's share counts, not how it was called
        (("yes", "84.9", ""), (1, 0, 1)),
    ],
)
def test_what_is_told_is_met_or_missed_or_unknown(one, tmp_path, row, counts):
    told(tmp_path, [("111", "2026-03", *row)], day=APRIL)
    [found] = follow(APRIL)
    assert (found.watched, found.told, found.met, found.missed) == (2, *counts)
    assert set(breaches()) == ({(one, MARCH)} if found.missed else set())


def test_where_nothing_is_told_everybody_is_unknown_and_nobody_in_breach(one):
    [found] = follow(APRIL)
    assert (found.watched, found.told, found.unknown, found.found) == (2, 0, 2, 0)
    assert breaches() == {}


def test_two_systems_that_contradict_each_other_are_unknown(one, tmp_path):
    told(tmp_path, [("111", "2026-03", "no", "", "")], day=APRIL)
    told(tmp_path, [("111", "2026-03", "yes", "", "")], day=APRIL, feed=replace(SCHOOL, code="other"))
    [found] = follow(APRIL)
    assert (found.told, found.missed) == (0, 0)
    assert breaches() == {}


def test_only_those_who_take_part_and_of_whom_the_rule_asks_it_are_asked(one, cast, tmp_path):
    home("n1", "333")  # poor, and not enrolled
    missed(tmp_path, MARCH, day=APRIL, child="333")
    [found] = follow(APRIL)
    assert (found.watched, found.missed) == (2, 0)


def test_steps_are_soft_and_in_order_and_nothing_is_taken_away(one, tmp_path):
    for period, act in ((MARCH, "notice"), (APRIL, "visit"), (MAY, "suspension"), (JUNE, "suspension")):
        on = add_months(period, 1)
        missed(tmp_path, period, day=on)
        follow(on)
        assert breaches()[one, period][1] == act
    assert state_of(one) == "enrolled"
    assert not models.EnrolmentNotice.objects.using("bulk").exists()


def test_who_hears_of_three_months_at_once_is_given_the_first_step_thrice(one, tmp_path):
    """Whoever was told nothing could not do better: a step follows only what was missed after the one before it."""
    missed(tmp_path, MARCH, APRIL, MAY, day=JUNE)
    follow(JUNE)
    assert {(number, act) for number, act, _ in breaches().values()} == {(1, "notice")}


def test_a_breach_that_is_corrected_is_taken_back_and_so_are_later_steps(one, tmp_path):
    missed(tmp_path, MARCH, day=APRIL)
    follow(APRIL)
    missed(tmp_path, APRIL, day=MAY)
    follow(MAY)
    assert breaches()[one, APRIL] == (2, "visit", True)
    told(tmp_path, [("111", "2026-03", "yes", "", "")], day=JUNE)
    done = {each.period: each for each in follow(JUNE)}
    assert done[MARCH].taken_back == 1
    assert breaches() == {(one, MARCH): (1, "notice", False), (one, APRIL): (1, "notice", True)}


def test_what_becomes_the_first_by_a_correction_is_told_too(one, tmp_path):
    """The notice of March is taken back, and April, which was to be looked into, is told instead."""
    install_notices(NoticesConfig(kinds=(Kind.CONDITION_MISSED,), languages=("en",)), by=system("test"))
    missed(tmp_path, MARCH, APRIL, day=MAY)
    follow(APRIL), follow(MAY)
    told(tmp_path, [("111", "2026-03", "yes", "", "")], day=JUNE)
    follow(JUNE)
    assert (date(2026, 4, 1), "waiting") in rows("SELECT day, state FROM notices_sending")


def test_steps_that_are_stated_later_begin_with_the_first(one, tmp_path):
    """Whoever missed something when no step followed was told nothing, and is told first."""
    installed(asking(replace(ATTENDANCE, steps=(), category="")))
    missed(tmp_path, MARCH, day=APRIL)
    follow(APRIL)
    installed(asking())
    missed(tmp_path, APRIL, day=MAY)
    follow(MAY)
    assert breaches()[one, APRIL] == (1, "notice", True)


def test_whoever_began_within_a_period_missed_nothing_in_it(cast, tmp_path):
    installed(asking())
    found = home("n1", "111")
    decided()
    enrol(found, by=cast.omid, on=date(2026, 3, 20))
    missed(tmp_path, MARCH, day=APRIL)
    follow(APRIL)
    assert breaches() == {}


def test_done_again_it_finds_nothing_new(one, tmp_path):
    missed(tmp_path, MARCH, day=APRIL)
    follow(APRIL)
    before = breaches()
    [again] = follow(APRIL)
    assert (again.found, again.taken_back, breaches()) == (0, 0, before)


def test_a_month_of_a_longer_period_that_was_missed_is_missed(one, cast, tmp_path):
    installed(asking(replace(ATTENDANCE, every=Every.TWO_MONTHS)))
    told(tmp_path, [("111", "2026-03", "yes", "", ""), ("111", "2026-04", "no", "", "")], day=MAY)
    [found] = follow(MAY)
    assert (found.period, found.missed) == (MARCH, 1)


def test_a_rule_that_is_none_finds_nobody_in_breach_and_it_is_said(one, tmp_path):
    missed(tmp_path, MARCH, day=APRIL)
    broken = replace(ATTENDANCE, whom="age(member.nothing) < 18").kept()
    with connections["owner"].cursor():
        models.Programme.objects.using("owner").update(conditions=[broken])
    with pytest.raises(RuleRefused):
        follow(APRIL)
    assert breaches() == {}
    assert not models.Following.objects.using("bulk").exists()


def test_a_rule_that_is_none_is_not_installed():
    with pytest.raises(RuleRefused):
        install([asking(replace(ATTENDANCE, whom="member.age <"))], (LINE, GRANT), by=system("test"))


def test_a_rule_that_is_unknown_of_somebody_asks_nothing_of_them(cast, tmp_path):
    installed(asking(replace(ATTENDANCE, whom='member.sex == "female"')))
    found = home("n1", "111")
    decided()
    enrol(found, by=cast.omid, on=SINCE)
    missed(tmp_path, MARCH, day=APRIL)
    [done] = follow(APRIL)
    assert (done.watched, done.missed) == (0, 0)


def test_a_day_that_has_not_come_and_a_country_without_a_run_are_refused(cast):
    installed(asking())
    with pytest.raises(Refused, match="programmes-coverage-without-run"):
        follow(APRIL)
    with pytest.raises(Refused, match="programmes-effect-ahead"):
        follow(date(2099, 1, 1))


def test_whom_a_visit_concerns_is_announced_while_it_stands(one, tmp_path, monkeypatch):
    heard = []

    def hear(event: ConditionFollowed) -> None:
        heard.append((rows(event.visits), rows(event.over)))

    events.react(ConditionFollowed, hear)
    missed(tmp_path, MARCH, day=APRIL)
    follow(APRIL)
    assert heard[-1][0] == []
    missed(tmp_path, APRIL, day=MAY)
    follow(MAY)
    assert [each[1] for each in heard[-1][0]] == [one]
    told(tmp_path, [("111", "2026-04", "yes", "", "")], day=JUNE)
    follow(JUNE)
    assert heard[-1][0] == []


def test_whom_a_breach_concerns_is_told_once_and_what_is_taken_back_goes_unsent(one, tmp_path):
    install_notices(NoticesConfig(kinds=(Kind.CONDITION_MISSED,), languages=("en",)), by=system("test"))
    missed(tmp_path, MARCH, day=APRIL)
    follow(APRIL), follow(APRIL)
    assert rows("SELECT household_id, day, state FROM notices_sending") == [(one, MARCH, "waiting")]
    told(tmp_path, [("111", "2026-03", "yes", "", "")], day=date(2026, 4, 2))
    follow(date(2026, 4, 2))
    assert rows("SELECT state, reason FROM notices_sending") == [("given-up", "taken-back")]
    missed(tmp_path, MARCH, day=date(2026, 4, 3))  # after all: whoever hears nothing of it cannot do better
    follow(date(2026, 4, 3))
    assert rows("SELECT household_id, day, state, reason FROM notices_sending") == [(one, MARCH, "waiting", "")]


def test_nobody_but_the_house_writes_what_was_told_or_found(one, tmp_path):
    missed(tmp_path, MARCH, day=APRIL)
    follow(APRIL)
    for statement in (
        "UPDATE programmes_compliance SET met = 'yes'",
        "DELETE FROM programmes_compliance",
        "UPDATE programmes_breach SET period = '2026-01-01'",
        "DELETE FROM programmes_breach",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(using="bulk"), connections["bulk"].cursor() as cursor:
            cursor.execute(statement)


def test_breaches_and_what_was_told_go_along_when_a_home_is_hidden(one, tmp_path):
    missed(tmp_path, MARCH, day=APRIL)
    follow(APRIL)
    with connections["bulk"].cursor() as cursor:
        cursor.execute("UPDATE registry_household SET area_number = -area_number WHERE id = %s", [one])
    assert rows("SELECT bool_and(area_number < 0) FROM programmes_breach") == [(True,)]


def test_what_was_found_is_in_the_log_as_counts(one, tmp_path):
    missed(tmp_path, MARCH, day=APRIL)
    follow(APRIL)
    ((about, details),) = written_of("condition-followed")
    assert about == "poor_home"
    assert {name: details[name] for name in ("watched", "told", "missed", "found")} == {
        "watched": 2,
        "told": 1,
        "missed": 1,
        "found": 1,
    }


# ---- Drawn histories, against a reckoning of its own


def reckoned(histories: list[dict[date, list[tuple[date, dict[str, str]]]]], ends: list[date]) -> list[dict]:
    """Follow each home by itself, in plain Python: what was told by each day, what stood then, and which step it was."""
    homes = []
    for history in histories:
        held: dict[date, list] = {}  # period → [found on, stands]
        for on in ends:
            for period in sorted(history):
                by_then = [answers for day, answers in history[period] if day <= on]
                if period >= on or not by_then:
                    continue
                is_missed = "no" in by_then[-1].values()
                if is_missed and (period not in held or not held[period][1]):
                    held[period] = [on, True]
                elif not is_missed and period in held:
                    held[period][1] = False
        numbers: dict[date, int] = {}
        for period in sorted(held):
            before = [numbers[p] for p in numbers if held[p][1] and held[p][0] <= period]
            if held[period][1]:
                numbers[period] = 1 + max(before, default=0)
        homes.append(numbers)
    return homes


def test_drawn_histories_come_out_as_reckoned_one_by_one(cast, tmp_path):
    drawn = random.Random(20261130)
    installed(asking())
    codes = [[f"{number}1", f"{number}2"][: drawn.randint(1, 2)] for number in range(10, 22)]
    homes = [home(drawn.choice(("n1", "s1")), *each) for each in codes]
    decided()
    for each in homes:
        enrol(each, by=cast.omid, on=SINCE)
    months = [date(2026, number, 1) for number in range(2, 8)]
    ends = [add_months(each, 1) for each in months]
    histories: list[dict] = [{} for _ in homes]
    for number, on in enumerate(ends):
        lines = []
        for children, history in zip(codes, histories, strict=True):
            corrected = [drawn.choice(months[:number])] if number and drawn.random() < 0.3 else []
            for period in [months[number], *corrected]:
                answers = {each: drawn.choice(("yes", "no", "no", "unknown")) for each in children}
                history.setdefault(period, []).append((on, answers))
                lines += [(each, month(period), answer, "", "") for each, answer in answers.items()]
        told(tmp_path, lines, day=on)
        follow(on)
    acts = [each.value for each in (BreachAct.NOTICE, BreachAct.VISIT, BreachAct.SUSPENSION)]
    expected = {
        (each, period): (number, acts[min(number, 3) - 1])
        for each, numbers in zip(homes, reckoned(histories, ends), strict=True)
        for period, number in numbers.items()
    }
    assert len(expected) > 10
    assert {key: value[:2] for key, value in breaches().items() if value[2]} == expected
