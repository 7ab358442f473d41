"""From the office to one's own record: the slip is made, used, and opens one account and nothing else (A2, A4)."""

import re

import pytest
from django.db import connections
from django.test import Client
from joserfc.jwk import RSAKey

from amparo.kernel import clock
from amparo.kernel.errors import NotFound
from amparo.trust.actions.inviting import shut_out
from amparo.trust.context import acting
from amparo.trust.models import Account, Guess
from amparo.trust.queries import account_named, own_person
from amparo.trust.types import Permission
from tests.lib import country, kin, pages
from tests.lib.identity_provider import AUDIENCE, SECRET, asked_at, key, serving
from tests.views.conftest import signed_in

ADDRESS, PASSWORD = "/account/invitation/", "a long enough sentence"


@pytest.fixture(autouse=True)
def _nobody_waits(people):
    Guess.objects.all().delete()


def office(people, name: str = "Vito", home: str = "s2", *, by: str = "chen"):
    return signed_in(by).post(
        f"/households/{people[home]}/people/{people[name]}/invitation/", {"proof": "passport", "proof_number": "P-1/26"}
    )


def code_of(response) -> str:
    return re.search(r"<code[^>]*>([a-z0-9-]+)</code>", response.content.decode())[1]


def use(code: str, browser: Client | None = None, /, **changes):
    sent = {"code": code, "born": kin.born(40).isoformat(), "username": "vito", "new": PASSWORD, "again": PASSWORD}
    return (browser or Client()).post(ADDRESS, sent | changes)


def test_both_pages_are_whole(people):
    pages.assert_is_whole(Client().get(ADDRESS))
    address = f"/households/{people['s2']}/people/{people['Vito']}/invitation/"
    pages.assert_is_whole(signed_in("chen").get(address))
    pages.assert_leads_to_sign_in(Client(), address)
    pages.assert_refused(signed_in("amina").get(address), 404)
    pages.assert_refused(signed_in("bruno").get(address), 403)


def test_a_slip_leads_from_the_office_to_one_s_own_record(people):
    made = office(people)
    pages.assert_is_whole(made)
    assert made["Cache-Control"].startswith(("no-store", "max-age=0"))
    response = use(code_of(made))
    assert response["Location"] == "/account/sign-in/?next=/mine/"
    assert own_person(account_named("vito").id) == people["Vito"]
    browser = Client()
    entered = browser.post("/account/sign-in/", {"login": "vito", "password": PASSWORD, "next": "/mine/"})
    assert entered.status_code == 302
    assert browser.get("/mine/held/")["Location"].startswith("/account/confirm/")  # a second factor comes first
    assert "Vito-contact" in pages.text(signed_in("vito").get("/mine/held/"))
    pages.assert_refused(use(code_of(made), username="vito2"), 400)


def test_the_office_ends_an_account_at_once_and_only_where_it_reaches(people):
    address = f"/households/{people['n2']}/people/{people['Hoda']}/invitation/"
    use(code_of(office(people, "Hoda", "n2", by="amina")), username="hoda")
    hoda = signed_in("hoda")
    assert hoda.get("/mine/").status_code == 200
    waiting = code_of(office(people, "Hoda", "n2", by="amina"))
    pages.assert_refused(signed_in("chen").post(f"{address}end/"), 404)
    assert hoda.get("/mine/").status_code == 200
    assert signed_in("amina").post(f"{address}end/").status_code == 302
    pages.assert_leads_to_sign_in(hoda, "/mine/")
    pages.assert_refused(use(waiting, username="hoda2"), 400)


def test_the_database_itself_ends_no_account_outside_the_officer_s_areas(people):
    chen = country.cast().chen.narrowed(Permission.INVITE_CITIZEN)
    with acting(chen), pytest.raises(NotFound, match="registry-person-unknown"):
        shut_out(people["Dalia"], by=chen, under=country.GROUND)
    assert account_named("dalia").is_active


@pytest.mark.parametrize(
    "changes",
    [{"born": "1950-01-01"}, {"born": "", "number": "999"}, {"code": "abcd-efgh-jkmn"}],
)
def test_a_wrong_slip_opens_nothing_and_does_not_say_which_half_was_wrong(people, changes):
    before = Account.objects.count()
    response = use(code_of(office(people, "Karim", "s1")), **{"username": "karim"} | changes)
    pages.assert_refused(response, 400)
    assert "do not go together" in pages.text(response)
    assert Account.objects.count() == before


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"code": ""}, ["id_code"]),
        ({"born": ""}, ["id_born"]),
        ({"born": "3.4.1986"}, ["id_born"]),
        ({"username": ""}, ["id_username"]),
        ({"username": "a b"}, ["id_username"]),
        ({"again": "other"}, ["id_again"]),
    ],
)
def test_what_is_lacking_is_asked_for_again(people, changes, fields):
    pages.assert_asked_again(use("abcd-efgh-jkmn", **changes), *fields)


def test_a_name_that_is_taken_or_a_weak_password_leaves_the_slip_good(people):
    code = code_of(office(people, "Karim", "s1"))
    for changes in ({"username": "AMINA"}, {"username": "karim", "new": "short", "again": "short"}):
        pages.assert_refused(use(code, **changes), 400)
    assert use(code, username="karim").status_code == 302


def test_an_officer_says_which_document_lay_there(people):
    address = f"/households/{people['s2']}/people/{people['Vito']}/invitation/"
    pages.assert_asked_again(signed_in("chen").post(address, {"proof": ""}), "id_proof")
    told = {"proof": "passport", "proof_number": "he says he is poor"}
    pages.assert_asked_again(signed_in("chen").post(address, told), "id_proof_number")


def test_the_state_s_own_proof_opens_the_account_and_enters_it(people, monkeypatch):
    from django.conf import settings

    code, browser = code_of(office(people, "Zaki", "n2", by="amina")), Client()
    with serving(key(RSAKey, "rsa")) as provider:
        configured = {"issuer": provider.address, "client_id": AUDIENCE, "secret": SECRET, "name": "State"}
        monkeypatch.setattr(settings, "OIDC", configured)
        monkeypatch.setattr(settings, "CALLS", {"places": [], "inside": ["127.0.0.1"]})
        provider.claims = {"sub": "zaki-there"}
        shown = use(code, browser, provider="1", username="", new="", again="")
        pages.assert_is_whole(shown)
        provider.asked = asked_at(browser.get("/account/provider/?next=/mine/")["Location"])
        back = {"code": "code-1", "state": provider.asked["state"]}
        assert browser.get("/account/provider/return/", back)["Location"] == "/mine/"
        assert "Zaki-contact" in pages.text(browser.get("/mine/held/"))
        # Whoever comes without a slip, and is known to nobody, is refused as ever.
        other = Client()
        provider.claims = {"sub": "somebody-else"}
        provider.asked = asked_at(other.get("/account/provider/")["Location"])
        again = {"code": "code-2", "state": provider.asked["state"]}
        pages.assert_refused(other.get("/account/provider/return/", again), 400)


def test_mandates_are_taken_down_and_back_at_the_office(people):
    address, chen = f"/households/{people['s2']}/people/{people['Vito']}/mandates/", signed_in("chen")
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT number FROM registry_person WHERE id = %s", [people["Karim"]])
        (holder,) = cursor.fetchone()
    pages.assert_is_whole(chen.get(address))
    today = clock.today()
    sent = {"holder": holder, "on": today.isoformat(), "until": today.replace(year=today.year + 1).isoformat()}
    sent |= {"proof": "power-of-attorney", "proof_number": "B 7"}
    pages.assert_asked_again(chen.post(address, sent), "id_proof_number")
    sent |= {"proof_number": "B-7"}
    pages.assert_asked_again(chen.post(address, sent | {"until": "2020-01-01"}), "id_until")
    pages.assert_asked_again(chen.post(address, sent | {"holder": "x"}), "id_holder")
    pages.assert_refused(chen.post(address, sent | {"holder": "999999999"}), 400)
    pages.assert_refused(chen.post(address, sent | {"until": "2099-01-01"}), 400)
    assert chen.post(address, sent).status_code == 302
    page = chen.get(address).content.decode()
    assert "In force" in page
    end = re.search(r'action="(/households/[^"]+/end/)"', page)[1]
    assert chen.post(end).status_code == 302
    assert "Taken back" in pages.text(chen.get(address))


def test_delays_are_proposed_by_one_and_confirmed_by_another(people):
    lina, jamal = signed_in("lina"), signed_in("jamal")
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT number FROM registry_person WHERE id = %s", [people["Vito"]])
        (number,) = cursor.fetchone()
    pages.assert_is_whole(lina.get("/delays/"))
    today = clock.today()
    sent = {"person": number, "actor": "chen", "authority": "Court", "reference": "K-1", "on": today.isoformat()}
    sent |= {"reveal_on": today.replace(year=today.year + 1).isoformat()}
    for changes, field in (
        ({"person": "x"}, "id_person"),
        ({"actor": "nobody-there"}, "id_actor"),
        ({"authority": ""}, "id_authority"),
        ({"reveal_on": today.isoformat()}, "id_reveal_on"),
    ):
        pages.assert_asked_again(lina.post("/delays/", sent | changes), field)
    pages.assert_refused(lina.post("/delays/", sent | {"person": "999999999"}), 400)
    pages.assert_refused(lina.post("/delays/", sent | {"reveal_on": "2099-01-01"}), 400)
    assert lina.post("/delays/", sent).status_code == 302
    page = jamal.get("/delays/").content.decode()
    confirm = re.search(r'action="(/delays/[^"]+/confirm/)"', page)[1]
    assert confirm not in lina.get("/delays/").content.decode()
    pages.assert_refused(lina.post(confirm), 400)
    assert jamal.post(confirm).status_code == 302
    assert "in force" in pages.text(lina.get("/delays/"))
    assert lina.post(confirm.replace("confirm", "end")).status_code == 302
    assert country.cast().chen.id.hex not in page
