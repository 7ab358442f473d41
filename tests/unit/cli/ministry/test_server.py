"""The invented institutions as a server: who is answered what, and each way of misbehaving as a client meets it (ARC-3, VIR-1)."""

import json
import ssl
import urllib.error
import urllib.request
from datetime import date, timedelta
from http.client import HTTPException, IncompleteRead, RemoteDisconnected
from pathlib import Path

import pytest

from amparo.cli.ministry.faults import DEEP_LEVELS, HUGE_BYTES, KINDS, Misbehaving, faults, met
from amparo.cli.ministry.institutions import INSTITUTIONS
from amparo.cli.ministry.people import People
from amparo.cli.ministry.server import Ministry, served
from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.profiles.country import country
from amparo.profiles.synth import generate
from tests.lib import gateways

TOKEN = "a token of this test"
WAIT = 0.2
# How each fault that is no readable answer shows at a client; what the others show is asked one by one below.
STATUSES = {
    "error-500": 500,
    "unavailable": 503,
    "too-many": 429,
    "expired-token": 401,
    "not-found": 404,
    "redirect": 302,
}
BROKEN = {
    "cut": IncompleteRead,
    "reset": RemoteDisconnected,
    "hang": TimeoutError,
    "empty": ValueError,
    "garbage": ValueError,
    "truncated": ValueError,
    "short-length": ValueError,
    "twice": ValueError,
    "encoding": ValueError,
    "html": ValueError,
    "deep": RecursionError,
}


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *told: object) -> None:
        """A redirect is not followed: its status is the answer."""


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> list[Path]:
    folder = tmp_path_factory.mktemp("synth")
    made = generate(country("example"), households=60, seed=7, folder=folder, on=clock.today() - timedelta(days=14))
    return [path for name, path in made.files.items() if name != "truth"]


@pytest.fixture(scope="module")
def people(files) -> People:
    return People(files)


@pytest.fixture(scope="module")
def site(people):
    """An address at which each fault lies at an institution's door by a token of its own: `site(kind)` is asked."""
    with served(Ministry(people, TOKEN, "XVM")) as address:
        yield address


def asked(address: str, path: str, *, token: str = TOKEN, seconds: float = 10, **more):
    request = urllib.request.Request(f"{address}{path}", headers={"Authorization": f"Bearer {token}"})
    return urllib.request.build_opener(_Stay, *more.get("handlers", ())).open(request, timeout=seconds)


def told(answer) -> dict:
    return json.loads(answer.read().decode())


def status(address: str, path: str, **more) -> int:
    try:
        return asked(address, path, **more).status
    except urllib.error.HTTPError as error:
        return error.code


def somebody(people: People, institution: str) -> str:
    """Return the first person of whom an institution keeps something, and of the next one as well."""
    tells = INSTITUTIONS[institution].tells
    return next(each for each in people.identifiers if tells(people.known(each), clock.today(), 1))


def met_with(people: People, kind: str, institution: str = "civil-registry", **more):
    """Ask an institution that always has one fault; return the answer, and what is right."""
    who = somebody(people, institution)
    with (
        served(Ministry(people, TOKEN, "XVM")) as right,
        served(Ministry(people, TOKEN, "XVM", faults=faults([f"{institution}={kind}"]), wait_seconds=WAIT)) as wrong,
    ):
        path = f"/{institution}/persons/{who}"
        answer = asked(wrong, path, **more)
        return answer.read(), answer.headers, told(asked(right, path))


def test_eleven_institutions_of_the_three_classes_answer(site, people):
    listed = told(asked(site, "/"))["institutions"]
    assert len(listed) == 11
    assert {each["class"] for each in listed} == {"a", "b", "c"}
    assert [each["class"] for each in listed].count("a") == 2
    for each in listed:
        who = somebody(people, each["institution"])
        said = told(asked(site, f"/{each['institution']}/persons/{who}"))
        assert said["institution"] == each["institution"]
        assert (said["version"], said["currency"], said["as_of"]) == ("1", "XVM", clock.today().isoformat())
        assert (said["person"]["identifier"], said["person"]["identifier_scheme"]) == (who, "national_id")
        assert len(said["person"]) > 3


def test_the_people_are_those_of_the_census_with_its_identifiers(files, site, people):
    lines = next(each for each in files if each.stem == "persons").read_text(encoding="utf-8").splitlines()
    assert people.identifiers[0] in lines[1] + lines[2] + lines[3] + lines[4]
    said = told(asked(site, f"/civil-registry/persons/{people.identifiers[0]}"))["person"]
    assert f'"{said["given_name"]}","{said["family_name"]}"' in "".join(lines)
    parents = (people.known(each).others["mother"] for each in people.identifiers)
    assert any(each in people.identifiers for each in parents if each)


def test_the_same_seed_tells_the_same_and_another_another(people):
    def told_by(seed: int) -> list:
        kept = (
            INSTITUTIONS["social-insurance"].tells(people.known(each), clock.today(), seed)
            for each in people.identifiers
        )
        return list(kept)

    assert told_by(1) == told_by(1) != told_by(2)


def test_without_the_token_nobody_is_answered_and_what_is_not_there_is_not_found(site, people):
    path = f"/tax/persons/{people.identifiers[0]}"
    assert status(site, path, token="another") == 401
    assert status(site, path, token="ü") == 401
    assert [
        status(site, each) for each in ("/tax/persons/0", "/nobody/persons/1", "/tax/persons", "/tax/persons/1/2")
    ] == [404] * 4


def test_there_are_more_than_twenty_kinds_and_each_shows(people):
    assert len(KINDS) >= 20
    shown = set(STATUSES) | set(BROKEN) | SHOWN
    assert shown == set(KINDS)


@pytest.mark.parametrize("kind", STATUSES)
def test_a_refusal_has_its_status(people, kind):
    with pytest.raises(urllib.error.HTTPError) as error:
        met_with(people, kind)
    assert error.value.code == STATUSES[kind]
    assert ("Retry-After" in error.value.headers) == (kind in ("too-many", "unavailable"))


@pytest.mark.parametrize("kind", BROKEN)
def test_what_cannot_be_read_breaks_at_the_client(people, kind):
    with pytest.raises((BROKEN[kind], HTTPException) if BROKEN[kind] is not ValueError else ValueError):
        json.loads(met_with(people, kind, seconds=1)[0].decode())


SHOWN = {
    *("delay", "drip", "null", "listed", "huge", "other-kind", "no-person", "half", "schema-drift"),
    *(
        "wrong-person",
        "impostor",
        "repeated",
        "stale",
        "texts",
        "yes-no",
        "cents",
        "negative",
        "days-ahead",
        "days-swapped",
    ),
}


def test_late_and_dripped_answers_are_right_and_slow(people):
    for kind in ("delay", "drip"):
        before = clock.now()
        body, _, right = met_with(people, kind)
        assert json.loads(body) == right
        assert (clock.now() - before).total_seconds() >= WAIT * 0.9


def test_what_is_readable_and_is_no_person(people):
    assert json.loads(met_with(people, "null")[0]) is None
    body, _, right = met_with(people, "listed")
    assert json.loads(body) == [right, right]
    assert json.loads(met_with(people, "no-person")[0]) == {**met_with(people, "no-person")[2], "person": None}
    assert len(met_with(people, "huge")[0]) > HUGE_BYTES
    assert len(met_with(people, "other-kind")[0]) > 10
    assert met_with(people, "other-kind")[1]["Content-Type"] == "text/plain"
    assert DEEP_LEVELS > 10_000


def test_half_of_what_is_told_is_missing(people):
    body, _, right = met_with(people, "half")
    mine = json.loads(body)["person"]
    assert mine.items() < right["person"].items()
    assert 0 < len(right["person"]) - len(mine) <= len(right["person"]) // 2 + 1


def test_members_have_new_names_a_level_deeper(people):
    mine = json.loads(met_with(people, "schema-drift")[0])["person"]
    assert set(mine) == {"identifier", "record"}
    assert "GivenName" in mine["record"]["v2"]


def test_another_person_comes_under_the_right_identifier_or_under_their_own(people):
    who = somebody(people, "civil-registry")
    body, _, right = met_with(people, "impostor")
    mine = json.loads(body)["person"]
    assert mine["identifier"] == who
    assert mine != right["person"]
    assert json.loads(met_with(people, "wrong-person")[0])["person"]["identifier"] != who
    twice = [name for name, _ in json.loads(met_with(people, "repeated")[0], object_pairs_hook=list)]
    assert twice.count("person") == 2


def test_what_is_stale_is_five_years_old(people):
    body, _, right = met_with(people, "stale")
    mine = json.loads(body)
    assert date.fromisoformat(mine["as_of"]) < clock.today() - timedelta(days=5 * 365)
    assert mine["person"] == right["person"]


def test_values_have_the_wrong_type_unit_or_sign(people):
    def told_of(kind: str) -> tuple[dict, dict]:
        body, _, right = met_with(people, kind, "tax")
        return json.loads(body)["person"], right["person"]

    mine, right = told_of("texts")
    assert mine["wage_per_month"] == str(right["wage_per_month"])
    assert json.loads(met_with(people, "cents", "tax")[0])["currency"] == "XVM/100"
    mine, right = told_of("cents")
    assert mine["wage_per_month"] == right["wage_per_month"] * 100
    mine, right = told_of("negative")
    assert mine["wage_per_month"] == -right["wage_per_month"] - 1
    body, _, right = met_with(people, "yes-no", "social-insurance")
    assert json.loads(body)["person"]["is_insured"] == ("Y" if right["person"]["is_insured"] else "N")


def test_days_lie_ahead_or_are_written_otherwise(people):
    body, _, right = met_with(people, "days-ahead")
    assert date.fromisoformat(json.loads(body)["person"]["birth_date"]) > clock.today()
    body, _, right = met_with(people, "days-swapped")
    year, month, day = right["person"]["birth_date"].split("-")
    assert json.loads(body)["person"]["birth_date"] == f"{day}/{month}/{year}"


def test_a_share_is_drawn_from_the_seed_and_is_the_same_whenever_it_is_asked(people):
    few = [Misbehaving("tax", "delay", 0.3)]
    first = [met(few, "tax", each, seed=1) for each in people.identifiers]
    assert first == [met(few, "tax", each, seed=1) for each in people.identifiers]
    assert first != [met(few, "tax", each, seed=2) for each in people.identifiers]
    assert 0.1 < sum(each == "delay" for each in first) / len(first) < 0.5
    assert {met(few, "land", each, seed=1) for each in people.identifiers} == {None}
    assert met(faults(["all=stale"]), "land", people.identifiers[0], seed=1) == "stale"


@pytest.mark.parametrize(
    ("written", "refused"),
    [
        ("nobody=delay", "cli-mock-ministry-institution"),
        ("tax=vanish", "cli-mock-ministry-kind"),
        ("tax", "cli-mock-ministry-kind"),
        ("tax=delay:2", "cli-mock-ministry-share"),
        ("tax=delay:0", "cli-mock-ministry-share"),
        ("tax=delay:half", "cli-mock-ministry-share"),
        ("tax=delay:nan", "cli-mock-ministry-share"),
    ],
)
def test_a_fault_that_is_none_is_refused(written, refused):
    with pytest.raises(Refused) as refusal:
        faults([written])
    assert refusal.value.message.id == refused


def test_beyond_this_machine_it_is_served_with_a_certificate_only(people, tmp_path):
    with pytest.raises(Refused) as refusal, served(Ministry(people, TOKEN, "XVM"), host="0.0.0.0"):
        pass
    assert refusal.value.message.id == "cli-mock-ministry-open"
    with pytest.raises(Refused) as refusal, served(Ministry(people, TOKEN, "XVM"), certificate=tmp_path / "none.pem"):
        pass
    assert refusal.value.message.id == "cli-mock-ministry-certificate"


def test_with_a_certificate_it_is_asked_over_tls(people, tmp_path):
    certificate = gateways.certificate(tmp_path)
    believed = ssl.create_default_context(cafile=str(certificate))
    with served(Ministry(people, TOKEN, "XVM"), certificate=certificate) as address:
        assert address.startswith("https://127.0.0.1:")
        answer = asked(address, "/", handlers=(urllib.request.HTTPSHandler(context=believed),))
        assert len(told(answer)["institutions"]) == 11
        with pytest.raises((OSError, HTTPException)):
            asked(address.replace("https", "http"), "/", seconds=2)


def test_a_port_that_is_taken_is_refused(people, site):
    with pytest.raises(Refused) as refusal, served(Ministry(people, TOKEN, "XVM"), port=int(site.rpartition(":")[2])):
        pass
    assert refusal.value.message.id == "cli-mock-ministry-port"
