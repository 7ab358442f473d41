"""Keys change, people are erased, dictionaries change: values of contact open while they may, and are gone when they must be."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from importlib import import_module

import pytest
from django.db import connections, transaction

from amparo.kernel.errors import Refused
from amparo.project.sealed import SEALED
from amparo.registry import contact_values
from amparo.registry.actions import install_dictionary
from amparo.trust.actions.erasures import install_schedules
from amparo.trust.keeping import retention
from amparo.trust.keys import rotation
from amparo.trust.types import FieldClass, ScheduleConfig, system
from tests.lib import contacts, country
from tests.lib.contacts import conflicts, known, rows, sealed, stands, told
from tests.lib.erasing import erased, people

pytestmark = pytest.mark.usefixtures("fresh_database")
BY = system("test")


def test_the_key_of_the_digests_is_made_once_whoever_comes_first():
    def asked(_) -> bytes:
        try:
            return contact_values.digest_key(using="bulk")
        finally:
            connections["bulk"].close()

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(asked, range(6)))) == 1
    assert rows("SELECT count(*) FROM registry_contact_key") == [(1,)]


def test_after_a_change_of_keys_values_open_and_say_the_same_and_the_old_key_can_go(own_keys):
    contacts.install()
    home = country.household("n1", {"phone": "+999 3"}, phone="+999 1", address="Mill lane 4")
    before = (known(home), sealed(home), stands(home))
    for number, values in ((1, 3), (2, 4)):
        rotation.add_key(by=BY)
        done = rotation.rotate(SEALED, by=BY, rest=0)
        assert (done.left, done.unreadable) == (0, {})
        assert (done.sealed["registry_contact.value"], done.sealed["registry_contact_key.value"]) == (values, 1)
        rotation.retire(number, SEALED, by=BY)
        assert (known(home), sealed(home), stands(home)) == before
        told(home, source="tax", phone="+999 1", on=country.DAY + timedelta(number))
        assert conflicts(home) == []
        before = (known(home), sealed(home), stands(home))


def test_of_whoever_is_erased_no_value_is_left(own_ledger):
    contacts.install()
    home, other = country.household("n1", {"phone": "+999 3"}, phone="+999 1"), country.household("n1", phone="+999 1")
    erased(people(home)[0])
    assert (sealed(home), len(sealed(other))) == ([], 1)
    assert rows("SELECT count(*) FROM registry_contact") == [(1,)]
    assert known(other) == {"phone": "+999 1"}


def test_what_people_are_reached_by_goes_before_the_rest_where_the_law_says_so(own_ledger):
    contacts.install()
    home = country.household("n1", {"phone": "+999 3", "sex": "female"}, {"phone": "+999 4"}, phone="+999 1")
    person, stays = people(home)
    with connections["bulk"].cursor() as cursor:
        cursor.execute("UPDATE registry_membership SET ends_on = '2026-04-01' WHERE person_id = %s", [person])
    install_schedules([ScheduleConfig("c", "person", "contact", "left", 30, "law")], by=BY)
    retention.run(by=BY, on=country.DAY + timedelta(200))
    assert (known(person, "person"), sealed(person)) == ({"sex": "female"}, [])
    assert known(stays, "person")["phone"] == "+999 4"
    assert known(home)["phone"] == "+999 1"


def in_the_open(name: str):
    """The dictionary with one field of homes that is no more one of contact."""
    fields = tuple(
        replace(each, field_class=FieldClass.SITUATION) if (each.name, each.grain) == (name, "household") else each
        for each in contacts.DICTIONARY.fields
    )
    return replace(contacts.DICTIONARY, version=f"open-{name}", fields=fields, _by_key={})


def test_a_field_that_was_taken_in_does_not_become_sealed_or_open():
    contacts.install()
    country.household("n1", {"given_name": "Yara"}, phone="+999 1")
    with pytest.raises(Refused, match="registry-field-sealed-otherwise"):
        install_dictionary(in_the_open("phone"), by=BY)
    install_dictionary(in_the_open("address"), by=BY)  # nobody said it yet
    country.household("n1", address="Mill lane 4")
    with pytest.raises(Refused, match="registry-field-sealed-otherwise"):
        install_dictionary(replace(contacts.DICTIONARY, version="sealed-again", _by_key={}), by=BY)


def checked() -> None:
    """Ask as the migration does."""
    check = import_module("amparo.registry.migrations.0015_contacts").expect_nothing_in_clear
    with transaction.atomic(using="owner"), connections["owner"].schema_editor() as editor:
        check(None, editor)


def test_an_installation_that_holds_values_in_the_clear_is_not_brought_to_this_version():
    contacts.install()
    country.household("n1", rooms=2, told_on="earth")
    checked()
    country.household("n1", phone="+999 1")
    with pytest.raises(Refused, match="registry-contact-in-clear") as refused:
        checked()
    assert refused.value.message.values == {"fields": "household.phone"}
