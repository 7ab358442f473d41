"""What a rule would say today where nothing was decided: shown, marked as no decision, and nothing written."""

from uuid import uuid4

import pytest
from django.db import connections

from tests.lib import country, pages
from tests.unit.programmes.country import installed
from tests.views.conftest import signed_in


@pytest.fixture(scope="module")
def home(database):
    """A poor home that was registered before there was any programme."""
    found = country.household("n1", {"given_name": "Yara", "family_name": "Haddad", "is_head": True}, income=5_000)
    installed()
    return found


@pytest.fixture
def address(home) -> str:
    return f"/households/{home}/would-be/poor_home/{home}/"


def decisions() -> int:
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM programmes_decision")
        return cursor.fetchone()[0]


def test_the_households_page_leads_to_it(amina, home, address):
    page = amina.get(f"/households/{home}/").content.decode()
    assert f'href="{address}"' in page
    assert "Nothing decided yet" in page


def test_it_says_what_the_rule_would_say_and_that_it_is_no_decision(amina, address):
    before = decisions()
    response = amina.get(address)
    pages.assert_is_whole(response)
    words = pages.text(response)
    assert "This is not a decision." in words
    assert "The rule would grant" in words
    assert decisions() == before


def test_it_is_closed_to_other_areas_and_roles(nobody, chen, emre, address):
    pages.assert_leads_to_sign_in(nobody, address)
    pages.assert_refused(chen.get(address), 404)
    pages.assert_refused(emre.get(address), 403)


def test_a_programme_or_person_that_is_not_there_is_not_found(amina, home):
    pages.assert_refused(amina.get(f"/households/{home}/would-be/shoes/{home}/"), 404)
    pages.assert_refused(amina.get(f"/households/{home}/would-be/poor_home/{uuid4()}/"), 404)


def test_a_programme_of_persons_says_nothing_of_a_household(amina, home):
    pages.assert_refused(amina.get(f"/households/{home}/would-be/pension/{home}/"), 404)


def test_once_decided_the_page_leads_to_the_decision_instead(home):
    made = country.household("n1", {"given_name": "Zara", "family_name": "Haddad", "is_head": True}, income=5_000)
    page = signed_in("amina").get(f"/households/{made}/").content.decode()
    assert f"/households/{made}/would-be/poor_home/{made}/" not in page
