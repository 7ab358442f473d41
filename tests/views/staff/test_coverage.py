"""The pages of who is covered and of two benefits at once: what a reader of figures may see of them, and the file."""

import csv
import io

import pytest

from amparo.programmes.actions import class_overlaps, count_covered, count_excluded, install_life_groups
from amparo.trust.types import system
from tests.lib import country, pages
from tests.lib.country import GROUND
from tests.lib.days import today
from tests.unit.programmes.country import installed, run
from tests.unit.programmes.enrolling import enrol_many, programme
from tests.unit.programmes.test_coverage import CHILD, GROUPS, MAN
from tests.views.conftest import signed_in

PAGE, FILE, OVERLAPS = "/coverage/", "/coverage/export/", "/overlaps/"
OPERATOR = system("test")


@pytest.fixture(scope="module")
def world(database) -> None:
    installed(programme())
    install_life_groups(GROUPS, by=OPERATOR)
    for income in (5_000,) * 6 + (90_000,) * 2:
        country.household("n1", MAN, CHILD, income=income)
    for _ in range(7):
        country.household("s1", MAN, income=90_000)
    run(today())
    enrol_many(by=country.cast().omid)
    count_covered(by=OPERATOR, under=GROUND, on=today())
    count_excluded(by=OPERATOR, under=GROUND, on=today(), alarms={"child": 10})
    class_overlaps((), by=OPERATOR, under=GROUND, on=today())


def test_they_work_without_javascript(world, amina):
    for path in (PAGE, OVERLAPS):
        pages.assert_is_whole(amina.get(path))


def test_nobody_is_sent_to_sign_in(world, nobody):
    for path in (PAGE, FILE, OVERLAPS):
        pages.assert_leads_to_sign_in(nobody, path)


def test_an_officer_sees_exact_counts_of_their_area(world, amina):
    words = pages.text(amina.get(PAGE, {"area": "n1"}))
    assert "Children 8 not stated 6 0 0 2 75% – 0 0 0 8 0%" in words
    assert "All people 16 not stated 12 0 0 4 75% – 0 0 0 16 0%" in words
    assert 'aria-labelledby="bar-child-title' in amina.get(PAGE, {"area": "n1"}).content.decode()


def test_another_area_does_not_exist_and_a_wrong_one_neither(world, chen, amina):
    for path in (PAGE, FILE, OVERLAPS):
        pages.assert_refused(chen.get(path, {"area": "north"}), 404)
        pages.assert_refused(amina.get(path, {"area": "nowhere"}), 404)
    assert "All people 7 not stated 0 0 0 7" in pages.text(chen.get(PAGE))


def test_whoever_may_not_see_rows_is_told_no_small_count_on_the_page_or_in_the_file(world, emre):
    words = pages.text(emre.get(PAGE, {"area": "n1"}))
    assert "Children 8 not stated – – –" in words
    assert "All people 16 not stated – – –" in words
    lines = list(csv.DictReader(io.StringIO(emre.get(FILE, {"area": "n1"}).content.decode())))
    child = next(each for each in lines if each["group"] == "child")
    assert (child["persons"], child["reached_none"], child["direct_none"]) == ("8", "", "")
    whole = next(each for each in lines if each["group"] == "all")
    assert whole["reached_none"] == ""


def test_the_file_holds_what_the_page_shows(world, amina):
    response = amina.get(FILE, {"area": "n1"})
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    lines = {each["group"]: each for each in csv.DictReader(io.StringIO(response.content.decode()))}
    assert (lines["child"]["reached_assistance"], lines["child"]["reached_none"]) == ("6", "2")
    assert (lines["all"]["area"], lines["all"]["persons"], lines["all"]["census"]) == ("n1", "16", "")


def test_whoever_runs_a_programme_is_told_why_they_see_none(world):
    omid = signed_in("omid")
    for path in (PAGE, OVERLAPS):
        assert "rests on what other programmes give" in pages.text(omid.get(path))
    assert omid.get(FILE).content.decode().count("\n") == 1


def test_the_matrix_has_a_programme_beside_itself(world, amina, emre):
    assert "poor_home 6" in pages.text(amina.get(OVERLAPS, {"area": "n1"}))
    assert "poor_home 6" in pages.text(emre.get(OVERLAPS, {"area": "n1"}))


def test_the_page_of_who_is_left_out_has_the_groups_and_their_alarm(world, amina):
    words = pages.text(amina.get("/gaps/", {"area": "n1"}))
    assert "Children 8 2 0 0 2 25%" in words
    assert "more than 10 of 100 people of the group" in words


def test_they_speak_arabic(world, amina):
    amina.get("/language/ar/")
    assert "من هو مشمول" in amina.get(PAGE).content.decode()
    assert "منفعتان في وقت واحد" in amina.get(OVERLAPS).content.decode()


def test_before_anything_is_counted_the_pages_say_so(fresh_database):
    amina = signed_in("amina")
    assert "Nobody has counted yet who is covered" in pages.text(amina.get(PAGE))
    assert "Nobody has counted overlaps yet" in pages.text(amina.get(OVERLAPS))
