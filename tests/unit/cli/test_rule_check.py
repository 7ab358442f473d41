"""`amparo rule check` on the fictional country."""

import json

import pytest
from typer.testing import CliRunner

from amparo.cli.app import app
from amparo.project.wiring import Wiring


@pytest.fixture
def checked(tmp_path):
    """Write a rule to a file and check it; no database is started for it."""

    def check(text: str | bytes, *options: str):
        file = tmp_path / "rule.cel"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        wiring = Wiring("example", tmp_path / "installation")
        found = CliRunner().invoke(app, ["rule", "check", str(file), *options], obj=wiring)
        assert not (tmp_path / "installation").exists()
        return found

    return check


def test_a_rule_tells_what_it_reads_and_the_figures_of_the_day(checked):
    rule = "household.size >= 1 && household.income_per_month <= param.poverty_line"
    found = json.loads(checked(rule, "--json", "--on", "2026-03-01").stdout)
    assert found["reads"] == ["household.income_per_month"]
    assert list(found["parameters"]) == ["poverty_line"]


def test_a_rule_is_told_in_a_sentence(checked):
    found = checked("household.size >= 1")
    assert found.exit_code == 0
    assert "is a rule about one household. It reads –" in found.stdout


def test_a_misspelt_field_is_refused_with_its_line_underlined(checked):
    found = checked("household.size >= 1 &&\n  household.incom_per_month <= param.poverty_line", "--json")
    assert found.exit_code == 2
    assert json.loads(found.stdout)["refused"] == "rules-field-unknown"
    assert "2:3\n      household.incom_per_month <= param.poverty_line\n      ^\n" in found.stderr


def test_a_figure_without_a_value_on_the_day_is_refused(checked):
    found = checked("household.income_per_month <= param.poverty_line", "--json", "--on", "1990-01-01")
    assert found.exit_code == 2
    assert json.loads(found.stdout)["refused"] == "rules-parameter-without-value"


@pytest.mark.parametrize(
    ("text", "refused"), [(b"\xff\xfe", "cli-file-not-text"), (b" " * 1_000_001, "cli-file-too-large")]
)
def test_a_file_that_is_no_rule_at_all_is_refused(checked, text, refused):
    found = checked(text, "--json")
    assert (found.exit_code, json.loads(found.stdout)["refused"]) == (2, refused)


def test_a_missing_file_is_refused(tmp_path):
    line = ["rule", "check", str(tmp_path / "none"), "--json"]
    found = CliRunner().invoke(app, line, obj=Wiring("example", tmp_path / "installation"))
    assert (found.exit_code, json.loads(found.stdout)["refused"]) == (2, "cli-file-unreadable")
