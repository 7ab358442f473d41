"""`amparo round`: begun by a person with a second factor, done here, stopped and gone on with; told in words and in JSON."""

import json

import pytest
from django.db import connections
from typer.testing import CliRunner

from amparo.cli.app import app
from amparo.trust.actions.factors import add_app
from amparo.trust.identity.factors import new_secret
from amparo.trust.queries import account_named
from tests.lib import country, institutions
from tests.lib.signing_in import code_of
from tests.unit.sources import setting


class Opened:
    """An installation that is open already."""

    def open(self) -> None:
        pass


CODES: list[str] = []


@pytest.fixture(scope="module")
def world(database):
    with institutions.serving() as ministry, setting.inside_allowed():
        setting.prepare(ministry)
        setting.connect(ministry, **{each: {"seconds": 10.0} for each in setting.OWNERS})
        setting.home("n1")
        secret = new_secret()
        CODES.extend(add_app(account_named("ines"), secret, code_of(secret), by=setting.BY))
        yield ministry


def amparo(*words: str, status: int = 0, code: str | None = None) -> list[dict]:
    """Run a command and return the JSON objects it printed."""
    code = code if code is not None else CODES.pop() if "--as" in words else ""
    env = {"AMPARO_PASSWORD": country.PASSWORD, "AMPARO_CODE": code}
    ran = CliRunner().invoke(app, [*words, "--json"], obj=Opened(), env=env)
    assert ran.exit_code == status, (ran.output, ran.exception)
    return [json.loads(each) for each in ran.stdout.strip().splitlines()]


def test_a_round_is_started_by_a_person_and_done_here_for_every_source_that_the_purpose_allows(world):
    done = amparo("round", "start", "north", "--purpose", "registration", "--as", "ines")
    assert {each["source"]: (each["state"], each["done"], each["kept"]) for each in done} == {
        "health": ("done", 2, 2),
        "school": ("done", 2, 2),
    }
    assert {source for source, _ in world.asked} == {"health", "school"}
    assert [each["id"] for each in amparo("round", "list")] == [each["id"] for each in reversed(done)]


def test_one_of_which_nothing_may_be_kept_is_refused_in_words(world):
    start = ("round", "start", "north", "--purpose", "registration", "--source", "tax", "--as", "ines")
    [refused] = amparo(*start, status=2)
    assert refused["refused"] == "sources-round-nothing-kept"


def test_without_the_second_factor_or_the_office_nobody_is_asked(world):
    world.asked.clear()
    start = ("round", "start", "north", "--purpose", "registration", "--as")
    assert amparo(*start, "ines", status=2, code="000000")[0]["refused"] == "cli-code-wrong"
    assert amparo(*start, "amina", status=2, code="")[0]["refused"] in (
        "cli-person-without-factor",
        "trust-not-permitted",
    )
    assert world.asked == []


def test_a_round_is_stopped_and_followed_to_its_end(world):
    from amparo.sources.actions import start_rounds
    from amparo.trust.context import acting
    from amparo.trust.types import Permission

    with connections["owner"].cursor() as cursor:
        cursor.execute("DELETE FROM sources_round")
    by = country.actor("ines").narrowed(Permission.ASK_AREA)
    with acting(by):
        [id] = start_rounds("south", ["school"], by=by, under=country.GROUND, on=country.clock.today())
    amparo("round", "stop", str(id))
    assert amparo("round", "follow", str(id))[0]["state"] == "stopped"
    assert amparo("round", "follow", str(id), "--as", "ines")[0]["state"] == "done"
