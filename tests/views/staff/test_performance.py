"""The page of how local offices do: an index by area and month with its numbers, what a reader may see of it, and the file."""

from dataclasses import replace

import pytest

from amparo.kernel import clock
from amparo.programmes import models
from amparo.programmes.actions import install, install_indices, measure
from amparo.trust.types import system
from tests.lib import pages
from tests.lib.country import GROUND
from tests.unit.programmes.conditions import decided
from tests.unit.programmes.country import GRANT, LINE
from tests.unit.programmes.enrolling import programme
from tests.unit.programmes.test_performance import ALONE, LEAST, rooms
from tests.views.conftest import signed_in

PAGE, FILE = "/performance/", "/performance/export/"


@pytest.fixture(scope="module")
def world(database) -> None:
    install([programme()], [LINE, GRANT, LEAST], by=system("test"))
    install_indices([ALONE], by=system("test"))
    rooms("n1", *[3] * 6, *[1] * 5)
    rooms("n2", 3, 1)
    decided()
    measure(by=system("test"), under=GROUND, on=clock.today())


def month() -> str:
    return f"{clock.today():%Y-%m}"


def test_they_work_without_javascript(world, amina):
    pages.assert_is_whole(amina.get(PAGE))


def test_nobody_is_sent_to_sign_in(world, nobody):
    pages.assert_leads_to_sign_in(nobody, PAGE)
    pages.assert_leads_to_sign_in(nobody, FILE)


def test_an_officer_sees_the_index_of_their_area_with_its_numbers(world, amina):
    words = pages.text(amina.get(PAGE, {"area": "north"}))
    assert "North 0.5385 7 of 13 0.5385 Yes" in words
    assert "Northwell 0.5455 6 of 11 0.5455 Yes" in words
    assert "Northford 0.5000 1 of 2 0.5000 Yes" in words


def test_another_area_does_not_exist(world, chen):
    pages.assert_refused(chen.get(PAGE, {"area": "north"}), 404)
    pages.assert_refused(chen.get(FILE, {"area": "north"}), 404)


def test_where_nobody_lives_a_dash_stands_and_no_zero(world, chen):
    assert "Southwell – – –" in pages.text(chen.get(PAGE))


def test_whoever_may_not_see_rows_is_told_nothing_of_so_few_nor_what_would_give_it_away(world, emre):
    """The region less the one village would be the other, of which two homes are counted."""
    words = pages.text(emre.get(PAGE, {"area": "north"}))
    assert "North 0.5385 7 of 13" in words
    assert "Northwell – – –" in words
    assert "Northford – – –" in words
    lines = emre.get(FILE, {"area": "north"}).content.decode().splitlines()
    assert [each for each in lines if each[:3] in ("n1,", "n2,")] == [
        f"{code},{month()},,,,,," for code in ("n1", "n2")
    ]
    assert "0.5455" not in pages.text(emre.get(PAGE, {"area": "n1"}))


def test_the_file_says_the_same_in_plain_numbers(world, amina):
    answer = amina.get(FILE, {"area": "n1"})
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    heading, line = answer.content.decode().lstrip("\ufeff").splitlines()
    assert heading == "area,month,asked_met,asked_of,asked_unknown,asked_rate,work,pays"
    assert line == f"n1,{month()},6,11,0,0.545455,0.545455,yes"


def test_it_says_how_it_is_reckoned(world, amina):
    words = pages.text(amina.get(PAGE, {"area": "n1"}))
    assert "area.work &gt;= param.least" in words
    assert "Month by month" in words


def test_whoever_runs_a_programme_is_told_nothing_of_offices(world, database):
    words = pages.text(signed_in("omid").get(PAGE))
    assert "by those who answer for an area" in words
    assert "6 of 11" not in words


def test_what_does_not_exist_is_refused(world, amina):
    pages.assert_refused(amina.get(PAGE, {"index": "nothing"}), 404)
    pages.assert_refused(amina.get(PAGE, {"month": "May"}), 400)
    assert "Nobody has measured the index yet" in pages.text(amina.get(PAGE, {"month": "2020-01"}))
    assert len(amina.get(FILE, {"month": "2020-01"}).content.decode().splitlines()) == 1


def test_it_speaks_arabic(world, amina):
    amina.get("/language/ar/")
    assert "أداء المكاتب المحلية" in amina.get(PAGE).content.decode()


def test_what_was_measured_before_it_was_weighed_is_told_to_nobody_who_sees_no_rows(fresh_database):
    install([programme()], [LINE, GRANT, LEAST], by=system("test"))
    install_indices([ALONE], by=system("test"))
    rooms("n1", *[3] * 6, *[1] * 5)
    decided()
    measure(by=system("test"), under=GROUND, on=clock.today())
    assert "6 of 11" in pages.text(signed_in("emre").get(PAGE, {"area": "north"}))
    models.Measurement.objects.using("bulk").update(is_weighed=False)
    assert "6 of 11" not in pages.text(signed_in("emre").get(PAGE, {"area": "north"}))
    assert "6 of 11" in pages.text(signed_in("amina").get(PAGE, {"area": "north"}))


def test_a_country_without_an_index_says_so(fresh_database):
    words = pages.text(signed_in("amina").get(PAGE))
    assert "This country measures no index" in words


def test_an_index_that_was_withdrawn_is_shown_no_more(fresh_database):
    install([programme()], [LINE, GRANT, LEAST], by=system("test"))
    install_indices([ALONE, replace(ALONE, code="other")], by=system("test"))
    install_indices([ALONE], by=system("test"))
    pages.assert_refused(signed_in("amina").get(PAGE, {"index": "other"}), 404)
