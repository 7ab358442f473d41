"""The pages of runs: planning, previewing, approving by somebody else, starting and stopping."""

import re
from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
from django.test import Client

from amparo.kernel import clock
from amparo.programmes import models
from amparo.programmes.procedure import Procedure
from amparo.programmes.tasks import execute_run, preview_run
from amparo.trust.actions import grant_role, open_account
from amparo.trust.types import Role
from tests.lib import country, pages
from tests.unit.programmes.country import OPERATOR, POOR_HOME, installed
from tests.views.conftest import signed_in

STRICT = replace(POOR_HOME, procedure=Procedure(law="law", needs_approval=True))


@pytest.fixture(scope="module")
def world(database) -> None:
    # Before there are programmes, so that the run is the first to decide about it.
    country.household("n1", {"birth_date": date(1990, 1, 1)}, income=5_000, on=clock.today())
    installed(STRICT)
    account = open_account("farid", country.PASSWORD, display_name="Farid", by=OPERATOR)
    grant_role(account.id, Role.REGISTRY_MANAGER, area_code=None, by=OPERATOR, on=date(2020, 1, 1))


@pytest.fixture
def farid(world) -> Client:
    """A second registry manager."""
    return signed_in("farid")


def sent(browser: Client, **asked):
    return browser.post(
        "/runs/new/", {"on": clock.today().isoformat(), "programmes": ["poor_home"], "is_full": "on"} | asked
    )


@pytest.fixture
def planned(ines, world) -> str:
    """The address of a run that Ines planned and the worker previewed."""
    response = sent(ines)
    assert response.status_code == 302
    preview_run(response["Location"].split("/")[2])
    return response["Location"]


def worked(address: str) -> None:
    execute_run(address.split("/")[2])


def test_they_work_without_javascript(ines, planned):
    for address in ("/runs/", "/runs/new/", planned):
        pages.assert_is_whole(ines.get(address))


def test_nobody_is_sent_to_sign_in(nobody, planned):
    for address in ("/runs/", "/runs/new/", planned, f"{planned}progress/"):
        pages.assert_leads_to_sign_in(nobody, address)


def test_an_officer_sees_runs_and_may_not_plan_start_or_approve(amina, planned):
    pages.assert_is_whole(amina.get(planned))
    assert "Write the decisions" not in pages.text(amina.get(planned))
    for act in ("approve", "start", "stop"):
        pages.assert_refused(amina.post(f"{planned}{act}/"), 403)
    pages.assert_refused(sent(amina), 403)


def test_a_run_that_was_just_planned_is_being_counted(ines, world):
    installed(POOR_HOME)  # which asks for nobody's approval, so that only the count is waited for
    response = sent(ines)
    page = ines.get(response["Location"])
    pages.assert_is_whole(page)
    assert "being counted" in pages.text(page)
    assert "Write the decisions" not in pages.text(page)
    pages.assert_refused(ines.post(f"{response['Location']}start/"), 400)
    assert '<noscript><meta http-equiv="refresh"' in page.content.decode()
    part = ines.get(f"{response['Location']}progress/", headers={"HX-Request": "true"})
    assert b"<html" not in part.content
    preview_run(response["Location"].split("/")[2])
    assert "Write the decisions" in pages.text(ines.get(response["Location"]))
    installed(STRICT)


def test_a_plan_without_a_day_or_a_programme_is_told_in_words(ines, world):
    for wrong in ({"on": ""}, {"programmes": []}, {"programmes": ["unheard_of"]}):
        response = sent(ines, **wrong)
        assert response.status_code == 400
        pages.assert_says_where_one_is(response)
        assert "There is a problem" in pages.text(response)
    pages.assert_refused(ines.get(f"/runs/{uuid4()}/"), 404)
    response = sent(ines, on="1999-01-01")
    assert (response.status_code, "There is no programme" in pages.text(response)) == (400, True)


def test_the_form_has_chosen_the_programmes_that_a_rule_holds_for_today(ines, world):
    later = replace(STRICT.versions[0], starts_on=date(2099, 1, 1))
    installed(STRICT, replace(STRICT, code="later", versions=(later,)))
    boxes = re.findall(r'value="(poor_home|later)"( checked)?', ines.get("/runs/new/").content.decode())
    assert dict(boxes) == {"poor_home": " checked", "later": ""}
    installed(STRICT)


def test_a_preview_shows_who_gains_by_area_and_the_sums(ines, planned):
    words = pages.text(ines.get(planned))
    assert "Newly granted" in words
    assert "Northwell" not in words  # only the area and those directly below it
    assert "North" in words
    assert "€0.00 before, €20.00 after" in words
    assert "Northwell" in pages.text(ines.get(f"{planned}?area=north"))
    pages.assert_refused(signed_in("amina").get(f"{planned}?area=south"), 404)


def test_the_planner_does_not_approve_and_a_second_person_does(ines, farid, planned):
    assert "Approve this run" not in pages.text(ines.get(planned))
    pages.assert_refused(ines.post(f"{planned}start/"), 400)
    pages.assert_refused(ines.post(f"{planned}approve/"), 400)
    assert "Approve this run" in pages.text(farid.get(planned))
    assert farid.post(f"{planned}approve/").status_code == 302
    words = pages.text(ines.get(planned))
    assert "Farid" in words
    assert "Write the decisions" in words
    assert ines.post(f"{planned}start/").status_code == 302
    worked(planned)
    words = pages.text(ines.get(planned))
    assert "Done" in words
    assert "Hash of the result" in words
    assert models.Decision.objects.using("bulk").filter(run_id=planned.split("/")[2]).count() == 1


def test_a_stopped_run_says_so_and_offers_to_go_on(ines, farid, planned):
    farid.post(f"{planned}approve/")
    rows = models.Determination.objects.using("bulk").filter(id=planned.split("/")[2])
    rows.update(state="running", progress=0.4)
    words = pages.text(ines.get(planned))
    assert "Under way" in words
    assert "Go on" in words  # for no process works on it: it was left by a killed one
    assert ines.post(f"{planned}stop/").status_code == 302
    assert "It will stop at the next step" in pages.text(ines.get(planned))
    rows.update(state="stopped", problem={"id": "programmes-run-interrupted", "values": {}})
    words = pages.text(ines.get(planned))
    assert "Go on" in words
    assert "It has written no decision" in words
