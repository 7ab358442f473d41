"""`amparo programme gaps` and `excluded`: what is said of who is left out, and that nobody is said to be where nothing is decided."""

import json
from dataclasses import replace
from datetime import date

import pytest
from typer.testing import CliRunner

from amparo.cli.app import app
from amparo.kernel import clock
from amparo.profiles.country import country as profile
from amparo.profiles.types import Profile
from tests.lib import country
from tests.unit.cli.test_import import Opened
from tests.unit.programmes.country import installed, run
from tests.unit.programmes.enrolling import homes, programme

pytestmark = pytest.mark.usefixtures("fresh_database")
LEVEL = profile("example").exclusion_alarm


def ran(command: str, *options: str):
    return CliRunner().invoke(app, ["programme", command, *options], obj=Opened())


def test_the_gaps_are_told_in_sum_and_programme_by_programme():
    installed(programme())
    homes(n1=(5_000, 6_000, 90_000))
    assert "poor_home: 2 of 2" in ran("gaps").stdout
    told = json.loads(ran("gaps", "--json").stdout)
    assert told["programmes"] == [{"programme": "poor_home", "eligible": 2, "missed": 2}]


def test_where_nobody_is_granted_anything_it_says_so():
    installed(programme())
    homes(n1=90_000)
    assert "nobody is granted a benefit" in ran("gaps").stdout


def test_each_excluded_household_is_told_with_one_reason_and_the_alarm_is_told():
    installed(programme())
    homes(n1=(5_000, 10_900, 90_000, None))
    told = json.loads(ran("excluded", "--json").stdout)
    reasons = {each: told[each] for each in ("households", "excluded", "near", "unknown", "beyond")}
    assert reasons == {"households": 4, "excluded": 3, "near": 1, "unknown": 1, "beyond": 1}
    assert (told["alarm_percent"], told["is_alarm"], told["share"]) == (LEVEL, True, 0.75)
    assert f"more than {LEVEL} of 100 households" in ran("excluded").stderr


def test_where_nobody_lives_it_says_that_nobody_was_counted():
    installed(programme())
    run(clock.today())
    done = ran("excluded")
    assert "nobody was counted" in done.stdout
    assert "Alarm" not in done.stderr


def test_where_nothing_was_decided_yet_both_refuse():
    installed(programme())
    country.household("n1", {"birth_date": date(1990, 1, 1)})
    for command in ("gaps", "excluded"):
        done = ran(command, "--json")
        assert done.exit_code == 2
        assert json.loads(done.stdout)["refused"] == "programmes-coverage-without-run"


def test_a_country_that_sets_no_level_has_no_alarm():
    found: Profile = replace(profile("example"), exclusion_alarm=None)
    assert found.exclusion_alarm is None
