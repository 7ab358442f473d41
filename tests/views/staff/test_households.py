"""The pages of a household: what is known now, its people, its history."""

import re
from uuid import uuid4

import pytest

from tests.lib import country, pages


@pytest.fixture(params=["", "history/"])
def address(request, northern_home) -> str:
    return f"/households/{northern_home}/{request.param}"


@pytest.fixture
def person_address(amina, northern_home) -> str:
    page = amina.get(f"/households/{northern_home}/").content.decode()
    return re.search(r"/households/[^/]+/people/[^/]+/", page)[0]


def test_they_work_without_javascript(amina, address):
    pages.assert_is_whole(amina.get(address))


def test_nobody_is_sent_to_sign_in(nobody, address):
    pages.assert_leads_to_sign_in(nobody, address)


def test_the_officer_of_another_area_does_not_learn_that_it_exists(chen, address):
    elsewhere = chen.get(address)
    pages.assert_refused(elsewhere, 404)
    assert pages.text(elsewhere) == pages.text(chen.get(f"/households/{uuid4()}/"))


def test_an_auditor_may_not_read_a_household(emre, address):
    pages.assert_refused(emre.get(address), 403)


def test_a_fact_is_shown_with_its_source_and_day(amina, northern_home):
    words = pages.text(amina.get(f"/households/{northern_home}/"))
    assert "€125.00" in words
    assert "census, March 1, 2026" in words


def test_what_is_unknown_is_said(amina, northern_home):
    words = pages.text(amina.get(f"/households/{northern_home}/"))
    assert "not known yet" in words
    assert "Rooms" in words


def test_sources_that_disagree_are_marked(amina):
    from datetime import date

    from amparo.registry.actions import observe
    from amparo.trust.context import acting
    from amparo.trust.types import Permission

    home = country.household("n2", income=10_000)
    by = country.cast().ines.narrowed(Permission.REGISTER)
    with acting(by):
        observe(home, values={"income": 20_000}, source="tax", by=by, on=date(2026, 3, 2), under=country.GROUND)
    assert "Sources disagree" in pages.text(amina.get(f"/households/{home}/"))


def test_an_old_fact_is_marked(amina):
    from datetime import date

    home = country.household("n2", on=date(2020, 1, 1), income=10_000)
    assert "Too old to rely on" in pages.text(amina.get(f"/households/{home}/"))


def test_a_past_day_shows_what_was_known_then(amina, northern_home):
    response = amina.get(f"/households/{northern_home}/?as_of=2020-01-01")
    pages.assert_is_whole(response)
    assert "January 1, 2020" in pages.text(response)
    assert "€125.00" not in pages.text(response)


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "2999-01-01"])
def test_a_day_that_is_none_is_asked_for_again(amina, northern_home, day):
    pages.assert_asked_again(amina.get(f"/households/{northern_home}/?as_of={day}"), "id_as_of")


def test_a_person_has_a_page(amina, person_address):
    response = amina.get(person_address)
    pages.assert_is_whole(response)
    assert "Yara" in pages.text(response)


def test_a_persons_page_is_closed_to_other_areas_and_roles(nobody, chen, emre, person_address):
    pages.assert_leads_to_sign_in(nobody, person_address)
    pages.assert_refused(chen.get(person_address), 404)
    pages.assert_refused(emre.get(person_address), 403)


def test_a_person_of_another_household_is_not_found(amina, northern_home):
    pages.assert_refused(amina.get(f"/households/{northern_home}/people/{uuid4()}/"), 404)


def test_the_history_tells_who_said_what(amina, northern_home):
    words = pages.text(amina.get(f"/households/{northern_home}/history/"))
    assert "census" in words
    assert "March 1, 2026" in words


def test_the_history_tells_who_lived_there_and_since_when(amina, northern_home):
    words = pages.text(amina.get(f"/households/{northern_home}/history/"))
    assert re.search(r"Yara Haddad Since March 1, 2026", words)


def test_pages_with_personal_data_stay_out_of_caches(amina, address):
    assert amina.get(address)["Cache-Control"] == "no-store"


def test_what_a_home_receives_is_shown_with_who_told_it_to_its_own_area_alone(amina, chen, emre, tmp_path):
    from tests.unit.programmes.feeding import person, rows, taken

    whose = person("111111", area="n2")
    ((home,),) = rows("SELECT household_id FROM registry_membership WHERE person_id = %s", whose)
    told = "no,id,first,last,born,place,what,state,kind,amount,month,payment,to,since\n"
    assert "What they receive" not in pages.text(amina.get(f"/households/{home}/"))
    taken(told + "A1,111111,,,,,cash_help,A,cash,120.50,2026-03,paid,member,2025-01-01\n", tmp_path)
    response = amina.get(f"/households/{home}/")
    pages.assert_is_whole(response)
    words = pages.text(response)
    for each in (
        "What they receive",
        "cash_help",
        "social_fund",
        "Takes part",
        "Since January 1, 2025",
        "Last told of March 2026",
        "€120.50",
        "Paid",
    ):
        assert each in words
    assert "111111" not in words
    pages.assert_refused(chen.get(f"/households/{home}/"), 404)
    pages.assert_refused(emre.get(f"/households/{home}/"), 403)
