"""The page of a person's consents: receipts, a new one, one taken back, and apart from them what rests on law (C4)."""

import pytest
from django.db import connections

from tests.lib import agreeing, pages
from tests.lib.agreeing import in_force

HANDED_OVER = ("Date of birth (the value itself)", "Rooms in all (the value itself)")


@pytest.fixture(scope="module")
def agreed(database):
    agreeing.install()
    in_force("by_law")
    in_force("of_the_south", areas=("south",))
    return in_force("discount", needs_consent=True, consumer="water", legal_basis="Water Act, section 9")


@pytest.fixture
def address(northern_home) -> str:
    with connections["bulk"].cursor() as cursor:
        cursor.execute(
            "SELECT f.person_id FROM registry_fact_person f JOIN registry_membership m USING (person_id)"
            " WHERE m.household_id = %s AND f.given_name = 'Yara'",
            [northern_home],
        )
        (person,) = cursor.fetchone()
    return f"/households/{northern_home}/people/{person}/consents/"


def given(browser, address: str, agreed, **changes):
    return browser.post(address, {"agreement": str(agreed), "kind": "spoken", "until": ""} | changes)


def test_it_works_without_javascript_and_is_reached_from_the_person(amina, agreed, address):
    pages.assert_is_whole(amina.get(address))
    person = amina.get(address.removesuffix("consents/")).content.decode()
    assert f'href="{address}"' in person


def test_what_rests_on_law_is_told_apart_and_only_where_the_person_lives(amina, agreed, address):
    words = pages.text(amina.get(address))
    law = words.index("What goes out by law, without asking")
    assert words.index("Pensions Act, section 4") > law
    assert words.count("Pensions Act, section 4") == 1  # the agreement of the south is not among them
    assert "Water Act, section 9" not in words


def test_the_words_that_are_read_out_say_what_is_handed_over_and_in_what_form(amina, agreed, address):
    """C4: who does not know what they say yes to has not said yes."""
    words = pages.text(amina.get(address))
    said = words[words.index("I agree that Ministry") : words.index("I can take this back")]
    assert all(each in said for each in HANDED_OVER), said
    law = words[words.index("What goes out by law, without asking") :]
    assert all(each in law for each in HANDED_OVER), law


def test_a_consent_is_taken_down_with_the_words_that_were_read_out_and_taken_back(amina, agreed, address):
    words = "I agree that Ministry of Social Protection hands over to Water Board"
    assert words in pages.text(amina.get(address))
    assert given(amina, address, agreed).status_code == 302
    page = amina.get(address)
    pages.assert_is_whole(page)
    told = pages.text(page)
    assert words in told
    assert "stands" in told
    assert "Version 1, English" in told
    assert "They said yes" not in told  # nothing more to ask
    back = next(
        held["action"]
        for tag, held in pages.elements(page).elements
        if tag == "form" and "withdraw" in (held.get("action") or "")
    )
    assert amina.get(back).status_code == 405
    assert amina.post(back).status_code == 302
    assert "taken back" in pages.text(amina.get(address))
    pages.assert_refused(amina.post(back), 400)


def test_what_is_missing_is_asked_for_again(amina, agreed, address):
    pages.assert_asked_again(given(amina, address, agreed, kind=""), "id_kind")
    pages.assert_asked_again(given(amina, address, agreed, until="2020-01-01"), "id_until")


def test_nobody_is_asked_to_consent_to_what_does_not_reach_them(amina, agreed, address):
    south = in_force("south_on_consent", needs_consent=True, areas=("south",))
    pages.assert_refused(given(amina, address, south), 404)


def test_a_supervisor_reads_and_takes_nothing_down(bruno, agreed, address):
    page = bruno.get(address)
    pages.assert_is_whole(page)
    assert "They said yes" not in pages.text(page)
    pages.assert_refused(given(bruno, address, agreed), 403)


def test_another_area_looks_as_if_nobody_were_there(chen, agreed, address):
    pages.assert_refused(chen.get(address), 404)
    pages.assert_refused(given(chen, address, agreed), 404)


def test_who_handles_agreements_reads_nobodys_consents(lina, emre, agreed, address):
    pages.assert_refused(lina.get(address), 403)
    pages.assert_refused(emre.get(address), 403)


def test_nobody_is_sent_to_sign_in(nobody, address):
    pages.assert_leads_to_sign_in(nobody, address)
