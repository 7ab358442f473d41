"""A home that receives what does not go together is looked into once, by a person (IBR-3)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction

from amparo.cases import actions
from amparo.kernel import clock
from amparo.trust.types import system
from tests.unit.cases import setting
from tests.unit.cases.setting import home, rows

pytestmark = pytest.mark.usefixtures("fresh_database")
WORKER = system("cases")


def found(unit, household, *, first: str = "cash_help", second: str = "fuel_help") -> str:
    told = f"'{household}'::uuid" if household else "NULL::uuid"
    return f"SELECT '{unit}'::uuid AS unit, {told} AS household_id, 1::bigint AS area_number, '{first}' AS first, '{second}' AS second"


def opened(statement: str, days: int = 0) -> int:
    with transaction.atomic(using="bulk"):
        return actions.open_overlaps(statement, on=clock.today() + timedelta(days=days), by=WORKER)


def test_one_case_a_home_however_much_does_not_go_together():
    setting.prepare()
    id, _ = home()
    two = f"{found(id, id)} UNION ALL {found(id, id, second='poor_home')}"
    assert [opened(two), opened(two), opened(two, 30)] == [1, 0, 0]
    assert rows("SELECT kind, channel, state, household_id FROM cases_case") == [("overlap", "system", "open", id)]
    assert rows("SELECT count(*) FROM trust_audit WHERE event = 'cases-opened'") == [(1,)]


def test_what_somebody_looked_into_is_asked_again_after_a_year():
    setting.prepare()
    id, _ = home()
    opened(found(id, id))
    rows("UPDATE cases_case SET state = 'dismissed', closed_at = now() RETURNING 1")
    assert [opened(found(id, id), 30), opened(found(id, id), 400)] == [0, 1]


def test_whoever_lives_in_no_household_is_a_case_of_their_own():
    setting.prepare()
    _, person = home()
    assert opened(found(person, None)) == 1
    assert rows("SELECT household_id, person_id FROM cases_case") == [(None, person)]


def test_the_programme_run_here_is_named_and_another_is_not():
    setting.prepare()
    id, _ = home()
    other, _ = home()
    opened(found(id, id, second="poor_home"))
    opened(found(other, other))
    assert sorted(rows("SELECT programme FROM cases_case")) == [("",), ("poor_home",)]


def test_nobody_found_opens_nothing():
    setting.prepare()
    assert opened(f"SELECT * FROM ({found(uuid4(), uuid4())}) none WHERE false") == 0
    assert rows("SELECT count(*) FROM trust_audit WHERE event = 'cases-opened'") == [(0,)]
