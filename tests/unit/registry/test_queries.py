"""Reads: found by number, name, identifier and area, only in one's own areas, and each on the record (PRV-5, C5)."""

from uuid import uuid4

import pytest
from django.db import connections

from amparo.kernel.errors import NotFound, Refused
from amparo.registry import actions, finding, queries
from amparo.registry.models import Household, Person
from amparo.trust import queries as trust
from amparo.trust.context import acting
from amparo.trust.types import Event, Permission
from tests.lib import country

pytestmark = pytest.mark.usefixtures("database")
MEMBERS = [
    {"given_name": "Wilhelmina", "family_name": "Núñez", "birth_date": country.date(1990, 2, 1), "is_head": True},
    {"given_name": "عائشة", "family_name": "الأمين"},
]


@pytest.fixture(scope="module")
def home(database):
    return country.household("n1", *MEMBERS, rooms=3)


@pytest.fixture
def amina(cast):
    return cast.amina.narrowed(Permission.FIND)


@pytest.fixture
def chen(cast):
    return cast.chen.narrowed(Permission.FIND)


def find(by, asked):
    with acting(by):
        return finding.find_by_name(asked, by=by, under=country.GROUND)


@pytest.mark.parametrize(
    "asked", ["wilhelmina nunez", "Wilhelmína Nuñez", "Willhelmina Nunes", "عائشه الامين", "عايشة"]
)
def test_a_name_is_found_with_typos_accents_and_other_forms_of_letters(home, amina, asked):
    assert home in {each.household_id for each in find(amina, asked)}


@pytest.mark.parametrize("asked", ["", " ", "x", "%", "_____", "Zebulon Quark", "Willows Nunavut"])
def test_what_resembles_nobody_finds_nobody(home, amina, asked):
    assert find(amina, asked) == []


def test_an_officer_of_another_area_finds_neither_name_number_nor_household(home, chen):
    number = Household.objects.using("bulk").get(id=home).number
    person = Person.objects.using("bulk").filter(memberships__household=home).first()
    with acting(chen):
        assert finding.find_by_name("wilhelmina", by=chen, under=country.GROUND) == []
        assert finding.find_by_number(number, by=chen, under=country.GROUND) == []
        assert finding.find_by_number(person.number, by=chen, under=country.GROUND) == []
        for ask in (queries.household, queries.history):
            with pytest.raises(NotFound, match="registry-household-unknown"):
                ask(home, by=chen, under=country.GROUND)


def test_outside_and_nowhere_look_the_same(home, chen):
    said = []
    for id in (home, uuid4()):
        with acting(chen), pytest.raises(NotFound) as refused:
            queries.household(id, by=chen, under=country.GROUND)
        said.append(str(refused.value))
    assert said[0] == said[1]


def test_a_household_is_read_with_members_and_facts_and_the_reading_is_on_the_record(home, cast):
    by = cast.amina.narrowed(Permission.READ_HOUSEHOLD)
    with acting(by):
        record = queries.household(home, by=by, under=country.GROUND)
    assert record.size == 2
    assert record.facts["rooms"].value == 3
    assert record.members[0].facts["birth_date"].value == country.date(1990, 2, 1)
    assert "birth_date" not in record.members[1].facts
    auditor = cast.emre.narrowed(Permission.READ_AUDIT)
    with acting(auditor):
        row = (
            trust.audit_of(auditor, about_kind="household", about_id=str(home))
            .filter(event=Event.HOUSEHOLD_READ)
            .first()
        )
        assert (row.by_id, row.purpose) == (by.id, "registration")
        assert set(row.details["persons"]) == {str(each.id) for each in record.members}


def test_a_search_that_is_undone_leaves_no_names_shown_without_a_record(home, amina):
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM trust_audit WHERE event = %s", [Event.PERSON_READ])
        (before,) = cursor.fetchone()
        find(amina, "wilhelmina")
        cursor.execute("SELECT count(*) FROM trust_audit WHERE event = %s", [Event.PERSON_READ])
        assert cursor.fetchone()[0] == before + 1


def test_the_audit_log_is_closed_to_an_officer(amina):
    with pytest.raises(Refused):
        trust.audit_of(amina)


def test_a_household_that_moves_is_gone_for_the_old_officer_and_there_for_the_new(cast):
    moved = country.household("n2", {"given_name": "Ottokar"}, rooms=1)
    by = cast.ines.narrowed(Permission.REGISTER)
    with acting(by):
        actions.move(moved, to_area="s2", by=by, on=country.DAY, under=country.GROUND)
    amina, chen = (each.narrowed(Permission.READ_HOUSEHOLD) for each in (cast.amina, cast.chen))
    with acting(amina), pytest.raises(NotFound):
        queries.household(moved, by=amina, under=country.GROUND)
    with acting(chen):
        record = queries.household(moved, by=chen, under=country.GROUND)
        assert record.facts["rooms"].value == 1
        assert record.members[0].facts["given_name"].value == "Ottokar"
        assert len(queries.history(moved, by=chen, under=country.GROUND)) == 2
    assert find(cast.chen.narrowed(Permission.FIND), "ottokar")
    assert not find(cast.amina.narrowed(Permission.FIND), "ottokar")
