"""The page on which one says what personal data is needed for."""

import pytest

from amparo.trust.actions import install_purposes
from amparo.trust.types import PurposeConfig, system
from tests.lib import pages


@pytest.fixture(autouse=True)
def two_purposes(database):
    """A country with a choice to make."""
    install_purposes([PurposeConfig("statistics", "Statistics Act, section 5")], by=system("test"))


def test_it_works_without_javascript(amina):
    pages.assert_is_whole(amina.get("/purpose/"))


def test_it_is_asked_before_the_first_record(amina):
    assert amina.get("/find/")["Location"] == "/purpose/?next=%2Ffind%2F"


def test_what_is_chosen_holds_for_the_session_and_is_shown(amina):
    response = amina.post("/purpose/", {"purpose": "statistics", "next": "/find/"})
    assert response["Location"] == "/find/"
    assert "statistics" in pages.text(amina.get("/find/"))


def test_it_leads_to_no_other_site(amina):
    response = amina.post("/purpose/", {"purpose": "statistics", "next": "https://elsewhere.example/"})
    assert response["Location"] == "/"


def test_a_purpose_the_law_does_not_name_is_refused(amina):
    response = amina.post("/purpose/", {"purpose": "curiosity"})
    pages.assert_refused(response, 400)
    assert "Choose what you need personal data for" in pages.text(response)


def test_nobody_is_sent_to_sign_in(nobody):
    pages.assert_leads_to_sign_in(nobody, "/purpose/")


def test_who_reads_nobody_has_nothing_to_choose(emre):
    pages.assert_refused(emre.get("/purpose/"), 403)
