"""What is taken in, what is set aside and why, row by row."""

from datetime import date

import pytest

from amparo.kernel.errors import Refused
from tests.unit.intake.delivering import deliver
from tests.unit.intake.drawn import FLAT, TWO_FILES

HOUSEHOLDS = """
    hh | area | rooms | roof
    ---+------+-------+-----
    1  | N1   | 3     | 1
    2  | S1   | NA    | iron
"""
PERSONS = """
    hh | line | name  | sex    | born       | relation | pension | nid
    ---+------+-------+--------+------------+----------+---------+-----
    1  | 1    | Awa   | female | 1980-02-03 | head     | 120.5   | 11
    1  | 2    | Bela  | male   | 2010-05-06 | child    |         |
    2  | 1    | كريم  | male   | 1950-01-01 | head     | 90      | 12
"""


def test_what_fits_is_accepted_with_its_types(tmp_path):
    found = deliver(tmp_path, TWO_FILES, {"households.csv": HOUSEHOLDS, "persons.csv": PERSONS})
    assert found.quarantined == []
    assert found.accepted("household", "__key", "rooms", "roof", "__area_number") == [
        ("1", 3, "thatch", 2),
        ("2", None, "iron", 5_001),
    ]
    assert found.accepted("person", "__key", "given_name", "birth_date", "pension", "__area_number") == [
        ("1/1", "Awa", date(1980, 2, 3), 12_050, 2),
        ("1/2", "Bela", date(2010, 5, 6), None, 2),
        ("2/1", "كريم", date(1950, 1, 1), 9_000, 5_001),
    ]
    assert found.receipt["rows"] == {"delivered": 5, "accepted": 5, "quarantined": 0}


def test_headings_without_a_row_are_refused_and_not_taken_for_a_delivery_of_nobody(tmp_path):
    files = {
        name: "\n".join(drawn.splitlines()[:3])
        for name, drawn in {"households.csv": HOUSEHOLDS, "persons.csv": PERSONS}.items()
    }
    with pytest.raises(Refused, match="intake-rows-missing"):
        deliver(tmp_path, TWO_FILES, files)


def persons_with(old: str, new: str) -> str:
    assert old in PERSONS
    return PERSONS.replace(old, new)


def quarantined(tmp_path, persons: str = PERSONS, households: str = HOUSEHOLDS, **more):
    return deliver(tmp_path, TWO_FILES, {"households.csv": households, "persons.csv": persons, **more}).quarantined


def test_one_bad_row_holds_its_household_back_and_no_other(tmp_path):
    assert quarantined(tmp_path, persons_with("2010-05-06", "2010-13-06")) == [
        ("households.csv", 2, ["household-held"]),
        ("persons.csv", 2, ["household-held"]),
        ("persons.csv", 3, ["value-type:birth_date"]),
    ]


def test_a_row_says_everything_that_is_wrong_with_it(tmp_path):
    rows = quarantined(
        tmp_path, persons_with("كريم  | male   | 1950-01-01 | head     | 90 ", "x | man | 1950 | boss | -1")
    )
    assert rows[-1] == (
        "persons.csv",
        4,
        ["value-code:relation", "value-code:sex", "value-range:pension", "value-type:birth_date"],
    )


def test_the_receipt_counts_a_reason_for_each_field_that_it_is_about(tmp_path):
    persons = persons_with("female | 1980-02-03", "woman  | 1980-02-03").replace(
        "male   | 1950-01-01 | head", "man | 1950-01-01 | boss"
    )
    reasons = deliver(tmp_path, TWO_FILES, {"households.csv": HOUSEHOLDS, "persons.csv": persons}).receipt["reasons"]
    assert [each for each in reasons if each["rule"] == "intake-value-code"] == [
        {"rule": "intake-value-code", "rows": 2, "file": "persons.csv", "line": 2, "field": "sex"},
        {"rule": "intake-value-code", "rows": 1, "file": "persons.csv", "line": 4, "field": "relation"},
    ]


def test_an_amount_with_more_decimals_than_the_currency_is_set_aside(tmp_path):
    assert quarantined(tmp_path, persons_with("120.5", "120.505"))[1] == ("persons.csv", 2, ["value-decimals:pension"])


def test_a_household_without_head_and_one_with_two(tmp_path):
    both = persons_with("1950-01-01 | head", "1950-01-01 | other").replace("2010-05-06 | child", "2010-05-06 | head")
    assert [row for row in quarantined(tmp_path, both) if row[2] != ["household-held"]] == [
        ("households.csv", 3, ["head-none"]),
        ("persons.csv", 3, ["head-twice"]),
    ]


def test_a_child_is_younger_than_the_head(tmp_path):
    assert quarantined(tmp_path, persons_with("2010-05-06", "1979-05-06"))[2] == ("persons.csv", 3, ["child-older"])


def test_births_after_the_observation_and_before_1900(tmp_path):
    wrong = persons_with("2010-05-06", "2026-03-02").replace("1950-01-01", "1899-12-31")
    assert [row for row in quarantined(tmp_path, wrong) if row[2] != ["household-held"]] == [
        ("persons.csv", 3, ["birth-late"]),
        ("persons.csv", 4, ["birth-early"]),
    ]


def test_a_person_whose_household_nobody_delivered(tmp_path):
    assert quarantined(tmp_path, persons_with("2  | 1 ", "3  | 1 ")) == [("persons.csv", 4, ["household-unknown"])]


def test_a_key_that_comes_twice_sets_both_rows_aside(tmp_path):
    rows = quarantined(tmp_path, persons_with("1  | 2 ", "1  | 1 "))
    assert rows == [
        ("households.csv", 2, ["household-held"]),
        ("persons.csv", 2, ["key-twice"]),
        ("persons.csv", 3, ["key-twice"]),
    ]


def test_an_area_that_is_unknown_or_not_in_reach(tmp_path):
    files = {"households.csv": HOUSEHOLDS.replace("N1 ", "N9 "), "persons.csv": PERSONS}
    found = deliver(tmp_path, TWO_FILES, files, ranges=((1, 100),))
    assert found.quarantined[:2] == [
        ("households.csv", 2, ["area-unknown"]),
        ("households.csv", 3, ["area-outside"]),
    ]
    assert found.receipt["households"]["accepted"] == 0


def test_a_ragged_row_holds_back_the_household_its_key_names(tmp_path):
    rows = quarantined(tmp_path, persons_with("| 120.5", "| 1 | 20.5"))
    assert rows == [
        ("households.csv", 2, ["household-held"]),
        ("persons.csv", 2, ["row-ragged"]),
        ("persons.csv", 3, ["household-held"]),
    ]


def test_the_original_line_is_kept_with_what_was_set_aside(tmp_path):
    files = {"households.csv": HOUSEHOLDS, "persons.csv": persons_with("2  | 1 ", "3  | 1 ")}
    assert deliver(tmp_path, TWO_FILES, files).originals == [
        {"hh": "3", "line": "1", "name": "كريم", "sex": "male", "born": "1950-01-01", "relation": "head",
         "pension": "90", "nid": "12"}
    ]  # fmt: skip


def test_items_of_a_series_are_known_by_parent_and_month(tmp_path):
    income = """
        hh | line | month      | earned
        1  | 1    | 2026-01-01 | 10
        1  | 1    | 2026-02-01 | 11.25
    """
    files = {"households.csv": HOUSEHOLDS, "persons.csv": PERSONS, "income.csv": income}
    found = deliver(tmp_path, TWO_FILES, files)
    assert found.quarantined == []
    assert found.accepted("item_2", "__key", "__parent", "amount") == [
        ("1/1/2026-01", "1/1", 1_000),
        ("1/1/2026-02", "1/1", 1_125),
    ]


def test_an_item_of_nobody_is_set_aside(tmp_path):
    income = "hh | line | month | earned\n 9 | 9 | 2026-01-01 | 10"
    files = {"households.csv": HOUSEHOLDS, "persons.csv": PERSONS, "income.csv": income}
    assert deliver(tmp_path, TWO_FILES, files).quarantined == [("income.csv", 2, ["holder-unknown"])]


FLAT_ROWS = """
    db030 | db040 | db090 | rb030 | rb090  | born       | age | other
    1     | North | 1.5   | 101   | female | 1980-01-01 | 46  | x
    1     | North | 1.5   | 102   | male   | 2026-02-01 | -1  | y
    2     | south | 2e0   | 201   | male   | 1990-01-01 | 36  | z
"""


def test_a_flat_file_gives_each_household_once(tmp_path):
    found = deliver(tmp_path, FLAT, {"eusilc.csv": FLAT_ROWS}, observed_on=date(2026, 3, 1))
    assert found.accepted("household", "__key", "weight", "__area_id") == [("1", 1.5, 1), ("2", 2.0, 3)]
    assert found.accepted("person", "__key", "age", "is_head") == [
        ("101", 46, True),
        ("102", 0, False),
        ("201", 36, True),
    ]


def test_a_part_without_fields_says_who_there_is(tmp_path):
    said = FLAT.replace('[table.household.fields]\nweight = "db090"\n', "")
    found = deliver(tmp_path, said, {"eusilc.csv": FLAT_ROWS}, observed_on=date(2026, 3, 1))
    assert found.accepted("household", "__key", "__area_id") == [("1", 1), ("2", 3)]


def test_rows_of_a_flat_file_must_agree_on_their_household(tmp_path):
    rows = FLAT_ROWS.replace("1.5   | 102", "1.6   | 102")
    found = deliver(tmp_path, FLAT, {"eusilc.csv": rows}, observed_on=date(2026, 3, 1))
    assert found.quarantined == [("eusilc.csv", 2, ["household-held"]), ("eusilc.csv", 3, ["household-disagrees"])]


def test_a_name_two_areas_share_is_not_guessed(tmp_path):
    said = FLAT.replace('match = "name", level = "region"', 'match = "name"')
    rows = FLAT_ROWS.replace("South", "Hill").replace("south", "Hill")
    found = deliver(tmp_path, said, {"eusilc.csv": rows}, observed_on=date(2026, 3, 1))
    assert found.quarantined == [("eusilc.csv", 4, ["area-unknown"])]


def test_a_check_that_only_warns_is_counted_and_holds_nobody_back(tmp_path):
    said = TWO_FILES.replace('checks = ["one_head", ', 'warnings = ["one_head"]\nchecks = [')
    files = {"households.csv": HOUSEHOLDS, "persons.csv": persons_with("1950-01-01 | head", "1950-01-01 | other")}
    found = deliver(tmp_path, said, files)
    assert found.quarantined == []
    assert found.receipt["warnings"] == [{"rule": "intake-head-none", "rows": 1, "file": "households.csv", "line": 3}]


def test_a_formula_is_kept_as_text_and_said(tmp_path):
    found = deliver(tmp_path, TWO_FILES, {"households.csv": HOUSEHOLDS, "persons.csv": persons_with("Awa", "=1+1")})
    assert found.accepted("person", "given_name")[0] == ("=1+1",)
    assert found.receipt["warnings"][0]["rule"] == "intake-formula-kept"


def test_a_name_with_characters_that_turn_the_writing_is_set_aside(tmp_path):
    assert quarantined(tmp_path, persons_with("Awa", "A\u202ewa"))[1][2] == ["value-control:given_name"]
