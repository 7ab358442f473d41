"""A delivery from its files to the registry: whole or not at all, once and not twice."""

import tomllib
from datetime import date

import pytest

from amparo.intake import actions, queries
from amparo.kernel.errors import Refused
from amparo.trust.context import acting
from tests.lib.country import GROUND
from tests.unit.intake.census import BY, HOUSEHOLDS, MAPPING, PERSONS, VISIT, delivered, everything, files, rows
from tests.unit.intake.delivering import drawn

pytestmark = pytest.mark.usefixtures("fresh_database")


def test_a_delivery_becomes_observations_facts_members_and_identifiers(tmp_path):
    income = "hh | line | month | earned\n 1 | 1 | 2026-01-01 | 10.5"
    receipt = delivered(tmp_path / "a", income=income)
    assert receipt["state"] == "done"
    assert receipt["rows"] == {"delivered": 6, "accepted": 6, "quarantined": 0}
    assert (receipt["households"]["new"], receipt["persons"]["new"], receipt["items"]["new"]) == (2, 3, 1)
    assert rows("SELECT rooms, income FROM registry_fact_household ORDER BY income") == [(None, 9_000), (3, 10_050)]
    assert rows("SELECT given_name, is_head FROM registry_fact_person ORDER BY 1") == [
        ("Amina", True),
        ("Bela", False),
        ("Karim", True),
    ]
    assert rows("SELECT values::text FROM registry_observation WHERE grain = 'household' ORDER BY subject_id") == [
        ('{"rooms": 3, "income": 10050}',),
        ('{"income": 9000}',),
    ]
    assert rows("SELECT count(*), count(DISTINCT household_id) FROM registry_membership WHERE ends_on IS NULL") == [
        (3, 2)
    ]
    assert rows("SELECT count(*) FROM registry_identifier WHERE is_live") == [(2,)]
    assert rows("SELECT amount FROM registry_fact_item_income_month") == [(1_050,)]
    assert rows("SELECT words FROM registry_person_name ORDER BY 1") == [("amina",), ("bela",), ("karim",)]
    assert rows("SELECT count(*) FROM trust_audit WHERE event = 'batch-recorded'") == [(1,)]


def test_a_text_comes_through_with_every_sign_it_has(tmp_path):
    name = "O'Neil \\ {x} 'y' \\N %s"
    homes, people = HOUSEHOLDS.replace("2  | s1", "\\2 | s1"), PERSONS.replace("2  | 1 ", "\\2 | 1 ")
    delivered(tmp_path / "a", households=homes, persons=people.replace("Karim ", name))
    assert rows("SELECT given_name FROM registry_fact_person WHERE given_name LIKE 'O%'") == [(name,)]
    assert rows("SELECT values->>'given_name' FROM registry_observation WHERE values->>'given_name' LIKE 'O%'") == [
        (name,)
    ]
    assert rows("SELECT source_key FROM registry_subject WHERE source_key LIKE '%2%' ORDER BY 1") == [
        ("1/2",),
        ("\\2",),
        ("\\2/1",),
    ]


def test_the_same_delivery_again_writes_nothing(tmp_path):
    first = delivered(tmp_path / "a")
    before = everything()
    again = delivered(tmp_path / "b")
    assert again["already_delivered"]
    assert again["batch"] == first["batch"]
    assert everything() == before


def test_a_dry_run_gives_the_receipt_and_writes_nothing(tmp_path):
    before, sequences = (
        everything(),
        rows("SELECT schemaname, sequencename, last_value FROM pg_sequences ORDER BY 1, 2"),
    )
    dry = actions.preview(files(tmp_path / "a"), tomllib.loads(MAPPING), name="census", by=BY)
    assert everything() == before
    assert rows("SELECT schemaname, sequencename, last_value FROM pg_sequences ORDER BY 1, 2") == sequences
    wet = delivered(tmp_path / "b")
    same = ("rows", "households", "persons", "items", "identifiers", "moves", "reasons", "warnings", "files", "digest")
    assert {key: dry[key] for key in same} == {key: wet[key] for key in same}


def test_a_dry_run_of_a_delivery_still_under_way_gives_the_receipt_it_will_get(tmp_path):
    paths = files(tmp_path / "a")
    actions.receive(paths, tomllib.loads(MAPPING), name="census", by=BY, using="bulk")
    dry = actions.preview(paths, tomllib.loads(MAPPING), name="census", by=BY)
    assert dry["rows"]["delivered"] > 0
    assert not dry["already_delivered"]


def test_a_changed_row_is_a_new_observation_and_the_rest_adds_nothing(tmp_path):
    delivered(tmp_path / "a")
    changed = delivered(tmp_path / "b", persons=PERSONS.replace("1950-01-01", "1951-01-01"))
    assert changed["persons"] | {} == {
        "delivered": 3,
        "accepted": 3,
        "quarantined": 0,
        "new": 0,
        "changed": 1,
        "unchanged": 2,
        "linked": 0,
    }
    assert changed["households"]["unchanged"] == 2
    assert rows("SELECT count(*) FROM registry_observation") == [(6,)]
    assert rows("SELECT birth_date FROM registry_fact_person WHERE given_name = 'Karim'") == [(date(1951, 1, 1),)]
    assert rows("SELECT count(*) FROM registry_person") == [(3,)]


def test_a_visit_to_known_households_brings_one_field_and_leaves_their_members_alone(tmp_path):
    delivered(tmp_path / "a")
    visits, _, _ = MAPPING.partition('[[table]]\nname = "persons"')
    told = tmp_path / "visits.csv"
    told.write_bytes(
        drawn("""
        hh | area | rooms
        1  | n1   | 4
        2  | s1   |
    """)
    )
    mapping = tomllib.loads(visits.replace('income = "income"\n', "")) | {"batch": VISIT}
    received = actions.receive({"households.csv": told}, mapping, name="visits", by=BY, using="bulk")
    receipt = actions.run(received.batch_id, by=BY)
    assert (receipt["rows"]["accepted"], receipt["households"]["new"], receipt["persons"]["delivered"]) == (2, 0, 0)
    assert rows("SELECT rooms, income FROM registry_fact_household ORDER BY rooms") == [(4, 100_50), (None, 90_00)]
    assert rows("SELECT count(*) FROM registry_membership WHERE ends_on IS NULL") == [(3,)]


def test_a_person_who_moves_leaves_the_household_they_lived_in(tmp_path):
    delivered(tmp_path / "a")
    moved = MAPPING.replace("2026-03-01", "2026-04-01").replace('key = ["hh", "line"]', 'key = "key"')
    with_key = MAPPING.replace('key = ["hh", "line"]', 'key = "key"')
    one = """
        key | hh | line | name  | sex    | born       | nid
        a   | 2  | 1    | Amina | female | 1980-02-03 | 21
        b   | 1  | 1    | Bela  | male   | 1990-02-03 | 22
        c   | 1  | 2    | Cora  | female | 1990-02-03 | 23
    """
    delivered(
        tmp_path / "b",
        mapping=with_key.replace('household = "hh"', 'household = "hh"\nrelationships = []'),
        persons=one,
    )
    receipt = delivered(tmp_path / "c", mapping=moved, persons=one.replace("c   | 1  | 2 ", "c   | 2  | 2 "))
    assert receipt["moves"] == {"persons": 1, "households": 0}
    assert rows("""
        SELECT m.starts_on, m.ends_on, m.area_number = p.area_number FROM registry_membership m
        JOIN registry_person p ON p.id = m.person_id JOIN registry_fact_person f ON f.person_id = p.id
        WHERE f.given_name = 'Cora' ORDER BY m.id
    """) == [(date(2026, 3, 1), date(2026, 4, 1), False), (date(2026, 4, 1), None, True)]


def test_a_household_in_a_new_area_takes_all_its_rows_along(tmp_path):
    delivered(tmp_path / "a")
    receipt = delivered(tmp_path / "b", households=HOUSEHOLDS.replace("s1", "n2"))
    assert receipt["moves"] == {"persons": 0, "households": 1}
    [(number,)] = rows("SELECT number FROM trust_area WHERE code = 'n2'")
    karim = "(SELECT person_id FROM registry_fact_person WHERE given_name = 'Karim')"
    for table, column in (
        ("registry_person", "id"),
        ("registry_identifier", "person_id"),
        ("registry_person_name", "person_id"),
    ):
        assert rows(f"SELECT area_number FROM {table} WHERE {column} = {karim}") == [(number,)]
    assert rows(f"""
        SELECT DISTINCT o.area_number FROM registry_observation o JOIN registry_subjectlink l USING (subject_id)
        WHERE l.entity_id = {karim}
    """) == [(number,)]


def test_an_identifier_that_is_known_links_the_record_to_the_person(tmp_path):
    delivered(tmp_path / "a")
    tax = MAPPING.replace('source = "census"', 'source = "tax"')
    receipt = delivered(tmp_path / "b", mapping=tax, persons=PERSONS.replace("Amina", "Aminah"))
    assert (receipt["persons"]["linked"], receipt["households"]["linked"]) == (2, 2)
    assert rows("SELECT count(*) FROM registry_person") == [(4,)]
    assert rows("SELECT count(*) FROM registry_household") == [(2,)]
    assert rows("SELECT count(*) FROM registry_identifier") == [(2,)]


def test_an_identifier_whose_holder_was_born_on_another_day_excludes_nobody(tmp_path):
    delivered(tmp_path / "a")
    tax = MAPPING.replace('source = "census"', 'source = "tax"')
    receipt = delivered(tmp_path / "b", mapping=tax, persons=PERSONS.replace("1980-02-03", "1981-02-03"))
    assert receipt["identifiers"] == {"new": 0, "contested": 1}
    assert receipt["persons"]["linked"] == 1
    assert rows("SELECT count(*) FROM registry_identifier WHERE contested AND NOT is_live") == [(1,)]
    assert rows("SELECT count(*) FROM registry_person") == [(5,)]


def test_an_identifier_that_two_rows_claim_is_live_for_neither(tmp_path):
    receipt = delivered(tmp_path / "a", persons=PERSONS.replace("| 12", "| 1-1"))
    assert receipt["persons"]["accepted"] == 3
    assert receipt["identifiers"] == {"new": 0, "contested": 2}
    assert rows("SELECT count(*) FROM registry_identifier WHERE is_live") == [(0,)]


def test_rows_set_aside_are_kept_sealed_and_shown_with_their_reasons(tmp_path):
    receipt = delivered(tmp_path / "a", persons=PERSONS.replace("2010-05-06", "2010-15-06"))
    assert receipt["households"]["accepted"] == 1
    [(sealed,)] = rows("SELECT original FROM intake_quarantine WHERE line = 3")
    assert b"Bela" not in bytes(sealed)
    with acting(BY):
        [_, _, (_, bela)] = queries.quarantine(receipt["batch"], by=BY, under=GROUND)
    assert (bela.file, bela.line, bela.original["name"]) == ("persons.csv", 3, "Bela")
    assert [(each.id, dict(each.values)) for each in bela.reasons] == [("intake-value-type", {"field": "birth_date"})]


def test_a_delivery_refused_whole_leaves_nothing_but_its_refusal(tmp_path):
    before = everything()
    given = files(tmp_path / "a", persons=PERSONS.replace("name  ", "names "))
    received = actions.receive(given, tomllib.loads(MAPPING), name="census", by=BY, using="bulk")
    with pytest.raises(Refused, match="intake-column-missing"):
        actions.run(received.batch_id, by=BY)
    changed = {name: count for name, count in everything().items() if count != before[name]}
    assert set(changed) == {"intake_batch", "trust_audit"}
    with acting(BY):
        assert queries.batch(received.batch_id, by=BY).refusal.id == "intake-column-missing"
