"""The fold: from observations to facts, the same for one household and for many, now and as of any past instant."""

from datetime import date

import pytest
from django.db import connections

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.registry import actions, queries
from amparo.trust.context import acting
from amparo.trust.types import FieldClass, Permission
from tests.lib import country

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def ines(cast):
    return cast.ines.narrowed(Permission.REGISTER)


def observe(household, ines, *, source, on, **values):
    with acting(ines):
        actions.observe(household, values=values, source=source, by=ines, on=on, under=country.GROUND)


def facts(household, ines, as_of=None):
    with acting(ines):
        return queries.facts_of("household", [household], classes=FieldClass, as_of=as_of)[household]


def stored(household):
    with connections["bulk"].cursor() as cursor:
        cursor.execute(
            "SELECT income, rooms, source_id, observed_on FROM registry_fact_household WHERE household_id = %s",
            [household],
        )
        return cursor.fetchone()


def exceptions(household):
    with connections["bulk"].cursor() as cursor:
        cursor.execute(
            "SELECT field, observed_on, conflict FROM registry_fact_exception WHERE entity_id = %s ORDER BY field",
            [household],
        )
        return cursor.fetchall()


def test_a_field_not_delivered_is_unknown_and_not_zero(ines):
    household = country.household("n1", rooms=2)
    assert "income" not in facts(household, ines)
    assert stored(household)[:2] == (None, 2)


def test_the_more_authoritative_source_wins_though_it_is_older_and_both_are_kept(ines):
    household = country.household("n1", income=100_00, on=date(2026, 2, 1), source="tax")
    observe(household, ines, source="census", on=date(2026, 3, 1), income=80_00)
    fact = facts(household, ines)["income"]
    assert (fact.value, fact.source, fact.conflict) == (100_00, "tax", True)
    assert stored(household)[0] == 100_00
    with acting(ines):
        assert [each.values["income"] for each in queries.history(household, by=ines, under=country.GROUND)] == [
            80_00,
            100_00,
        ]


def test_a_value_outlived_by_another_gives_way_to_the_less_authoritative_source(ines):
    household = country.household("n1", income=100_00, on=date(2024, 1, 1), source="tax")
    observe(household, ines, source="census", on=date(2026, 3, 1), income=80_00)
    fact = facts(household, ines)["income"]
    assert (fact.value, fact.source, fact.conflict) == (80_00, "census", False)


def test_a_field_from_another_day_stands_as_an_exception_with_its_own_validity(ines):
    household = country.household("n1", rooms=2, floor="earth", income=10_00, on=date(2026, 1, 1))
    observe(household, ines, source="census", on=date(2026, 2, 1), income=20_00)
    assert exceptions(household) == [("income", date(2026, 2, 1), False)]
    assert facts(household, ines)["income"].valid_until == date(2027, 2, 1)


def test_as_of_reproduces_what_was_known_then(ines):
    household = country.household("n1", rooms=2, on=date(2026, 1, 1))
    before = clock.now()
    observe(household, ines, source="census", on=date(2026, 2, 1), rooms=5)
    assert facts(household, ines)["rooms"].value == 5
    assert facts(household, ines, as_of=before)["rooms"].value == 2


def test_a_revoked_link_takes_back_what_its_subject_said(ines):
    household = country.household("n1", rooms=2, on=date(2026, 1, 1))
    observe(household, ines, source="tax", on=date(2026, 2, 1), rooms=9)
    with connections["bulk"].cursor() as cursor:
        cursor.execute(
            "SELECT s.id FROM registry_subject s JOIN registry_subjectlink l ON l.subject_id = s.id"
            " JOIN registry_source c ON c.id = s.source_id WHERE l.entity_id = %s AND c.code = 'tax'",
            [household],
        )
        (subject,) = cursor.fetchone()
    assert stored(household)[1] == 9
    with acting(ines):
        actions.revoke_link(subject, ground="mistaken", by=ines, on=date(2026, 3, 1), under=country.GROUND)
    assert stored(household)[1] == 2


def test_folding_many_at_once_gives_what_folding_one_by_one_gave(ines):
    households = [
        country.household("n1", rooms=rooms, income=rooms * 1000, on=date(2026, 1, 1)) for rooms in range(1, 6)
    ]
    for each in households[::2]:
        observe(each, ines, source="tax", on=date(2026, 2, 1), income=7_00)
    one_by_one = [(stored(each), exceptions(each)) for each in households]
    with acting(ines):
        actions.fold("household", households)
    assert [(stored(each), exceptions(each)) for each in households] == one_by_one


def test_a_value_of_another_type_is_refused_and_nothing_is_written(ines):
    household = country.household("n1", rooms=2)
    with pytest.raises(Refused, match="registry-value-type"):
        observe(household, ines, source="census", on=date(2026, 2, 1), rooms="two")
    assert stored(household)[1] == 2
