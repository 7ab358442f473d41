"""The page of the review list: side by side, with why; the same, not the same, later; each sees their own areas (ID-4)."""

from datetime import date
from uuid import UUID

import pytest
from django.test import Client

from tests.lib import pages
from tests.unit.programmes.feeding import rows, table, taken
from tests.unit.programmes.test_matches import HEAD, person, told
from tests.views.conftest import signed_in

LIST = "/matches/"


@pytest.fixture(scope="module")
def world(database, tmp_path_factory) -> dict[str, UUID]:
    """Omar in the north and Sara in the south are each told of by a system, without an identifier."""
    folder = tmp_path_factory.mktemp("feed")
    found = {"omar": person(), "sara": person("Sara", "Lindqvist", born=date(1990, 3, 4), area="s1")}
    lines = told(), told("A9", first="Sarah", last="Lindqvist", born="1990-03-04", place="s1")
    taken(table(HEAD + "".join(lines)), folder)
    return found


def pair_of(who: UUID) -> str:
    return str(rows("SELECT id FROM programmes_match WHERE person_id = %s", who)[0][0])


def say(browser: Client, who: UUID, verdict: str, state: str = "proposed"):
    return browser.post(f"{LIST}{pair_of(who)}/decide/", {"verdict": verdict, "state": state})


def test_it_is_whole_and_says_what_is_told_beside_what_is_known(world, amina):
    for state in ("", "proposed", "later", "same", "other"):
        response = amina.get(LIST, {"state": state})
        pages.assert_is_whole(response)
    text = pages.text(amina.get(LIST))
    for said in ("A2", "Omar Nasser", "100 per cent alike", "The same day", "Lives there", "Northwell"):
        assert said in text


def test_each_sees_their_own_areas(world, amina, chen):
    assert "Sara" not in pages.text(amina.get(LIST))
    text = pages.text(chen.get(LIST))
    assert "Sarah Lindqvist" in text
    assert "Omar" not in text


def test_the_nation_is_told_how_many_nobody_is_proposed_for(world, ines, tmp_path):
    taken(table(HEAD + told("A3", first="Nobody", last="Likethis")), tmp_path)
    assert "Looked for, nobody alike" in pages.text(ines.get(LIST))


def test_who_answers_for_another_area_decides_nothing(world, chen):
    pages.assert_refused(say(chen, world["omar"], "same"), 404)
    assert rows("SELECT person_id FROM programmes_beneficiary WHERE reference = 'A2'") == [(None,)]


def test_it_is_decided_without_javascript_and_put_right(world, amina):
    for verdict, state, linked in (
        ("later", "proposed", None),
        ("same", "later", world["omar"]),
        ("other", "same", None),
    ):
        response = say(amina, world["omar"], verdict, state)
        assert (response.status_code, response["Location"]) == (302, f"{LIST}?state={state}")
        assert rows("SELECT person_id FROM programmes_beneficiary WHERE reference = 'A2'") == [(linked,)]
        assert "Omar Nasser" in pages.text(amina.get(LIST, {"state": verdict}))
    assert "Last decided by Amina" in pages.text(amina.get(LIST, {"state": "other"}))


def test_the_link_shows_on_the_household_page(world, chen):
    home = rows("SELECT household_id FROM registry_membership WHERE person_id = %s", world["sara"])[0][0]
    assert "social_fund" not in pages.text(chen.get(f"/households/{home}/"))
    say(chen, world["sara"], "same")
    assert "social_fund" in pages.text(chen.get(f"/households/{home}/"))


@pytest.mark.parametrize(("verdict", "state"), [("", "proposed"), ("maybe", "proposed"), ("later", "x")])
def test_what_no_button_says_is_refused(world, amina, verdict, state):
    pages.assert_refused(say(amina, world["omar"], verdict, state), 400)


def test_a_filter_that_is_none_is_refused_and_a_mark_that_is_none_begins_at_the_beginning(world, amina):
    pages.assert_refused(amina.get(LIST, {"state": "x"}), 400)
    pages.assert_is_whole(amina.get(LIST, {"after": "x.y"}))


def test_nobody_and_whoever_is_charged_with_something_else_is_kept_out(world, nobody, emre, bruno, lina):
    pages.assert_leads_to_sign_in(nobody, LIST)
    for browser in (emre, bruno, lina, signed_in("omid")):
        pages.assert_refused(browser.get(LIST), 403)
        pages.assert_refused(say(browser, world["omar"], "same"), 403)


def test_it_is_decided_by_a_form_alone(world, amina):
    assert amina.get(f"{LIST}{pair_of(world['omar'])}/decide/").status_code == 405


def test_in_arabic_it_says_the_same(world, amina):
    answer = amina.get(LIST, {"state": "other"}, headers={"accept-language": "ar"}).content.decode()
    for said in ("من قد تقصده البرامج الأخرى", "يسكن هناك"):
        assert said in answer
