import pytest

from amparo.kernel.errors import Refused
from amparo.profiles.finding import find
from amparo.profiles.installing import install
from amparo.profiles.reading import read
from amparo.registry.queries import boundaries, dictionary
from amparo.trust.queries import area_numbers
from amparo.trust.types import system

OPERATOR = system("test")


@pytest.fixture(scope="module")
def installed(empty_database):
    profile = read(find("example"))
    install(profile, by=OPERATOR)
    return profile


def test_the_country_is_in_the_database(installed):
    assert {each.name for each in dictionary().fields} == {each.name for each in installed.dictionary.fields}
    assert set(area_numbers()) == {each.code for each in installed.areas}
    ids = {code: id for code, (id, _, _) in area_numbers().items()}
    assert boundaries([ids["VM0101"]]) == {ids["VM0101"]: installed.boundaries["VM0101"]}


def test_everything_below_an_area_is_one_range_of_numbers(installed):
    numbers = {code: number for code, (_, number, _) in area_numbers().items()}
    inside = [number for code, number in numbers.items() if code.startswith("VM03")]
    outside = [number for code, number in numbers.items() if not code.startswith("VM03")]
    assert not any(min(inside) <= each <= max(inside) for each in outside)


def test_installing_again_writes_nothing_about_areas_dictionary_or_programmes(installed):
    before = audit_counts()
    install(installed, by=OPERATOR)
    changed = {event for event, count in audit_counts().items() if count != before.get(event)}
    assert changed == set()


def test_a_field_that_changed_its_type_is_refused(installed, country):
    country.replace(
        "dictionary.toml",
        'name = "has_radio"\ngrain = "household"\ntype = "boolean"',
        'name = "has_radio"\ngrain = "household"\ntype = "integer"',
    )
    with pytest.raises(Refused):
        install(read(country.folder), by=OPERATOR)


def audit_counts() -> dict[str, int]:
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT event, count(*) FROM trust_audit GROUP BY event")
        return dict(cursor.fetchall())
