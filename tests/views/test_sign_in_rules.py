"""What the ASVS asks of passwords, sessions and an identity provider, where no page's own test says it."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client

from amparo.kernel import clock
from amparo.trust.actions import open_account
from amparo.trust.models import Account
from amparo.trust.types import system
from tests.lib import pages
from tests.structure import sources
from tests.views.conftest import signed_in

OPERATOR = system("test")
FIRST = "staple battery horse"
PASSWORDS = (
    "aaaaaaaaaaaz",  # one letter again and again, but for the last
    "         twelve spaces before",
    "pässwörtér mit Ümlauten",
    "كلمة مرور طويلة بالعربية",
    "🏚🏚🏚🏚🏚🏚🏚🏚🏚🏚🏚🏚",
    "' OR '1'='1' --  ",
    "x" * 127 + "Y",
)


@pytest.fixture
def account(database, request) -> Account:
    return open_account(request.node.name[-60:], FIRST, display_name="Guest", by=OPERATOR)


@pytest.mark.parametrize("password", PASSWORDS, ids=ascii)
def test_a_password_may_be_of_any_composition_and_is_taken_as_it_is(account, password):
    typed = {"old": FIRST, "new": password, "again": password}
    assert signed_in(account.username).post("/account/password/", typed).status_code == 302
    nearly = (password.swapcase(), password.strip() if password != password.strip() else password + " ", password[:-1])
    for given, status in ((password, 302), *((each, 400) for each in nearly if each != password)):
        typed = {"login": account.username, "password": given}
        assert Client().post("/account/sign-in/", typed).status_code == status, given


def test_fields_for_passwords_are_masked_and_left_to_password_managers(account, nobody):
    """Nothing keeps anybody from pasting, and the browser is told which password is meant."""
    browser = signed_in(account.username)
    for response in (
        nobody.get("/account/sign-in/"),
        browser.get("/account/password/"),
        browser.get("/account/confirm/"),
    ):
        fields = [
            held
            for tag, held in pages.elements(response).elements
            if tag == "input" and "password" in held.get("name", "x") + held.get("type", "")
        ]
        assert fields
        for held in fields:
            assert held["type"] == "password"
            assert held.get("autocomplete") in ("current-password", "new-password")
            assert not {"onpaste", "maxlength", "pattern", "readonly"} & set(held)
    sources.expect_none(each for each in sources.under("amparo/web", ".js") if "paste" in sources.text(each))


def test_a_password_of_many_months_ago_still_opens(account, monkeypatch):
    later = clock.now() + timedelta(days=300)
    monkeypatch.setattr(clock, "now", lambda: later)
    typed = {"login": account.username, "password": FIRST}
    assert Client().post("/account/sign-in/", typed)["Location"] == "/"


def test_recovery_codes_are_many_and_long(database):
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    assert settings.MFA_SUPPORTED_TYPES == ["totp", "webauthn", "recovery_codes"]
    codes = RecoveryCodes.activate(open_account("codes", FIRST, display_name="Guest", by=OPERATOR)).generate_codes()
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"[0-9a-z]{8,}", each.replace("-", "")) for each in codes)


def test_a_session_key_has_more_than_128_bits(amina, bruno):
    """32 letters and digits of 36, drawn anew for everybody."""
    keys = [browser.cookies[settings.SESSION_COOKIE_NAME].value for browser in (amina, bruno)]
    assert all(re.fullmatch(r"[a-z0-9]{32}", each) for each in keys)
    assert len(set(keys)) == 2


def test_every_page_of_somebody_signed_in_leads_out(amina, emre):
    for browser in (amina, emre):
        for address in ("/", "/account/", "/runs/", "/rules/", "/nowhere/"):
            found = pages.elements(browser.get(address)).elements
            assert ("form", "/account/sign-out/") in {(tag, held.get("action")) for tag, held in found}, address
