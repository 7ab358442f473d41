"""One's own account and its password."""

import pytest
from django.test import Client

from amparo.trust.actions import accounts, open_account
from amparo.trust.types import system
from tests.lib import pages
from tests.views.conftest import signed_in

OPERATOR = system("test")
PASSWORD = "staple battery horse"
NEW = "quite another sentence"
ADDRESS = "/account/password/"


@pytest.fixture
def account(database, request):
    return open_account(request.node.name[:150], PASSWORD, display_name="Guest", by=OPERATOR)


@pytest.fixture
def browser(account) -> Client:
    return signed_in(account.username)


def change(browser: Client, **typed):
    return browser.post(ADDRESS, {"old": PASSWORD, "new": NEW, "again": NEW} | typed)


def test_it_works_without_javascript(amina):
    pages.assert_is_whole(amina.get("/account/"))
    pages.assert_is_whole(amina.get(ADDRESS))


def test_it_says_what_one_is_charged_with_and_where(amina):
    said = pages.text(amina.get("/account/"))
    assert "Officer" in said
    assert "North" in said


def test_nobody_signed_in_is_sent_to_sign_in(nobody):
    pages.assert_leads_to_sign_in(nobody, "/account/")
    pages.assert_leads_to_sign_in(nobody, ADDRESS)


def test_the_new_password_opens_and_the_old_one_does_not(browser, account):
    assert change(browser).status_code == 302
    for password, status in ((PASSWORD, 400), (NEW, 302)):
        typed = {"login": account.username, "password": password}
        assert Client().post("/account/sign-in/", typed).status_code == status


def test_the_browser_in_which_it_was_changed_is_no_stranger_afterwards(browser, account):
    change(browser)
    browser.post("/account/sign-out/")
    stranger, typed = Client(), {"login": account.username, "password": NEW}
    for number in range(5):
        stranger.post("/account/sign-in/", typed | {"password": f"guess {number}"})
    assert stranger.post("/account/sign-in/", typed).status_code == 400
    assert browser.post("/account/sign-in/", typed).status_code == 302


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"old": "another one"}, "Your present password is another one"),
        ({"new": "short", "again": "short"}, "short or well known"),
        ({"new": "password1234", "again": "password1234"}, "short or well known"),
        ({"new": PASSWORD, "again": PASSWORD}, "The new password is the old one"),
        ({"again": "not the same"}, "a second time"),
    ],
)
def test_bad_input_is_told_in_words(browser, typed, words):
    response = change(browser, **typed)
    pages.assert_refused(response, 400)
    assert words in pages.text(response)


def test_empty_fields_are_named(browser):
    pages.assert_asked_again(browser.post(ADDRESS, {"old": ""}), "id_old", "id_new", "id_again")


def test_whoever_finds_a_browser_open_may_not_guess_for_long(browser):
    tried = [pages.text(change(browser, old=f"guess {number}")) for number in range(5)]
    assert sum("Your present password is another one" in each for each in tried) == 3
    assert "tried too often" in tried[-1]


def test_a_password_that_was_given_is_changed_before_anything_else(account):
    given = accounts.give_password(account.id, by=OPERATOR)
    browser = Client()
    assert browser.post("/account/sign-in/", {"login": account.username, "password": given}).status_code == 302
    for address in ("/", "/find/", "/decisions/"):
        assert browser.get(address)["Location"].startswith(ADDRESS)
    assert change(browser, old=given).status_code == 302
    assert browser.get("/find/").status_code == 403  # it has no role


def test_a_given_password_lets_strangers_guess_anew_and_ends_what_was_open(account, browser):
    accounts.give_password(account.id, by=OPERATOR)
    pages.assert_leads_to_sign_in(browser, "/account/")
