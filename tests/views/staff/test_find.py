"""The page on which a household or person is found."""

import re

from django.test import Client

from tests.lib import pages


def find(browser: Client, kind: str, asked: str):
    return browser.post("/find/", {"kind": kind, "asked": asked})


def number_of(browser: Client, household) -> str:
    return re.search(r"Household (\d+)", pages.text(browser.get(f"/households/{household}/")))[1]


def test_it_works_without_javascript(amina):
    pages.assert_is_whole(amina.get("/find/"))


def test_nobody_is_sent_to_sign_in(nobody):
    pages.assert_leads_to_sign_in(nobody, "/find/")


def test_an_auditor_may_not_look_for_people(emre):
    pages.assert_refused(emre.get("/find/"), 403)


def test_it_finds_a_name_with_typos(amina, northern_home):
    response = find(amina, "name", "Yarra Hadad")
    pages.assert_is_whole(response)
    assert "Yara Haddad" in pages.text(response)
    assert f"/households/{northern_home}/people/" in response.content.decode()


def test_the_officer_of_another_area_finds_nobody(chen, northern_home):
    response = find(chen, "name", "Yara Haddad")
    assert "Haddad" not in response.content.decode().replace('value="Yara Haddad"', "")
    assert "Nobody in your areas fits" in pages.text(response)


def test_the_number_of_a_household_leads_straight_to_it(amina, northern_home):
    number = number_of(amina, northern_home)
    response = find(amina, "number", number)
    listed = response.status_code == 200 and str(northern_home) in response.content.decode()
    assert listed or response["Location"] == f"/households/{northern_home}/"


def test_the_number_of_a_household_elsewhere_finds_nobody(amina, chen, northern_home):
    number = number_of(amina, northern_home)
    assert "Nobody in your areas fits" in pages.text(find(chen, "number", number))


def test_an_identity_number_nobody_holds_finds_nobody(amina):
    assert "Nobody in your areas fits" in pages.text(find(amina, "national_id", "123 456-789 01"))


def test_what_was_asked_stays_out_of_addresses(amina, northern_home):
    assert "Yara" not in find(amina, "name", "Yara").request["QUERY_STRING"]


def test_bad_input_is_told_in_words(amina):
    for kind, asked, words in (
        ("name", "", "Enter a name or number"),
        ("name", "Y", "at least two letters"),
        ("number", "12a", "digits only"),
        ("number", "9" * 190, "0 results"),
        ("name", "x" * 300, "at most 200"),
        ("shoe_size", "42", "Choose what you know"),
    ):
        assert words in pages.text(find(amina, kind, asked)), words


def test_a_page_of_an_area_lists_its_households(amina, northern_home):
    response = amina.get("/find/n1/")
    pages.assert_is_whole(response)
    assert f"/households/{northern_home}/" in response.content.decode()


def test_a_page_of_an_area_elsewhere_lists_nobody(chen, northern_home):
    response = chen.get("/find/n1/")
    assert f"/households/{northern_home}/" not in response.content.decode()


def test_an_area_that_is_not_there_is_not_found(amina):
    pages.assert_refused(amina.get("/find/atlantis/"), 404)


def test_a_forged_page_mark_begins_at_the_beginning(amina, northern_home):
    assert amina.get("/find/n1/?after=' OR 1=1").status_code == 200
