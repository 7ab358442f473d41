"""Passkeys whose answers were altered: none is accepted, and each refusal is recorded (A2).

The honest ceremony succeeds first, so that what is refused below is refused for what was altered in it.
"""

import copy
import json
import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from amparo.trust.actions import open_account
from amparo.trust.context import acting
from amparo.trust.queries import audit_of
from amparo.trust.types import Event, Permission, system
from tests.lib import country, pages
from tests.lib.authenticator import HOST, Passkey, changed
from tests.lib.signing_in import asked_of_browser
from tests.views.conftest import signed_in

PASSWORD = "staple battery horse"
ADD, ENTER, CONFIRM = "/account/factors/passkey/", "/account/passkey/", "/account/confirm/"

Ceremony = Callable[[Passkey, dict[str, Any]], Any]


def without(answer: dict, name: str) -> dict:
    found = copy.deepcopy(answer)
    del found["response"][name]
    return found


def flipped(part: bytes) -> bytes:
    return part[:40] + bytes([part[40] ^ 1]) + part[41:]


def another_challenge(asked: dict) -> dict:
    found = copy.deepcopy(asked)
    found["publicKey"]["challenge"] = "A" * 43
    return found


def other_key(passkey: Passkey) -> Passkey:
    return replace(Passkey(), id=passkey.id, user=passkey.user, counter=passkey.counter + 10)


# How an answer may be wrong, when a passkey is made and when it is asked for.
ORIGINS = {
    "another site": {"origin": "http://evil.example"},
    "a subdomain": {"origin": "http://evil.localhost"},
    "a longer name": {"origin": "http://localhost.evil.example"},
    "another port": {"origin": "http://localhost:8001"},
    "another scheme": {"origin": "https://localhost"},
    "no origin": {"origin": "null"},
    "within another site's page": {"cross_origin": True},
    "another rpId": {"rp_id": "evil.example"},
    "a subdomain as rpId": {"rp_id": "www.localhost"},
    "nobody present": {"present": False},
    "nobody verified": {"verified": False},
}
MAKING: dict[str, Ceremony] = {
    **{name: lambda key, wish, how=how: replace(key, **how).create(wish) for name, how in ORIGINS.items()},
    "another challenge": lambda key, wish: key.create(another_challenge(wish)),
    "the kind of an assertion": lambda key, wish: key.create(wish, kind="webauthn.get"),
    "an unknown kind": lambda key, wish: key.create(wish, kind="payment.get"),
    "no attestation": lambda key, wish: without(key.create(wish), "attestationObject"),
    "no client data": lambda key, wish: without(key.create(wish), "clientDataJSON"),
    "garbled attestation": lambda key, wish: changed(key.create(wish), "attestationObject", lambda _: b"\xff" * 20),
    "cut attestation": lambda key, wish: changed(key.create(wish), "attestationObject", lambda part: part[:-30]),
    "garbled client data": lambda key, wish: changed(key.create(wish), "clientDataJSON", lambda _: b"{"),
    "client data without origin": lambda key, wish: changed(
        key.create(wish), "clientDataJSON", lambda _: b'{"type":"webauthn.create","challenge":"AAAA"}'
    ),
    "an empty object": lambda key, wish: {},
    "a list": lambda key, wish: [],
    "a text": lambda key, wish: "passkey",
    "nothing": lambda key, wish: None,
}
ASKING: dict[str, Ceremony] = {
    **{name: lambda key, asked, how=how: replace(key, **how).get(asked) for name, how in ORIGINS.items()},
    "another challenge": lambda key, asked: key.get(another_challenge(asked)),
    "the kind of a making": lambda key, asked: key.get(asked, kind="webauthn.create"),
    "a broken signature": lambda key, asked: key.get(asked, spoil=True),
    "another key": lambda key, asked: other_key(key).get(asked),
    "another id": lambda key, asked: replace(key, id=os.urandom(32)).get(asked),
    "the counter as before": lambda key, asked: replace(key, counter=2).get(asked),
    "the counter gone back": lambda key, asked: replace(key, counter=1).get(asked),
    "altered authenticator": lambda key, asked: changed(
        key.get(asked), "authenticatorData", lambda p: p[:33] + b"\x45" + p[34:]
    ),
    "altered client data": lambda key, asked: changed(key.get(asked), "clientDataJSON", lambda p: p + b" "),
    "cut authenticator": lambda key, asked: changed(key.get(asked), "authenticatorData", lambda p: p[:20]),
    "no signature": lambda key, asked: without(key.get(asked), "signature"),
    "an empty signature": lambda key, asked: changed(key.get(asked), "signature", lambda _: b""),
    "no client data": lambda key, asked: without(key.get(asked), "clientDataJSON"),
    "an empty object": lambda key, asked: {},
    "a list": lambda key, asked: [],
    "nothing": lambda key, asked: None,
}
OF_USER: dict[str, Ceremony] = {
    "nobody's handle": lambda key, asked: replace(key, user="bm9ib2R5").get(asked),
    "no handle": lambda key, asked: without(key.get(asked), "userHandle"),
    "a handle that is none": lambda key, asked: replace(key, user="%%%").get(asked),
}


@pytest.fixture(scope="module")
def account(database):
    return open_account("passkeys", PASSWORD, display_name="Passkeys", by=system("test"))


def at_home() -> Client:
    """Return a browser at an address for which passkeys hold."""
    return Client(SERVER_NAME=HOST)


def browser_of(account) -> Client:
    browser = at_home()
    browser.post("/account/sign-in/", {"login": account.username, "password": PASSWORD})
    return browser


@pytest.fixture(scope="module")
def passkey(account) -> Passkey:
    """A passkey that has been added and used once; its next count is 3."""
    made, browser = Passkey(), browser_of(account)
    answer = json.dumps(made.create(asked_of_browser(browser.get(ADD))))
    assert browser.post(ADD, {"credential": answer, "name": "honest"}).status_code == 200
    assert enter(at_home(), lambda key, asked: key.get(asked), made).status_code == 302
    made.counter = 3
    return made


def enter(browser: Client, ceremony: Ceremony, passkey: Passkey, *, address: str = ENTER):
    asked = asked_of_browser(browser.get(address))
    return browser.post(address, {"credential": json.dumps(ceremony(replace(passkey), asked))})


def denials() -> int:
    emre = country.cast().emre
    with acting(emre.narrowed(Permission.READ_AUDIT)):
        return sum(each.event == Event.DENIED.value for each in audit_of(emre))


@pytest.mark.parametrize("how", MAKING)
def test_an_altered_making_is_refused(account, how):
    browser = at_home()
    open_name = f"making-{how}"
    open_account(open_name, PASSWORD, display_name="Making", by=system("test"))
    browser.post("/account/sign-in/", {"login": open_name, "password": PASSWORD})
    wish = asked_of_browser(browser.get(ADD))
    response = browser.post(ADD, {"credential": json.dumps(MAKING[how](Passkey(), wish)), "name": "altered"})
    pages.assert_refused(response, 400)
    assert "altered" not in pages.text(browser.get("/account/factors/"))


@pytest.mark.parametrize("how", ASKING | OF_USER)
def test_an_altered_answer_opens_nothing_and_is_recorded(passkey, how):
    before, browser = denials(), at_home()
    response = enter(browser, (ASKING | OF_USER)[how], passkey)
    pages.assert_refused(response, 400)
    pages.assert_leads_to_sign_in(browser, "/account/")
    assert denials() == before + 1


@pytest.mark.parametrize("how", ["another site", "nobody verified", "another challenge", "the counter gone back"])
def test_an_altered_answer_confirms_nothing(account, passkey, how):
    browser = signed_in(account.username, factor=False)
    browser.defaults["SERVER_NAME"] = HOST
    pages.assert_refused(enter(browser, ASKING[how], passkey, address=CONFIRM), 400)
    assert "proofs" not in browser.session


def test_an_answer_is_taken_once(passkey):
    browser = at_home()
    asked = asked_of_browser(browser.get(ENTER))
    answer = {"credential": json.dumps(replace(passkey, counter=100).get(asked))}
    passkey.counter = 101
    assert browser.post(ENTER, answer).status_code == 302
    browser.post("/account/sign-out/")
    pages.assert_refused(browser.post(ENTER, answer), 400)


def test_a_question_is_answered_once_even_wrongly(passkey):
    browser = at_home()
    asked = asked_of_browser(browser.get(ENTER))
    wrong = {"credential": json.dumps(replace(passkey, verified=False).get(asked))}
    pages.assert_refused(browser.post(ENTER, wrong), 400)
    late = json.dumps(replace(passkey, counter=200).get(asked))
    # The refusal's page asked anew; the old question is over.
    pages.assert_refused(browser.post(ENTER, {"credential": late}), 400)


def test_an_answer_to_somebody_elses_question_is_none(passkey):
    asked = asked_of_browser(at_home().get(ENTER))
    thief = at_home()
    thief.get(ENTER)
    answer = json.dumps(replace(passkey, counter=300).get(asked))
    pages.assert_refused(thief.post(ENTER, {"credential": answer}), 400)


def test_a_passkey_without_counter_is_taken_each_time(account):
    made, browser = Passkey(counter=0), browser_of_new("counterless")
    answer = json.dumps(made.create(asked_of_browser(browser.get(ADD))))
    assert browser.post(ADD, {"credential": answer, "name": "none"}).status_code == 200
    for _ in range(2):
        assert enter(at_home(), lambda key, asked: replace(key, counter=0).get(asked), made).status_code == 302


def browser_of_new(name: str) -> Client:
    return browser_of(open_account(name, PASSWORD, display_name=name, by=system("test")))


def test_a_closed_account_is_not_entered_by_its_passkey(database):
    from amparo.kernel import clock
    from amparo.trust.actions.accounts import close_account
    from amparo.trust.queries import account_named

    made, browser = Passkey(), browser_of_new("closing")
    answer = json.dumps(made.create(asked_of_browser(browser.get(ADD))))
    browser.post(ADD, {"credential": answer, "name": "to close"})
    close_account(account_named("closing").id, by=system("test"), on=clock.today())
    pages.assert_refused(enter(at_home(), lambda key, asked: replace(key, counter=9).get(asked), made), 400)


def test_what_is_no_json_is_refused(passkey):
    browser = at_home()
    browser.get(ENTER)
    pages.assert_refused(browser.post(ENTER, {"credential": "{"}), 400)
    pages.assert_refused(browser.post(ENTER, {}), 400)
