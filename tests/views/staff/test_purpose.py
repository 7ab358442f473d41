"""The page on which one says what personal data is needed for."""

from datetime import date

import pytest

from amparo.trust.actions import grant_role, install_purposes, open_account
from amparo.trust.types import READS, PurposeConfig, Role, system
from tests.lib import country, pages
from tests.views.conftest import signed_in


@pytest.fixture(autouse=True)
def two_purposes(database):
    """A country with a choice to make."""
    registration = PurposeConfig("registration", "Registration Act, section 1", tuple(READS))
    statistics = PurposeConfig("statistics", "Statistics Act, section 5", (Role.OFFICER,))
    install_purposes([registration, statistics], by=system("test"))


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


def test_a_purpose_is_offered_only_to_the_roles_that_the_country_names(amina, bruno):
    assert "statistics" in pages.text(amina.get("/purpose/"))
    assert "statistics" not in pages.text(bruno.get("/purpose/"))
    assert bruno.post("/purpose/", {"purpose": "statistics"}).status_code == 400
    assert bruno.get("/find/").status_code == 200  # the only one that is left to him needs no choice


def test_a_purpose_chosen_before_the_role_lost_it_holds_no_longer(amina):
    amina.post("/purpose/", {"purpose": "statistics", "next": "/find/"})
    install_purposes([PurposeConfig("statistics", "Statistics Act, section 5")], by=system("test"))
    pages.assert_refused(amina.get(amina.get("/find/")["Location"]), 403)


def test_who_may_read_for_no_purpose_reads_nobody(amina, northern_home):
    install_purposes(
        [PurposeConfig("registration", "Registration Act, section 1", (Role.SUPERVISOR,))], by=system("test")
    )
    for address in ("/find/", f"/households/{northern_home}/"):
        assert amina.get(address)["Location"].startswith("/purpose/")
    pages.assert_refused(amina.get("/purpose/"), 403)


def test_a_role_that_may_not_read_for_a_purpose_lends_its_areas_to_none_that_may(database, northern_home):
    """Petra is an officer in the south and supervises the north: for statistics, only the first counts."""
    account = open_account("petra", country.PASSWORD, display_name="Petra", by=system("test"))
    grant_role(account.id, Role.OFFICER, area_code="south", by=system("test"), on=date(2020, 1, 1))
    grant_role(account.id, Role.SUPERVISOR, area_code="north", by=system("test"), on=date(2020, 1, 1))
    petra = signed_in("petra")
    petra.post("/purpose/", {"purpose": "registration"})
    assert petra.get(f"/households/{northern_home}/").status_code == 200
    petra.post("/purpose/", {"purpose": "statistics"})
    assert petra.get(f"/households/{northern_home}/").status_code == 404
