"""Whom another system tells of and nobody here knows goes when they were not told of for so long; who is known does not."""

from datetime import timedelta

import pytest

from amparo.trust.actions.erasures import install_schedules
from amparo.trust.keeping import retention
from amparo.trust.types import ScheduleConfig, system
from tests.unit.programmes.feeding import DAY, person, rows, table, taken

pytestmark = pytest.mark.usefixtures("fresh_database", "own_ledger")
BY = system("test")
HEAD = "no | id | first | last | born | place | what | state | kind | amount | month | payment | to | since\n"
CANARY = "CANARY-88213"


def told(folder, *, day=DAY, month="2026-03") -> None:
    """Let a system tell of one person who is known here, and of one whom nobody knows: the canary."""
    person_ = f"A1 | 111111 | | | | | cash_help | A | cash | 10 | {month} | | | \n"
    stranger = f"{CANARY} | 999999 | | | | | cash_help | A | cash | 10 | {month} | | | "
    taken(table(HEAD + person_ + stranger), folder, day=day)


def left() -> list[tuple[str, int]]:
    """Return each beneficiary's own number with how many months are kept of them."""
    return rows(
        "SELECT h.reference, count(b.id) FROM programmes_beneficiary h"
        " LEFT JOIN programmes_benefit b ON b.beneficiary_id = h.id GROUP BY 1 ORDER BY 1"
    )


def gone(day) -> list[tuple[int, int]]:
    return [(each.taken, each.due) for each in retention.run(by=BY, on=day)]


def scheduled() -> None:
    install_schedules([ScheduleConfig("strangers", "known-to-programme", "", "told", 30, "law")], by=BY)


def test_who_is_not_known_goes_with_what_was_told_and_who_is_known_stays(tmp_path):
    person("111111")
    told(tmp_path)
    rows(
        "INSERT INTO programmes_compliance (beneficiary_id, delivery_id, day, scheme, condition, period, met, said)"
        " SELECT beneficiary_id, delivery_id, day, scheme, 'school', period, 'yes', said FROM programmes_benefit RETURNING 1"
    )
    scheduled()
    assert gone(DAY + timedelta(days=30)) == [(0, 0)]
    assert left() == [("A1", 1), (CANARY, 1)]
    assert gone(DAY + timedelta(days=31)) == [(1, 0)]
    assert left() == [("A1", 1)]
    for table_ in ("programmes_benefit", "programmes_compliance"):
        assert rows(f"SELECT count(*) FROM {table_}") == [(1,)]


def test_each_delivery_that_tells_of_them_counts_anew(tmp_path):
    person("111111")
    told(tmp_path)
    told(tmp_path, day=DAY + timedelta(days=20), month="2026-04")
    scheduled()
    assert gone(DAY + timedelta(days=31)) == [(0, 0)]
    assert left() == [("A1", 2), (CANARY, 2)]
    assert gone(DAY + timedelta(days=51)) == [(1, 0)]
    assert left() == [("A1", 2)]


def test_without_a_schedule_they_stay(tmp_path):
    told(tmp_path)
    assert gone(DAY + timedelta(days=10_000)) == []
    assert left() == [("A1", 1), (CANARY, 1)]
