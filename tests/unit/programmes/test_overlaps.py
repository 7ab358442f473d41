"""Overlaps are classed by the country's table: nobody is suspected by default, and nobody's status changes."""

from dataclasses import replace
from datetime import date

import pytest

from amparo.kernel import events
from amparo.programmes.actions import class_overlaps
from amparo.programmes.overlapping import OverlapRule
from amparo.programmes.types import OverlapClass, OverlapsClassed
from amparo.trust.types import system
from tests.lib.country import GROUND
from tests.lib.days import today
from tests.unit.programmes.country import installed
from tests.unit.programmes.enrolling import enrol, homes, programme
from tests.unit.programmes.feeding import PAID, identify, person, rows, table, taken, written_of

pytestmark = pytest.mark.usefixtures("fresh_database")
HEAD = "no | id | first | last | born | place | what | state | kind | amount | month | payment | to | since\n"
DAY = date(2026, 4, 10)
FEED = replace(PAID, schemes=("cash_help", "food_help", "fuel_help"))
RULES = (
    OverlapRule(("food_help", "cash_help"), OverlapClass.COMPLEMENTARY, "law"),
    OverlapRule(("cash_help", "fuel_help"), OverlapClass.INCOMPATIBLE, "law"),
)


def told(*lines: tuple[str, ...], month: str = "2026-03", state: str = "A") -> str:
    """Of each (number, identifier, programme) a row."""
    return table(
        HEAD
        + "\n".join(f"{no} | {id} | | | | | {what} | {state} | cash | 10 | {month} | | | " for no, id, what in lines)
    )


def classed(rules=RULES, on: date = DAY) -> dict[tuple[str, str], tuple[str, int]]:
    found = class_overlaps(rules, by=system("test"), under=GROUND, on=on)
    return {(each["first"], each["second"]): (each["overlap"], each["households"]) for each in found["overlaps"]}


def test_each_pair_is_classed_and_one_that_nobody_stated_is_unknown(tmp_path):
    person("111111")
    taken(
        told(("A1", "111111", "cash_help"), ("A1", "111111", "food_help"), ("A1", "111111", "fuel_help")),
        tmp_path,
        feed=FEED,
    )
    assert classed() == {
        ("cash_help", "food_help"): ("complementary", 1),
        ("cash_help", "fuel_help"): ("incompatible", 1),
        ("food_help", "fuel_help"): ("unknown", 1),
    }


def test_without_a_table_every_overlap_is_unknown(tmp_path):
    person("111111")
    taken(told(("A1", "111111", "cash_help"), ("A1", "111111", "fuel_help")), tmp_path, feed=FEED)
    assert classed(()) == {("cash_help", "fuel_help"): ("unknown", 1)}


def test_two_of_one_home_overlap_and_two_homes_do_not(tmp_path):
    one, other = person("111111"), person("222222")
    taken(told(("A1", "111111", "cash_help"), ("A2", "222222", "fuel_help")), tmp_path, feed=FEED)
    assert classed() == {}
    rows(
        "UPDATE registry_membership SET household_id = (SELECT household_id FROM registry_membership WHERE person_id = %s)"
        " WHERE person_id = %s RETURNING 1",
        one,
        other,
    )
    assert classed() == {("cash_help", "fuel_help"): ("incompatible", 1)}


@pytest.mark.parametrize(("month", "state"), [("2025-11", "A"), ("2026-03", "X")])
def test_whoever_left_or_was_not_told_of_for_long_overlaps_no_more(tmp_path, month, state):
    person("111111")
    taken(told(("A1", "111111", "cash_help")), tmp_path, feed=FEED)
    taken(told(("A1", "111111", "fuel_help"), month=month, state=state), tmp_path, feed=FEED)
    assert classed() == {}


def test_whoever_is_known_only_to_programmes_overlaps_with_nobody(tmp_path):
    taken(told(("A1", "111111", "cash_help"), ("A1", "111111", "fuel_help")), tmp_path, feed=FEED)
    assert classed() == {}


def test_what_is_given_here_counts_and_no_status_changes(cast, tmp_path):
    installed(programme())
    (home,) = homes(n1=5_000)
    enrol(home, by=cast.omid)
    ((member, place),) = rows(
        "SELECT p.id, p.area_number FROM registry_membership m JOIN registry_person p ON p.id = m.person_id"
        " WHERE m.household_id = %s",
        home,
    )
    from django.db import connections

    with connections["bulk"].cursor() as cursor:
        identify(cursor, member, place, "111111")
    taken(told(("A1", "111111", "cash_help"), month=today().strftime("%Y-%m")), tmp_path, feed=FEED, day=today())
    before = rows("SELECT state FROM programmes_enrolment"), rows("SELECT status FROM programmes_benefit")
    rule = OverlapRule(("cash_help", "poor_home"), OverlapClass.INCOMPATIBLE, "law")
    assert classed((rule,), today()) == {("cash_help", "poor_home"): ("incompatible", 1)}
    assert before == (rows("SELECT state FROM programmes_enrolment"), rows("SELECT status FROM programmes_benefit"))


def test_only_what_does_not_go_together_is_announced(tmp_path):
    said = []

    def heard(event: OverlapsClassed) -> None:
        said.extend(rows(event.sql))

    events.react(OverlapsClassed, heard)
    yara = person("111111")
    taken(
        told(("A1", "111111", "cash_help"), ("A1", "111111", "food_help"), ("A1", "111111", "fuel_help")),
        tmp_path,
        feed=FEED,
    )
    classed()
    home = rows("SELECT household_id FROM registry_membership WHERE person_id = %s", yara)[0][0]
    assert [(unit, first, second) for unit, _, _, first, second, _ in said] == [(home, "cash_help", "fuel_help")]


def test_the_run_is_kept_and_in_the_log_as_counts(tmp_path):
    person("111111")
    taken(told(("A1", "111111", "cash_help"), ("A1", "111111", "fuel_help")), tmp_path, feed=FEED)
    classed()
    ((_, details),) = written_of("overlaps-classed")
    assert (details["incompatible"], details["unknown"]) == (1, 0)
    assert rows("SELECT counts -> 'counts' ->> 'incompatible' FROM programmes_overlaprun") == [("1",)]
