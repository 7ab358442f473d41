"""What people were told goes on the day after its time, and what still waits does not, however long it waits."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connections

from amparo.kernel import clock
from amparo.notices.types import State
from amparo.trust.actions.erasures import install_schedules
from amparo.trust.keeping import retention
from amparo.trust.types import ScheduleConfig, system
from tests.lib import country

pytestmark = pytest.mark.usefixtures("fresh_database", "own_ledger")
BY = system("test")
OVER = (State.SENT, State.PRINTED, State.TOLD, State.UNWANTED, State.GIVEN_UP)
CODE = "CANARY7K2PQX"


def made(state: State) -> None:
    """Write a sending of a home in a state, settled now unless it waits, with one attempt; its case's code is a canary."""
    home = country.household("n1", {"given_name": "Yara"})
    settled = clock.now() if state in OVER else None
    told = (clock.today(), uuid4()) if state is State.TOLD else (None, None)
    with connections["bulk"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO notices_sending (id, kind, about_id, household_id, area_number, programme, code, made_at, state, channel,"
            " reason, attempts, next_at, settled_at, told_on, told_by) SELECT %s, 'case-received', %s, id, area_number, '', %s, %s, %s, 'sms', '', 1,"
            " %s, %s, %s, %s FROM registry_household WHERE id = %s RETURNING id, area_number",
            [uuid4(), uuid4(), CODE, clock.now(), state.value, clock.now(), settled, *told, home],
        )
        id, place = cursor.fetchone()
        cursor.execute(
            "INSERT INTO notices_attempt (id, sending_id, area_number, channel, begun_at, reason)"
            " VALUES (%s, %s, %s, 'sms', %s, '')",
            [uuid4(), id, place, clock.now()],
        )


def left() -> tuple[list[str], int]:
    """Return the states of the sendings that are left, and how many attempts are."""
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT state FROM notices_sending WHERE code = %s ORDER BY state", [CODE])
        states = [state for (state,) in cursor.fetchall()]
        cursor.execute("SELECT count(*) FROM notices_attempt")
        return states, cursor.fetchone()[0]


def gone(days: int, **settings) -> list[tuple[int, int]]:
    done = retention.run(by=BY, on=clock.today() + timedelta(days=days), **settings)
    return [(each.taken, each.due) for each in done]


def test_what_is_over_goes_with_its_attempts_and_what_waits_stays():
    for state in State:
        made(state)
    install_schedules([ScheduleConfig("told", "sendings", "", "settled", 30, "law")], by=BY)
    assert gone(30) == [(0, 0)]
    assert left() == (sorted(State), len(State))
    assert gone(31) == [(len(OVER), 0)]
    assert left() == (sorted({*State} - {*OVER}), 2)
    assert gone(31) == [(0, 0)]


def test_without_a_schedule_they_stay():
    made(State.SENT)
    assert gone(10_000) == []
    assert left() == (["sent"], 1)
