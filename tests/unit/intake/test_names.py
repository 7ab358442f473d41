"""Whoever is new is found by their name, in the plain form that search uses; whoever is not new, by what holds of them now."""

import pytest

from tests.unit.intake.census import MAPPING, PERSONS, delivered, rows

pytestmark = pytest.mark.usefixtures("fresh_database")
FAMILY = MAPPING.replace('given_name = "name"\n', 'given_name = "name"\nfamily_name = "family"\n')
NAMES = """
    SELECT s.source_key, n.words FROM registry_subject s
    JOIN registry_subjectlink l ON l.subject_id = s.id AND l.ends_at IS NULL
    LEFT JOIN registry_person_name n ON n.person_id = l.entity_id WHERE s.grain = 'person' ORDER BY 1
"""
PEOPLE = """
    hh | line | name         | family    | sex    | born       | nid
    1  | 1    | Amina        | Al-Haddad B   | female | 1980-02-03 | 11
    1  | 2    | Amina        |           | female | 2010-05-06 |
    1  | 3    |              | Ünal      | female | 2011-05-06 |
    2  | 1    | Amina        | Amina     | female | 1950-01-01 | 12
    2  | 2    | -            |           | female | 1951-01-01 |
"""


def test_each_persons_names_are_kept_once_in_their_plain_form(tmp_path):
    delivered(tmp_path / "a", mapping=FAMILY, persons=PEOPLE)
    assert rows(NAMES) == [
        ("1/1", "amina al haddad b"),
        ("1/2", "amina"),
        ("1/3", "unal"),
        ("2/1", "amina amina"),
        ("2/2", ""),
    ]


def test_people_of_one_name_are_each_there_once(tmp_path):
    delivered(tmp_path / "a", persons=PERSONS.replace("Bela ", "Amina").replace("Karim", "Amina"))
    assert rows(NAMES) == [("1/1", "amina"), ("1/2", "amina"), ("2/1", "amina")]


def test_a_name_that_was_corrected_is_found_in_its_new_form_alone(tmp_path):
    delivered(tmp_path / "a")
    delivered(tmp_path / "b", persons=PERSONS.replace("Bela", "Béla"))
    delivered(tmp_path / "c", persons=PERSONS.replace("Bela", "Ädam"))
    assert rows(NAMES) == [("1/1", "amina"), ("1/2", "adam"), ("2/1", "karim")]
