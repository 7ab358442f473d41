"""Unusual use: the limit of a day is refused past, whom an alert concerns never meets it, and a broken rule finds nobody (C3)."""

from contextlib import contextmanager
from uuid import UUID

import pytest
from django.db import DataError, InternalError, ProgrammingError, connections, transaction

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, NotPermitted, Refused
from amparo.registry.queries import household
from amparo.trust.actions import install_watch
from amparo.trust.actions.accounts import bind_person
from amparo.trust.actions.alerting import judge_alert
from amparo.trust.context import acting
from amparo.trust.log.recording import record
from amparo.trust.types import Actor, AlertKind, AlertState, BreachConfig, Event, Permission, WatchConfig, system
from amparo.trust.watching import alerts, rules
from amparo.trust.watching.running import watch
from tests.lib import country

pytestmark = pytest.mark.usefixtures("fresh_database")
BY = system("test")
ANY_DAY = tuple(range(1, 8))


def limits(**changes) -> None:
    install_watch(WatchConfig(**{"opens": 0, "closes": 24, "weekdays": ANY_DAY} | changes), BreachConfig(), by=BY)


def rows(statement: str, *values: object) -> list[tuple]:
    with connections["bulk"].cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def read(who: Actor, home: UUID, times: int = 1) -> None:
    with acting(who.narrowed(Permission.READ_HOUSEHOLD)) as by:
        for _ in range(times):
            household(home, by=by, under=country.GROUND)


def found() -> list[tuple[str, UUID]]:
    return rows("SELECT kind, by_id FROM trust_alert ORDER BY found_at, kind")


@pytest.fixture
def home() -> UUID:
    return country.household("n1", {"given_name": "Yara", "is_head": True}, {"given_name": "Omar"})


def persons_of(home: UUID) -> list[UUID]:
    return [id for (id,) in rows("SELECT person_id FROM registry_membership WHERE household_id = %s ORDER BY id", home)]


# ---- the limit of a day


def test_past_the_limit_of_a_day_nothing_more_is_opened(cast, home):
    limits(most_a_day=5)
    read(cast.amina, home, 5)
    with pytest.raises(NotPermitted, match="trust-budget-spent"):
        read(cast.amina, home)
    read(cast.bruno, home)  # others go on
    with acting(cast.amina.narrowed(Permission.READ_FIGURES)):
        pass  # and so do figures


def test_the_limit_is_of_the_countrys_day_and_of_records_not_of_pages(cast, home):
    limits(most_a_day=50)
    with acting(cast.amina.narrowed(Permission.LIST_DECISIONS)) as by:
        record(Event.DECISIONS_LISTED, by=by, units=[str(home)] * 50)
    with pytest.raises(NotPermitted, match="trust-budget-spent"):
        read(cast.amina, home)


@pytest.mark.parametrize("stated", ['{"most_a_day": "many"}', '{"zone": "Nowhere/At_All"}'])
def test_a_limit_that_cannot_be_read_lets_nobody_through(cast, home, stated):
    with connections["owner"].cursor() as cursor:
        cursor.execute("INSERT INTO trust_setting VALUES ('watch', %s)", [stated])
    with pytest.raises((DataError, InternalError)):
        read(cast.amina, home)


def test_without_a_stated_limit_the_products_own_holds(cast, home):
    with acting(cast.amina.narrowed(Permission.LIST_DECISIONS)) as by:
        record(Event.DECISIONS_LISTED, by=by, units=["x"] * WatchConfig().most_a_day)
    with pytest.raises(NotPermitted, match="trust-budget-spent"):
        read(cast.amina, home)


# ---- one's own


def test_the_registry_says_in_the_row_itself_that_somebody_reads_of_themselves_or_of_a_relative(cast, home):
    yara, _ = persons_of(home)
    sisters = country.household("n2", {"given_name": "Salma", "is_head": True})
    (salma,) = persons_of(sisters)
    strangers = country.household("n1", {"given_name": "Ida", "is_head": True})
    rows(
        "INSERT INTO registry_relationship (person_id, other_id, kind, starts_on, source_id, area_number)"
        " SELECT %s, %s, 'caregiver', '2020-01-01', s.id, p.area_number FROM registry_source s, registry_person p"
        " WHERE s.code = 'census' AND p.id = %s",
        *(salma, yara, salma),
    )
    bind_person(cast.amina.id, yara, by=cast.hana.narrowed(Permission.OPEN_ACCOUNTS))
    amina = country.cast().amina
    for each in (home, sisters, strangers):
        read(amina, each)
    told = dict(rows("SELECT about_id, details->>'near' FROM trust_audit WHERE event = 'household-read'"))
    assert told == {str(home): "own", str(sisters): "relative", str(strangers): None}
    watch(by=BY)
    assert found() == [("near", amina.id)]


def test_nobody_says_of_their_own_account_whose_it_is(cast, home):
    with pytest.raises(Refused, match="trust-own-account"):
        bind_person(cast.hana.id, None, by=cast.hana.narrowed(Permission.OPEN_ACCOUNTS))


# ---- alerts


@pytest.fixture
def nightly(cast, home) -> UUID:
    """An alert of Amina, who reads at night."""
    limits(opens=0, closes=1, weekdays=(clock.today().isoweekday() % 7 + 1,), night_reads=3)
    read(cast.amina, home, 3)
    watch(by=BY)
    ((id,),) = rows("SELECT id FROM trust_alert WHERE kind = 'night'")
    return id


@contextmanager
def handling(who: Actor, permission: Permission = Permission.JUDGE_ALERT):
    with acting(who.narrowed(permission)) as by:
        yield by


def test_what_is_raised_once_is_raised_once_and_grows_with_the_day(cast, home, nightly):
    assert watch(by=BY).alerts == 0
    read(cast.amina, home, 2)
    assert watch(by=BY).alerts == 0
    assert rows("SELECT observed, cardinality(rows) FROM trust_alert WHERE kind = 'night'") == [(5, 5)]


def test_two_watches_at_once_count_each_row_once(cast, home):
    import threading

    limits(night_reads=1, opens=0, closes=1, weekdays=(clock.today().isoweekday() % 7 + 1,))
    read(cast.amina, home, 4)

    def run() -> None:
        watch(by=BY)
        connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    assert rows("SELECT shown FROM trust_use WHERE by_id = %s", cast.amina.id) == [(4,)]
    assert rows("SELECT count(*), max(observed) FROM trust_alert WHERE kind = 'night'") == [(1, 4)]


def test_whoever_an_alert_concerns_neither_sees_nor_judges_it(cast, nightly):
    """Each of three gates by itself: the query, row security, the action."""
    rows("UPDATE trust_alert SET concerned = %s WHERE id = %s", [cast.lina.id], nightly)
    with handling(cast.lina, Permission.READ_ALERT) as by:
        assert list(alerts.alerts(by)) == []
        with pytest.raises(NotFound, match="trust-alert-unknown"):
            alerts.alert(nightly, by=by)
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT count(*) FROM trust_alert")
            assert cursor.fetchone() == (0,)
            cursor.execute("UPDATE trust_alert SET state = 'closed'")
            assert cursor.rowcount == 0
    with handling(cast.lina) as by, pytest.raises(NotFound, match="trust-alert-unknown"):
        judge_alert(nightly, AlertState.CLOSED, reason="All is well.", by=by)
    with handling(cast.emre, Permission.READ_ALERT) as by:
        assert [each.id for each in alerts.alerts(by)] == [nightly]


def test_without_saying_who_asks_row_security_shows_no_alert(nightly):
    with transaction.atomic(), connections["default"].cursor() as cursor:
        cursor.execute("SET LOCAL ROLE amparo_national")
        cursor.execute("SELECT count(*) FROM trust_alert")
        assert cursor.fetchone() == (0,)


UNCHANGED = (
    "UPDATE trust_alert SET concerned = '{}'",
    "UPDATE trust_alert SET observed = 0",
    "DELETE FROM trust_alert",
    "INSERT INTO trust_alert (id) VALUES (gen_random_uuid())",
    "UPDATE trust_alertstep SET reason = ''",
    "DELETE FROM trust_alertstep",
)


def test_the_database_lets_nobody_change_what_was_found(cast, nightly):
    with handling(cast.lina) as by:
        judge_alert(nightly, AlertState.LOOKED_AT, reason="Asked the supervisor.", by=by)
    for statement in UNCHANGED:
        refused = pytest.raises((ProgrammingError, InternalError))
        with handling(cast.lina), refused, transaction.atomic(), connections["default"].cursor() as cursor:
            cursor.execute(statement)


def test_an_alert_is_looked_at_with_a_reason_and_closed_and_opens_again_when_it_doubles(cast, home, nightly):
    with handling(cast.lina) as by:
        with pytest.raises(Refused, match="trust-alert-without-reason"):
            judge_alert(nightly, AlertState.LOOKED_AT, reason=" ", by=by)
        judge_alert(nightly, AlertState.LOOKED_AT, reason="On call this week.", by=by)
        judge_alert(nightly, AlertState.CLOSED, reason="Confirmed by the roster.", by=by)
        with pytest.raises(Refused, match="trust-alert-closed-already"):
            judge_alert(nightly, AlertState.CLOSED, reason="Again.", by=by)
    read(cast.amina, home, 2)
    watch(by=BY)
    assert rows("SELECT state FROM trust_alert WHERE id = %s", nightly) == [("closed",)]
    read(cast.amina, home, 1)
    watch(by=BY)
    assert rows("SELECT state FROM trust_alert WHERE id = %s", nightly) == [("open",)]


def test_an_alerts_rows_are_read_on_the_record(cast, home, nightly):
    with handling(cast.emre, Permission.READ_ALERT) as by:
        lines = alerts.rows_of(alerts.alert(nightly, by=by), by=by)
    assert [(each.event, each.about_id, each.by_id) for each in lines] == [
        ("household-read", str(home), cast.amina.id)
    ] * 3
    assert rows("SELECT about_id, by_id FROM trust_audit WHERE event = 'alert-read'") == [(str(nightly), cast.emre.id)]


def test_a_broken_rule_counts_nothing_and_says_so(cast, home, monkeypatch):
    """Then the next run begins where the last good one ended: nothing is passed over in silence."""
    limits(night_reads=1, opens=0, closes=1, weekdays=(clock.today().isoweekday() % 7 + 1,))
    read(cast.amina, home)
    with monkeypatch.context() as broken:
        broken.setitem(rules.RULES, AlertKind.NIGHT, rules.Rule("SELECT nothing FROM nowhere", "true"))
        with pytest.raises(ProgrammingError):
            watch(by=BY)
    assert rows("SELECT place FROM trust_watched") == [(-1,)]
    assert rows("SELECT count(*) FROM trust_use") == [(0,)]
    watch(by=BY)
    assert found() == [("night", cast.amina.id)]


def test_a_day_is_the_countrys_own(cast):
    limits(zone="Pacific/Auckland")
    read(cast.amina, country.household("n1", {"given_name": "Yara", "is_head": True}))
    watch(by=BY)
    ((day,),) = rows("SELECT day FROM trust_use WHERE by_id = %s", cast.amina.id)
    ((expected,),) = rows(
        "SELECT (max(at) AT TIME ZONE 'Pacific/Auckland')::date FROM trust_audit WHERE event = 'household-read'"
    )
    assert day == expected
