"""The page of a partner's machines: opened, let in by what two people stand for, closed; a secret is shown once."""

import json
import re

import pytest
from joserfc.jwk import OKPKey

from amparo.trust.models import Credential, Machine, Peer
from tests.lib import agreeing, pages
from tests.lib.machines import Program
from tests.views.conftest import signed_in

OPENED = {"called": "Nightly check", "also": "", "must_sign": "no"}


@pytest.fixture(scope="module")
def agreed(database):
    agreeing.install()
    agreeing.in_force("second")
    return agreeing.in_force("checked")


@pytest.fixture
def machine(lina, agreed):
    lina.post(f"/agreements/{agreed}/machines/open/", OPENED)
    return Machine.objects.latest("opened_at")


@pytest.fixture
def jamal(agreed):
    return signed_in("jamal")


def page(browser, agreed):
    return browser.get(f"/agreements/{agreed}/machines/")


def make_secret(browser, agreed, machine) -> str:
    response = browser.post(f"/agreements/{agreed}/machines/{machine.id}/secret/")
    pages.assert_is_whole(response)
    assert response["Cache-Control"] == "no-store"
    return re.findall(r'class="amparo-secret"[^>]*>([\w-]+)<', response.content.decode())[1]


def test_the_page_works_without_javascript_and_is_led_to_from_the_agreement(lina, agreed, machine):
    assert f"/agreements/{agreed}/machines/" in lina.get(f"/agreements/{agreed}/").content.decode()
    response = page(lina, agreed)
    pages.assert_is_whole(response)
    assert "Nightly check" in pages.text(response)
    assert str(machine.id) in pages.text(response)
    assert "second" in pages.text(response)  # an agreement that it may be opened for besides


def test_a_secret_is_shown_once_and_lets_in_when_a_colleague_has_confirmed_it(lina, jamal, agreed, machine):
    secret = make_secret(lina, agreed, machine)
    program = Program(machine.id, secret=secret)
    assert secret not in page(lina, agreed).content.decode()
    assert "a colleague confirms it" in pages.text(page(lina, agreed))
    row = Credential.objects.get(machine=machine)
    confirm = f"/agreements/{agreed}/credentials/{row.id}/confirm/"
    pages.assert_refused(lina.post(confirm), 400)
    assert program.let_in().status_code == 401
    assert confirm in page(jamal, agreed).content.decode()
    assert jamal.post(confirm).status_code == 302
    assert program.let_in().status_code == 200
    assert "lets it in" in pages.text(page(lina, agreed))


def test_a_key_is_registered_and_ended(lina, agreed, machine):
    path = f"/agreements/{agreed}/machines/{machine.id}/key/"
    jwk = json.dumps(OKPKey.generate_key("Ed25519").as_dict(private=False))
    assert lina.post(path, {"jwk": jwk}).status_code == 302
    row = Credential.objects.get(machine=machine)
    assert row.jwk["kid"][:12] in pages.text(page(lina, agreed))
    assert lina.post(f"/agreements/{agreed}/credentials/{row.id}/end/").status_code == 302
    assert "ended" in pages.text(page(lina, agreed))
    pages.assert_refused(lina.post(f"/agreements/{agreed}/credentials/{row.id}/end/"), 400)


def test_what_is_no_key_is_told_above_the_form(lina, agreed, machine):
    path = f"/agreements/{agreed}/machines/{machine.id}/key/"
    whole = json.dumps(OKPKey.generate_key("Ed25519").as_dict(private=True))
    for sent, told in ((whole, "private half"), ("x", "no public key")):
        response = lina.post(path, {"jwk": sent})
        pages.assert_refused(response, 400)
        assert told in pages.text(response)
    pages.assert_asked_again(lina.post(path, {"jwk": ""}), "id_jwk")
    assert not Credential.objects.filter(machine=machine).exists()


def test_what_is_missing_is_asked_for_again(lina, agreed):
    pages.assert_asked_again(
        lina.post(f"/agreements/{agreed}/machines/open/", OPENED | {"called": "", "must_sign": "perhaps"}),
        "id_called",
        "id_must_sign",
    )
    response = lina.post(f"/agreements/{agreed}/machines/open/", OPENED | {"also": "nothing"})
    pages.assert_refused(response, 400)
    assert "does not hand anything to this partner" in pages.text(response)


def test_a_machine_is_closed_for_good(lina, agreed, machine):
    path = f"/agreements/{agreed}/machines/{machine.id}/"
    assert lina.post(f"{path}close/").status_code == 302
    assert "closed" in pages.text(page(lina, agreed))
    pages.assert_refused(lina.post(f"{path}secret/"), 400)
    pages.assert_refused(lina.post(f"{path}close/"), 400)


def test_an_auditor_reads_and_changes_nothing(emre, agreed, machine):
    response = page(emre, agreed)
    pages.assert_is_whole(response)
    assert '<form method="post" action="/agreements' not in response.content.decode()
    pages.assert_refused(emre.post(f"/agreements/{agreed}/machines/open/", OPENED), 403)
    pages.assert_refused(emre.post(f"/agreements/{agreed}/machines/{machine.id}/secret/"), 403)


def test_letting_in_asks_for_a_factor_given_just_now(agreed, machine):
    weak = signed_in("lina", factor=False)
    response = weak.post(f"/agreements/{agreed}/machines/{machine.id}/secret/")
    assert response["Location"].startswith("/account/confirm/")


def test_nobody_is_led_to_sign_in(nobody, agreed):
    pages.assert_leads_to_sign_in(nobody, f"/agreements/{agreed}/machines/")


@pytest.mark.parametrize("step", ["machines/{id}/secret/", "machines/{id}/close/", "credentials/{id}/confirm/"])
def test_what_is_not_there_is_told_so(lina, agreed, step):
    path = step.format(id="00000000-0000-7000-8000-000000000009")
    pages.assert_refused(lina.post(f"/agreements/{agreed}/{path}"), 404)


SPOKEN = {
    "sender": "night.example.org",
    "profile": "detached-jws",
    "callback": "https://night.example.org/registry",
    "sealing": "",
}


def test_how_a_machine_sends_messages_is_stated_by_one_and_confirmed_by_another(lina, jamal, agreed, machine):
    path = f"/agreements/{agreed}/machines/{machine.id}/messages/"
    assert lina.post(path, SPOKEN).status_code == 302
    row = Peer.objects.get(machine=machine)
    told = pages.text(page(lina, agreed))
    assert "night.example.org" in told
    assert "https://night.example.org/registry" in told
    assert "waits for a second person" in told
    confirm = f"/agreements/{agreed}/peers/{row.id}/confirm/"
    pages.assert_refused(lina.post(confirm), 400)
    assert confirm in page(jamal, agreed).content.decode()
    assert jamal.post(confirm).status_code == 302
    assert "in force" in pages.text(page(lina, agreed))
    assert lina.post(f"/agreements/{agreed}/peers/{row.id}/end/").status_code == 302
    pages.assert_refused(lina.post(f"/agreements/{agreed}/peers/{row.id}/end/"), 400)


def test_what_cannot_stand_in_a_message_is_told_above_the_form(lina, agreed, machine):
    path = f"/agreements/{agreed}/machines/{machine.id}/messages/"
    response = lina.post(path, SPOKEN | {"callback": "ftp://night.example.org"})
    pages.assert_refused(response, 400)
    assert "cannot be sent to this address" in pages.text(response)
    pages.assert_asked_again(lina.post(path, SPOKEN | {"sender": "", "profile": "rot13"}), "id_sender", "id_profile")
    assert not Peer.objects.filter(machine=machine).exists()
