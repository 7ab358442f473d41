"""A citizen's cases: filed, appealed, answered, withdrawn, and seen by nobody else; and what is reported without a name (OPS-2)."""

import re
from uuid import UUID

import pytest
from django.test import Client

from amparo.cases import actions
from amparo.cases.types import Act
from amparo.trust import limits
from amparo.trust.context import acting
from amparo.trust.types import Permission
from amparo.web.citizen import reporting
from tests.lib import country, pages
from tests.lib.country import GROUND
from tests.unit.cases.setting import BY, CATEGORIES, done, filed, rows
from tests.views.citizen.test_mine import choose, decision_of
from tests.views.conftest import signed_in


@pytest.fixture(autouse=True, scope="module")
def _categories(people) -> None:
    actions.install_categories(CATEGORIES, by=BY)


@pytest.fixture(autouse=True)
def _unlimited(monkeypatch) -> None:
    """Every request comes from one address here; what the limits do has a test of its own."""
    for name in ("ASKING", "FILING"):
        monkeypatch.setattr(reporting, name, limits.Limit(1_000, 10_000))


def id_of(address: str) -> UUID:
    return UUID(address.split("/")[3])


def filed_by(dalia: Client, words: str = "Nothing came in May.") -> str:
    return dalia.post("/mine/cases/new/unpaid/", {"words": words, "answer_month": "May"})["Location"]


def test_pages_are_whole_and_offer_what_one_may_bring_forward(dalia):
    for address in ("/mine/cases/", "/mine/cases/new/", "/mine/cases/new/unpaid/", "/report/", "/report/code/"):
        pages.assert_is_whole(dalia.get(address))
    shown = dalia.get("/mine/cases/new/").content.decode()
    assert "/mine/cases/new/wrong_fact/" in shown
    assert "/mine/cases/new/flag/" not in shown
    pages.assert_refused(dalia.get("/mine/cases/new/flag/"), 404)


@pytest.mark.parametrize("address", ["/mine/cases/", "/mine/cases/new/", "/mine/cases/new/unpaid/"])
def test_nobody_and_officers_have_no_cases_of_their_own(people, address):
    pages.assert_leads_to_sign_in(Client(), address)
    pages.assert_refused(signed_in("amina").get(address), 403)


def test_a_citizen_brings_something_forward_and_sees_until_when(dalia):
    address = filed_by(dalia)
    response = dalia.get(address)
    pages.assert_is_whole(response)
    text = pages.text(response)
    assert "Nothing came in May." in text
    assert "You will have an answer by" in text
    assert address in dalia.get("/mine/cases/").content.decode()


def test_what_lacks_words_is_asked_for_again(dalia):
    pages.assert_asked_again(dalia.post("/mine/cases/new/unpaid/", {"words": " "}), "id_words")


def test_notes_between_officers_are_not_the_citizens_and_the_answer_is(dalia):
    address = filed_by(dalia)
    [(code,)] = rows("SELECT code FROM cases_case WHERE id = %s", id_of(address))
    amina = country.cast().amina
    case = _case(code)
    done(case, Act.NOTE, amina, words="She called twice.")
    done(case, Act.RESOLVE, amina, words="It was paid on Monday.")
    text = pages.text(dalia.get(address))
    assert "She called twice." not in text
    assert "It was paid on Monday." in text
    assert "Amina" not in text


def _case(code: str):
    from amparo.cases import queries

    with acting(country.cast().amina.narrowed(Permission.READ_CASE)) as by:
        [(id,)] = rows("SELECT id FROM cases_case WHERE code = %s", code)
        return queries.case(id, by=by, under=GROUND)


def test_a_case_of_somebody_else_is_not_there(dalia, people):
    other = filed(country.cast().ines, person=people["Karim"])
    for address in (f"/mine/cases/{other.id}/",):
        pages.assert_refused(dalia.get(address), 404)
    pages.assert_refused(dalia.post(f"/mine/cases/{other.id}/say/", {"act": "reply", "words": "x"}), 404)


def test_a_citizen_answers_and_withdraws(dalia):
    address = filed_by(dalia)
    pages.assert_asked_again(dalia.post(f"{address}say/", {"act": "reply", "words": " "}), "id_words")
    dalia.post(f"{address}say/", {"act": "reply", "words": "It came after all."})
    assert "It came after all." in pages.text(dalia.get(address))
    assert dalia.post(f"{address}say/", {"act": "withdraw", "words": ""}).status_code == 302
    assert "Withdrawn" in pages.text(dalia.get(address))
    pages.assert_refused(dalia.post(f"{address}say/", {"act": "reply", "words": "x"}), 400)


def test_a_flag_about_somebody_is_not_on_their_page_and_who_looked_does_not_tell_it(dalia, people):
    flag = filed(country.cast().ines, "flag", person=people["Dalia"], words="Two incomes.")
    signed_in("bruno").get(f"/cases/{flag.id}/")
    signed_in("bruno").get("/cases/")
    for address in ("/mine/cases/", "/mine/looked/", "/mine/copy.json"):
        shown = dalia.get(address).content.decode()
        assert str(flag.id) not in shown
        assert "Two incomes." not in shown
    pages.assert_refused(dalia.get(f"/mine/cases/{flag.id}/"), 404)


def test_a_decision_is_appealed_from_its_page_once(dalia):
    decision = decision_of(dalia, "poor_home")
    assert f"{decision}appeal/" in dalia.get(decision).content.decode()
    pages.assert_is_whole(dalia.get(f"{decision}appeal/"))
    address = dalia.post(f"{decision}appeal/", {"words": "We are more than they say."})["Location"]
    assert "We are more than they say." in pages.text(dalia.get(address))
    again = dalia.post(f"{decision}appeal/", {"words": "Again."})
    pages.assert_refused(again, 400)
    assert "has been appealed already" in pages.text(again)


def test_a_decision_that_is_not_ones_own_is_not_there(dalia, people):
    [(id,)] = rows("SELECT id FROM programmes_decision WHERE unit_id = %s LIMIT 1", people["s2"])
    pages.assert_refused(dalia.get(f"/mine/decisions/{id}/appeal/"), 404)
    pages.assert_refused(dalia.post(f"/mine/decisions/{id}/appeal/", {"words": "x"}), 404)


def test_for_a_child_one_brings_things_forward_but_sees_nothing_sensitive(dalia, people):
    choose(dalia, people["Omar"])
    response = dalia.post("/mine/cases/new/violence/", {"words": "At school."})
    assert "It is filed" in pages.text(response)
    [(id, whose)] = rows("SELECT id, person_id FROM cases_case WHERE category_id = 'violence'")
    assert whose == people["Omar"]
    pages.assert_refused(dalia.get(f"/mine/cases/{id}/"), 404)
    choose(dalia, people["Dalia"])


def test_whoever_does_not_say_who_they_are_gets_a_code_that_shows_the_state_alone(people):
    nobody = Client()
    shown = nobody.get("/report/").content.decode()
    assert "/report/unpaid/" in shown
    assert "/report/wrong_fact/" not in shown
    pages.assert_refused(nobody.get("/report/wrong_fact/"), 404)
    pages.assert_asked_again(nobody.post("/report/unpaid/", {"words": "They ask for money."}), "id_area")
    response = nobody.post("/report/unpaid/", {"words": "They ask for money.", "area": "north"})
    pages.assert_is_whole(response)
    [code] = re.findall(r"[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}", pages.text(response))
    found = nobody.post("/report/code/", {"code": code})
    pages.assert_is_whole(found)
    assert "Open" in pages.text(found)
    assert "They ask for money." not in pages.text(found)
    assert rows("SELECT filed_by, person_id FROM cases_case WHERE code = %s", code.replace("-", "")) == [(None, None)]


@pytest.mark.parametrize("wrong", ["0000-0000-0000", "x", "' OR 1=1 --"])
def test_a_code_that_is_nobodys_shows_nothing(people, wrong):
    pages.assert_refused(Client().post("/report/code/", {"code": wrong}), 400)


def test_who_guesses_at_codes_or_files_without_end_is_stopped(people, monkeypatch):
    for name in ("ASKING", "FILING"):
        monkeypatch.setattr(reporting, name, limits.Limit(1, 2))
    codes = {Client().post("/report/code/", {"code": "0000-0000-0000"}).status_code for _ in range(4)}
    sent = {"words": "x", "area": "north"}
    files = {Client().post("/report/unpaid/", sent).status_code for _ in range(4)}
    assert (429 in codes, 429 in files) == (True, True)


def test_each_fact_of_theirs_leads_to_a_dispute_that_says_which_and_whose_word_it_is(dalia):
    """REG-3: the citizen sees and can dispute each."""
    address = "/mine/cases/new/wrong_fact/?about=person.birth_date"
    assert f'href="{address}"' in dalia.get("/mine/held/").content.decode()
    page = dalia.get(address)
    pages.assert_is_whole(page)
    assert "census says so" in pages.text(page)
    filed = dalia.post(address, {"words": "I was born a year later."})
    [(code,)] = rows("SELECT code FROM cases_case WHERE id = %s", id_of(filed["Location"]))
    said = _case(code).steps[0].said
    assert said.words == "I was born a year later."
    assert said.answers == {"disputed_field": "person.birth_date", "disputed_source": "census"}


@pytest.mark.parametrize("about", ["person.refuge", "person.nothing", "item:plot.tenure", "", "x"])
def test_what_is_no_fact_of_theirs_cannot_be_disputed(dalia, about):
    pages.assert_refused(dalia.get(f"/mine/cases/new/wrong_fact/?about={about}"), 404)
