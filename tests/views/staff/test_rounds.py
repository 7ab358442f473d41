"""The pages of rounds: starting one for an area, following it, stopping it and letting it go on; why others may not."""

from uuid import uuid4

import pytest
from django.db import connections

from amparo.kernel import clock
from amparo.sources.actions import work_on
from amparo.sources.models import Round
from amparo.sources.tasks import pick_up_rounds
from tests.lib import country, institutions, pages
from tests.unit.sources import setting
from tests.views.conftest import signed_in


@pytest.fixture(scope="module")
def world(database):
    with institutions.serving() as ministry, setting.inside_allowed():
        setting.prepare(ministry)
        setting.connect(ministry, **{each: {"seconds": 10.0} for each in setting.OWNERS})
        setting.home("n1")
        yield ministry


@pytest.fixture
def ines(world):
    with connections["owner"].cursor() as cursor:
        cursor.execute("DELETE FROM sources_round; DELETE FROM procrastinate_jobs; DELETE FROM sources_connectionstate")
    browser = signed_in("ines")
    browser.post("/purpose/", {"purpose": "registration"})
    return browser


def started(browser, area: str = "north", *sources: str):
    return browser.post(f"/rounds/new/?area={area}", {"sources": sources or ["school"]})


def worked(address: str) -> None:
    work_on(address.split("/")[2], by=setting.BY, on=clock.today(), seconds=30)


def test_they_work_without_javascript(ines):
    for address in ("/rounds/", "/rounds/new/?area=north", started(ines)["Location"]):
        pages.assert_is_whole(ines.get(address))


def test_a_round_is_started_followed_and_done(ines):
    address = started(ines)["Location"]
    page = ines.get(address)
    assert "0 of about 2 people" in pages.text(page)
    assert 'http-equiv="refresh"' in page.content.decode()
    assert 'hx-trigger="every 2s"' in ines.get(f"{address}progress/").content.decode()
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT task_name FROM procrastinate_jobs")
        assert cursor.fetchall() == [("sources.work_on_round",)]
    worked(address)
    text = pages.text(ines.get(address))
    assert "2 of about 2 people" in text
    assert "the source told all that it was asked" in text
    assert ines.get(f"{address}progress/")["HX-Refresh"] == "true"
    assert "School" in pages.text(ines.get("/rounds/")) or "school" in pages.text(ines.get("/rounds/"))


def test_a_source_of_which_nothing_may_be_kept_is_not_offered_and_the_page_says_why(ines):
    page = ines.get("/rounds/new/?area=north")
    assert 'value="tax"' not in page.content.decode()
    assert "Nothing of what tax tells may be kept" in pages.text(page)
    refused = started(ines, "north", "tax")
    assert refused.status_code == 400
    assert not Round.objects.exists()


def test_without_a_source_nothing_is_started_and_the_summary_says_so(ines):
    page = ines.post("/rounds/new/?area=north", {})
    assert page.status_code == 400
    assert "Choose at least one source" in pages.text(page)


def test_a_round_is_stopped_and_goes_on(ines):
    address = started(ines)["Location"]
    assert ines.post(f"{address}stop/").status_code == 302
    assert "Stopped by a person" in pages.text(ines.get(address))
    worked(address)
    assert "0 of about 2 people" in pages.text(ines.get(address))
    assert ines.post(f"{address}resume/").status_code == 302
    worked(address)
    assert "Done" in pages.text(ines.get(address))
    assert ines.post(f"{address}stop/").status_code in (400, 409, 422)


def test_a_partial_round_says_so_with_its_reasons(world, ines):
    with connections["bulk"].cursor() as cursor:
        cursor.execute("UPDATE registry_household SET ended_on = '2020-01-01'; DELETE FROM registry_identifier")
    setting.home("n2")
    world.faults["school"] = "another person"
    try:
        address = started(ines, "n2")["Location"]
        worked(address)
    finally:
        world.faults.clear()
    text = pages.text(ines.get(address))
    assert "Partial" in text
    assert "stays unknown" in text
    assert "Partial" in pages.text(ines.get("/rounds/"))


def test_two_rounds_about_the_same_people_are_refused_in_words(ines):
    started(ines)
    page = started(ines, "n1")
    assert page.status_code == 400
    assert "is being asked about north already" in pages.text(page)


@pytest.mark.parametrize("name", ["amina", "bruno", "chen", "emre"])
def test_other_offices_are_refused(ines, name):
    address = started(ines)["Location"]
    browser = signed_in(name)
    for each in ("/rounds/", "/rounds/new/", address, f"{address}progress/"):
        pages.assert_refused(browser.get(each), 403)
    for each in ("stop", "resume"):
        pages.assert_refused(browser.post(f"{address}{each}/"), 403)
    assert Round.objects.get().state == "running"


def test_a_round_that_is_none_is_not_found(ines):
    pages.assert_refused(ines.get(f"/rounds/{uuid4()}/"), 404)
    pages.assert_refused(ines.get("/rounds/new/?area=nowhere"), 404)


def test_what_waited_or_was_left_by_a_worker_that_died_is_picked_up(ines):
    started(ines)
    with connections["owner"].cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    pick_up_rounds(timestamp=0)
    pick_up_rounds(timestamp=0)  # one job is enough
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT task_name, args->>'round_id' FROM procrastinate_jobs")
        assert cursor.fetchall() == [("sources.work_on_round", str(Round.objects.get().id))]


def test_a_programme_manager_asks_about_the_people_of_their_programme_alone(ines):
    """Whom their programme decided about; here nobody yet, so nobody is asked."""
    omid = signed_in("omid")
    omid.post("/purpose/", {"purpose": "registration"})
    address = started(omid, "land")["Location"]
    worked(address)
    text = pages.text(omid.get(address))
    assert "0 of about 0 people" in text
    assert country.PASSWORD not in text
