"""Whatever goes wrong becomes a page in words, in the reader's language."""

import pytest
from django.db import connections
from django.test import Client, RequestFactory

from amparo.web import refusals
from tests.conftest import disconnect
from tests.lib import pages


def test_an_address_that_leads_nowhere(nobody):
    response = nobody.get("/nowhere/")
    pages.assert_refused(response, 404)
    assert "There is no such page" in pages.text(response)


def test_a_form_without_its_token_is_told_to_be_loaded_again(database):
    response = Client(enforce_csrf_checks=True).post("/account/sign-in/", {"login": "amina"})
    pages.assert_refused(response, 403)
    assert "too old to be sent" in pages.text(response)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_fault_of_ours_is_told_without_its_particulars(database, language):
    request = RequestFactory().get("/")
    request.language = language
    response = refusals.server_error(request)
    assert response.status_code == 500
    assert {"en": "Something went wrong on our side", "ar": "حدث خطأ من جانبنا"}[language] in pages.text(response)


def test_a_fault_of_ours_is_told_also_while_the_database_does_not_answer(amina):
    amina.raise_request_exception = False
    held = {alias: connections.databases[alias]["NAME"] for alias in connections}
    try:
        disconnect()
        for alias in held:
            connections.databases[alias]["NAME"] = "nowhere"
        response = amina.get("/")
    finally:
        disconnect()
        for alias, name in held.items():
            connections.databases[alias]["NAME"] = name
    pages.assert_refused(response, 500)
    assert "Something went wrong on our side" in pages.text(response)


def test_a_host_that_is_not_ours_is_refused(nobody):
    assert nobody.get("/account/sign-in/", headers={"host": "elsewhere.example"}).status_code == 400


def test_guessing_passwords_is_slowed_down(nobody):
    for _ in range(8):
        response = nobody.post("/account/sign-in/", {"login": "chen", "password": "wrong"}, REMOTE_ADDR="10.0.0.9")
    assert "too many attempts" in pages.text(response)
    right = nobody.post("/account/sign-in/", {"login": "chen", "password": "wrong"}, REMOTE_ADDR="10.0.0.9")
    assert right.status_code in (400, 429)


def test_what_is_refused_is_on_the_record(emre, database):
    from amparo.trust.context import acting
    from amparo.trust.queries import audit_of
    from amparo.trust.types import Event, Permission
    from tests.lib import country

    emre.get("/find/")
    by = country.cast().emre.narrowed(Permission.READ_AUDIT)
    with acting(by):
        line = next(each for each in audit_of(by) if each.event == Event.DENIED)
    assert (line.about_id, line.by_id) == ("find", by.id)
