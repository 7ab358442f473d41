"""The pages of other institutions: what each says of a household, asked when somebody asks for it, and how each stands (VIR-1, VIR-6)."""

import pytest
from django.db import connections

from tests.lib import institutions, pages
from tests.unit.sources import setting


@pytest.fixture(scope="module")
def ministry(database):
    with institutions.serving() as ministry, setting.inside_allowed():
        setting.prepare(ministry)
        yield ministry


@pytest.fixture(scope="module")
def home(ministry):
    return setting.home()


@pytest.fixture
def healthy(ministry):
    setting.knowing(ministry)
    with connections["owner"].cursor() as cursor:
        cursor.execute("DELETE FROM sources_connectionstate")
    ministry.asked.clear()
    return ministry


def test_it_says_what_will_be_asked_and_asks_nobody(healthy, home, amina):
    response = amina.get(f"/households/{home}/file/")
    pages.assert_is_whole(response)
    assert "Ask now" in pages.text(response)
    assert "tax_told" in pages.text(response)
    assert healthy.asked == []


def test_asked_it_shows_every_value_with_source_and_age_and_is_kept_by_no_browser(healthy, home, amina):
    response = amina.post(f"/households/{home}/file/")
    pages.assert_is_whole(response)
    text = pages.text(response)
    for said in (
        "Yara",
        "512.50",
        "Answered now",
        "1 other says",
        "A source that comes first is believed.",
        "institutions were asked",
    ):
        assert said in text, said
    assert "no-store" in response["Cache-Control"]
    assert "This is not all" not in text


def test_a_partial_result_is_marked_and_says_who_did_not_tell_and_why(healthy, home, amina):
    healthy.faults["tax"] = "another person"
    response = amina.post(f"/households/{home}/file/")
    pages.assert_is_whole(response)
    text = pages.text(response)
    for said in ("Warning", "This is not all", "it answered about somebody else", "Unknown"):
        assert said in text, said
    for never in ("512.50", "77.00"):
        assert never not in text


def test_in_arabic_it_says_the_same(healthy, home, amina):
    healthy.faults["tax"] = "not now"
    answer = amina.post(f"/households/{home}/file/", headers={"accept-language": "ar"}).content.decode()
    for said in ("هذا ليس كل شيء", "تعذر الوصول إليه"):
        assert said in answer


def test_only_who_is_charged_with_it_asks_and_only_in_their_areas(healthy, home, nobody, bruno, chen, emre):
    pages.assert_leads_to_sign_in(nobody, f"/households/{home}/file/")
    for browser in (bruno, emre):
        pages.assert_refused(browser.post(f"/households/{home}/file/"), 403)
    pages.assert_refused(chen.post(f"/households/{home}/file/"), 404)
    assert healthy.asked == []


def test_the_household_leads_to_it_for_who_may(healthy, home, amina, bruno):
    assert f"/households/{home}/file/" in amina.get(f"/households/{home}/").content.decode()
    assert f"/households/{home}/file/" not in bruno.get(f"/households/{home}/").content.decode()


def test_the_list_shows_whose_each_is_and_how_it_stands(healthy, home, amina, lina, nobody):
    healthy.faults["tax"] = "not now"
    amina.post(f"/households/{home}/file/")
    response = lina.get("/sources/")
    pages.assert_is_whole(response)
    text = pages.text(response)
    for said in (
        "tax office",
        "wage",
        "kept nowhere",
        "it could not be reached",
        "Last question failed",
        "Not asked yet",
    ):
        assert said in text, said
    pages.assert_leads_to_sign_in(nobody, "/sources/")
    pages.assert_refused(amina.get("/sources/"), 403)
    assert lina.post("/sources/").status_code == 405
