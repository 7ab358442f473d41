"""What becomes of a number that does not add up: kept, not live, linking nobody, and said to whoever looks (ID-4)."""

from dataclasses import replace

import pytest

from amparo.registry import queries
from amparo.registry.actions import install_dictionary
from amparo.registry.schemes import CheckDigit, Scheme
from amparo.trust.context import acting
from amparo.trust.types import Permission, system
from tests.lib.country import DICTIONARY, cast
from tests.unit.intake.census import PERSONS, delivered, rows

pytestmark = pytest.mark.usefixtures("fresh_database")


@pytest.fixture(autouse=True)
def scheme(fresh_database):
    """18 and 26 pass Luhn's check; 11 and 12, which the census has, do not."""
    schemes = (Scheme("national_id", 2, CheckDigit.LUHN),)
    install_dictionary(replace(DICTIONARY, version="test-schemes", schemes=schemes, _by_key={}), by=system("test"))


def test_an_unsound_number_is_kept_and_finds_nobody(tmp_path):
    receipt = delivered(tmp_path / "a", persons=PERSONS.replace("| 11", "| 18"))
    assert receipt["persons"]["new"] == 3
    assert receipt["identifiers"] == {"new": 1, "contested": 1}
    assert [each["rule"] for each in receipt["warnings"]] == ["intake-identifier-unsound"]
    assert rows("SELECT is_live, contested, verified FROM registry_identifier ORDER BY 1") == [
        (False, True, False),
        (True, False, False),
    ]


def test_whoever_looks_is_told_which_number_does_not_add_up(tmp_path):
    delivered(tmp_path / "a", persons=PERSONS.replace("| 11", "| 18"))
    ines = cast().ines.narrowed(Permission.READ_HOUSEHOLD)
    held = {}
    with acting(ines):
        for person, name in rows("SELECT person_id, given_name FROM registry_fact_person"):
            held[name] = [(each.is_sound, each.contested) for each in queries.identifiers_of(person, by=ines)]
    assert held == {"Amina": [(True, False)], "Karim": [(False, True)], "Bela": []}


def test_two_people_with_the_same_unsound_number_stay_two(tmp_path):
    receipt = delivered(tmp_path / "a", persons=PERSONS.replace("| 11", "| 12"))
    assert receipt["persons"]["new"] == 3
    assert rows("SELECT count(DISTINCT person_id) FROM registry_identifier WHERE contested") == [(2,)]


def test_the_same_delivery_again_changes_nothing_and_a_mended_number_is_new(tmp_path):
    delivered(tmp_path / "a")
    again = delivered(
        tmp_path / "b",
        households="""
        hh | area | rooms | income
        1  | n1   | 4     | 100.5
        2  | s1   |       | 90
    """,
    )
    assert again["persons"]["unchanged"] == 3
    mended = delivered(tmp_path / "c", persons=PERSONS.replace("| 12", "| 26"))
    assert mended["persons"]["changed"] == 1
    assert rows("SELECT count(*) FROM registry_identifier WHERE is_live") == [(1,)]
