"""The page of who is left out: counts by programme and area, what a reader of figures may see of them, and the list."""

import re
from datetime import date
from html import unescape

import pytest

from amparo.kernel import clock
from amparo.programmes import models
from amparo.programmes.actions import count_excluded, count_gaps
from amparo.programmes.untelling import note_coverage
from amparo.registry.actions import install_boundaries
from amparo.trust.types import system
from tests.lib import country, pages, paying
from tests.lib.country import GROUND
from tests.unit.programmes.country import MATERNITY, installed
from tests.unit.programmes.enrolling import homes, programme
from tests.views.conftest import signed_in

PAGE, LIST = "/gaps/", "/gaps/list/"
OPERATOR = system("test")


def count(alarm_percent: int | None = None) -> None:
    count_gaps(by=OPERATOR, under=GROUND, on=clock.today())
    count_excluded(by=OPERATOR, under=GROUND, on=clock.today(), alarm_percent=alarm_percent)


def square(x: int, y: int) -> dict:
    return {"type": "Polygon", "coordinates": [[[x, y], [x, y + 1], [x + 1, y + 1], [x + 1, y], [x, y]]]}


@pytest.fixture(scope="module")
def world(database) -> None:
    outlines = {"north": square(0, 1), "south": square(0, 0), "n1": square(0, 1), "n2": square(1, 1)}
    install_boundaries(outlines | {"s1": square(0, 0), "s2": square(1, 0)}, by=OPERATOR)
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


def drawn(page: str) -> dict[str, tuple[str, str]]:
    """Return what each area of the map is filled with, what is said of it, and where it leads, by its name."""
    shapes = re.findall(r'<a href="([^"]*)"[^>]*><path([^>]*)>', page)
    told = [(dict(re.findall(r'([\w-]+)="([^"]*)"', shape)), unescape(address)) for address, shape in shapes]
    return {each["aria-label"].partition(":")[0]: (each["fill"], each["aria-label"], to) for each, to in told}


HATCHED, DOTTED = "url(#map-hatch)", "url(#map-dots)"


def test_the_map_shows_what_the_table_beside_tells_and_leads_down_as_it_does(world, omid):
    page = omid.get(PAGE)
    found = drawn(page.content.decode())
    assert {name: words for name, (_, words, _) in found.items()} == {
        "North": "North: 100.0% do not receive it, 6 of 6",
        "South": "South: 100.0% do not receive it, 7 of 7",
    }
    words = pages.text(page)
    assert "North 6 6 100%" in words
    assert "South 7 7 100%" in words
    assert page.content.decode().count(found["North"][2].replace("&", "&amp;")) >= 2  # of the map, and of the table
    assert "Northwell 6 6 100%" in pages.text(omid.get(found["North"][2]))


def test_where_nobody_is_granted_the_map_says_so_and_draws_no_zero(world, amina):
    """Nobody there is known to be entitled: of nobody no share can be told, and none of none is not 0 %."""
    page = amina.get(PAGE, {"area": "north"})
    fill, words, _ = drawn(page.content.decode())["Northford"]
    assert (fill, words) == (HATCHED, "Northford: nobody is granted it, as far as is known")
    assert "Northford 0 0 –" in pages.text(page)
    assert DOTTED not in page.content.decode()


def test_what_the_table_withholds_is_drawn_as_withheld_and_not_as_zero(world, emre):
    """Four homes of the south receive it: so few are known to each other, and the north would tell them, taken from the land."""
    latest = models.Coverage.objects.using("bulk").filter(kind="gaps").latest("counted_at")
    assert models.Gap.objects.using("bulk").filter(coverage=latest, area_number=paying.number_of("s1")).update(missed=3)
    models.Untold.objects.using("bulk").filter(about_id=latest.id).delete()
    note_coverage(latest)
    page = emre.get(PAGE)
    found = drawn(page.content.decode())
    assert {name: (fill, words) for name, (fill, words, _) in found.items()} == {
        name: (DOTTED, f"{name}: not told, so few that they might be known") for name in ("North", "South")
    }
    assert "North 6 – –" in pages.text(page)
    assert "South 7 – –" in pages.text(page)
    assert "Not told: so few" in pages.text(page)
    drawing = page.content.decode().partition("<figure")[2].partition("</figure>")[0]
    assert "%" not in drawing  # no class of the scale says between what the shares lie
    count(alarm_percent=10)


def test_a_programme_that_is_not_counted_is_none_to_draw(world, amina):
    pages.assert_refused(amina.get(PAGE, {"programme": "nothing"}), 404)
    assert "Maternity" in amina.get(PAGE, {"programme": "maternity"}).content.decode().title()


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
