"""`amparo programme feed`: what is said of a delivery, and of the rows that were set aside."""

import json

import pytest
from typer.testing import CliRunner

from amparo.cli.app import app
from amparo.project.country import install_country
from tests.unit.cli.test_import import Opened

HEAD = "ID;SCHEME;STATUS;AMOUNT;MONTH;PAYMENT\n"
ROWS = "12345678903;HA;enrolled;20,50;03/2026;DONE\n12345678911;HV;suspended;;03/2026;\n"
WRONG = "12345678929;HX;enrolled;1,00;03/2026;\n"


@pytest.fixture(scope="module")
def _installed(empty_database):
    install_country("example")


pytestmark = pytest.mark.usefixtures("_installed")


def feed(file, *options: str, code: str = "heating_fund", day: str = "2026-04-10"):
    return CliRunner().invoke(
        app, ["programme", "feed", str(file), "--feed", code, "--day", day, *options], obj=Opened()
    )


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "told.csv"
    path.write_text(HEAD + ROWS + WRONG)
    return path


def test_the_receipt_has_sums_and_reasons_and_the_errors_lie_in_a_file(file, tmp_path):
    ran = feed(file, "--json", "--errors", str(tmp_path / "errors.csv"))
    receipt = json.loads(ran.stdout)
    assert receipt["rows"]["accepted"] == 2
    assert receipt["amounts"] == [{"currency": "XVM", "decimals": 2, "rows": 2, "amount_minor": 20_50}]
    assert (tmp_path / "errors.csv").read_text().splitlines() == ["line,reasons", "4,scheme-unknown kind-unknown"]


def test_it_says_that_nobody_is_known_here_and_why_rows_were_set_aside(file):
    words = feed(file, day="2026-05-10").stdout
    assert "Nobody in it is known here by identifier" in words
    assert "1 set aside: The programme is none that this system may tell of. First: line 4." in words
    assert "12345678" not in words


def test_a_file_that_came_before_is_said_to_have(file):
    feed(file, day="2026-06-10")
    assert "was taken in before" in feed(file, day="2026-06-10").stdout


def test_a_file_of_which_nothing_could_be_taken_in_says_so(tmp_path):
    (tmp_path / "told.csv").write_text(HEAD + WRONG)
    assert "Nothing was taken in" in feed(tmp_path / "told.csv").stdout


def test_a_wrong_heading_an_unknown_feed_and_a_missing_file_are_refused(file, tmp_path):
    (tmp_path / "other.csv").write_text("A;B\n1;2\n")
    for ran in (feed(tmp_path / "other.csv"), feed(file, code="nobody"), feed(tmp_path / "nowhere.csv")):
        assert ran.exit_code == 2


def test_what_is_complained_of_to_a_programme_is_taken_in_as_the_example_reads_it(tmp_path):
    told = "ID;SCHEME;CASE_NO;ABOUT;STATE;RECEIVED;ANSWERED\n12345678903;HA;17/2026;MONEY;NEW;02/03/2026;\n"
    (tmp_path / "told.csv").write_text(told + "12345678903;HV;18/2026;STAFF;YES;02/03/2026;09/03/2026\n")
    words = feed(tmp_path / "told.csv", code="heating_grievances").stdout
    assert "1: Open." in words
    assert "1: Resolved." in words
