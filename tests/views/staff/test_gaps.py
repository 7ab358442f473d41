"""The page of who is left out: counts by programme and area, what a reader of figures may see of them, and the list."""

from datetime import date

import pytest

from amparo.kernel import clock
from amparo.programmes.actions import count_excluded, count_gaps
from amparo.trust.types import system
from tests.lib import country, pages
from tests.lib.country import GROUND
from tests.unit.programmes.country import MATERNITY, installed
from tests.unit.programmes.enrolling import homes, programme
from tests.views.conftest import signed_in

PAGE, LIST = "/gaps/", "/gaps/list/"
OPERATOR = system("test")


def count(alarm_percent: int | None = None) -> None:
    count_gaps(by=OPERATOR, under=GROUND, on=clock.today())
    count_excluded(by=OPERATOR, under=GROUND, on=clock.today(), alarm_percent=alarm_percent)


@pytest.fixture(scope="module")
def world(database) -> None:
    installed(programme(), MATERNITY)
    homes(n1=(5_000,) * 6 + (10_900, None, 40_000), s1=(5_000,) * 7)
    count(alarm_percent=10)


@pytest.fixture
def omid(database):
    """Runs the programme."""
    return signed_in("omid")


def test_they_work_without_javascript(world, amina, omid):
    for reader in (amina, omid):
        pages.assert_is_whole(reader.get(PAGE))
        pages.assert_is_whole(reader.get(LIST))


def test_nobody_is_sent_to_sign_in(world, nobody):
    pages.assert_leads_to_sign_in(nobody, PAGE)
    pages.assert_leads_to_sign_in(nobody, LIST)


def test_an_officer_sees_exact_counts_of_their_area(world, amina):
    words = pages.text(amina.get(PAGE, {"area": "n1"}))
    assert "poor_home 6 6 100%" in words
    # Whose sex nobody knows may be entitled to help for the pregnant: not known, and not refused.
    assert "9 3 1 2 0 33% 33% 67%" in words


def test_another_area_does_not_exist(world, chen):
    pages.assert_refused(chen.get(PAGE, {"area": "north"}), 404)
    pages.assert_refused(chen.get(LIST, {"area": "north"}), 404)
    assert "poor_home 7 7 100%" in pages.text(chen.get(PAGE))


def test_whoever_may_not_see_rows_is_told_no_small_count(world, emre):
    words = pages.text(emre.get(PAGE, {"area": "n1"}))
    assert "Fewer than 5 are not told" in words
    assert "9 – – – – – – –" in words
    pages.assert_refused(emre.get(LIST), 403)


def test_whoever_runs_a_programme_sees_its_gap_and_not_what_others_decided(world, omid):
    words = pages.text(omid.get(PAGE))
    assert "poor_home 13 13 100%" in words
    assert "maternity" not in words
    assert "rests on what other programmes decide" in words
    assert "Near a limit" not in words


def test_the_list_has_numbers_and_no_names_and_is_read_page_by_page(world, amina):
    response = amina.get(LIST, {"programme": "poor_home", "area": "n1"})
    assert response.content.decode().count("/households/") == 6
    assert "Nobody matches" in pages.text(amina.get(LIST, {"programme": "maternity"}))


def test_a_filter_that_does_not_exist_is_refused(world, amina):
    pages.assert_refused(amina.get(LIST, {"programme": "nothing"}), 404)
    pages.assert_refused(amina.get(PAGE, {"area": "nowhere"}), 404)


def test_the_alarm_is_told_where_the_share_passes_the_level(world, amina):
    assert "more than 10 of 100 households" in pages.text(amina.get(PAGE))
    count(alarm_percent=90)
    assert "of 100 households" not in pages.text(amina.get(PAGE))


def test_it_speaks_arabic(world, amina):
    amina.get("/language/ar/")
    assert "من لا يصله شيء" in amina.get(PAGE).content.decode()


def test_before_anything_is_counted_the_page_says_so(fresh_database):
    country.household("n1", {"birth_date": date(1990, 1, 1)})
    words = pages.text(signed_in("amina").get(PAGE))
    assert "Nobody has counted the gaps yet" in words
    assert "Nobody has counted yet which households receive nothing" in words
