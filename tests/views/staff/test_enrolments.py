"""The pages of enrolment: who is potentially eligible, who takes part, and one enrolment with what is decided about it."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.test import Client

from amparo.kernel import clock
from amparo.programmes import models
from amparo.programmes.enrolment import EnrolledBy
from tests.lib import country, pages
from tests.unit.programmes.country import MATERNITY, installed
from tests.unit.programmes.enrolling import programme, state_of
from tests.views.conftest import signed_in

LIST = "/enrolments/"
AREAS = programme(enrolled_by=EnrolledBy.AREAS, needs_review=True)


@pytest.fixture(scope="module")
def world(database) -> None:
    installed(AREAS, MATERNITY)


@pytest.fixture
def home(world) -> UUID:
    """A poor home in the north that takes no part."""
    return country.household("n1", {"birth_date": date(1990, 1, 1)}, income=5_000, on=clock.today())


@pytest.fixture
def omid(world) -> Client:
    """Runs the programme."""
    return signed_in("omid")


def sent(browser: Client, act: str, *units: UUID, area: str = "north"):
    return browser.post(f"{LIST}enrol/", {"programme": "poor_home", "area": area, "act": act, "units": list(units)})


@pytest.fixture
def enrolled(omid, home) -> str:
    """The address of the enrolment of that home."""
    sent(omid, "selected", home)
    id = models.Enrolment.objects.using("bulk").get(unit_id=home).id
    return f"{LIST}{id}/"


def test_they_work_without_javascript(amina, enrolled):
    for state in ("eligible", "waiting", "enrolled", "suspended", "ended"):
        pages.assert_is_whole(amina.get(LIST, {"state": state}))
    pages.assert_is_whole(amina.get(enrolled))


def test_nobody_is_sent_to_sign_in(nobody, enrolled):
    pages.assert_leads_to_sign_in(nobody, LIST)
    pages.assert_leads_to_sign_in(nobody, enrolled)


def test_the_officer_of_another_area_does_not_learn_that_it_exists(chen, home, enrolled):
    pages.assert_refused(chen.get(enrolled), 404)
    pages.assert_refused(chen.post(f"{enrolled}suspend/", {"ground": "unreached"}), 404)
    pages.assert_refused(chen.get(LIST, {"area": "north"}), 404)
    pages.assert_refused(sent(chen, "everybody"), 404)


def test_an_auditor_may_not_read_them(emre, enrolled):
    pages.assert_refused(emre.get(LIST), 403)
    pages.assert_refused(emre.get(enrolled), 403)


def test_a_supervisor_looks_and_does_not_enrol(bruno, home):
    assert "Enrol the selected" not in pages.text(bruno.get(LIST, {"area": "north"}))
    pages.assert_refused(sent(bruno, "selected", home), 403)


def test_a_filter_that_does_not_exist_is_refused(omid, home):
    pages.assert_refused(omid.get(LIST, {"state": "somewhere"}), 400)
    pages.assert_refused(omid.get(LIST, {"programme": "maternity"}), 404)
    pages.assert_refused(sent(omid, "nothing", home), 400)
    pages.assert_refused(omid.post(f"{LIST}enrol/", {"act": "selected", "units": ["x"]}), 400)


def test_the_selected_are_enrolled_and_leave_the_list(omid, home):
    assert str(home) in omid.get(LIST, {"area": "n1"}).content.decode()
    response = sent(omid, "selected", home)
    assert "One unit was enrolled" in pages.text(omid.get(response["Location"]))
    assert state_of(home) == "enrolled"
    assert f'value="{home}"' not in omid.get(LIST, {"area": "n1"}).content.decode()


def test_who_selects_nobody_enrols_nobody_and_is_told(omid, home):
    response = sent(omid, "selected")
    assert "Nobody was enrolled" in pages.text(omid.get(response["Location"]))
    assert state_of(home) is None


def test_an_officer_enrols_everybody_of_an_area_where_the_programme_lets_them(amina, home):
    sent(amina, "everybody", area="n1")
    assert state_of(home) == "enrolled"
    installed(replace(AREAS, enrolment=replace(AREAS.enrolment, enrolled_by=EnrolledBy.PROGRAMME)), MATERNITY)
    assert "Enrol everybody" not in pages.text(amina.get(LIST))
    pages.assert_refused(sent(amina, "everybody"), 403)
    installed(AREAS, MATERNITY)


def test_the_selected_are_put_on_the_waiting_list(omid, home):
    sent(omid, "wait", home)
    assert state_of(home) == "waiting"


def test_a_suspension_is_noticed_confirmed_by_a_supervisor_and_said_in_words(omid, bruno, enrolled):
    assert omid.post(f"{enrolled}suspend/", {"ground": "unreached", "until": ""}).status_code == 302
    words = pages.text(omid.get(enrolled))
    assert "Notice was given on" in words
    assert "Somebody other than who gave the notice has to confirm it" in words
    pages.assert_refused(omid.post(f"{enrolled}confirm/"), 403)
    assert bruno.post(f"{enrolled}confirm/").status_code == 302
    assert "has to confirm it" not in pages.text(bruno.get(enrolled))


def test_a_notice_is_withdrawn(omid, enrolled):
    omid.post(f"{enrolled}suspend/", {"ground": "unreached", "until": ""})
    assert omid.post(f"{enrolled}withdraw/").status_code == 302
    assert "Notice was given on" not in pages.text(omid.get(enrolled))


def test_an_exit_on_a_fact_ends_it_once_confirmed_and_stands_in_the_history(omid, bruno, home, enrolled):
    assert omid.post(f"{enrolled}end/", {"reason": "own-wish", "on": clock.today().isoformat()}).status_code == 302
    assert state_of(home) == "enrolled"
    bruno.post(f"{enrolled}confirm/")
    assert state_of(home) is None
    assert "Ended" in pages.text(omid.get(enrolled))


def test_what_is_suspended_is_reinstated(omid, home, enrolled):
    models.Enrolment.objects.using("bulk").filter(unit_id=home).update(state="suspended")
    assert omid.post(f"{enrolled}reinstate/").status_code == 302
    assert state_of(home) == "enrolled"


def test_a_day_that_is_none_is_asked_for_again(omid, home, enrolled):
    pages.assert_asked_again(omid.post(f"{enrolled}end/", {"reason": "own-wish", "on": "soon"}), "id_on")
    pages.assert_asked_again(omid.post(f"{enrolled}suspend/", {"ground": "unreached", "until": "soon"}), "id_until")
    pages.assert_refused(omid.post(f"{enrolled}end/", {"reason": "dislike", "on": clock.today().isoformat()}), 400)
    yesterday = (clock.today() - timedelta(days=1)).isoformat()
    pages.assert_refused(omid.post(f"{enrolled}end/", {"reason": "abuse", "on": yesterday}), 400)
    assert state_of(home) == "enrolled"


def test_the_household_shows_what_it_takes_part_in(amina, home, enrolled):
    assert "What they take part in" in pages.text(amina.get(f"/households/{home}/"))
