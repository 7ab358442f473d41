"""Second factors: set up, asked for at sign-in and again later, used once, removed, recovered (A2, A3, A4)."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from amparo.kernel import clock
from amparo.trust.actions import accounts, grant_role, open_account
from amparo.trust.models import Guess
from amparo.trust.types import Role, system
from tests.lib import pages
from tests.lib.authenticator import HOST, Passkey
from tests.lib.signing_in import asked_of_browser, code_of, secret_on
from tests.views.conftest import signed_in

OPERATOR = system("test")
PASSWORD = "staple battery horse"


@pytest.fixture(autouse=True)
def no_guesses(database):
    Guess.objects.all().delete()


@pytest.fixture
def account(database, request):
    """A registry manager of this test's own: reads records, and exports decisions."""
    made = open_account(request.node.name[:150], PASSWORD, display_name="Guest", by=OPERATOR)
    grant_role(made.id, Role.REGISTRY_MANAGER, area_code=None, by=OPERATOR, on=clock.today())
    return made


def sign_in(account, browser: Client | None = None, **more: str):
    browser = browser or Client(SERVER_NAME=HOST)
    return browser, browser.post("/account/sign-in/", {"login": account.username, "password": PASSWORD} | more)


@pytest.fixture
def browser(account) -> Client:
    return sign_in(account)[0]


def with_app(browser: Client) -> str:
    """Set up an authenticator app, and return its secret."""
    secret = secret_on(browser.get("/account/factors/app/"))
    response = browser.post("/account/factors/app/", {"code": code_of(secret, steps=-1)})
    assert response.status_code == 200, pages.text(response)
    return secret


def with_passkey(browser: Client, passkey: Passkey):
    wish = asked_of_browser(browser.get("/account/factors/passkey/"))
    answer = json.dumps(passkey.create(wish))
    return browser.post("/account/factors/passkey/", {"credential": answer, "name": "blue stick"})


def test_without_a_factor_a_record_leads_to_setting_one_up_and_then_to_the_record(browser):
    response = browser.get("/find/", follow=True)
    assert [address for address, _ in response.redirect_chain] == [
        "/account/confirm/?next=%2Ffind%2F",
        "/account/factors/?next=%2Ffind%2F",
    ]
    assert "a second factor is needed" in pages.text(response)
    with_app(browser)
    assert browser.get("/find/").status_code == 200


def test_figures_need_no_factor(browser):
    assert browser.get("/").status_code == 200


def test_somebody_without_the_permission_is_refused_and_not_asked_for_a_factor(database):
    assert signed_in("emre", factor=False).get("/find/").status_code == 403


@pytest.mark.parametrize("address", ["/account/factors/", "/account/factors/app/", "/account/factors/passkey/"])
def test_pages_are_whole(browser, address):
    pages.assert_is_whole(browser.get(address))


def test_the_pages_of_a_sign_in_are_whole(account, browser, nobody):
    pages.assert_is_whole(nobody.get("/account/passkey/"))
    with_app(browser)
    second, response = sign_in(account)
    assert response["Location"].startswith("/account/second-factor/")
    pages.assert_is_whole(second.get(response["Location"]))
    pages.assert_is_whole(browser.get("/account/confirm/"))


def test_recovery_codes_are_shown_with_the_first_factor_and_never_again(browser):
    secret = secret_on(browser.get("/account/factors/app/"))
    shown = browser.post("/account/factors/app/", {"code": code_of(secret)})
    codes = re.findall(r"<code>(\d{8})</code>", shown.content.decode())
    assert len(set(codes)) == 10
    assert not any(each in browser.get("/account/factors/").content.decode() for each in codes)
    assert "used: 10" in pages.text(browser.get("/account/factors/"))


def test_with_a_factor_a_password_alone_opens_nothing(account, browser):
    with_app(browser)
    second, response = sign_in(account)
    assert response["Location"].startswith("/account/second-factor/")
    pages.assert_leads_to_sign_in(second, "/find/")


def test_the_second_step_leads_to_the_page_first_asked_for(account, browser):
    secret = with_app(browser)
    second = Client()
    second.post("/account/sign-in/?next=/decisions/", {"login": account.username, "password": PASSWORD})
    response = second.post("/account/second-factor/", {"code": code_of(secret)})
    assert response["Location"] == "/decisions/"
    assert second.get("/find/").status_code == 200


def test_a_code_is_used_once_within_all_the_time_it_holds(account, browser):
    """allauth forgets a used code after half a minute, while with a tolerance of one step it holds for a minute and a half."""
    from django.core.cache import cache

    secret = with_app(browser)
    code = code_of(secret)
    first, _ = sign_in(account)
    assert first.post("/account/second-factor/", {"code": code}).status_code == 302
    cache.clear()
    again, _ = sign_in(account)
    pages.assert_refused(again.post("/account/second-factor/", {"code": code}), 400)
    earlier, _ = sign_in(account)
    pages.assert_refused(earlier.post("/account/second-factor/", {"code": code_of(secret, steps=-1)}), 400)


def test_codes_are_guessed_three_times_and_then_waited_for(account, browser):
    secret = with_app(browser)
    second, _ = sign_in(account)
    for number in range(3):
        second.post("/account/second-factor/", {"code": f"00000{number}"})
    response = second.post("/account/second-factor/", {"code": code_of(secret)})
    pages.assert_refused(response, 400)
    assert "tried too often" in pages.text(response)


def test_a_recovery_code_opens_once(account, browser):
    secret = secret_on(browser.get("/account/factors/app/"))
    shown = browser.post("/account/factors/app/", {"code": code_of(secret)})
    code = re.search(r"<code>(\d{8})</code>", shown.content.decode())[1]
    for status in (302, 400):
        second, _ = sign_in(account)
        assert second.post("/account/second-factor/", {"code": code}).status_code == status


def test_an_account_closed_between_password_and_factor_is_not_let_in(account, browser):
    secret = with_app(browser)
    second, _ = sign_in(account)
    accounts.close_account(account.id, by=OPERATOR, on=clock.today())
    second.post("/account/second-factor/", {"code": code_of(secret)})
    pages.assert_leads_to_sign_in(second, "/")


def test_a_factor_holds_for_five_minutes_where_many_are_concerned(account):
    browser = signed_in(account.username)
    export = "/decisions/export/?programme=poor_home"
    at = datetime.now(UTC)
    with clock.fixed(at + timedelta(minutes=4, seconds=50)):
        assert not browser.get(export).get("Location", "").startswith("/account/confirm/")
    with clock.fixed(at + timedelta(minutes=5, seconds=1)):
        response = browser.get(export)
        assert response["Location"].startswith(
            "/account/confirm/?next=%2Fdecisions%2Fexport%2F%3Fprogramme%3Dpoor_home"
        )
        assert browser.get("/find/").status_code == 200


def test_a_form_that_was_sent_leads_back_to_the_page_it_stood_on(browser, account):
    with_app(browser)
    with clock.fixed(datetime.now(UTC) + timedelta(minutes=6)):
        id = "00000000-0000-7000-8000-000000000009"
        for before, back in (
            ("http://localhost/runs/?area=land", "%2Fruns%2F%3Farea%3Dland"),
            ("https://elsewhere.example/runs/", "%2F"),
            ("", "%2F"),
        ):
            response = browser.post(f"/runs/{id}/approve/", headers={"Referer": before} if before else {})
            assert response["Location"] == f"/account/confirm/?next={back}"


def test_a_factor_given_anew_is_fresh_and_leads_back(account, browser):
    secret = with_app(browser)
    with clock.fixed(datetime.now(UTC) + timedelta(minutes=6)):
        response = browser.post("/account/confirm/?next=/decisions/", {"code": code_of(secret)})
        assert response["Location"] == "/decisions/"
        assert not browser.get("/decisions/export/").get("Location", "").startswith("/account/confirm/")


def test_confirming_leads_to_no_other_site(account, browser):
    secret = with_app(browser)
    response = browser.post("/account/confirm/", {"code": code_of(secret), "next": "https://elsewhere.example/"})
    assert response["Location"] == "/"


def test_whoever_finds_a_browser_open_sets_up_no_factor_of_theirs(account, browser):
    with clock.fixed(datetime.now(UTC) + timedelta(minutes=6)):
        response = browser.get("/account/factors/app/", follow=True)
        assert "Type your password" in pages.text(response)
        wrong = browser.post("/account/confirm/", {"password": "wrong"})
        pages.assert_refused(wrong, 400)
        assert browser.get("/account/factors/app/").status_code == 302
        assert browser.post("/account/confirm/", {"password": PASSWORD}).status_code == 302
        assert browser.get("/account/factors/app/").status_code == 200


def test_a_password_does_not_stand_in_for_a_factor_one_has(account, browser):
    with_app(browser)
    with clock.fixed(datetime.now(UTC) + timedelta(minutes=6)):
        pages.assert_refused(browser.post("/account/confirm/", {"password": PASSWORD}), 400)
        assert browser.post("/account/factors/codes/")["Location"].startswith("/account/confirm/")


def test_a_passkey_is_added_signs_in_alone_and_is_removed(account, browser):
    passkey = Passkey()
    assert with_passkey(browser, passkey).status_code == 200
    assert "blue stick" in pages.text(browser.get("/account/factors/"))

    other = Client(SERVER_NAME=HOST)
    question = asked_of_browser(other.get("/account/passkey/?next=/find/"))
    response = other.post("/account/passkey/", {"credential": json.dumps(passkey.get(question)), "next": "/find/"})
    assert response["Location"] == "/find/"
    assert other.get("/find/").status_code == 200
    assert other.get("/decisions/export/").status_code != 302

    id = re.search(r"/account/factors/(\d+)/remove/", browser.get("/account/factors/").content.decode())[1]
    assert browser.post(f"/account/factors/{id}/remove/").status_code == 302
    assert "blue stick" not in pages.text(browser.get("/account/factors/"))
    third = Client(SERVER_NAME=HOST)
    question = asked_of_browser(third.get("/account/passkey/"))
    pages.assert_refused(third.post("/account/passkey/", {"credential": json.dumps(passkey.get(question))}), 400)


def test_nobody_removes_a_factor_of_somebody_else(account, browser):
    with_app(browser)
    id = re.search(r"/account/factors/(\d+)/remove/", browser.get("/account/factors/").content.decode())[1]
    stranger = Client()
    typed = {"login": "ines", "password": "correct horse battery"}
    stranger.post("/account/sign-in/", typed)
    pages.assert_refused(stranger.post(f"/account/factors/{id}/remove/"), 404)
    assert "Authenticator app" in pages.text(browser.get("/account/factors/"))


def test_a_password_that_is_throttled_leaves_the_passkey_open(account, browser):
    passkey = Passkey()
    with_passkey(browser, passkey)
    stranger = Client()
    for number in range(6):
        stranger.post("/account/sign-in/", {"login": account.username, "password": f"guess {number}"})
    locked = stranger.post("/account/sign-in/", {"login": account.username, "password": PASSWORD})
    assert "too many attempts" in pages.text(locked)
    owner = Client(SERVER_NAME=HOST)
    question = asked_of_browser(owner.get("/account/passkey/"))
    assert owner.post("/account/passkey/", {"credential": json.dumps(passkey.get(question))}).status_code == 302


def test_a_password_that_is_throttled_leaves_the_owners_own_browser_open(account, browser):
    browser.post("/account/sign-out/")
    for number in range(6):
        Client().post("/account/sign-in/", {"login": account.username, "password": f"guess {number}"})
    assert sign_in(account)[1].status_code == 400
    assert sign_in(account, browser)[1].status_code == 302


def test_the_secrets_in_the_database_are_sealed(account, browser):
    from allauth.mfa.models import Authenticator

    secret = with_app(browser)
    kept = json.dumps([each.data for each in Authenticator.objects.filter(user_id=account.id)])
    assert secret not in kept
    assert secret not in json.dumps(dict(browser.session))
