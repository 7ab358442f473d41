"""A source is connected in the pages without code: agreement, mapping, tried by another person, live (U9)."""

import html
import re

import pytest
from django.db import connections

from amparo.registry.actions import install_dictionary, install_sources
from amparo.registry.queries import household
from amparo.sources.actions import install_connections
from amparo.trust.actions import grant_role, open_account
from amparo.trust.actions.agreeing import install_organisations
from amparo.trust.context import acting
from amparo.trust.covering import Direction, FieldTerm
from amparo.trust.types import OrganisationConfig, Permission, Role, system
from tests.lib import agreeing, country, institutions, pages
from tests.unit.sources import setting
from tests.views.conftest import signed_in

MAPPING = """
owner = "tax_office"
agreement = "tax_told"
connector = "rest"
key = "national_id"
fresh_days = 60

[rest]
address = "{address}"
echo = "/number"
as_of = "/as_of"
expects = {{ "/currency" = "EUR" }}

[[attribute]]
name = "wage"
at = "/values/wage"
caching = "observation"
days = 30
"""
CHOSEN = {"source": "tax", "agreement": "tax_told"}


@pytest.fixture(scope="module")
def ministry(database):
    """An agreement in force with the tax office, which nothing asks yet; and a colleague of Ines's."""
    with institutions.serving() as ministry, setting.inside_allowed():
        by = system("test")
        install_sources(setting.SOURCES, by=by)
        install_dictionary(setting.WORDS, by=by)
        agreeing.install()
        install_organisations([OrganisationConfig("tax_office", "Tax Office")], by=by)
        agreeing.in_force(
            "tax_told",
            provider="tax_office",
            consumer="ministry",
            direction=Direction.IN,
            fields=(FieldTerm("person", "wage"),),
            identifiers=("national_id",),
        )
        account = open_account("iris", country.PASSWORD, display_name="Iris", by=by)
        grant_role(account.id, Role.REGISTRY_MANAGER, area_code=None, by=by, on=country.DAY)
        setting.knowing(ministry)
        yield ministry


@pytest.fixture(scope="module")
def home(ministry):
    return setting.home()


@pytest.fixture
def iris(ministry):
    return signed_in("iris")


def number_of(home) -> int:
    with acting(country.cast().ines.narrowed(Permission.READ_HOUSEHOLD)) as by:
        return household(home, by=by, under=country.GROUND).number


def drafted(browser, ministry, **changes: str):
    mapping = MAPPING.format(address=ministry.address("tax"))
    for old, new in changes.items():
        mapping = mapping.replace(old, new)
    return browser.post("/sources/connect/", CHOSEN | {"mapping": mapping})


def test_the_agreement_fills_in_what_it_says(ministry, ines):
    pages.assert_is_whole(ines.get("/sources/connect/"))
    response = ines.post("/sources/connect/", CHOSEN)
    pages.assert_is_whole(response)
    text = response.content.decode()
    for said in ("owner = &quot;tax_office&quot;", "key = &quot;national_id&quot;", "name = &quot;wage&quot;"):
        assert said in text


def test_what_is_wrong_with_a_mapping_is_said_and_nothing_is_written(ministry, ines):
    for changes, said in (
        ({'"/number"': '"number"'}, "echo"),
        ({'connector = "rest"': 'connector = "soap"'}, "connector"),
        ({'name = "wage"': 'name = "insured"'}, "insured"),
        ({"fresh_days": "freshness"}, "freshness"),
        ({"[rest]": "[rest"}, "TOML"),
        ({'at = "/values/wage"': ""}, "at"),
    ):
        response = drafted(ines, ministry, **changes)
        assert response.status_code == 400, changes
        assert "This cannot be connected yet" in pages.text(response)
        assert said in pages.text(response), changes
    assert ines.get("/sources/tax/").status_code == 404


def test_it_is_drafted_tried_by_another_person_and_live(ministry, home, ines, iris, amina, lina):
    assert drafted(ines, ministry)["Location"] == "/sources/tax/"
    own = ines.get("/sources/tax/")
    pages.assert_is_whole(own)
    assert "You drafted this." in pages.text(own)
    assert "No other institution" in pages.text(amina.get(f"/households/{home}/file/"))
    for refused in (ines.post("/sources/tax/", {"number": number_of(home)}), ines.post("/sources/tax/confirm/")):
        pages.assert_refused(refused, 403)
    assert ministry.asked == []

    tried = iris.post("/sources/tax/", {"number": number_of(home)})
    pages.assert_is_whole(tried)
    assert "Of 2 people: Understood" in pages.text(tried)
    assert "512" not in pages.text(tried)
    assert len(ministry.asked) == 2
    with connections["bulk"].cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM registry_delivery d JOIN registry_source s ON s.id = d.source_id WHERE s.code = 'tax'"
        )
        assert cursor.fetchone() == (0,)

    assert "waits for another person" in pages.text(lina.get("/sources/"))
    assert iris.post("/sources/tax/confirm/")["Location"] == "/sources/"
    assert "Connected in the pages" in pages.text(lina.get("/sources/"))
    assert "512.50" in pages.text(amina.post(f"/households/{home}/file/"))
    assert "512.50" in pages.text(amina.get(f"/households/{home}/people/{setting.members(home)[0]}/"))
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT event FROM trust_audit WHERE event LIKE 'connection-%' ORDER BY at")
        assert [each for (each,) in cursor.fetchall()] == ["connection-drafted", "connection-confirmed"]


def test_trying_says_what_was_not_understood(ministry, home, ines, iris):
    drafted(ines, ministry, **{'"/values/wage"': '"/values/pay"'})
    text = pages.text(iris.post("/sources/tax/", {"number": number_of(home)}))
    assert "it does not answer as was agreed" in text
    assert "Understood" not in text
    wrong = iris.post("/sources/tax/", {"number": "first"})
    assert wrong.status_code == 400
    pages.assert_refused(iris.post("/sources/tax/", {"number": 999_999}), 404)


def test_one_person_takes_it_out(ministry, home, ines, amina):
    drafted(ines, ministry)
    assert ines.post("/sources/tax/end/")["Location"] == "/sources/"
    pages.assert_refused(ines.post("/sources/tax/end/"), 404)
    assert "No other institution" in pages.text(amina.get(f"/households/{home}/file/"))
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT count(*) > 0 FROM trust_audit WHERE event = %s", ["connection-ended"])
        assert cursor.fetchone() == (True,)


def test_what_it_fills_in_lacks_nothing_but_where_to_ask(ministry, ines):
    """Also of an institution whose code could be the name of no file."""
    shown = ines.post("/sources/connect/", CHOSEN).content.decode()
    begun = html.unescape(re.search(r"<textarea[^>]*>\s*(.*?)</textarea>", shown, re.DOTALL)[1])
    whole = begun.replace("https://…", "https://tax.example")
    assert ines.post("/sources/connect/", CHOSEN | {"mapping": whole})["Location"] == "/sources/tax/"
    assert ines.post("/sources/tax/end/")["Location"] == "/sources/"


def test_what_the_profile_states_is_not_connected_over(ministry, ines):
    install_connections([setting.connection(ministry, "tax")], by=setting.BY)
    try:
        response = drafted(ines, ministry)
        assert response.status_code == 400
        assert "The profile itself says" in pages.text(response)
    finally:
        install_connections([], by=setting.BY)


def test_nobody_and_whoever_is_charged_with_something_else_is_kept_out(ministry, nobody, amina, lina):
    pages.assert_leads_to_sign_in(nobody, "/sources/connect/")
    for browser in (amina, lina):
        pages.assert_refused(browser.get("/sources/connect/"), 403)
        pages.assert_refused(browser.post("/sources/tax/confirm/"), 403)


def test_it_needs_a_factor_just_given(ministry):
    response = signed_in("ines", factor=False).get("/sources/connect/")
    assert response["Location"].startswith("/account/confirm/")
