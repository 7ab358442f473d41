"""Owners of accounts are warned: of suspicious attempts and of every change of how they sign in, neutrally, and once."""

import email
from datetime import timedelta
from email.policy import default
from uuid import uuid4

import pytest
from django.db import connections, transaction
from django.test import Client

from amparo.kernel import clock
from amparo.kernel.errors import NotPermitted, Refused
from amparo.notices import actions
from amparo.notices.actions.warning import warn_owner
from amparo.notices.config import DELAYS, STALE
from amparo.trust.actions import accounts, factors, open_account
from amparo.trust.identity.factors import new_secret
from amparo.trust.models import Guess
from amparo.trust.queries import account_named
from amparo.trust.types import system
from amparo.trust.types.warned import Warned
from tests.lib import audit_log, pages
from tests.lib.authenticator import HOST
from tests.lib.signing_in import code_of
from tests.unit.notices.setting import WORKER, rows
from tests.views.conftest import signed_in

OPERATOR = system("test")
PASSWORD = "staple battery horse"
ADDRESS = "yara@mail.example"


@pytest.fixture(autouse=True)
def no_guesses(fresh_database):
    Guess.objects.all().delete()


@pytest.fixture
def account(fresh_database):
    return open_account("yara", PASSWORD, display_name="Yara", email=ADDRESS, by=OPERATOR)


def warned() -> list[str]:
    """What somebody is to be warned of, in the order in which it happened."""
    return [of for (of,) in rows("SELECT of FROM notices_accountwarning ORDER BY id")]


def sent(after: timedelta = timedelta()) -> dict[str, int]:
    with clock.fixed(clock.now() + after):
        return dict(actions.send_warnings(by=WORKER))


def read(letters: list[str]) -> list[tuple[str, str, str]]:
    """Return to whom, subject and text of each letter."""
    found = [email.message_from_string(each, policy=default) for each in letters]
    return [(each["To"], each["Subject"], each.get_content()) for each in found]


def sign_in(browser: Client, password: str = PASSWORD) -> int:
    return browser.post("/account/sign-in/", {"login": "yara", "password": password}).status_code


def an_app(account) -> str:
    secret = new_secret()
    factors.add_app(account, secret, code_of(secret, steps=-1), by=OPERATOR)
    return secret


def as_owner(account):
    from amparo.trust.queries import actor_of

    return actor_of(account, on=clock.today())


def test_a_right_password_after_three_wrong_ones_is_told_and_after_two_is_not(account):
    browser = Client()
    sign_in(browser)
    for wrong, said in ((2, []), (3, ["entered-after-failures"])):
        before = warned()
        browser.post("/account/sign-out/")
        with clock.fixed(clock.now()):
            assert [sign_in(browser, f"wrong {each}") for each in range(wrong)] == [400] * wrong
        with clock.fixed(clock.now() + timedelta(minutes=1)):
            assert sign_in(browser) == 302
        assert warned()[len(before) :] == said


def test_the_tenth_wrong_password_in_a_row_is_told_once(account):
    for each in range(14):
        with clock.fixed(clock.now() + each * timedelta(hours=1)):
            sign_in(Client(), f"wrong {each}")
        assert warned() == (["guessed-at"] if each >= 9 else [])


def test_wrong_codes_after_the_right_password_are_told_at_the_third(account):
    an_app(account)
    before, browser = warned(), Client(SERVER_NAME=HOST)
    sign_in(browser)
    for each in range(4):
        browser.post("/account/second-factor/", {"code": "000000"})
        assert warned()[len(before) :] == (["code-guessed-at"] if each >= 2 else [])


def test_a_first_time_in_a_browser_is_told_and_the_next_is_not(account):
    browser = Client()
    sign_in(browser)
    assert warned() == ["entered-elsewhere"]
    browser.post("/account/sign-out/")
    sign_in(browser)
    assert warned() == ["entered-elsewhere"]
    sign_in(Client())
    assert warned() == ["entered-elsewhere"] * 2


def test_a_name_that_nobody_has_warns_nobody(account):
    for each in range(14):
        with clock.fixed(clock.now() + each * timedelta(hours=1)):
            Client().post("/account/sign-in/", {"login": "nobody at all", "password": "wrong"})
    assert warned() == []


CHANGES = {
    "password-changed": lambda account: accounts.change_password(
        account.id, PASSWORD, "quite another sentence", by=as_owner(account)
    ),
    "password-given": lambda account: accounts.give_password(account.id, by=OPERATOR),
    "factor-added": an_app,
    "codes-made": lambda account: (an_app(account), factors.make_recovery_codes(account, by=OPERATOR)),
    "factor-removed": lambda account: (an_app(account), factors.remove_factors(account.id, by=OPERATOR)),
    "identity-linked": lambda account: accounts.link_identity(account.id, "https://at.example", "1", by=OPERATOR),
    "identity-unlinked": lambda account: accounts.unlink_identities(account.id, by=OPERATOR),
    "email-changed": lambda account: accounts.change_email(account.id, "new@mail.example", by=OPERATOR),
}
NOT_CHANGES = {"guessed-at", "code-guessed-at", "entered-after-failures", "entered-elsewhere"}


def test_each_kind_of_change_has_its_test():
    assert {*CHANGES, *NOT_CHANGES} == {each.value for each in Warned}


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_of_how_somebody_signs_in_is_told(account, change):
    CHANGES[change](account)
    assert warned()[-1] == change


def test_one_factor_removed_by_its_owner_is_told(account):
    an_app(account)
    [held] = factors.factors.factors_of(account)
    factors.remove_factor(account, held.id, by=as_owner(account))
    assert warned()[-1] == "factor-removed"


def test_what_was_rolled_back_is_told_to_nobody(account):
    with transaction.atomic():
        accounts.give_password(account.id, by=OPERATOR)
        transaction.set_rollback(True)
    assert warned() == []
    with transaction.atomic():
        accounts.give_password(account.id, by=OPERATOR)
    assert warned() == ["password-given"]


def test_whoever_has_no_address_is_told_nothing(fresh_database):
    made = open_account("zora", PASSWORD, display_name="Zora", by=OPERATOR)
    accounts.give_password(made.id, by=OPERATOR)
    assert warned() == []


def test_it_goes_once_says_what_and_when_and_what_to_do_and_names_nobody(account, post):
    accounts.give_password(account.id, by=OPERATOR)
    assert [sent(), sent()] == [{"sent": 1}, {}]
    [(to, subject, text)] = read(post.letters)
    assert (to, subject) == (ADDRESS, "Something happened to your account")
    assert "An administrator gave your account a new password." in text
    assert str(clock.today().year) in text
    assert "change your password" in text
    assert not [each for each in ("Yara", "yara", "127.0.0.1", "http", "Amparo") if each in text + subject]


def test_it_is_told_in_the_owners_language(fresh_database, post):
    made = open_account("zora", PASSWORD, display_name="Zora", email=ADDRESS, language="ar", by=OPERATOR)
    accounts.give_password(made.id, by=OPERATOR)
    sent()
    assert "كلمة مرور جديدة" in read(post.letters)[0][2]


def test_a_new_address_is_told_at_both_and_the_former_one_is_kept_no_longer_than_that(account, post):
    accounts.change_email(account.id, "new@mail.example", by=OPERATOR)
    held = "SELECT former FROM notices_accountwarning ORDER BY id"
    assert rows(held) == [(ADDRESS,), ("",)]
    sent()
    assert sorted(to for to, _, _ in read(post.letters)) == ["new@mail.example", ADDRESS]
    assert rows(held) == [("",), ("",)]


def test_an_address_that_is_taken_back_is_told_for_the_last_time(account, post):
    accounts.change_email(account.id, "", by=OPERATOR)
    accounts.give_password(account.id, by=OPERATOR)
    sent()
    assert [to for to, _, _ in read(post.letters)] == [ADDRESS]


def test_a_server_that_refuses_is_tried_again_and_given_up_in_the_end(account, post):
    post.refuses["RCPT"] = "550 no such user"
    accounts.give_password(account.id, by=OPERATOR)
    after, told = timedelta(), []
    for each in DELAYS:
        told.append(sent(after))
        assert sent(after) == {}  # not before its time
        after += each
    assert told == [{"refused": 1}] * (len(DELAYS) - 1) + [{"given-up": 1}]
    post.refuses.clear()
    assert sent(after) == {}


def test_where_no_server_is_set_up_it_waits_and_after_a_week_nobody_is_told(account, configured, post):
    accounts.change_email(account.id, "new@mail.example", by=OPERATOR)
    host = configured["email"]["host"]
    configured["email"]["host"] = ""
    assert sent() == {}
    configured["email"]["host"] = host
    assert sent(STALE + timedelta(minutes=1)) == {}
    assert post.letters == []
    assert rows("SELECT DISTINCT state, former FROM notices_accountwarning") == [("given-up", "")]


def test_a_trial_tells_nobody(server, fresh_database, account, post):
    accounts.give_password(account.id, by=OPERATOR)
    with audit_log.almighty(server, fresh_database) as cursor:
        cursor.execute("DELETE FROM trust_stage")
    with pytest.raises(NotPermitted):
        sent()
    assert post.letters == []


def test_each_attempt_is_on_the_record_without_an_address(account, post):
    accounts.change_email(account.id, "new@mail.example", by=OPERATOR)
    sent()
    held = rows("SELECT event, details::text FROM trust_audit WHERE about_id = %s", str(account.id))
    assert {"email-changed", "sendings-made", "sending-attempted", "sending-settled"} <= {event for event, _ in held}
    assert not [details for _, details in held if "@" in details]


def test_no_page_reads_who_was_warned(account):
    for role in ("amparo_app", "amparo_national", "amparo_area", "amparo_citizen", "amparo_partner"):
        with transaction.atomic(), connections["default"].cursor() as cursor:
            if role != "amparo_app":
                cursor.execute(f"SET LOCAL ROLE {role}")
            cursor.execute("SELECT has_table_privilege('notices_accountwarning', 'SELECT, UPDATE, DELETE')")
            assert cursor.fetchone() == (False,), role


def test_nobody_is_warned_of_an_account_that_is_not_there(fresh_database):
    warn_owner(uuid4(), Warned.GUESSED_AT, by=WORKER)
    assert warned() == []


def test_the_owner_says_where_after_giving_their_password_anew(account):
    browser = Client()
    sign_in(browser)
    assert browser.get("/account/email/").status_code == 200  # the password was given just now
    with clock.fixed(clock.now() + timedelta(minutes=6)):
        assert "/account/confirm/" in browser.get("/account/email/")["Location"]
    refused = browser.post("/account/email/", {"email": "no address"})
    pages.assert_refused(refused, 400)
    pages.assert_asked_again(refused, "id_email")
    assert browser.post("/account/email/", {"email": "new@mail.example"}).status_code == 302
    assert account_named("yara").email == "new@mail.example"
    assert "new@mail.example" in pages.text(browser.get("/account/"))


def test_the_page_is_whole_without_javascript(account):
    browser = Client()
    sign_in(browser)
    pages.assert_is_whole(browser.get("/account/email/"))


def test_an_administrator_writes_it_down_when_the_account_is_opened(fresh_database):
    typed = {"display_name": "Zora", "username": "zora", "email": "zora@mail.example"}
    assert signed_in("hana").post("/officers/open/", typed).status_code == 200
    assert account_named("zora").email == "zora@mail.example"


def test_what_is_no_address_opens_no_account(fresh_database):
    with pytest.raises(Refused) as refused:
        open_account("zora", PASSWORD, display_name="Zora", email="zora", by=OPERATOR)
    assert refused.value.message.id == "trust-email-wrong"
