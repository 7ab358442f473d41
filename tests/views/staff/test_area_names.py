"""Areas and mappings are called what they are called in the reader's language (NFR: words in the profile's languages)."""

from types import SimpleNamespace

import pytest

from amparo.trust.queries import area
from amparo.web import area_names
from tests.lib import pages
from tests.views.conftest import signed_in


@pytest.fixture
def arabic(velmora):
    browser = signed_in("bruno")
    browser.cookies["amparo_language"] = "ar"
    return browser


def test_a_reader_meets_the_names_of_their_language(arabic):
    page = arabic.get("/find/VM01/").content.decode()
    arabic.post("/purpose/", {"purpose": "eligibility", "next": "/find/VM01/"})
    page = arabic.get("/find/VM01/").content.decode()
    assert "<bdi>سيلورهل</bdi>" in page
    assert "Selurhel" not in page


def test_in_the_first_language_names_are_its_own(velmora):
    browser = signed_in("bruno")
    assert "The situation in Velmora" in pages.text(browser.get("/"))


def test_a_name_that_is_missing_stands_in_the_first_language_and_says_so(velmora):
    place = SimpleNamespace(name="Selurhel & Co", names={})
    assert area_names.marked(place, "ar") == '<bdi lang="en">Selurhel &amp; Co</bdi>'
    assert area_names.attributes(place, "ar") == ' lang="en" dir="ltr"'
    assert area_names.plain(place, "ar") == "Selurhel & Co"


def test_the_installed_area_has_every_name(velmora):
    assert area("VM02").names == {"ar": "بالاتا"}


def test_a_mapping_is_chosen_by_its_words(velmora):
    browser = signed_in("ines")
    assert "Household census: files of households and of persons" in pages.text(browser.get("/deliveries/new/"))
    browser.cookies["amparo_language"] = "ar"
    assert "تعداد الأسر المعيشية" in pages.text(browser.get("/deliveries/new/"))
