"""The first page and the pages of areas: figures, a map, and the way down."""

import pytest

from amparo.registry.actions import install_boundaries
from amparo.trust.types import system
from tests.lib import country, pages
from tests.unit.programmes import country as programmes


def square(x: int, y: int) -> dict:
    ring = [[x, y], [x, y + 1], [x + 1, y + 1], [x + 1, y], [x, y]]
    return {"type": "Polygon", "coordinates": [ring]}


@pytest.fixture(scope="module", autouse=True)
def decided_country(database):
    """Two homes in the north, one granted; one in the south that cannot be decided for want of its income."""
    install_boundaries(
        {"north": square(0, 1), "south": square(0, 0), "n1": square(0, 1), "n2": square(1, 1)}, by=system("test")
    )
    country.household("n1", {"sex": "female"}, income=5_000)
    country.household("n1", {"sex": "female"}, income=50_000)
    country.household("s1", {"sex": "female"})
    programmes.installed()
    programmes.run()


@pytest.mark.parametrize("address", ["/", "/areas/north/", "/areas/n1/", "/areas/north/?programme=pension"])
def test_they_work_without_javascript(bruno, address):
    pages.assert_is_whole(bruno.get(address))


@pytest.mark.parametrize("address", ["/", "/areas/north/"])
def test_nobody_is_sent_to_sign_in(nobody, address):
    pages.assert_leads_to_sign_in(nobody, address)


def test_the_first_page_is_that_of_ones_own_area(amina, bruno):
    assert "The situation in North" in pages.text(amina.get("/"))
    assert "The situation in Land" in pages.text(bruno.get("/"))


def test_figures_count_the_area_and_what_lies_below(bruno):
    words = pages.text(bruno.get("/areas/north/"))
    assert "households registered 2" in words
    assert "granted in the programme below 1" in words


def test_where_nobody_was_decided_about_no_count_of_nobody_is_shown(bruno):
    words = pages.text(bruno.get("/areas/n2/"))
    assert "Nobody here was decided about" in words
    assert "Not granted 0" not in words
    assert "granted in the programme below" not in words


def test_the_map_hatches_where_nothing_could_be_decided(bruno):
    page = bruno.get("/").content.decode()
    assert 'aria-label="South: nothing is known yet"' in page
    assert 'aria-label="North: 50.0% granted, 1 of 2"' in page


def test_the_map_and_the_table_lead_down(bruno):
    page = bruno.get("/").content.decode()
    assert page.count('href="/areas/north/?programme=') == 2


def test_what_the_map_shows_stands_in_a_table_too(bruno):
    assert "North 50.0% 1 1 0" in pages.text(bruno.get("/"))


def test_an_auditor_sees_figures_and_no_way_to_people(emre):
    response = emre.get("/areas/north/")
    pages.assert_is_whole(response)
    assert "/find/" not in response.content.decode()


def test_the_officer_of_another_area_sees_nothing_of_it(chen):
    pages.assert_refused(chen.get("/areas/north/"), 404)
    assert "North" not in pages.text(chen.get("/"))


def test_who_holds_no_role_is_refused(database):
    from django.test import Client

    from amparo.trust.actions import open_account

    browser = Client()
    browser.force_login(open_account("guest", "a long password", display_name="Guest", by=system("test")))
    pages.assert_refused(browser.get("/"), 403)


@pytest.mark.parametrize("address", ["/areas/atlantis/", "/areas/north/?programme=shoes", "/areas/%00/"])
def test_what_is_not_there_is_told_in_words(bruno, address):
    pages.assert_refused(bruno.get(address), 404)


def test_what_waits_for_a_reader_does_not_change_what_was_decided_for_others(lina):
    """Both were once called the same in the template."""
    text = pages.text(lina.get("/"))
    assert "Waiting for you" in text
    assert "Waiting list" not in text
