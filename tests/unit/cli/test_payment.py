"""`amparo payment …`: each step is a person's, known by password and second factor, and no step is done twice by one."""

import csv
from datetime import date

import pytest

from amparo.kernel import clock
from amparo.trust.actions.factors import add_app
from amparo.trust.identity.factors import new_secret
from amparo.trust.queries import account_named
from tests.lib import paying
from tests.lib.country import household
from tests.lib.paying import OPERATOR, enrolled, rows
from tests.lib.signing_in import code_of
from tests.unit.cli.test_run import CODES, amparo


@pytest.fixture(scope="module")
def world(database) -> None:
    paying.installed()
    for each in ("paz", "quinn", "rosa", "samir"):
        secret = new_secret()
        CODES[each] = add_app(account_named(each), secret, code_of(secret), by=OPERATOR)


def test_a_list_goes_from_enrolments_to_what_came_back(world, tmp_path):
    enrolled(100_00, 250_00)
    assert amparo("payment", "funds", "poor_home", "350.00", "Budget Act", "--as", "quinn")["available_minor"] == 350_00
    made = amparo("payment", "list", "poor_home", "--as", "paz", "--on", clock.today().isoformat())
    assert (made["payments"], made["amount_minor"], made["state"]) == (2, 350_00, "prepared")
    assert amparo("payment", "propose", made["list"], "--as", "paz")["hands"] == 1
    refused = amparo("payment", "approve", made["list"], "--as", "paz", status=2)
    assert refused["refused"] == "trust-not-permitted"
    assert amparo("payment", "approve", made["list"], "--as", "rosa")["state"] == "approved"
    sent = amparo("payment", "export", made["list"], str(tmp_path), "--as", "paz")
    with open(sent["files"][0], newline="") as stream:
        references = [each["reference"] for each in csv.DictReader(stream)]
    back = tmp_path / "back.csv"
    back.write_text("reference,outcome\n" + "".join(f"{each},paid\n" for each in references) + "9,paid\n")
    refused = amparo("payment", "reconcile", made["list"], str(back), "--as", "paz")
    assert (refused["state"], refused["conflicts"]) == ("refused", {"unknown-line": 1})
    assert amparo("payment", "override", refused["return"], "--as", "samir")["state"] == "settled"
    assert rows("SELECT DISTINCT state FROM payments_payment") == [("paid",)]


def test_an_adjustment_is_proposed_by_one_and_confirmed_by_another(world):
    (one,) = enrolled(10_00)
    made = amparo("payment", "adjust", str(one), "arrears", "3.50", "law-poor", "--as", "paz")
    assert amparo("payment", "confirm", made["adjustment"], "--as", "paz", status=2)["refused"] == "trust-not-permitted"
    amparo("payment", "confirm", made["adjustment"], "--as", "quinn")
    assert rows("SELECT amount_minor, confirmed_at IS NOT NULL FROM payments_adjustment") == [(3_50, True)]
    assert amparo("payment", "adjust", str(one), "gift", "1", "law", "--as", "paz", status=2)["refused"] == (
        "cli-payment-kind-unknown"
    )


def test_accounts_come_as_a_table_and_are_verified_by_name(world, tmp_path):
    home = household("n1", {"given_name": "Ada", "family_name": "Noor", "birth_date": date(1980, 1, 1)})
    ((number,),) = rows(
        "SELECT number FROM registry_person p JOIN registry_membership m ON m.person_id = p.id WHERE m.household_id = %s",
        home,
    )
    table = tmp_path / "accounts.csv"
    table.write_text(f"person,scheme,institution,number,holder\n{number},bank,EQBLKENA,11-22,Noor Ada\n")
    assert amparo("payment", "accounts", str(table), "--as", "paz") == {"accounts": 1, "verified": 1}
    table.write_text("person,number\n1,2\n")
    assert amparo("payment", "accounts", str(table), "--as", "paz", status=2)["refused"] == (
        "cli-payment-accounts-unreadable"
    )


def test_a_list_that_nobody_approved_is_withdrawn(world):
    made = amparo("payment", "list", "poor_home", "--cycle", "2030-01", "--as", "samir")
    assert amparo("payment", "withdraw", made["list"], "--as", "samir") == {"list": made["list"]}
    assert rows("SELECT count(*) FROM payments_payment WHERE list_id = %s", made["list"]) == [(0,)]
