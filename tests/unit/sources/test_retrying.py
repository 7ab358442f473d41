"""A source that was down is asked again by itself, for what may be kept, until it answers or its times are over (VIR-1)."""

from datetime import timedelta

import pytest
from django.db import connections

from amparo.kernel import clock
from amparo.sources import tasks
from amparo.sources.actions import ask_again, install_connections
from amparo.sources.retries import DELAYS
from amparo.trust.types import system
from tests.lib import institutions
from tests.unit.sources import setting

WORKER = system("sources")


@pytest.fixture(scope="module")
def ministry(database):
    with institutions.serving() as ministry, setting.inside_allowed():
        setting.prepare(ministry)
        yield ministry


@pytest.fixture(scope="module")
def home(ministry):
    return setting.home()


def execute(statement: str, values=(), *, using: str = "bulk") -> list[tuple]:
    with connections[using].cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def waiting() -> list[tuple]:
    return execute("SELECT source, attempts FROM sources_retry ORDER BY source")


def make_due() -> None:
    execute("UPDATE sources_retry SET next_at = now() - interval '1 second'")
    execute("DELETE FROM sources_connectionstate", using="owner")


@pytest.fixture
def failing(ministry, home):
    """All three fail when somebody opens the file."""
    setting.knowing(ministry)
    for table in ("sources_keptanswer", "sources_retry"):
        execute(f"DELETE FROM {table}")
    execute("DELETE FROM sources_connectionstate", using="owner")
    ministry.faults = dict.fromkeys(setting.OWNERS, "not now")
    setting.opened(home)
    ministry.asked.clear()
    return ministry


def test_what_may_be_kept_is_asked_again_and_what_may_not_is_not(failing, home):
    assert waiting() == [("health", 1), ("school", 1)]
    assert ask_again(by=WORKER, on=clock.today()) == 0  # not before its time
    setting.knowing(failing)
    make_due()
    tasks.ask_again(timestamp=0)
    assert {source for source, _ in failing.asked} == {"health", "school"}
    assert waiting() == []
    assert setting.told(setting.opened(home)) == setting.HEALTHY
    row = "SELECT by_kind, purpose FROM trust_audit WHERE event = 'sources-asked' AND by_kind = 'system' LIMIT 1"
    assert execute(row) == [("system", "registration")]


def test_it_is_asked_later_and_later_and_then_no_more(failing, home):
    execute("DELETE FROM sources_retry WHERE source = 'school'")
    for attempts in range(2, len(DELAYS) + 1):
        make_due()
        ask_again(by=WORKER, on=clock.today())
        [(next_at, held)] = execute("SELECT next_at, attempts FROM sources_retry")
        assert held == attempts
        assert next_at > clock.now() + DELAYS[attempts - 1] - timedelta(seconds=30)
    make_due()
    ask_again(by=WORKER, on=clock.today())
    assert waiting() == []


def test_a_source_that_is_connected_no_more_is_not_asked(failing, home):
    install_connections([setting.connection(failing, "tax")], by=setting.BY)
    try:
        make_due()
        ask_again(by=WORKER, on=clock.today())
        assert waiting() == []
        assert failing.asked == []
    finally:
        setting.connect(failing)
