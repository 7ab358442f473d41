"""The switch between languages."""

from datetime import date

from tests.lib import pages
from tests.views.conftest import signed_in


def test_it_remembers_the_language_and_goes_back(nobody):
    response = nobody.get("/language/ar/?next=/account/sign-in/")
    assert response["Location"] == "/account/sign-in/"
    assert 'dir="rtl"' in nobody.get("/account/sign-in/").content.decode()


def test_it_leads_to_no_other_site(nobody):
    for address in ("https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"):
        assert nobody.get("/language/ar/", {"next": address})["Location"] == "/"


def test_a_language_nobody_offers_is_not_found(nobody):
    pages.assert_refused(nobody.get("/language/xx/"), 404)


def test_the_choice_outweighs_the_browsers_language(nobody):
    nobody.cookies["amparo_language"] = "en"
    page = nobody.get("/account/sign-in/", headers={"Accept-Language": "ar"})
    assert 'lang="en"' in page.content.decode()


def test_a_forged_cookie_is_ignored(nobody):
    nobody.cookies["amparo_language"] = "../../etc"
    assert nobody.get("/account/sign-in/").status_code == 200


def test_an_officer_of_the_demo_has_a_name_in_each_language(database):
    from amparo.trust.actions import grant_role, open_account
    from amparo.trust.types import Role, system

    account = open_account("nour", "a long password", display_name="cli-demo-ines", by=system("test"))
    grant_role(account.id, Role.REGISTRY_MANAGER, area_code=None, by=system("test"), on=date(2020, 1, 1))
    browser = signed_in("nour")
    assert "Ines, registry manager" in pages.text(browser.get("/runs/"))
    browser.cookies["amparo_language"] = "ar"
    assert "إينيس، مديرة السجل" in pages.text(browser.get("/runs/"))
