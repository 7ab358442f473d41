"""The invented institutions asked by the DCI standard: our own connector understands them, well and ill behaved (ARC-3, VIR-5)."""

import json
import urllib.error
import urllib.request
from datetime import timedelta

import pytest

from amparo.cli.ministry.faults import faults
from amparo.cli.ministry.people import People
from amparo.cli.ministry.server import Ministry, served
from amparo.cli.ministry.telling import public
from amparo.dci.signing import Profile
from amparo.kernel import clock
from amparo.profiles.country import country
from amparo.profiles.synth import generate
from amparo.sources.connectors.dci.asking import ask
from amparo.sources.connectors.dci.settings import wrong_with
from amparo.sources.types import Attribute, Caching, Question, Reason
from tests.unit.sources import setting

TOKEN = "a-token-of-this-test"
DOOR = "/civil-registry/dci/registry/sync/search"
# Where a field stands in a record of either type; what the standard has no place for, by the institution's own name.
PLACES = {"Person": ("birth_date", "held.birth_document"), "Member": ("demographic_info.birth_date", "held.is_alive")}
# What is no answer comes as it is; what is wrong in one is signed like any other.
REASONS = {
    "error-500": Reason.DOWN,
    "unavailable": Reason.DOWN,
    "cut": Reason.DOWN,
    "too-many": Reason.LIMITED,
    "expired-token": Reason.REFUSED,
    "not-found": Reason.NOBODY,
    "wrong-person": Reason.WRONG_PERSON,
    **dict.fromkeys(("empty", "null", "garbage", "truncated", "listed", "html", "no-person"), Reason.MALFORMED),
}


@pytest.fixture(scope="module")
def people(tmp_path_factory) -> People:
    folder = tmp_path_factory.mktemp("synth")
    made = generate(country("example"), households=40, seed=7, folder=folder, on=clock.today() - timedelta(days=14))
    return People(path for name, path in made.files.items() if name != "truth")


@pytest.fixture
def ministry(people, own_keys) -> Ministry:
    (own_keys / "civil.secret").write_text(TOKEN)
    return Ministry(people, TOKEN, "XVM")


def settings(ministry: Ministry, address: str, *, record: str = "Person", signs: str = Profile.HTTP) -> dict:
    return {
        "address": address + DOOR,
        "sender": "registry.example",
        "receiver": "civil-registry",
        "identifier": "UIN",
        "registry": "Civil",
        "record": record,
        "signs": signs,
        "keys": [public(ministry.key)],
        "secret": "civil",
        "as_of": "last_updated",
    }


def asked(ministry: Ministry, number: str, **said: str):
    """Ask as a connection would, and return what came back."""
    attributes = tuple(Attribute(f"field_{each}", each, Caching.NONE) for each in PLACES[said.get("record", "Person")])
    with served(ministry) as address, setting.inside_allowed():
        assert wrong_with(settings(ministry, address, **said), attributes) == []
        return ask(settings(ministry, address, **said), Question(number, attributes, 10.0))


@pytest.mark.parametrize("signs", list(Profile))
@pytest.mark.parametrize("record", PLACES)
def test_it_tells_what_it_tells_by_rest_signed_as_it_was_asked(ministry, people, signs, record):
    known = people.known(people.identifiers[0])
    found = asked(ministry, known.identifier, signs=signs, record=record)
    birth, other = PLACES[record]
    right = {birth: known.person["birth_date"].isoformat(), other: {"Member": True}.get(record)}
    right[other] = known.person["birth_document"] if record == "Person" else right[other]
    assert found.values == {f"field_{place}": value for place, value in right.items()}
    assert found.day == clock.today().isoformat()


def test_of_whom_it_keeps_nothing_there_is_no_record(ministry):
    assert asked(ministry, "1") is Reason.NOBODY


@pytest.mark.parametrize("kind", REASONS)
def test_it_misbehaves_here_too(people, own_keys, kind):
    (own_keys / "civil.secret").write_text(TOKEN)
    ministry = Ministry(people, TOKEN, "XVM", faults=faults([f"civil-registry={kind}"]))
    assert asked(ministry, people.identifiers[0]) is REASONS[kind]


def test_what_is_no_signed_search_is_refused_and_nobody_without_the_token_is_answered(ministry):
    def status(address: str, body: object, token: str = TOKEN) -> int:
        request = urllib.request.Request(
            address + DOOR, json.dumps(body).encode(), {"Authorization": f"Bearer {token}"}, method="POST"
        )
        try:
            return urllib.request.urlopen(request, timeout=10).status
        except urllib.error.HTTPError as refused:
            return refused.code

    with served(ministry) as address:
        assert [status(address, each) for each in ({}, [], {"header": {}, "message": {}}, "x")] == [400] * 4
        assert status(address, {}, "another") == 401
