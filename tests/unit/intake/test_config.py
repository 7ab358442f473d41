"""A mapping is checked before any file is opened."""

import tomllib
from fractions import Fraction

import pytest

from amparo.intake.config import mapping
from amparo.kernel.errors import Refused
from tests.unit.intake.drawn import DICTIONARY, FLAT, TWO_FILES


def changed(text: str, old: str, new: str) -> dict:
    assert old in text
    return tomllib.loads(text.replace(old, new))


def refusal(raw: dict) -> Refused:
    with pytest.raises(Refused) as refused:
        mapping(raw, DICTIONARY, "census")
    return refused.value


def test_two_files_give_households_persons_and_items():
    found = mapping(tomllib.loads(TWO_FILES), DICTIONARY, "census")
    assert [(table.name, [part.grain for part in table.parts]) for table in found.tables] == [
        ("households", ["household"]),
        ("persons", ["person"]),
        ("income", ["item:income_month"]),
    ]


def test_a_flat_file_gives_a_person_the_household_of_its_row():
    [table] = mapping(tomllib.loads(FLAT), DICTIONARY, "eusilc").tables
    assert table.person.parent == ("db030",)


def test_a_bare_column_name_is_short_for_a_column():
    [table] = mapping(tomllib.loads(FLAT), DICTIONARY, "eusilc").tables
    assert [each.column for each in table.household.fields] == ["db090"]


def test_a_scale_may_be_a_fraction():
    raw = changed(TWO_FILES, 'amount = "earned"', 'amount = {column="earned", unit="money/year", scale="1/12"}')
    [item] = mapping(raw, DICTIONARY, "census").tables[2].items
    assert item.fields[1].scale == Fraction(1, 12)


def test_the_digest_changes_with_what_the_mapping_says():
    one = mapping(tomllib.loads(FLAT), DICTIONARY, "eusilc")
    other = mapping(changed(FLAT, '"01$"', '"02$"'), DICTIONARY, "eusilc")
    assert one.digest != other.digest


@pytest.mark.parametrize(
    ("old", "new", "id", "place"),
    [
        ('key = "db030"', 'kee = "db030"', "intake-mapping-key-missing", "table eusilc, household"),
        ('key = "db030"', 'key = "db030"\nkee = 1', "intake-mapping-key-unknown", "table eusilc, household"),
        ('sex = "rb090"', 'sexx = "rb090"', "intake-mapping-field-unknown", "table eusilc, person, fields, sexx"),
        ('"rb090"', '{column="rb090", values={1="man"}}', "intake-mapping-code-unknown", "table eusilc, person, fields, sex"),
        ('"rb090"', "{values={1='male'}}", "intake-mapping-column-or-fixed", "table eusilc, person, fields, sex"),
        ('"01$"', '"(01$"', "intake-mapping-pattern-broken", "table eusilc, person, fields, is_head"),
        ('["plausible_dates"]', '["plausible"]', "intake-mapping-check-unknown", "batch"),
        ('["plausible_dates"]', '["child_older_than_parent"]', "intake-mapping-check-lacks", ""),
        ('area = { column = "db040", match = "name", level = "region" }', "", "intake-mapping-key-missing", "table eusilc, household"),
        ('match = "name"', 'match = "sound"', "intake-mapping-value-wrong", "table eusilc, household, area"),
        ('[[table]]', '[table]', "intake-mapping-value-wrong", ""),
    ],
)  # fmt: skip
def test_a_slip_in_the_mapping_is_refused_with_its_place(old, new, id, place):
    found = refusal(changed(FLAT, old, new)).message
    assert (found.id, found.values["place"]) == (id, place)


NID = "[[table.person.identifiers]]"
FAMILY = '[[table.person.groups]]\nkind = "family"\ncolumn = "family_no"\n'


def test_a_column_tells_the_families_of_a_household_apart():
    found = mapping(changed(TWO_FILES, NID, FAMILY + NID), DICTIONARY, "census").tables[1]
    assert [(each.kind, each.column) for each in found.person.groups] == [("family", "family_no")]
    assert "family_no" in found.columns


@pytest.mark.parametrize(
    ("said", "id", "place"),
    [
        (FAMILY.replace('"family"', '"clan"'), "intake-mapping-group-unknown", "table persons, person, groups 1"),
        (FAMILY.replace("kind =", "sort ="), "intake-mapping-key-missing", "table persons, person, groups 1"),
        (FAMILY.replace('column = "family_no"', ""), "intake-mapping-key-missing", "table persons, person, groups 1"),
        (FAMILY + 'blank = "0"\n', "intake-mapping-key-unknown", "table persons, person, groups 1"),
        (FAMILY + FAMILY, "intake-mapping-group-twice", "table persons, person"),
    ],
)
def test_a_slip_about_groups_is_refused_with_its_place(said, id, place):
    found = refusal(changed(TWO_FILES, NID, said + NID)).message
    assert (found.id, found.values["place"]) == (id, place)


def test_groups_of_persons_without_households_are_refused():
    raw = changed(TWO_FILES, 'household = "hh"', 'area = "area"\n' + FAMILY)
    del raw["table"][2]
    raw["batch"]["checks"] = []
    assert refusal(raw).message.id == "intake-mapping-group-outside"


def test_another_unit_without_a_scale_is_refused():
    raw = changed(TWO_FILES, 'amount = "earned"', 'amount = {column="earned", unit="money/year"}')
    assert refusal(raw).message.id == "intake-mapping-unit-differs"


def test_a_year_of_two_digits_is_refused():
    raw = changed(TWO_FILES, 'birth_date = "born"', 'birth_date = {column="born", format="%d/%m/%y"}')
    assert refusal(raw).message.id == "intake-mapping-date-format"
