"""How somebody is reached goes out under an agreement that names it, of whom it reaches, and to nobody who only has a digest."""

import pytest
from django.db import connections

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.programmes.lent import share
from amparo.registry.contact_values import LENT
from amparo.trust.context import acting
from amparo.trust.covering import Comparison, FieldTerm, Given
from tests.lib import agreeing, contacts, country
from tests.lib.agreeing import TERMS, in_force, partner_of, request
from tests.lib.contacts import rows
from tests.lib.erasing import people

PHONE, OWN = FieldTerm("household", "phone"), FieldTerm("person", "phone")
ADDRESS = FieldTerm("household", "address")


@pytest.fixture(scope="module")
def homes(database) -> dict:
    contacts.install()
    agreeing.install()
    return {
        "north": country.household("n1", {"phone": "+999 3"}, {"given_name": "B"}, phone="+999 1", on=clock.today()),
        "south": country.household("s1", {"phone": "+999 4"}, phone="+999 2", on=clock.today()),
    }


def asked(id, *, about: str = "person") -> list[dict]:
    page = share(id, request(id), about=about, by=partner_of(id), on=clock.today())
    return [dict(each.fields) for each in page.records]


def test_a_partner_gets_the_values_agreed_of_whom_it_reaches(homes):
    found = asked(in_force("both", TERMS, fields=(OWN, PHONE, ADDRESS)))
    assert sorted(found, key=str) == sorted(
        [
            {"person.phone": "+999 3", "household.phone": "+999 1", "household.address": None},
            {"person.phone": None, "household.phone": "+999 1", "household.address": None},
        ],
        key=str,
    )
    homes_ = asked(in_force("homes", TERMS, fields=(PHONE,), areas=("south",)), about="household")
    assert homes_ == [{"household.phone": "+999 2"}]


def test_whether_it_is_known_goes_out_without_the_value(homes):
    found = asked(in_force("known", TERMS, fields=(FieldTerm("household", "phone", Given.KNOWN),)), about="household")
    assert found == [{"household.phone": True}]


def test_nobody_tries_numbers_by_asking_whether_one_is_it(homes):
    test = FieldTerm("household", "phone", Given.TEST, ("+999 1",), Comparison.EQUALS)
    with pytest.raises(Refused, match="registry-contact-compared"):
        asked(in_force("tried", TERMS, fields=(test,)), about="household")


# What the database itself holds, whatever a query asks.


def digest_of(home) -> str:
    [(found,)] = rows("SELECT phone FROM registry_fact_household WHERE household_id = %s", [home])
    return found


def opened(id, home, field: str = "phone") -> int:
    """Return how many sealed values the database gives a partner's transaction for a digest that it has from elsewhere."""
    digest = digest_of(home)
    with acting(partner_of(id)), connections["default"].cursor() as cursor:
        cursor.execute(LENT, {"entities": [home], "fields": [field], "digests": [digest]})
        return len(cursor.fetchall())


def test_with_a_digest_alone_it_gets_nothing_that_its_agreement_does_not_name(homes):
    named = in_force("named", TERMS, fields=(PHONE,))
    assert opened(named, homes["north"]) == 1
    assert opened(named, homes["south"]) == 0
    assert opened(in_force("other_field", TERMS, fields=(ADDRESS,)), homes["north"]) == 0
    assert opened(in_force("of_persons", TERMS, fields=(OWN,)), homes["north"]) == 0
    assert (
        opened(in_force("only_known", TERMS, fields=(FieldTerm("household", "phone", Given.KNOWN),)), homes["north"])
        == 0
    )
    assert opened(in_force("agreed_to", TERMS, fields=(PHONE,), needs_consent=True), homes["north"]) == 0
    assert len(people(homes["north"])) == 2
