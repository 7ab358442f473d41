"""The pages of transitions: what may follow, the application that is filled in, and how transitions went (IBR-5)."""

from datetime import timedelta
from uuid import UUID

import pytest

from amparo.cases import models
from tests.lib import country, pages
from tests.lib.days import today
from tests.unit.cases import test_applying as applying
from tests.unit.cases.setting import rows


@pytest.fixture(scope="module")
def world(database) -> None:
    applying.prepare()


def address(case: models.Case, programme: str = "pension") -> str:
    return f"/cases/{case.id}/apply/{programme}/"


@pytest.fixture
def ahead(world) -> models.Case:
    """Somebody in the north turns 65 in eighty days."""
    return applying.turns_65(80)[0]


@pytest.fixture
def expecting(world) -> models.Case:
    """Somebody in the north of whom the sex is not known expects a child."""
    return applying.expects(country.cast())[0]


def test_a_case_says_what_changes_when_and_what_may_follow(amina, ahead):
    response = amina.get(f"/cases/{ahead.id}/")
    pages.assert_is_whole(response)
    text = pages.text(response)
    assert "What may follow" in text
    assert "Granted" in text
    assert "Not run here" in text
    assert f"/cases/{ahead.id}/apply/pension/" in response.content.decode()
    assert f"/cases/{ahead.id}/apply/elsewhere/" not in response.content.decode()


def test_the_application_is_filled_in_with_who_said_so_and_when(amina, ahead):
    response = amina.get(address(ahead))
    pages.assert_is_whole(response)
    text = pages.text(response)
    assert "What is known" in text
    assert "Send the application" in text
    assert "Answers" not in text


def test_it_is_sent_without_javascript_and_waits_for_its_day(amina, ahead):
    response = amina.post(address(ahead))
    assert (response.status_code, response["Location"]) == (302, f"/cases/{ahead.id}/")
    text = pages.text(amina.get(f"/cases/{ahead.id}/"))
    assert "Applied for, until the day" in text
    assert "Applied for the next scheme" in text
    pages.assert_refused(amina.post(address(ahead)), 400)


def test_what_is_missing_is_asked_and_what_is_answered_enrols(amina, expecting):
    response = amina.get(address(expecting, "maternity"))
    pages.assert_is_whole(response)
    assert "What is missing" in pages.text(response)
    assert 'name="person_sex_0"' in response.content.decode()
    unanswered = amina.post(address(expecting, "maternity"))
    assert unanswered["Location"] == address(expecting, "maternity")
    sent = amina.post(address(expecting, "maternity"), {"person_sex_0": "female"})
    assert sent["Location"] == f"/cases/{expecting.id}/"
    text = pages.text(amina.get(f"/cases/{expecting.id}/"))
    assert "Enrolment" in text
    assert rows("SELECT state FROM programmes_enrolment WHERE unit_id = %s", expecting.person_id) == [("enrolled",)]


def test_what_is_not_granted_says_so_and_offers_no_sending(amina, expecting):
    amina.post(address(expecting, "maternity"), {"person_sex_0": "male"})
    text = pages.text(amina.get(address(expecting, "maternity")))
    assert "does not grant it on that day" in text
    assert "Send the application" not in text


def test_a_wrong_answer_is_asked_for_again_and_nothing_is_recorded(amina, expecting):
    sent = amina.post(address(expecting, "poor_home"), {"household_income_None": "much"})
    pages.assert_asked_again(sent, "id_household_income_None")
    assert rows("SELECT income FROM registry_fact_household WHERE household_id = %s", expecting.household_id) in (
        [],
        [(None,)],
    )


def test_nobody_is_sent_to_sign_in(nobody, ahead):
    for each in (address(ahead), "/cases/transitions/"):
        pages.assert_leads_to_sign_in(nobody, each)


def test_who_works_elsewhere_or_is_charged_with_something_else_is_refused(chen, emre, ahead):
    for method in ("get", "post"):
        pages.assert_refused(getattr(chen, method)(address(ahead)), 404)
        pages.assert_refused(getattr(emre, method)(address(ahead)), 403)


def test_who_does_not_enrol_looks_and_is_told_whose_it_is(bruno, ahead):
    response = bruno.get(address(ahead))
    pages.assert_is_whole(response)
    text = pages.text(response)
    assert "decided by others" in text
    assert "Send the application" not in text
    pages.assert_refused(bruno.post(address(ahead)), 400)


@pytest.mark.parametrize("programme", ["maternity", "elsewhere", "nothing"])
def test_what_does_not_follow_is_refused(amina, ahead, programme):
    pages.assert_refused(amina.get(address(ahead, programme)), 400)


def test_an_unknown_case_is_not_there(amina, world):
    pages.assert_refused(amina.get(f"/cases/{UUID(int=1)}/apply/pension/"), 404)


def test_the_figures_are_told_of_many_and_not_of_few_nor_what_would_tell_of_them(emre, bruno, amina, world):
    for _ in range(6):
        applying.turns_65(10, "s1")
    applying.turns_65(11, "n2")
    day = f"since={today():%Y-%m-%d}&until={(today() + timedelta(days=11)).year}-12-31"
    response = emre.get(f"/cases/transitions/?{day}")
    pages.assert_is_whole(response)
    assert "By area" in pages.text(response)
    of = {area: pages.text(emre.get(f"/cases/transitions/?area={area}&{day}")) for area in ("n2", "s1")}
    assert "turns_65 fewer than 5 – – –" in of["n2"]
    assert "turns_65 – – – –" in of["s1"]  # six of the land's seven would tell of the one
    assert "turns_65 6 0 – –" in pages.text(bruno.get(f"/cases/transitions/?area=s1&{day}"))
    pages.assert_refused(amina.get("/cases/transitions/?area=s1"), 404)


def test_a_day_that_is_none_is_asked_for_again(emre, world):
    pages.assert_asked_again(emre.get("/cases/transitions/?since=1.2.2026"), "id_since")


def test_of_no_transition_it_says_so(emre, world):
    assert "No transition happened" in pages.text(emre.get("/cases/transitions/?since=2001-01-01&until=2001-12-31"))
