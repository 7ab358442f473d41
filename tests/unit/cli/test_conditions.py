"""`amparo programme follow` and `performance`: what is said of conditions and of local offices, and of what is not known."""

import json
from datetime import date

import pytest

from amparo.programmes.actions import install, install_indices
from amparo.trust.types import system
from tests.unit.cli.test_gaps import ran
from tests.unit.programmes.conditions import SINCE, asking, decided, home, told
from tests.unit.programmes.country import GRANT, LINE, installed
from tests.unit.programmes.enrolling import enrol, programme
from tests.unit.programmes.test_performance import ALONE, LEAST, rooms

pytestmark = pytest.mark.usefixtures("fresh_database")


@pytest.fixture
def one(cast, tmp_path):
    installed(asking())
    found = home("n1", "111", "222")
    decided()
    enrol(found, by=cast.omid, on=SINCE)
    told(tmp_path, [("111", "2026-10", "no", "", "")], day=date(2026, 11, 1))


def test_what_was_followed_is_told_with_what_is_not_known(one):
    found = json.loads(ran("follow", "--on", "2026-11-01", "--json").stdout)
    sums = {name: found[name] for name in ("watched", "unknown", "missed", "found", "taken_back")}
    assert sums == {"watched": 2, "unknown": 1, "missed": 1, "found": 1, "taken_back": 0}
    said = ran("follow", "--on", "2026-11-01").stdout
    assert "not known of 1" in said
    assert "poor_home, attendance, 2026-10: told of 1 of 2" in said


def test_where_nothing_is_asked_it_says_so():
    installed(programme())
    assert "nobody to follow" in ran("follow").stdout


def test_where_no_run_was_it_refuses():
    installed(asking())
    done = ran("follow", "--json")
    assert (done.exit_code, json.loads(done.stdout)["refused"]) == (2, "programmes-coverage-without-run")


def test_an_index_is_measured_and_said_of_how_many_areas_it_is_unknown(cast):
    install([programme()], [LINE, GRANT, LEAST], by=system("test"))
    install_indices([ALONE], by=system("test"))
    rooms("n1", 3)
    decided()
    found = json.loads(ran("performance", "--json").stdout)
    assert found["indices"] == [{"index": "work", "areas": 7, "unknown": 4}]  # n2, the south and its two villages
    assert "work: 7 areas, of 4 it is not known." in ran("performance").stdout


def test_without_an_index_it_refuses():
    installed(programme())
    done = ran("performance", "--json")
    assert (done.exit_code, json.loads(done.stdout)["refused"]) == (2, "programmes-performance-without-index")
