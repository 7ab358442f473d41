"""A purpose that is over opens nothing: refused before the row is written, by the database itself, and to partners."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections
from django.db.utils import ProgrammingError

from amparo.kernel import clock
from amparo.kernel.errors import NotPermitted
from amparo.registry import queries
from amparo.registry.actions import sharing
from amparo.trust.actions import install_purposes
from amparo.trust.context import acting
from amparo.trust.log import recording
from amparo.trust.log.recording import record
from amparo.trust.purposes import ENDS
from amparo.trust.queries import live_purposes
from amparo.trust.types import READS, Event, Ground, Permission, PurposeConfig, system
from tests.lib import agreeing, country
from tests.lib.erasing import rows
from tests.views.conftest import signed_in

pytestmark = pytest.mark.usefixtures("fresh_database")
EMERGENCY, UNDER = "emergency", Ground("emergency")


def emergency(last_day=None) -> None:
    purpose = PurposeConfig(EMERGENCY, "Flood Act, section 2", tuple(READS), last_day)
    install_purposes(
        [PurposeConfig("registration", "Registration Act, section 1", tuple(READS)), purpose], by=system("test")
    )


def on_day(days: int, hour: int = 12):
    day = clock.today() + timedelta(days=days)
    return clock.fixed(datetime(day.year, day.month, day.day, hour, tzinfo=UTC))


def read(home):
    with acting(country.cast().amina.narrowed(Permission.READ_HOUSEHOLD)) as by:
        return queries.household(home, by=by, under=UNDER)


def test_it_opens_records_on_its_last_day_and_not_on_the_next():
    emergency(clock.today() + timedelta(days=3))
    home = country.household("n1", {"given_name": "Yara"})
    with on_day(3, hour=23):
        assert read(home).members
    with on_day(4, hour=0), pytest.raises(NotPermitted, match="trust-purpose-over"):
        read(home)
    assert rows("SELECT count(*) FROM trust_audit WHERE purpose = 'emergency'") == [(1,)]


def test_one_without_a_last_day_does_not_end():
    emergency()
    home = country.household("n1", {"given_name": "Yara"})
    with on_day(300):
        assert read(home).members


def test_the_database_refuses_by_itself_what_is_done_for_it(monkeypatch):
    emergency(clock.today())
    home = country.household("n1", {"given_name": "Yara"})
    monkeypatch.setattr(recording, "expect_live", lambda *_, **__: None)
    assert read(home).members
    with on_day(1), pytest.raises(ProgrammingError, match="is over"):
        read(home)
    emergency(clock.today() - timedelta(days=1))
    with on_day(-5), pytest.raises(ProgrammingError, match="is over"):  # a clock that was put back does not help
        read(home)


def test_what_only_ends_something_is_still_done():
    emergency(clock.today() - timedelta(days=1))
    for event in ENDS:
        record(event, by=system("test"), under=UNDER, using="bulk")
    with pytest.raises(NotPermitted, match="trust-purpose-over"):
        record(Event.HOUSEHOLD_READ, by=system("test"), under=UNDER, using="bulk")
    assert rows("SELECT count(*) FROM trust_audit WHERE purpose = 'emergency'") == [(len(ENDS),)]


def test_an_agreement_for_it_hands_nothing_over_by_either_gate(monkeypatch):
    emergency()
    agreeing.install()
    country.household("n1", {"given_name": "Yara"}, on=clock.today())
    id = agreeing.in_force("flood", purpose=EMERGENCY)
    by, asked = agreeing.partner_of(id), agreeing.request(id)

    def page():
        return sharing.share(id, asked, about="person", by=by, on=clock.today()).records

    assert page()
    emergency(clock.today() - timedelta(days=1))
    with pytest.raises(NotPermitted, match="trust-purpose-over"):
        page()
    assert rows("SELECT count(*) FROM trust_audit WHERE event = 'exchange-refused'") == [(1,)]
    with acting(by), connections["default"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM registry_person")
        assert cursor.fetchone() == (0,)


def test_pages_ask_for_another_purpose():
    emergency(clock.today())
    home = country.household("n1", {"given_name": "Yara"})
    amina = signed_in("amina")
    assert b"Until" in amina.get("/purpose/").content
    amina.post("/purpose/", {"purpose": EMERGENCY})
    assert amina.get(f"/households/{home}/").status_code == 200
    emergency(clock.today() - timedelta(days=1))
    # Of two purposes one is left, and nobody reads for that one without having chosen it.
    assert amina.get(f"/households/{home}/").status_code == 302
    amina.post("/purpose/", {"purpose": "registration"})
    assert amina.get(f"/households/{home}/").status_code == 200
    assert rows("SELECT purpose FROM trust_audit WHERE event = 'household-read' ORDER BY at") == [
        (EMERGENCY,),
        ("registration",),
    ]
    install_purposes(
        [PurposeConfig("registration", "Registration Act, section 1", tuple(READS), clock.today() - timedelta(days=1))],
        by=system("test"),
    )
    assert amina.get(f"/households/{home}/").status_code == 302
    assert "There is no purpose" in amina.get("/purpose/").content.decode()
    assert not live_purposes(on=clock.today()).exists()
