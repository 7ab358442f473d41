"""Browsers for the cast, and households for them to look at."""

import pytest
from django.test import Client


def signed_in(name: str, *, factor: bool = True) -> Client:
    """Return a browser in which somebody of the cast is signed in, and has just given a second factor."""
    from amparo.trust.identity import strength
    from amparo.trust.queries import account_named

    browser = Client()
    browser.force_login(account_named(name))
    if factor:
        session = browser.session
        strength.prove(session, "totp")
        session.save()
    return browser


@pytest.fixture
def amina(database) -> Client:
    """Officer in the north."""
    return signed_in("amina")


@pytest.fixture
def bruno(database) -> Client:
    """Supervisor of the whole land."""
    return signed_in("bruno")


@pytest.fixture
def chen(database) -> Client:
    """Officer in the south."""
    return signed_in("chen")


@pytest.fixture
def emre(database) -> Client:
    """Auditor: sees figures and deliveries, nobody's record."""
    return signed_in("emre")


@pytest.fixture
def lina(database) -> Client:
    """Data protection officer: handles agreements and reads nobody's record."""
    return signed_in("lina")


@pytest.fixture
def ines(database) -> Client:
    """Registry manager: delivers files."""
    return signed_in("ines")


@pytest.fixture
def nobody(database) -> Client:
    return Client()


@pytest.fixture(scope="module")
def northern_home(database):
    """A household in the north: Yara, its head, and her son Omar, in a home with an earth floor."""
    from tests.lib import country

    return country.household(
        "n1",
        {"given_name": "Yara", "family_name": "Haddad", "is_head": True, "sex": "female"},
        {"given_name": "Omar", "family_name": "Haddad", "sex": "male"},
        floor="earth",
        income=12_500,
    )


@pytest.fixture(scope="module")
def velmora(empty_database):
    """A database of this module's own with the example country and its cast, and nobody registered."""
    from amparo.project.country import install_country
    from tests.lib.country import open_cast

    install_country("example")
    open_cast({"amina": "VM01", "bruno": "VM", "chen": "VM06"})
