"""`amparo account open`: the first account, whose password is handed over and whose factor is still to come (A7)."""

import json

from django.test import Client
from typer.testing import CliRunner

from amparo.cli.app import app
from tests.unit.cli.test_run import Opened


def amparo(*words: str, status: int = 0) -> dict:
    ran = CliRunner().invoke(app, [*words, "--json"], obj=Opened())
    assert ran.exit_code == status, (ran.output, ran.exception)
    return json.loads(ran.stdout.strip().splitlines()[-1])


def test_the_first_administrator_changes_the_password_and_sets_up_a_factor_before_anything_else(database):
    made = amparo("account", "open", "tilda", "--display-name", "Tilda")
    browser = Client()
    signed = browser.post("/account/sign-in/", {"login": "tilda", "password": made["password"]})
    assert signed.status_code == 302
    assert browser.get("/officers/")["Location"].startswith("/account/password/")
    new = "quite another sentence"
    browser.post("/account/password/", {"old": made["password"], "new": new, "again": new})
    assert browser.get("/officers/")["Location"].startswith("/account/confirm/")
    assert browser.get("/officers/", follow=True).redirect_chain[-1][0].startswith("/account/factors/")


def test_a_role_over_an_area_needs_one_and_a_refused_account_is_not_opened(database):
    assert amparo("account", "open", "omar", "--role", "officer", status=2)["refused"] == "trust-role-and-area"
    refused = amparo("account", "open", "omar", "--role", "officer", "--area", "nowhere", status=2)
    assert refused["refused"] == "trust-area-unknown"
    assert amparo("account", "open", "omar", "--role", "king", status=2)["refused"] == "trust-role-unknown"
    assert amparo("account", "open", "omar", "--role", "officer", "--area", "north")["role"] == "officer"
    assert amparo("account", "open", "OMAR", status=2)["refused"] == "trust-account-exists"
