"""The page on which an officer says that somebody no longer lives in a household."""

import pytest
from django.db import connections

from amparo.kernel import clock
from tests.lib import country, pages
from tests.views.conftest import signed_in


def rows(statement: str, *values) -> list[tuple]:
    with connections["bulk"].cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


@pytest.fixture
def son(database) -> dict[str, str]:
    """Omar, who lives with Yara in the north: the home, he, and the address of the page."""
    home = country.household(
        "n1", {"given_name": "Yara", "family_name": "Haddad", "is_head": True}, {"given_name": "Omar"}
    )
    (person,) = rows("SELECT max(person_id::text) FROM registry_membership WHERE household_id = %s", home)[0]
    return {"home": str(home), "person": person, "address": f"/households/{home}/people/{person}/leave/"}


def said(browser, son: dict[str, str], **changes: str):
    return browser.post(son["address"], {"why": "left", "on": clock.today().isoformat(), "to": ""} | changes)


def lives_in(son: dict[str, str]) -> list[str]:
    found = rows("SELECT household_id FROM registry_membership WHERE person_id = %s AND ends_on IS NULL", son["person"])
    return [str(household) for (household,) in found]


def test_it_works_without_javascript_and_is_reached_from_the_person_by_who_registers(amina, bruno, son):
    pages.assert_is_whole(amina.get(son["address"]))
    link, person = f'href="{son["address"]}"', son["address"].removesuffix("leave/")
    assert link in amina.get(person).content.decode()
    assert link not in bruno.get(person).content.decode()


@pytest.mark.parametrize("why", ["left", "died"])
def test_who_left_or_died_is_no_member_any_more(amina, son, why):
    assert said(amina, son, why=why, to="7").status_code == 302  # a number is for who moved
    assert lives_in(son) == []
    assert son["person"] not in amina.get(f"/households/{son['home']}/").content.decode()


def test_who_moved_lives_in_the_home_of_that_number(amina, son):
    other = country.household("n2", {"given_name": "Dina", "is_head": True})
    [(number,)] = rows("SELECT number FROM registry_household WHERE id = %s", other)
    assert said(amina, son, why="moved", to=str(number)).status_code == 302
    assert lives_in(son) == [str(other)]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"why": ""}, "why"),
        ({"why": "vanished"}, "why"),
        ({"on": ""}, "on"),
        ({"on": "2199-01-01"}, "on"),
        ({"why": "moved"}, "to"),
        ({"why": "moved", "to": "x"}, "to"),
        ({"why": "moved", "to": "9" * 18}, "to"),
        ({"why": "moved", "to": "9" * 19}, "to"),
    ],
)
def test_what_is_missing_or_wrong_is_asked_for_again(amina, son, changes, field):
    pages.assert_asked_again(said(amina, son, **changes), f"id_{field}")
    assert lives_in(son) == [son["home"]]


def test_a_home_in_another_area_is_as_if_it_were_not_there(amina, son):
    south = country.household("s1", {"given_name": "Una", "is_head": True})
    [(number,)] = rows("SELECT number FROM registry_household WHERE id = %s", south)
    pages.assert_asked_again(said(amina, son, why="moved", to=str(number)), "id_to")


def test_a_day_before_they_came_is_refused_with_words(amina, son):
    refused = said(amina, son, on="1999-01-01")
    pages.assert_refused(refused, 400)
    assert "before this person came" in pages.text(refused)


def test_another_area_another_role_and_nobody(chen, bruno, emre, nobody, son):
    pages.assert_refused(chen.get(son["address"]), 404)
    pages.assert_refused(said(chen, son), 404)
    for browser in (bruno, emre, signed_in("omid"), signed_in("hana")):
        pages.assert_refused(browser.get(son["address"]), 403)
        pages.assert_refused(said(browser, son), 403)
    pages.assert_leads_to_sign_in(nobody, son["address"])
    assert lives_in(son) == [son["home"]]
