"""A citizen's pages: what is held, who looked, what was decided, consents, and acting for others (PRV-5, U2)."""

import csv
import io
import json

import pytest
from django.db import connections
from django.test import Client

from amparo.kernel import clock
from amparo.trust.actions.consenting import Told, give_consent
from amparo.trust.context import acting
from amparo.trust.types import ConsentKind, Permission
from tests.lib import agreeing, country, kin, pages
from tests.views.conftest import signed_in

PAGES = (
    "/mine/",
    "/mine/held/",
    "/mine/home/",
    "/mine/looked/",
    "/mine/consents/",
    "/mine/decisions/",
    "/mine/acting/",
)
# What is never on a page of Dalia's own: others' facts, and what protects people.
OTHERS = [f"{name}-{kind}" for name in ("Dario", "Omar", "Salma", "Vito", "Karim") for kind in kin.CLASSES]
PROTECTED = [f"{whose}-protection" for whose in ("Dalia", "n1", "Nadia", "Hoda")]


def choose(browser: Client, person) -> None:
    assert browser.post("/mine/whom/", {"whom": str(person)})["Location"] == "/mine/"


@pytest.mark.parametrize("address", PAGES)
def test_each_page_is_whole_and_shows_nothing_of_others(dalia, address):
    response = dalia.get(address)
    pages.assert_is_whole(response)
    assert [each for each in (*OTHERS, *PROTECTED) if each in response.content.decode()] == []


@pytest.mark.parametrize("address", [*PAGES, "/mine/copy.json", "/mine/looked.csv", "/mine/usage/find/"])
def test_nobody_and_officers_have_no_page_of_their_own(people, address):
    pages.assert_leads_to_sign_in(Client(), address)
    pages.assert_refused(signed_in("amina").get(address), 403)


@pytest.mark.parametrize("address", PAGES)
def test_a_password_alone_does_not_open_a_record(people, address):
    response = signed_in("dalia", factor=False).get(address)
    assert response["Location"].startswith("/account/confirm/")


def test_the_first_page_of_the_site_leads_a_citizen_to_theirs(dalia):
    assert dalia.get("/")["Location"] == "/mine/"


def test_a_citizen_opens_no_officer_s_page(dalia, people):
    for address in ("/find/", f"/households/{people['n1']}/", "/decisions/", "/audit/", "/officers/", "/delays/"):
        pages.assert_refused(dalia.get(address), 403)


def test_each_fact_says_who_told_it_when_what_for_and_who_reads_it(dalia):
    text = pages.text(dalia.get("/mine/held/"))
    for said in ("Dalia-contact", "Dalia-sensitive", "census", "registration", "Read by: pension", "ends in 903"):
        assert said in text
    text = pages.text(dalia.get("/mine/home/"))
    for said in ("n1-contact", "n1-situation", "Dario", "Read by: poor_home"):
        assert said in text
    assert "n1-sensitive" not in text


def test_who_looked_is_told_by_institution_and_role_and_downloads(dalia, people):
    signed_in("amina").get(f"/households/{people['n1']}/")
    text = pages.text(dalia.get("/mine/looked/"))
    assert "Your record was opened" in text
    assert "Ministry of Social Protection: Officer, North" in text
    assert "Amina" not in text
    rows = list(csv.reader(io.StringIO(dalia.get("/mine/looked.csv").content.decode())))
    assert rows[0] == ["When", "What was done", "Data", "Who", "Why", "Ground", "Note"]
    assert any("Ministry of Social Protection: Officer, North" in row for row in rows)


def test_who_looked_goes_over_pages(dalia, people):
    amina = signed_in("amina")
    for _ in range(26):
        amina.get(f"/households/{people['n1']}/")
    first = dalia.get("/mine/looked/")
    assert "?after=25" in first.content.decode()
    assert "?after=25" not in dalia.get("/mine/looked/?after=25").content.decode()
    for nonsense in ("x", "-1", "9" * 30, "٣"):
        assert dalia.get("/mine/looked/", {"after": nonsense}).status_code == 200


def test_the_whole_record_is_taken_along_and_that_is_on_the_record(dalia, people):
    response = dalia.get("/mine/copy.json")
    told = json.loads(response.content)
    assert told["person"]["facts"]["person_contact"]["value"] == "Dalia-contact"
    assert told["usage"]["totalUsages"] > 0
    assert {each["programme"] for each in told["decisions"]} == {"poor_home", "pension", "children"}
    assert [each for each in (*OTHERS, *PROTECTED) if each in response.content.decode()] == []
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT about_id FROM trust_audit WHERE event = 'own-record-taken' ORDER BY at DESC LIMIT 1")
        assert cursor.fetchone() == (str(people["Dalia"]),)


def decision_of(browser: Client, programme: str) -> str:
    page = browser.get("/mine/decisions/").content.decode()
    before = page[: page.index(f">{programme}</a>")]
    return before[before.rindex('href="') + 6 :].partition('"')[0]


def test_a_decision_that_rests_on_the_household_s_own_facts_is_told_with_its_reckoning(dalia):
    response = dalia.get(decision_of(dalia, "poor_home"))
    pages.assert_is_whole(response)
    text = pages.text(response)
    assert "Granted" in text
    assert "How to appeal" in text or "appeal" in text
    assert "census" in text


def test_a_decision_that_rests_on_others_is_told_without_the_reckoning(dalia):
    response = dalia.get(decision_of(dalia, "children"))
    text = pages.text(response)
    assert "another person of your household" in text
    assert "Granted" in text
    assert str(kin.born(10).year) not in text


def test_a_decision_is_printed_under_its_own_number(dalia):
    address = decision_of(dalia, "poor_home")
    response = dalia.get(f"{address.rstrip('/')}.pdf")
    assert response.content.startswith(b"%PDF")
    assert "Dalia" not in response["Content-Disposition"]


def test_a_decision_about_somebody_else_does_not_exist(dalia, people):
    with connections["bulk"].cursor() as cursor:
        cursor.execute(
            "SELECT id FROM programmes_decision WHERE unit_id = ANY(%s)",
            [[people["Vito"], people["s1"], people["Dario"]]],
        )
        others = [id for (id,) in cursor.fetchall()]
    assert others
    for id in others:
        pages.assert_refused(dalia.get(f"/mine/decisions/{id}/"), 404)
        pages.assert_refused(dalia.get(f"/mine/decisions/{id}.pdf"), 404)


def consented(person) -> str:
    id = agreeing.in_force(f"agreed-{person}", needs_consent=True)
    with acting(agreeing.officer("ines").narrowed(Permission.RECORD_CONSENT)) as by:
        told = Told("I agree that the pension fund is told.", "en")
        given = {"told": told, "kind": ConsentKind.SIGNED, "by": by, "under": country.GROUND, "on": clock.today()}
        return str(give_consent(person, id, **given).id)


def test_a_consent_is_taken_back_by_whoever_gave_it_and_nobody_else(dalia, people):
    own, other = consented(people["Dalia"]), consented(people["Omar"])
    assert "I agree that the pension fund is told." in pages.text(dalia.get("/mine/consents/"))
    pages.assert_refused(dalia.post(f"/mine/consents/{other}/withdraw/"), 404)
    choose(dalia, people["Omar"])
    pages.assert_refused(dalia.post(f"/mine/consents/{other}/withdraw/"), 400)
    choose(dalia, people["Dalia"])
    assert dalia.post(f"/mine/consents/{own}/withdraw/").status_code == 302
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT id::text FROM trust_consent WHERE withdrawn_at IS NOT NULL")
        assert cursor.fetchall() == [(own,)]


@pytest.mark.parametrize(
    ("name", "shown", "hidden"),
    [
        ("Omar", "Omar-sensitive", "Dalia-"),
        ("Nadia", "Nadia-sensitive", "Nadia-contact"),
        ("Hoda", "Hoda-contact", "Hoda-sensitive"),
    ],
)
def test_one_looks_for_whom_one_may_and_each_page_says_so(dalia, people, name, shown, hidden):
    choose(dalia, people[name])
    for address in PAGES:
        response = dalia.get(address)
        if (name, address) == ("Nadia", "/mine/home/"):
            pages.assert_refused(response, 404)
            continue
        pages.assert_is_whole(response)
        assert f"looking at the record of {name} Aziz" in pages.text(response)
        assert f"{name}-protection" not in response.content.decode()
        assert "South" not in pages.text(response)
    held = pages.text(dalia.get("/mine/held/"))
    assert shown in held
    assert hidden not in held


@pytest.mark.parametrize("name", ["Vito", "Dario", "Salma", "Karim"])
def test_for_nobody_else_can_one_choose_to_look(dalia, people, name):
    pages.assert_refused(dalia.post("/mine/whom/", {"whom": str(people[name])}), 404)


def test_a_choice_that_holds_no_more_leads_back_to_one_s_own_record(dalia, people):
    session = dalia.session
    session["for"] = str(people["Vito"])
    session.save()
    assert dalia.get("/mine/held/")["Location"] == "/mine/"
    assert "Dalia-contact" in pages.text(dalia.get("/mine/held/"))


def test_a_mandate_is_taken_back_on_the_page_and_holds_no_more(dalia, people):
    kin.bound(people["Vito"], "vito")
    vito, id = signed_in("vito"), kin.mandate(people["Vito"], people["Dalia"])
    choose(dalia, people["Vito"])
    assert "Vito-contact" in pages.text(dalia.get("/mine/held/"))
    pages.assert_is_whole(vito.get("/mine/acting/"))
    assert vito.post(f"/mine/acting/{id}/revoke/").status_code == 302
    assert dalia.get("/mine/held/")["Location"] == "/mine/"
    pages.assert_refused(vito.post(f"/mine/acting/{id}/revoke/"), 400)


def test_the_tracker_s_three_operations_answer_in_json(dalia, people):
    signed_in("amina").get(f"/households/{people['n1']}/")
    found = dalia.get("/mine/usage/find/?limit=1&offset=0").json()
    assert len(found["usages"]) == 1
    assert found["totalUsages"] > 1
    assert found["usages"][0].keys() == {"logtime", "action", "receiverCode", "receiverName", "receiverSystem"}
    assert dalia.get("/mine/usage/find/?periodEnd=2020-01-01T00:00:00Z").json() == {"totalUsages": 0, "usages": []}
    assert dalia.get("/mine/usage/period/").json().keys() == {"periodStart"}
    assert dalia.get("/mine/usage/heartbeat/").json()["status"] == "OK"
    for wrong in ("limit=1001", "limit=x", "offset=-1", "periodStart=yesterday", "periodStart=2026-01-01T00:00:00"):
        assert dalia.get(f"/mine/usage/find/?{wrong}").status_code == 400


def test_forms_are_sent_and_pages_only_asked(dalia, people):
    for address in ("/mine/whom/", f"/mine/consents/{people['n1']}/withdraw/", f"/mine/acting/{people['n1']}/revoke/"):
        assert dalia.get(address).status_code == 405
    assert dalia.post("/mine/held/").status_code == 405
