"""Families and couples that files deliver: who is in which, from what day, and which stays the one it was (ELI-10)."""

from datetime import date

import pytest

from amparo.programmes.config import ProgrammeConfig, RuleVersion, Ungrouped, Unit
from amparo.programmes.queries import decisions_of_household
from amparo.registry.actions import end_group, form_group
from amparo.registry.batch import recording
from amparo.registry.queries import households_of_delivery
from amparo.trust.context import acting
from amparo.trust.types import Permission
from tests.lib.country import GROUND
from tests.unit.intake.census import MAPPING, delivered, everything, rows
from tests.unit.intake.test_large import SCHEMA
from tests.unit.programmes.country import OPERATOR, installed, run

pytestmark = pytest.mark.usefixtures("fresh_database")

FAMILY = '[[table.person.groups]]\nkind = "family"\ncolumn = "family"\n'
GROUPED = MAPPING.replace("[[table.person.identifiers]]", FAMILY + "[[table.person.identifiers]]")
GROUPED = GROUPED.replace('key = ["hh", "line"]\nhousehold', 'key = "key"\nhousehold')
GROUPED = GROUPED.replace('parent = ["hh", "line"]', 'parent = "key"').replace('checks = ["one_head", ', "checks = [")
UNGROUPED = GROUPED.replace(FAMILY, "").replace('name = "persons"', 'name = "persons"\nignore = ["family"]')
HOMES = """
    hh | area | rooms | income
    1  | n1   |       |
    2  | s1   |       |
"""
PEOPLE = """
    key | hh | line | name  | sex    | born       | nid | family
    a   | 1  | 1    | Amina | female | 1950-02-03 | 11  |
    b   | 1  | 2    | Bela  | female | 1985-02-03 | 12  | 1
    c   | 1  | 3    | Cora  | female | 2015-02-03 | 13  | 1
    d   | 1  | 4    | Dario | male   | 1982-02-03 | 14  | 2
    e   | 2  | 1    | Elif  | female | 1990-02-03 | 15  | 1
"""
FIRST, LATER = date(2026, 3, 1), date(2026, 4, 1)


def send(folder, people: str, *, on: date = FIRST, mapping: str = GROUPED, **more):
    said = mapping.replace("2026-03-01", on.isoformat())
    return delivered(folder, mapping=said, households=HOMES, persons=people, **more)


def live() -> dict[str, tuple]:
    """Return who is in a live group, by name: the group's id, with the day it began and that they joined it."""
    found = rows("""
        SELECT f.given_name, g.id, g.starts_on, m.starts_on FROM registry_groupmembership m
        JOIN registry_group g ON g.id = m.group_id JOIN registry_fact_person f USING (person_id)
        WHERE g.ends_on IS NULL AND m.ends_on IS NULL
    """)
    return {name: found for name, *found in found}


def families() -> list[str]:
    """Return the live groups by the first letters of their members' names."""
    members: dict = {}
    for name, (group, *_) in sorted(live().items()):
        members[group] = members.get(group, "") + name[0]
    return sorted(members.values())


def test_persons_of_one_household_with_the_same_text_are_one_family(tmp_path):
    receipt = send(tmp_path / "a", PEOPLE)
    assert families() == ["BC", "D", "E"]
    counts = ("groups-new", "group-memberships", "group-memberships-ended", "groups-ended")
    assert [receipt["registry"][each] for each in counts] == [3, 4, 0, 0]
    assert live()["Bela"][1:] == [FIRST, FIRST]
    assert rows("""
        SELECT DISTINCT h.area_number = g.area_number, p.area_number = m.area_number
        FROM registry_groupmembership m JOIN registry_group g ON g.id = m.group_id
        JOIN registry_household h ON h.id = g.household_id JOIN registry_person p ON p.id = m.person_id
    """) == [(True, True)]
    assert rows("SELECT details->>'groups-new' FROM trust_audit WHERE event = 'batch-recorded'") == [("3",)]


def test_a_large_batch_forms_the_same_families_and_leaves_their_tables_as_they_were(tmp_path, monkeypatch):
    monkeypatch.setattr(recording, "_INDEXES_FROM", 1)
    before = rows(SCHEMA)
    send(tmp_path / "a", PEOPLE)
    assert rows(SCHEMA) == before
    assert families() == ["BC", "D", "E"]


def test_a_changed_number_alone_reaches_the_registry_and_the_family_keeps_its_id(tmp_path):
    send(tmp_path / "a", PEOPLE)
    before = live()
    receipt = send(tmp_path / "b", PEOPLE.replace("14  | 2", "14  | 1"))
    assert (receipt["persons"]["changed"], receipt["persons"]["unchanged"]) == (1, 4)
    assert families() == ["BCD", "E"]
    assert live()["Dario"][0] == live()["Bela"][0] == before["Bela"][0]
    assert rows(f"SELECT ends_on FROM registry_group WHERE id = '{before['Dario'][0]}'") == [(FIRST,)]


def test_other_numbers_for_the_same_families_change_nothing(tmp_path):
    send(tmp_path / "a", PEOPLE)
    before = live()
    renamed = PEOPLE.replace("12  | 1", "12  | x").replace("13  | 1", "13  | x").replace("14  | 2", "14  | 1")
    receipt = send(tmp_path / "b", renamed, on=LATER)
    assert receipt["registry"]["groups-new"] == receipt["registry"]["group-memberships"] == 0
    assert live() == before


def test_a_family_that_divides_stays_with_the_most_and_of_equals_with_the_text_that_comes_first(tmp_path):
    send(tmp_path / "a", PEOPLE)
    family = live()["Bela"][0]
    send(tmp_path / "b", PEOPLE.replace("12  | 1", "12  | 3"), on=LATER)
    assert families() == ["B", "C", "D", "E"]
    assert live()["Cora"] == [family, FIRST, FIRST]
    assert live()["Bela"][1:] == [LATER, LATER]


def test_who_did_not_change_leaves_a_family_that_is_anothers_by_the_new_numbers(tmp_path):
    one = PEOPLE.replace("14  | 2", "14  | 1").replace("11  |", "11  | 1")
    send(tmp_path / "a", one)
    # Amina and Dario are told apart from Bela and Cora, of whose rows nothing changed; and theirs is the lower text.
    send(tmp_path / "b", one.replace("11  | 1", "11  | 0").replace("14  | 1", "14  | 0"))
    assert families() == ["AD", "BC", "E"]


def test_who_is_said_to_be_in_none_leaves_and_who_is_not_delivered_stays(tmp_path):
    send(tmp_path / "a", PEOPLE)
    family = live()["Cora"][0]
    only = "\n".join(line for line in PEOPLE.splitlines() if "Cora" not in line)
    receipt = send(tmp_path / "b", only.replace("12  | 1", "12  |"), on=LATER)
    assert (receipt["registry"]["group-memberships-ended"], receipt["registry"]["groups-ended"]) == (1, 0)
    assert families() == ["C", "D", "E"]
    assert live()["Cora"] == [family, FIRST, FIRST]
    assert rows("SELECT ends_on FROM registry_groupmembership WHERE ends_on IS NOT NULL") == [(LATER,)]


def test_a_family_that_nobody_is_left_in_ends_on_that_day(tmp_path):
    send(tmp_path / "a", PEOPLE)
    receipt = send(tmp_path / "b", PEOPLE.replace("14  | 2", "14  |"), on=LATER)
    assert receipt["registry"]["groups-ended"] == 1
    assert rows("SELECT ends_on FROM registry_group WHERE ends_on IS NOT NULL") == [(LATER,)]


def test_the_same_rows_again_write_nothing(tmp_path):
    send(tmp_path / "a", PEOPLE)
    before = everything()
    heading, *people = PEOPLE.strip("\n").splitlines()
    receipt = send(tmp_path / "b", "\n".join([heading, *people[::-1]]))
    assert not receipt["already_delivered"]
    changed = {table for table, count in everything().items() if count != before[table]}
    assert changed <= {"intake_batch", "trust_audit"}


def test_an_older_delivery_that_comes_later_overturns_no_family(tmp_path):
    send(tmp_path / "a", PEOPLE)
    send(tmp_path / "b", PEOPLE.replace("14  | 2", "14  |"), on=LATER)
    before = live()
    # Of Bela and Cora the newer delivery said what was known; of Dario that he is in none. Both hold.
    old = PEOPLE.replace("12  | 1", "12  | 3").replace("14  | 2", "14  | 1")
    receipt = send(tmp_path / "c", old, on=date(2026, 3, 15))
    assert receipt["persons"]["changed"] == 5
    assert live() == before


def test_a_table_that_does_not_say_who_is_in_a_family_moves_nobody_out_of_one(tmp_path):
    send(tmp_path / "a", PEOPLE)
    before = live()
    receipt = send(tmp_path / "b", PEOPLE, on=LATER, mapping=UNGROUPED)
    assert receipt["persons"]["changed"] == 5
    assert live() == before


@pytest.mark.parametrize("says_families", [True, False])
def test_who_moves_to_another_household_leaves_the_family_there(tmp_path, says_families):
    send(tmp_path / "a", PEOPLE)
    family = live()["Bela"][0]
    moved = PEOPLE.replace("c   | 1 ", "c   | 2 ").replace("d   | 1 ", "d   | 2 ")
    receipt = send(tmp_path / "b", moved, on=LATER, mapping=GROUPED if says_families else UNGROUPED)
    assert receipt["moves"]["persons"] == 2
    assert live()["Bela"][0] == family
    # The text that they have in common with Elif means the same family only since they live with her.
    assert families() == (["B", "CE", "D"] if says_families else ["B", "E"])
    assert (receipt["registry"]["group-memberships-ended"], receipt["registry"]["groups-ended"]) == (2, 1)
    assert rows("""
        SELECT count(*) FROM registry_groupmembership g JOIN registry_group of ON of.id = g.group_id
        JOIN registry_membership m ON m.person_id = g.person_id AND m.ends_on IS NULL
        WHERE g.ends_on IS NULL AND m.household_id <> of.household_id
    """) == [(0,)]


def test_the_household_that_somebody_left_is_decided_again_as_well(tmp_path):
    send(tmp_path / "a", PEOPLE)
    receipt = send(tmp_path / "b", PEOPLE.replace("c   | 1 ", "c   | 2 "))
    assert (receipt["persons"]["changed"], receipt["households"]["changed"]) == (1, 0)
    homes = {home for (home,) in rows("SELECT id FROM registry_household")}
    assert set(households_of_delivery(receipt["delivery"], at_most=9)) == homes


def test_a_family_that_an_officer_formed_or_ended_is_known_again_and_an_older_delivery_does_not_overturn_it(
    tmp_path, cast
):
    send(tmp_path / "a", PEOPLE.replace("| 1\n", "|\n").replace("14  | 2", "14  |"))
    assert live() == {}
    by = cast.ines.narrowed(Permission.REGISTER)
    found = dict(rows("SELECT given_name, person_id FROM registry_fact_person"))
    [(home,)] = rows(f"SELECT household_id FROM registry_membership WHERE person_id = '{found['Bela']}'")
    with acting(by):
        formed = form_group(home, "family", [found["Bela"], found["Cora"]], by=by, on=LATER, under=GROUND)
    send(tmp_path / "b", PEOPLE, on=date(2026, 3, 15))
    assert families() == ["BC", "D", "E"]  # of Dario and Elif nothing newer is known
    receipt = send(tmp_path / "c", PEOPLE.replace("14  | 2", "14  | 1"), on=date(2026, 5, 1))
    assert {live()[name][0] for name in ("Bela", "Cora", "Dario")} == {formed}
    assert receipt["registry"]["groups-ended"] == 1
    with acting(by):
        end_group(formed, by=by, on=date(2026, 6, 1), under=GROUND)
    send(tmp_path / "d", PEOPLE, on=date(2026, 5, 15))
    assert families() == ["E"]


def test_two_records_of_one_person_that_name_two_families_are_set_aside_with_their_household(tmp_path):
    send(tmp_path / "a", PEOPLE)
    twin = PEOPLE.rstrip() + "\n    f   | 1  | 5    | Bela  | female | 1985-02-03 | 12  | 1\n"
    without = "\n".join(line for line in twin.splitlines() if " b   |" not in line)
    assert send(tmp_path / "b", without, on=LATER)["persons"]["linked"] == 1
    before = families()
    receipt = send(tmp_path / "c", twin.replace("12  | 1\n    c", "12  | 2\n    c"), on=date(2026, 5, 1))
    reasons = {each["rule"]: each["rows"] for each in receipt["reasons"]}
    assert reasons == {"intake-group-differs": 2, "intake-household-held": 4}
    assert families() == before
    assert send(tmp_path / "d", twin, on=date(2026, 6, 1))["persons"]["accepted"] == 6
    assert families() == ["BC", "D", "E"]


def test_a_programme_about_families_decides_by_the_families_that_files_delivered(tmp_path):
    rule = RuleVersion(
        date(2026, 1, 1),
        rule="members.exists(m, age(m.birth_date) < 18)",
        law="law",
        group=Unit.FAMILY,
        ungrouped=Ungrouped.ALONE,
    )
    installed(ProgrammeConfig("family", Unit.FAMILY, (rule,)))
    send(tmp_path / "a", PEOPLE)
    run()
    assert outcomes() == {"BC": True, "D": False, "A": False, "E": False}
    family = live()["Bela"][0]
    send(tmp_path / "b", PEOPLE.replace("14  | 2", "14  | 1").replace("11  |", "11  | 4"), on=date(2026, 3, 20))
    run(on=date(2026, 4, 2))
    assert outcomes() == {"A": False, "BCD": True, "E": False}
    assert live()["Dario"][0] == family


def outcomes() -> dict[str, bool | None]:
    """Return what is decided of whoever is a unit now, by the first letters of the names."""
    people = dict(rows("SELECT person_id, left(given_name, 1) FROM registry_fact_person"))
    grouped = rows("""
        SELECT m.group_id, string_agg(left(given_name, 1), '' ORDER BY given_name) FROM registry_groupmembership m
        JOIN registry_group g ON g.id = m.group_id JOIN registry_fact_person f USING (person_id)
        WHERE m.ends_on IS NULL AND g.ends_on IS NULL GROUP BY m.group_id
    """)
    inside = set("".join(letters for _, letters in grouped))
    units = dict(grouped) | {id: letter for id, letter in people.items() if letter not in inside}
    homes = [home for (home,) in rows("SELECT id FROM registry_household")]
    with acting(OPERATOR):
        found = [each for home in homes for each in decisions_of_household(home, by=OPERATOR, under=GROUND)]
    return {units[each.unit_id]: each.outcome for each in found if each.is_standing and each.unit_id in units}
