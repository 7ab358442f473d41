"""A source that cannot push is asked what changed; the invented institutions tell well and ill, and what is left is right (UPD-2)."""

import json
import time
from collections import Counter
from datetime import timedelta
from urllib.request import Request, urlopen

import pytest
from django.db import connections

from amparo.cli.ministry import telling
from amparo.cli.ministry.people import People
from amparo.cli.ministry.server import Ministry, served
from amparo.kernel import clock
from amparo.profiles.country import country as profile
from amparo.profiles.synth import generate
from amparo.sources import tasks
from amparo.sources.types import Happening, Road, UpdateConfig, UpdateKind
from tests.lib import country, kin, live
from tests.lib.web_server import web_server
from tests.unit.sources import setting

TOKEN, EVENTS, SEED = "a token of this test", 24, 5
CODES = {"married": "married", "divorced": "divorced", "widowed": "widowed"}
POINTERS = {"id": "/event", "at": "/at", "kind": "/kind", "number": "/person/identifier"}
KINDS = (
    UpdateKind("death", Happening.DEATH, (live.attribute("died_on", "/person/died_on"),)),
    UpdateKind("marriage", Happening.MARRIAGE, (live.attribute("marital", "/person/marital_status", codes=CODES),)),
)


@pytest.fixture(scope="module")
def ministry(tmp_path_factory):
    folder = tmp_path_factory.mktemp("synth")
    made = generate(profile("example"), households=30, seed=SEED, folder=folder, on=clock.today() - timedelta(days=14))
    people = People([path for name, path in made.files.items() if name != "truth"])
    return Ministry(people, TOKEN, "XVM", SEED, events=EVENTS)


@pytest.fixture
def told(ministry) -> list[dict]:
    return ministry._events("civil-registry", EVENTS)


@pytest.fixture
def place(ministry, fresh_database, own_keys, told):
    """The institutions, serving; everybody of whom they tell is known here, and a polled source asks them."""
    (own_keys / "civil.secret").write_text(TOKEN)
    with served(ministry) as address, setting.inside_allowed():
        live.install()
        live.connect(live.civil(updates=pushed(ministry)), live.civil(source="registry", updates=polled(address)))
        for number in sorted({each["person"]["identifier"] for each in told}):
            home = country.household(
                "n1", {"given_name": "X", "marital": "single"}, on=clock.today() - timedelta(days=99), income=1
            )
            [person] = setting.members(home)
            kin.number(person, number)
        yield address
    ministry.stopping.clear()


def polled(address: str) -> UpdateConfig:
    settings = {"address": f"{address}/civil-registry/events?since={{since}}", "list": "/events", "next": "/next"}
    return UpdateConfig(Road.POLL, KINDS, POINTERS | settings | {"secret": "civil"})


def pushed(ministry: Ministry) -> UpdateConfig:
    return UpdateConfig(Road.WEBHOOK, KINDS, POINTERS | {"keys": [telling.public(ministry.key)]})


def died() -> dict[str, str]:
    return dict(live.rows("SELECT id::text, deceased_on::text FROM registry_person WHERE deceased_on IS NOT NULL"))


def expected(told: list[dict]) -> tuple[dict[str, str], dict[str, str]]:
    deaths = {
        str(live.person(each["person"]["identifier"])): each["person"]["died_on"]
        for each in told
        if each["kind"] == "death"
    }
    married = {
        str(live.person(each["person"]["identifier"])): each["person"]["marital_status"]
        for each in told
        if each["kind"] == "marriage"
    }
    return deaths, married


def marital() -> dict[str, str]:
    return dict(live.rows("SELECT person_id::text, marital FROM registry_fact_person WHERE marital <> 'single'"))


def test_the_job_asks_page_by_page_and_goes_on_where_it_stopped(place, told):
    tasks.ask_for_updates(timestamp=0)
    assert (died(), marital()) == expected(told)
    [(cursor, taken)] = live.rows("SELECT cursor, taken FROM sources_updatestanding WHERE source = 'registry'")
    assert (cursor, taken) == (str(len(told)), len(told))
    tasks.ask_for_updates(timestamp=0)
    assert live.rows("SELECT count(*) FROM sources_update") == [(len(told),)]


def test_where_a_rule_is_broken_it_does_not_go_on_and_nothing_is_lost(place, told):
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE programmes_parametervalue SET starts_on = '2199-01-01'")
    tasks.ask_for_updates(timestamp=0)
    assert live.rows("SELECT cursor FROM sources_updatestanding WHERE source = 'registry'") == [("",)]
    assert died() == {}
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE programmes_parametervalue SET starts_on = '2026-01-01'")
    tasks.ask_for_updates(timestamp=0)
    assert (died(), marital()) == expected(told)


def test_a_source_that_does_not_let_us_in_or_is_down_changes_nothing_and_is_noted(place, own_keys):
    (own_keys / "civil.secret").write_text("another token")
    tasks.ask_for_updates(timestamp=0)
    assert live.rows("SELECT last_reason FROM sources_connectionstate WHERE source = 'registry'") == [("refused",)]
    assert live.rows("SELECT count(*) FROM sources_update") == [(0,)]


def test_doubled_shuffled_forged_and_replayed_webhooks_leave_what_happened(place, told):
    """The institution's own server sends to ours, over HTTP: of each event two as they are, two forged, and all again an hour old."""
    with web_server() as port:
        asked = {"to": f"http://127.0.0.1:{port}/api/v1/sources/civil/updates", "events": EVENTS}
        asked["ways"] = ["doubled", "forged", "replayed", "shuffled"]
        begun = time.monotonic()
        answer = json.load(
            urlopen(
                Request(
                    f"{place}/civil-registry/emit",
                    json.dumps(asked).encode(),
                    {"Authorization": f"Bearer {TOKEN}"},
                ),
                timeout=300,
            )
        )
        seconds = time.monotonic() - begun
    count = len(told)
    assert answer == {"sent": 8 * count, "answered": dict(Counter({"202": 2 * count, "401": 6 * count}))}
    assert (died(), marital()) == expected(told)
    assert live.rows("SELECT count(*) FROM sources_update") == [(count,)]
    assert live.refused() == {"signature": 4 * count, "old": 2 * count}
    [(took,)] = live.rows("SELECT seconds FROM sources_updatestanding WHERE source = 'civil'")
    took = json.loads(took)
    p95 = sorted(took)[len(took) * 95 // 100]
    print(f"{count} updates: p95 {p95:.2f} s from coming in to done; all {8 * count} sendings in {seconds:.0f} s")
    assert p95 < 60


def test_an_institution_tells_the_same_whenever_it_is_asked_and_nobody_dies_twice(ministry, told):
    assert told == ministry._events("civil-registry", EVENTS)
    deaths = Counter(each["person"]["identifier"] for each in told if each["kind"] == "death")
    assert set(deaths.values()) <= {1}
    assert len({each["event"] for each in told}) == len(told) > EVENTS / 2
    assert [each["at"] for each in told] == sorted(each["at"] for each in told)


@pytest.mark.parametrize(
    "asked",
    [{}, {"to": "http://example.com/", "events": 1}, {"to": "http://127.0.0.1/", "events": 1, "ways": ["x"]}, []],
)
def test_what_cannot_be_emitted_is_refused(ministry, asked):
    answer = ministry.answer("/civil-registry/emit", f"Bearer {TOKEN}", json.dumps(asked).encode())
    assert answer.status == 400
    assert ministry.answer("/civil-registry/emit", "Bearer other", b"{}").status == 401
    assert ministry.answer("/civil-registry/persons/1", f"Bearer {TOKEN}", b"{}").status == 404
