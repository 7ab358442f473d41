"""`amparo rule eval` on the fictional country, without a database; `amparo rule check` of tables and models."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from amparo.cli.app import app
from amparo.profiles import languages
from amparo.profiles.finding import SHIPPED
from amparo.project.wiring import Wiring

ISLES = Path(__file__).parents[2] / "profiles" / "isles"
HOME = {
    "household": {"income_per_month": 900.00, "floor_material": "earth", "has_refrigerator": False, "bedrooms": 1},
    "members": [{"birth_date": "1950-05-04", "pregnant": False}],
}


@pytest.fixture
def _words_of_the_isles(monkeypatch):
    """A command speaks in the words of its profile from then on; the tests that come after speak of another country."""
    monkeypatch.setattr(languages, "_country_folders", [*languages._country_folders])
    yield
    languages.words.cache_clear()


@pytest.fixture
def run(tmp_path):
    def command(*arguments: str):
        found = CliRunner().invoke(app, ["rule", *arguments], obj=Wiring("example", tmp_path / "installation"))
        assert not (tmp_path / "installation").exists()
        return found

    return command


@pytest.fixture
def evaluated(run, tmp_path):
    def evaluate(household, programme: str = "winter_support", on: str = "2027-01-15"):
        file = tmp_path / "household.json"
        file.write_text(household if isinstance(household, str) else json.dumps(household))
        return run("eval", "--programme", programme, "--household", str(file), "--on", on, "--json")

    return evaluate


def test_a_household_is_decided_with_amount_and_trace(evaluated):
    found = json.loads(evaluated({**HOME, "area": "VM0102"}).stdout)
    assert (found["outcome"], found["amount"], found["missing"]) == ("true", "90.00", [])
    assert [each["value"] for each in found["trace"]] == [True, True, True]


def test_an_area_inherits_what_is_stated_above_it_unless_it_has_its_own(evaluated):
    """VM0101 is in the mountains, although its region VM01 is a valley."""
    assert json.loads(evaluated({**HOME, "area": "VM0101"}).stdout)["amount"] == "140.00"


def test_absent_is_unknown_and_named(evaluated):
    found = json.loads(evaluated({"household": {}, "members": [{}]}).stdout)
    assert (found["outcome"], found["amount"]) == ("unknown", None)
    assert "area.poverty_rate" in found["missing"]


def test_money_is_in_major_units_without_losing_a_decimal(evaluated):
    """Income per head exactly at the line of 1,950.00, and one hundredth above it."""
    members = [{"birth_date": "2020-01-01", "pregnant": False}]
    outcomes = [
        json.loads(evaluated({"household": {"income_per_month": income}, "members": members}, "child_grant").stdout)
        for income in ("1950.00", 1950.01)
    ]
    assert [each["outcome"] for each in outcomes] == ["true", "false"]


@pytest.mark.parametrize(
    ("household", "id"),
    [
        ("{", "profiles-record-unreadable"),
        ("[]", "profiles-record-unreadable"),
        ('{"household": {"rooms": NaN}, "members": []}', "profiles-record-unreadable"),
        ({"household": {}}, "rules-record-without-members"),
        ({"household": {}, "members": {}}, "rules-record-without-members"),
        ({"household": {"roms": 1}, "members": []}, "profiles-record-field"),
        ({"household": {"rooms": "one"}, "members": []}, "profiles-value-wrong"),
        ({"household": {"rooms": True}, "members": []}, "profiles-value-wrong"),
        ({"household": {"floor_material": "gold"}, "members": []}, "profiles-value-unknown"),
        ({"household": {}, "members": [{"birth_date": "yesterday"}]}, "profiles-value-wrong"),
        ({"household": {}, "members": [], "area": "VM99"}, "trust-area-unknown"),
        ({"household": {}, "members": [], "memebers": []}, "profiles-record-key"),
    ],
)
def test_a_bad_file_is_refused_with_status_2_and_without_what_it_holds(evaluated, household, id):
    found = evaluated(household)
    assert found.exit_code == 2
    assert json.loads(found.stdout)["refused"] == id


def test_a_programme_that_is_not_there_is_refused(evaluated):
    found = evaluated(HOME, "winter_sports")
    assert (found.exit_code, json.loads(found.stdout)["refused"]) == (2, "cli-rule-eval-nothing")


def test_who_is_meant_must_be_said_where_several_could_be(evaluated):
    two = {"household": {}, "members": [{"birth_date": "1950-01-01", "contributory_pension": False}, {}]}
    assert evaluated(two, "old_age_pension").exit_code == 2
    found = json.loads(evaluated({**two, "member": 0}, "old_age_pension").stdout)
    assert found["outcome"] == "true"


@pytest.mark.usefixtures("_words_of_the_isles")
def test_a_programme_that_asks_a_family_is_refused_for_a_file_that_states_none(tmp_path):
    """Deciding it by the whole household would answer another question than the one the programme asks."""
    file = tmp_path / "household.json"
    file.write_text(json.dumps({"household": {}, "members": [{"birth_date": "2020-01-01"}]}))
    asked = ["rule", "eval", "--programme", "family_allowance", "--household", str(file), "--json"]
    found = CliRunner().invoke(app, asked, obj=Wiring(str(ISLES), tmp_path / "installation"))
    assert (found.exit_code, json.loads(found.stdout)["refused"]) == (2, "cli-rule-eval-group")


@pytest.mark.parametrize("name", ["tables/heating", "tables/poverty_chance", "models/hardship"])
def test_a_table_and_a_model_are_checked_by_themselves(run, name):
    found = run("check", str(SHIPPED / "example" / f"{name}.toml"), "--json")
    assert (found.exit_code, json.loads(found.stdout)["versions"]) == (0, 1)


def test_a_table_is_refused_with_line_and_column_in_its_file(run, tmp_path):
    text = (SHIPPED / "example/tables/heating.toml").read_text().replace(">5 ", ">4 ")
    (tmp_path / "heating.toml").write_text(text)
    found = run("check", str(tmp_path / "heating.toml"), "--json")
    told = json.loads(found.stdout)
    assert (found.exit_code, told["refused"]) == (2, "rules-table-overlap")
    line = text.splitlines()[told["values"]["line"] - 1]
    assert line[told["values"]["column"] - 1 :].startswith("mountain | >4")


def test_a_question_is_refused_with_line_and_column_in_its_file(run, tmp_path):
    text = (SHIPPED / "example/models/hardship.toml").read_text().replace("household.bedrooms", "household.bedroms")
    (tmp_path / "hardship.toml").write_text(text)
    told = json.loads(run("check", str(tmp_path / "hardship.toml"), "--json").stdout)
    line = text.splitlines()[told["values"]["line"] - 1]
    assert (told["refused"], line[told["values"]["column"] - 1 :]) == ("rules-field-unknown", 'household.bedroms"')
