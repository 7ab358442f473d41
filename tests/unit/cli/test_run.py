"""`amparo run …` and `amparo decisions …`: the same steps as on the pages, and people are known by their password."""

import json
from dataclasses import replace
from datetime import date

import pytest
from typer.testing import CliRunner

from amparo.cli.app import app
from amparo.kernel import clock
from amparo.kernel.exports import Grade
from amparo.programmes.procedure import Procedure
from amparo.snapshot import spark
from amparo.snapshot.queries import latest
from amparo.trust.actions import grant_role, open_account
from amparo.trust.actions.factors import add_app
from amparo.trust.identity.factors import new_secret
from amparo.trust.queries import account_named
from amparo.trust.types import Role
from tests.lib.country import PASSWORD, household
from tests.lib.signing_in import code_of
from tests.unit.programmes.country import OPERATOR, PENSION, POOR_HOME, installed

STRICT = replace(POOR_HOME, procedure=Procedure(law="law", needs_approval=True, notice_days=5))


class Opened:
    """An installation that is open already."""

    def open(self) -> None:
        pass


# The recovery codes of those who act as themselves, each of which holds once.
CODES: dict[str, list[str]] = {}


def amparo(*words: str, password: str = PASSWORD, code: str | None = None, status: int = 0) -> dict:
    """Run a command and return the last JSON object it printed."""
    if code is None:
        code = CODES[words[words.index("--as") + 1]].pop() if "--as" in words else ""
    ran = CliRunner().invoke(
        app, [*words, "--json"], obj=Opened(), env={"AMPARO_PASSWORD": password, "AMPARO_CODE": code}
    )
    assert ran.exit_code == status, (ran.output, ran.exception)
    return json.loads(ran.stdout.strip().splitlines()[-1])


@pytest.fixture(scope="module")
def world(database) -> None:
    household("n1", {"birth_date": date(1950, 1, 1)}, income=5_000, on=clock.today())
    installed(STRICT, PENSION)
    account = open_account("farid", PASSWORD, display_name="Farid", by=OPERATOR)
    grant_role(account.id, Role.REGISTRY_MANAGER, area_code=None, by=OPERATOR, on=date(2020, 1, 1))
    for each in ("ines", "farid"):
        secret = new_secret()
        CODES[each] = add_app(account_named(each), secret, code_of(secret), by=OPERATOR)


def test_a_run_goes_from_plan_to_decisions_by_two_people(world):
    planned = amparo("run", "plan", "--programme", "poor_home", "--as", "ines")
    assert planned["changes"] == {"poor_home": {"gains": {"units": 1, "before": 0, "after": 2_000}}}
    run = planned["run"]
    assert amparo("run", "execute", run, status=2)["refused"] == "programmes-run-not-approved"
    assert amparo("run", "approve", run, "--as", "ines", status=2)["refused"] == "programmes-approver-is-planner"
    wrong = amparo("run", "approve", run, "--as", "farid", password="another one", status=2)
    assert wrong["refused"] == "cli-person-unknown"
    assert amparo("run", "approve", run, "--as", "farid")["state"] == "planned"
    assert amparo("run", "execute", run)["changed"] == 1
    assert amparo("run", "stop", run, status=2)["refused"] == "programmes-run-not-running"
    assert amparo("run", "list")["state"] == "done"


def test_a_password_alone_approves_nothing_at_the_command_line_either(world):
    run = ("run", "approve", "00000000-0000-7000-8000-000000000009", "--as")
    assert amparo(*run, "ines", code="000000", status=2)["refused"] == "cli-code-wrong"
    used = CODES["farid"].pop()
    assert amparo(*run, "farid", code=used, status=2)["refused"] == "programmes-run-unknown"
    assert amparo(*run, "farid", code=used, status=2)["refused"] == "cli-code-wrong"
    assert amparo(*run, "bruno", code="", status=2)["refused"] == "cli-person-without-factor"


def test_a_preview_writes_nothing_and_the_run_that_follows_finds_what_it_said(world):
    looked = amparo("determine", "--preview", "--programme", "pension")
    assert looked["changes"]["pension"]["gains"]["units"] == 1
    assert amparo("determine", "--programme", "pension")["changed"] == 1
    again = amparo("determine", "--programme", "pension")
    assert (again["decided_again"], again["unchanged"]) == (0, 1)
    assert amparo("determine", status=2)["refused"] == "programmes-run-needs-planner"


@pytest.mark.parametrize("look", [(), ("--preview",)])
def test_without_spark_nothing_is_frozen_for_a_run_on_it(world, monkeypatch, look):
    def absent(name: str) -> str:
        raise spark.PackageNotFoundError(name)

    monkeypatch.setattr(spark, "version_of", absent)
    before = latest(Grade.DECISION)
    assert amparo("determine", "--engine", "spark", *look, status=2)["refused"] == "snapshot-spark-missing"
    assert latest(Grade.DECISION) == before


def test_decisions_are_noticed_put_into_effect_and_checked(world):
    assert amparo("decisions", "notice", "--programme", "poor_home")["notices"] == 0
    assert amparo("decisions", "take-effect")["decisions"] == 0
    checked = amparo("decisions", "check", "--sample", "50")
    assert (checked["same"], checked["without_notice"]) == (checked["sample"], 0)
    assert checked["sample"] > 0
