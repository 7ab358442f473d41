"""Sessions: how long they live, and how soon what ends them holds (A6)."""

from datetime import timedelta

import pytest
from django.test import Client

from amparo.kernel import clock
from amparo.trust.actions import accounts, grant_role, open_account
from amparo.trust.models import RoleAssignment
from amparo.trust.types import Role, system
from tests.lib import pages
from tests.views.conftest import signed_in

OPERATOR = system("test")
PASSWORD = "staple battery horse"


@pytest.fixture
def guest(database, request):
    """An account of this test's own, an officer of the north, and a browser in which it is signed in."""
    name = f"guest-{request.node.name}"[:150]
    account = open_account(name, PASSWORD, display_name="Guest", by=OPERATOR)
    grant_role(account.id, Role.OFFICER, area_code="north", by=OPERATOR, on=clock.today())
    browser = signed_in(name)
    browser.began = clock.now()
    return account, browser


def seen(browser: Client, *, after: timedelta = timedelta()) -> bool:
    """Whether the browser is still signed in so long after it was."""
    with clock.fixed(getattr(browser, "began", clock.now()) + after):
        return browser.get("/find/").status_code == 200


def test_it_ends_after_a_quarter_of_an_hour_without_a_request(guest):
    _, browser = guest
    assert seen(browser)
    assert seen(browser, after=timedelta(minutes=14, seconds=59))
    assert not seen(browser, after=timedelta(minutes=29, seconds=59))
    assert not seen(browser, after=timedelta(minutes=30))


def test_it_ends_after_half_a_day_however_busy(guest):
    _, browser = guest
    minutes = range(0, 12 * 60, 10)
    assert all(seen(browser, after=timedelta(minutes=each)) for each in minutes)
    assert not seen(browser, after=timedelta(hours=12))


def test_signing_in_takes_another_session(database):
    browser = Client()
    browser.get("/account/sign-in/")
    session = browser.session
    session["planted"] = "by whoever knew the key"
    session.save()
    before = session.session_key
    browser.cookies["amparo_session"] = before
    browser.post("/account/sign-in/", {"login": "amina", "password": "correct horse battery"})
    assert browser.session.session_key not in (None, before)
    assert not browser.session.exists(before)


def test_the_session_is_on_the_server_and_the_cookie_is_for_the_server_alone(database):
    browser = Client()
    response = browser.post("/account/sign-in/", {"login": "amina", "password": "correct horse battery"})
    cookie = response.cookies["amparo_session"]
    assert cookie.value == browser.session.session_key
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_an_ended_role_is_gone_at_the_next_request(guest):
    account, browser = guest
    assert seen(browser)
    accounts.end_role(RoleAssignment.objects.get(account=account).id, by=OPERATOR, on=clock.today())
    assert browser.get("/find/").status_code == 403


def test_a_closed_account_is_out_at_the_next_request(guest):
    account, browser = guest
    assert seen(browser)
    accounts.close_account(account.id, by=OPERATOR, on=clock.today())
    pages.assert_leads_to_sign_in(browser, "/find/")
    refused = Client().post("/account/sign-in/", {"login": account.username, "password": PASSWORD})
    pages.assert_refused(refused, 400)
    assert "do not belong together" in pages.text(refused)


def test_signing_out_everywhere_ends_every_session_at_the_next_request(guest):
    account, browser = guest
    other = signed_in(account.username)
    assert other.post("/account/sign-out-everywhere/").status_code == 302
    for each in (browser, other):
        pages.assert_leads_to_sign_in(each, "/find/")


def test_a_changed_password_ends_every_other_session_and_not_this_one(guest):
    account, browser = guest
    other = signed_in(account.username)
    typed = {"old": PASSWORD, "new": "quite another sentence", "again": "quite another sentence"}
    assert browser.post("/account/password/", typed).status_code == 302
    assert seen(browser)
    pages.assert_leads_to_sign_in(other, "/find/")


def test_a_cookie_of_a_session_that_was_signed_out_opens_nothing(guest):
    _, browser = guest
    thief = Client()
    thief.cookies["amparo_session"] = browser.cookies["amparo_session"].value
    assert seen(thief)
    browser.post("/account/sign-out/")
    pages.assert_leads_to_sign_in(thief, "/find/")


def test_over_https_cookies_have_the_prefix_that_binds_them_to_this_host(tmp_path):
    """Asked of a process of its own: settings are read once."""
    import os
    import subprocess
    import sys

    ask = (
        "from amparo.project import settings as s;"
        "print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.KNOWN_BROWSER_COOKIE, s.LANGUAGE_COOKIE_NAME,"
        " s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE)"
    )
    environment = os.environ | {"AMPARO_HTTPS": "1", "AMPARO_DATA_DIR": str(tmp_path)}
    told = subprocess.run([sys.executable, "-c", ask], env=environment, capture_output=True, text=True, check=True)
    *names, session, form = told.stdout.split()
    assert all(each.startswith("__Host-") for each in names)
    assert (session, form) == ("True", "True")
