"""`amparo import`: what is said of the rows that were set aside."""

import json

import pytest
from typer.testing import CliRunner

from amparo.cli.app import app
from amparo.profiles.country import country
from amparo.profiles.synth import generate
from amparo.project.country import install_country


class Opened:
    """An installation of the example country whose database runs already."""

    profile = "example"
    open = staticmethod(lambda: None)


@pytest.fixture(scope="module")
def census(empty_database, tmp_path_factory) -> list[str]:
    """The files of a small census in which faults were planted."""
    install_country("example")
    made = generate(country("example"), households=300, seed=5, folder=tmp_path_factory.mktemp("census"), format="csv")
    return [str(made.files[name]) for name in ("households", "persons")]


@pytest.mark.usefixtures("census")
@pytest.mark.parametrize("name", ["nowhere.csv", "."])
def test_a_file_that_is_not_there_is_refused(tmp_path, name):
    ran = CliRunner().invoke(app, ["import", str(tmp_path / name), "--mapping", "census"], obj=Opened())
    assert ran.exit_code == 2
    assert "There is no file" in ran.output


def test_people_are_not_made_where_they_cannot_be_written(tmp_path):
    (tmp_path / "taken").write_text("by a file")
    ran = CliRunner().invoke(app, ["synth", str(tmp_path / "taken"), "--households", "10"], obj=Opened())
    assert ran.exit_code == 2
    assert "cannot be written" in ran.output


def taken_in(census: list[str], *options: str) -> str:
    return CliRunner().invoke(app, ["import", *census, "--mapping", "census", *options], obj=Opened()).stdout


def test_each_reason_stands_with_its_rows_and_the_first_of_them(census):
    first, *lines = taken_in(census, "--dry-run").splitlines()
    receipt = json.loads(taken_in(census, "--dry-run", "--json"))
    assert "Nothing was written." in first
    assert len(lines) == len(receipt["reasons"]) + len(receipt["warnings"]) > 2
    for line, reason in zip(lines, receipt["reasons"], strict=False):
        assert line.split()[0] == str(reason["rows"])
        assert line.endswith(f"First: {reason['file']}, line {reason['line']}.")


def test_a_delivery_that_came_before_would_not_be_taken_in_again(census):
    assert "delivered:" in taken_in(census)
    assert "was taken in before" in taken_in(census, "--dry-run")
