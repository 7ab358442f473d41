"""The page on which staff sign in."""

from django.test import Client

from amparo.trust.context import acting
from amparo.trust.queries import audit_of
from amparo.trust.types import Event, Permission
from tests.lib import country, pages
from tests.lib.country import PASSWORD

ADDRESS = "/account/sign-in/"


def sign_in(browser: Client, **typed):
    return browser.post(ADDRESS, {"login": "amina", "password": PASSWORD} | typed, REMOTE_ADDR="10.0.0.1")


def audit(event: Event) -> int:
    emre = country.cast().emre
    with acting(emre.narrowed(Permission.READ_AUDIT)):
        return sum(each.event == event.value for each in audit_of(emre))


def test_it_works_without_javascript(nobody):
    pages.assert_is_whole(nobody.get(ADDRESS))


def test_who_signs_in_comes_to_the_page_first_asked_for(nobody):
    response = nobody.post(f"{ADDRESS}?next=/find/", {"login": "amina", "password": PASSWORD})
    assert response.status_code == 302
    assert response["Location"] == "/find/"


def test_it_leads_to_no_other_site(nobody):
    response = nobody.post(f"{ADDRESS}?next=https://elsewhere.example/", {"login": "amina", "password": PASSWORD})
    assert response["Location"] == "/"


def test_signing_in_is_recorded(nobody):
    before = audit(Event.SIGNED_IN)
    sign_in(nobody)
    assert audit(Event.SIGNED_IN) == before + 1


def test_a_wrong_password_is_told_in_words_and_recorded(nobody):
    before = audit(Event.DENIED)
    response = sign_in(nobody, password="wrong")
    pages.assert_refused(response, 400)
    assert "do not belong together" in pages.text(response)
    assert audit(Event.DENIED) == before + 1


def test_an_unknown_name_is_told_the_same_as_a_wrong_password(nobody):
    response = sign_in(nobody, login="somebody")
    assert "do not belong together" in pages.text(response)


def test_empty_fields_are_named(nobody):
    response = sign_in(nobody, login="", password="")
    pages.assert_refused(response, 400)
    assert "Enter your user name" in pages.text(response)
    assert "Enter your password" in pages.text(response)


def test_nobody_opens_an_account_for_themselves(nobody):
    assert nobody.get("/account/signup/").status_code == 404


def test_signing_out_needs_a_button(amina):
    pages.assert_is_whole(amina.get("/account/sign-out/"))
    assert amina.get("/find/").status_code == 200


def test_who_signed_out_is_asked_to_sign_in(amina):
    amina.post("/account/sign-out/")
    pages.assert_leads_to_sign_in(amina, "/find/")


def test_it_speaks_arabic_from_right_to_left(nobody):
    page = nobody.get(ADDRESS, headers={"Accept-Language": "ar"})
    assert 'lang="ar" dir="rtl"' in page.content.decode()
    assert "تسجيل الدخول" in pages.text(page)


def test_no_page_may_load_anything_from_elsewhere(nobody):
    policy = nobody.get(ADDRESS)["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "http" not in policy
    assert "unsafe" not in policy
