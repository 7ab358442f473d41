"""Rounds over an area against the invented institutions over HTTP: the registry's own numbers, their own words, well and ill behaved."""

import time
from collections import Counter
from datetime import timedelta
from itertools import islice
from uuid import UUID

import pytest
from django.db import connections

from amparo.cli.ministry.faults import faults
from amparo.cli.ministry.people import Known, People
from amparo.cli.ministry.server import Ministry, served
from amparo.kernel import clock
from amparo.profiles.country import country as profile
from amparo.profiles.synth import generate
from amparo.registry.actions import register
from amparo.registry.queries import household
from amparo.sources.actions import install_connections, start_rounds, work_on
from amparo.sources.queries.rounds import one_round
from amparo.sources.types import TOLD, Attribute, Caching, ConnectionConfig, Reason, Round, RoundState
from amparo.trust.actions.agreeing import install_organisations
from amparo.trust.context import acting
from amparo.trust.covering import Direction, FieldTerm
from amparo.trust.types import Ground, OrganisationConfig, Permission, system
from tests.lib import agreeing, country, kin
from tests.unit.sources.setting import inside_allowed

TOKEN = "a token of this test"
UNDER = Ground("eligibility")
HOMES = 12


@pytest.fixture(scope="module")
def people(tmp_path_factory) -> People:
    folder = tmp_path_factory.mktemp("synth")
    made = generate(profile("example"), households=60, seed=7, folder=folder, on=clock.today() - timedelta(days=14))
    return People([path for name, path in made.files.items() if name != "truth"])


@pytest.fixture(scope="module")
def velmora(empty_database):
    from amparo.project.country import install_country

    install_country("example")
    country.open_cast({"amina": "VM01", "bruno": "VM", "chen": "VM06"})
    agreeing.install()
    install_organisations([OrganisationConfig("social-insurance", "social-insurance")], by=system("test"))
    agreeing.in_force(
        "insurance-told",
        provider="social-insurance",
        consumer="ministry",
        direction=Direction.IN,
        purpose="eligibility",
        areas=("VM",),
        fields=(FieldTerm("person", "contributory_pension"),),
        identifiers=("national_id",),
    )


@pytest.fixture
def registered(velmora, people, own_keys) -> dict[UUID, Known]:
    """Homes of whom the institutions know somebody, each with one of them, all over the first region."""
    (own_keys / "ministry.secret").write_text(TOKEN)
    with connections["bulk"].cursor() as cursor:
        cursor.execute("UPDATE registry_household SET ended_on = '2020-01-01'; DELETE FROM registry_identifier")
    with connections["owner"].cursor() as cursor:
        cursor.execute("DELETE FROM sources_connectionstate; DELETE FROM sources_round; DELETE FROM trust_bucket")
    known = (each for each in map(people.known, people.identifiers) if each and each.scheme == "national_id")
    return dict(_registered(each) for each in islice(known, HOMES))


def _registered(known: Known) -> tuple[UUID, Known]:
    by = country.actor("ines").narrowed(Permission.REGISTER)
    day = clock.today() - timedelta(days=30)
    with acting(by):
        home = register("VM01", values={}, members=[{}], source="census", by=by, on=day, under=UNDER)
        [person] = household(home, by=by, under=UNDER).members
    kin.number(person.id, known.identifier)
    return person.id, known


def connected(address: str, **changes) -> None:
    found = {
        "source": "pension_fund",
        "owner": "social-insurance",
        "agreement": "insurance-told",
        "connector": "rest",
        "key": "national_id",
        "attributes": (Attribute("contributory_pension", "/person/has_pension", Caching.OBSERVATION, 30),),
        "settings": {
            "address": f"{address}/social-insurance/persons/{{number}}",
            "secret": "ministry",
            "echo": "/person/identifier",
            "as_of": "/as_of",
            "expects": {"/currency": "XVM"},
        },
        "seconds": 10.0,
        "in_second": 1_000,
        "in_minute": 10_000,
    }
    install_connections([ConnectionConfig(**(found | changes))], by=system("test"))


def round_over(area: str = "VM") -> Round:
    by = country.actor("ines").narrowed(Permission.ASK_AREA)
    with acting(by):
        [id] = start_rounds(area, ["pension_fund"], by=by, under=UNDER, on=clock.today())
    begun = time.monotonic()
    work_on(id, by=system("test"), on=clock.today(), seconds=120)
    found = one_round(id, by=by)
    print(f"{found.asked / (time.monotonic() - begun):.0f} persons a second")
    return found


def held() -> dict[UUID, bool]:
    with connections["bulk"].cursor() as cursor:
        cursor.execute(
            "SELECT person_id, contributory_pension FROM registry_fact_person WHERE contributory_pension IS NOT NULL"
        )
        return dict(cursor.fetchall())


def test_what_the_institutions_know_of_everybody_in_an_area_becomes_fact(registered, people):
    with served(Ministry(people, TOKEN, "XVM")) as address, inside_allowed():
        connected(address)
        done = round_over()
    known = {person: each.person["contributory_pension"] for person, each in registered.items()}
    told = {person: each for person, each in known.items() if each is not None}
    assert told
    assert {person: each for person, each in held().items() if person in known} == told
    silent = {Reason.SILENT.value: len(known) - len(told)} if len(told) < len(known) else {}
    assert (done.state, done.counts) == (RoundState.DONE, {TOLD: len(told)} | silent)


def test_institutions_that_lie_and_fail_leave_a_partial_round_and_unknown_what_they_did_not_tell(registered, people):
    """Whoever they answered rightly is known; of nobody is another's word or no word at all taken."""
    ill = faults(["social-insurance=wrong-person:0.3", "social-insurance=error-500:0.3"])
    with served(Ministry(people, TOKEN, "XVM", 3, ill)) as address, inside_allowed():
        connected(address)
        done = round_over()
    known = {person: each.person["contributory_pension"] for person, each in registered.items()}
    believed = {person: each for person, each in held().items() if person in known}
    assert all(known[person] == each for person, each in believed.items())
    assert done.is_partial
    assert sum(done.counts.values()) == done.done == HOMES
    assert Counter(done.reasons).keys() <= {Reason.WRONG_PERSON, Reason.DOWN, Reason.SILENT}
    assert len(believed) == done.counts.get(TOLD, 0)
