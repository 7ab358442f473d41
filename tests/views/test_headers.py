"""What a browser is told with every answer, and what no browser can be made to do: errors, static files, forged forms.

What each page of the resolver answers is held to the same headers in `test_every_route`.
"""

import re
from urllib.parse import quote
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client
from django.urls import get_resolver
from django.utils.crypto import get_random_string

from tests.lib import pages
from tests.structure import sources
from tests.views.conftest import signed_in

PLACES = {"code": "n1", "kind": "rule", "programme": "x", "category": "x", "source": "x"}
# Whoever is not signed in is refused before any form is read, and has no form to forge.
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


def addresses() -> list[str]:
    """Return one address of every route; nothing stands there."""
    return [address_of(each.pattern) for each in get_resolver("amparo.web.urls").url_patterns]


def address_of(pattern) -> str:
    of_kind = {"int": 1, "uuid": UUID(int=1)}
    return "/" + re.sub(r"<(\w+):(\w+)>", lambda part: str(of_kind.get(part[1]) or PLACES[part[2]]), str(pattern))


@pytest.fixture
def broken(database, monkeypatch) -> Client:
    """A browser that meets a fault of ours."""
    browser = signed_in("amina")
    browser.raise_request_exception = False
    monkeypatch.setattr("amparo.web.staff.account.render", None)
    return browser


def test_errors_have_the_headers_of_every_page(nobody, amina, broken):
    forged = Client(enforce_csrf_checks=True)
    for status, response in (
        (400, nobody.get("/account/sign-in/", headers={"host": "elsewhere.example"})),
        (403, forged.post("/account/sign-in/", {"login": "amina"})),
        (404, nobody.get("/nowhere/")),
        (405, amina.post("/runs/")),
        (413, nobody.post("/account/sign-in/", {"login": "x" * (3 << 20)})),
        (500, broken.get("/account/")),
        (302, nobody.get("/find/")),
        (200, nobody.get("/account/sign-in/")),
    ):
        assert (response.status_code, pages.unguarded(response)) == (status, [])


def test_whoever_guesses_passwords_is_told_so_with_the_headers_of_every_page(nobody):
    for _ in range(12):
        response = nobody.post("/account/sign-in/", {"login": "chen", "password": "x"}, REMOTE_ADDR="10.0.0.77")
    assert pages.unguarded(response) == []


def test_a_static_file_has_them_too_and_alone_stays_in_caches(nobody):
    response = nobody.get("/static/web/roof.svg")
    assert response.status_code == 200
    assert pages.unguarded(response) == ["cache"]
    assert "max-age" in response["Cache-Control"]


def test_static_files_are_listed_nowhere_and_lead_nowhere_else(nobody):
    for address in ("/static/", "/static/web/", "/static/../settings.py", "/static/%2e%2e/settings.py", "/.git/config"):
        assert nobody.get(address).status_code == 404


def test_a_nonce_is_used_once(nobody):
    policies = {nobody.get("/account/sign-in/")["Content-Security-Policy"] for _ in range(3)}
    assert len(policies) == 3


def test_over_tls_browsers_are_told_to_come_by_nothing_else(nobody, monkeypatch):
    assert "Strict-Transport-Security" not in nobody.get("/account/sign-in/")
    monkeypatch.setattr(settings, "HTTPS", True)
    for address in ("/account/sign-in/", "/nowhere/", "/static/web/roof.svg", "/find/"):
        said = nobody.get(address)["Strict-Transport-Security"]
        assert int(re.search(r"max-age=(\d+)", said)[1]) >= 365 * 24 * 60 * 60
        assert "includeSubDomains" in said


def test_no_form_is_taken_without_its_token_at_any_address(database):
    """Signed in, and with everything but the token: what a page of somebody else's could make a browser send."""
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = signed_in("bruno").cookies
    taken = [
        (address, method, response.status_code)
        for address in addresses()
        for method in UNSAFE
        if (response := browser.generic(method, address, "a=1", "application/x-www-form-urlencoded")).status_code != 403
    ]
    assert taken == []


def test_a_token_of_somebody_else_is_none(database):
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = signed_in("bruno").cookies
    browser.get("/account/")
    response = browser.post("/account/password/", {"csrfmiddlewaretoken": get_random_string(64)})
    assert response.status_code == 403


def test_methods_that_a_page_does_not_know_are_refused(bruno):
    known = {"GET", "HEAD", "POST", "OPTIONS"}
    for address in addresses():
        for method in ("PUT", "DELETE", "TRACE"):
            response = bruno.generic(method, address)
            assert response.status_code not in range(200, 300), (address, method)
            assert set(response.get("Allow", "").replace(" ", "").split(",")) <= known | {""}


def test_another_site_is_told_nothing_it_may_read(bruno):
    for address in addresses():
        response = bruno.get(address, headers={"origin": "https://elsewhere.example"})
        assert "Access-Control-Allow-Origin" not in response


def test_no_cookie_is_for_scripts_or_for_other_sites(nobody, amina):
    nobody.get("/account/sign-in/")
    amina.get("/account/")
    amina.get("/language/en/")
    for browser in (nobody, amina):
        for cookie in browser.cookies.values():
            if cookie.key != settings.SESSION_COOKIE_NAME or cookie["path"]:
                assert (cookie["httponly"], cookie["samesite"], cookie["domain"]) == (True, "Lax", ""), cookie.key
    assert {*nobody.cookies, *amina.cookies} >= {settings.CSRF_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME}


def test_a_body_is_refused_by_the_size_it_says_before_it_is_read(nobody, ines, monkeypatch):
    unread = {"CONTENT_LENGTH": str(4 << 30), "CONTENT_TYPE": "multipart/form-data; boundary=x"}
    for address in ("/account/sign-in/", "/deliveries/new/"):
        pages.assert_refused(nobody.generic("POST", address, b"", **unread), 413)
    pages.assert_refused(ines.generic("POST", "/find/", b"", **unread), 413)
    pages.assert_refused(
        ines.generic("POST", "/deliveries/new/", b"", **unread | {"CONTENT_LENGTH": str(5 << 30)}), 413
    )
    monkeypatch.setattr("amparo.web.bodies.ROOM_KEPT", 1.0)
    pages.assert_refused(ines.generic("POST", "/deliveries/new/", b"", **unread), 507)


def test_what_is_taken_along_is_saved_under_a_name_of_ours():
    """Every answer that is a file says that it is to be saved, and its name is made of codes and days."""
    files = [
        each
        for each in sources.python("amparo/web")
        if re.search(r"FileResponse|content_type=\"application/(pdf|json|toml)", sources.text(each))
    ]
    assert len(files) >= 4
    for each in files:
        assert re.search(r"(attachment|inline); filename=|as_attachment=True", sources.text(each)), each
    for kind, code, status in (("rule", "x\r\nSet-Cookie: a=b", 404), ("rule", 'x"; filename="y.exe', 404)):
        response = signed_in("bruno").get(f"/rules/{kind}/{quote(code)}/export/")
        assert (response.status_code, response.cookies.get("a")) == (status, None)
