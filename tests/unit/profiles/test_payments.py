"""How a programme pays, as `payments.toml` states it, and what is wrong with one."""

from dataclasses import replace
from datetime import date

import pytest

from amparo.payments.config import Threshold
from amparo.payments.types import Check, Default, RailKind
from amparo.profiles.checking import payments as checking
from amparo.profiles.places import Problems
from amparo.profiles.reading.payments import read_payments
from tests.lib.paying import TERMS


def ids(country) -> list[str]:
    problems = Problems()
    read_payments(country.folder, 2, problems)
    return [each.message.id for each in problems.found]


def test_the_example_pays_by_agents_and_by_bank(velmora):
    child, pension, rent = velmora.payments
    assert (child.programme, child.first, child.rail, child.default) == (
        "child_grant",
        date(2026, 1, 1),
        RailKind.AGENTS,
        Default.PAY,
    )
    assert child.ceiling_minor == 2_000_00
    assert child.approvals == (Threshold(0, 1), Threshold(1_000_000_00, 2))
    assert pension.rail is RailKind.BANK_FILE
    assert pension.checks == tuple(Check)
    assert pension.payer is not None
    assert (rent.programme, rent.rail, rent.ceiling_minor) == ("lanavtan_rent_help", RailKind.AGENTS, 300_00)


def test_a_country_without_the_file_pays_nothing(country):
    (country.folder / "payments.toml").unlink()
    assert read_payments(country.folder, 2, Problems()) == ()


@pytest.mark.parametrize(
    ("old", "new", "id"),
    [
        ("every_months = 1", "every_months = 0", "profiles-payments-number"),
        ("first = 2026-01-01", "first = 2026-01-31", "profiles-payments-begin"),
        ('rail = "agents"', 'rail = "pigeon"', "profiles-value-unknown"),
        ('checks = ["deceased", "over-ceiling"]', 'checks = ["decesed"]', "profiles-value-unknown"),
        ('rail = "agents"', 'rail = "bank-file"', "profiles-payments-payer"),
        ('from = "0"', 'from = "5"', "profiles-payments-begin"),
        ("hold_days = 14", "hold_days = 14\nholddays = 3", "profiles-key-unknown"),
        ("law =", "laws =", "profiles-key-missing"),
    ],
)
def test_a_slip_of_the_pen_is_said(country, old, new, id):
    assert ids(country) == []
    assert ids(country.replace("payments.toml", old, new)) == [id]


@pytest.mark.parametrize(
    ("terms", "id"),
    [
        (replace(TERMS, programme="nobody"), "profiles-payments-programme"),
        (
            replace(TERMS, programme="child_grant", approvals=(Threshold(0, 2), Threshold(9, 1))),
            "profiles-payments-approvals",
        ),
    ],
)
def test_what_does_not_fit_the_country_is_said(velmora, terms, id):
    problems = Problems()
    checking.check(replace(velmora, payments=(terms,)), problems)
    assert [each.message.id for each in problems.found] == [id]


def test_a_programme_that_pays_nothing_itself_has_nothing_to_pay(velmora):
    programmes = tuple(
        replace(each, versions=tuple(replace(version, amount=None) for version in each.versions))
        for each in velmora.programmes
    )
    problems = Problems()
    checking.check(replace(velmora, programmes=programmes), problems)
    assert {each.message.id for each in problems.found} == {"profiles-payments-nothing"}
