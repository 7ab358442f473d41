"""People in danger: out of everybody's sight but theirs who protect them, in the query and in the database, each alone."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from django.db import connections, transaction
from django.db.utils import ProgrammingError

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, NotPermitted, Refused
from amparo.programmes import queries as programmes
from amparo.registry import finding, queries
from amparo.registry.actions import (
    end_protection,
    install_dictionary,
    move,
    observe,
    protect,
)
from amparo.registry.actions.sharing import share
from amparo.registry.dictionary import Field, Type
from amparo.registry.models import Household
from amparo.trust.actions import grant_role, open_account
from amparo.trust.context import acting
from amparo.trust.queries import actor_of, area
from amparo.trust.scope import where, within
from amparo.trust.types import Actor, FieldClass, Permission, Role, Scope, ScopeKind, system
from tests.lib import agreeing, country
from tests.unit.intake.census import delivered
from tests.unit.programmes.country import POOR_HOME, installed, run

DAY = date(2026, 5, 1)
HIDEOUT = Field("hideout", "person", Type.TEXT, field_class=FieldClass.PROTECTION, **country.USED)
WORDS = replace(country.DICTIONARY, version="hideouts", fields=(*country.DICTIONARY.fields, HIDEOUT), _by_key={})
OTHERS = ("amina", "bruno", "chen", "ines", "omid")


@pytest.fixture(scope="module")
def land(database) -> None:
    install_dictionary(WORDS, by=system("test"))
    installed(POOR_HOME)


def home(name: str = "Mara", place: str = "n1") -> UUID:
    return country.household(place, {"given_name": name, "family_name": "Lund", "is_head": True}, income=5_000)


def who(name: str, permission: Permission) -> Actor:
    return getattr(country.cast(), name).narrowed(permission)


def only_member(household: UUID) -> UUID:
    with acting(system("test")) as by:
        return queries.residence(household, by=by)[0][0]


def sheltered(household: UUID, *, by: str = "nadia") -> UUID:
    with acting(who(by, Permission.PROTECT)) as protector:
        protect(only_member(household), by=protector, on=DAY, under=country.GROUND)
    return household


def rows(statement: str, *values, using: str = "bulk") -> list[tuple]:
    with connections[using].cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def protected_tables() -> list[str]:
    return [
        name
        for (name,) in rows("""
            SELECT c.oid::regclass::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'area_number'
            WHERE c.relforcerowsecurity AND NOT c.relispartition ORDER BY 1""")
    ]


def seen_below_zero(by: Actor) -> dict[str, int]:
    """Return how many rows of people in danger the database shows, table by table, without the first gate."""
    found = {}
    with acting(by):
        for table in protected_tables():
            try:
                with transaction.atomic():
                    found[table] = rows(f"SELECT count(*) FROM {table} WHERE area_number < 0", using="default")[0][0]
            except ProgrammingError as error:
                assert "permission denied" in str(error)  # noqa: PT017 - refused is as good as empty
    return {table: count for table, count in found.items() if count}


def test_the_database_shows_rows_of_people_in_danger_to_who_protects_and_to_nobody_else(land):
    sheltered(home())
    for name in OTHERS:
        assert seen_below_zero(who(name, Permission.READ_HOUSEHOLD)) == {}
    held = seen_below_zero(who("nadia", Permission.READ_HOUSEHOLD))
    assert {"registry_household", "registry_person", "registry_observation", "registry_fact_person"} <= set(held)
    assert {"programmes_decision", "registry_protection"} <= set(held)
    assert seen_below_zero(system("test")).keys() >= held.keys()


def test_every_table_that_carries_an_area_keeps_people_in_danger_apart(land):
    kept = {name for (name,) in rows("SELECT polrelid::regclass::text FROM pg_policy WHERE polname = 'sheltered'")}
    assert set(protected_tables()) - kept == {"registry_protection"}  # open to two roles only, by its grants


def test_a_scope_that_reaches_below_zero_by_mistake_shows_nothing(land):
    sheltered(home())
    amina = country.cast().amina
    (north,) = amina.narrowed(Permission.FIND).scope.ranges
    wrong = Scope(ScopeKind.AREA, (north, (-north[1], -north[0])))
    mistaken = replace(amina, grants=(replace(amina.grants[0], scope=wrong),)).narrowed(Permission.READ_HOUSEHOLD)
    assert seen_below_zero(mistaken) == {}


def test_the_query_alone_keeps_them_apart(land):
    sheltered(home())
    for name in OTHERS:
        by = who(name, Permission.READ_HOUSEHOLD)
        found = within(Household.objects.using("bulk").all(), by)
        assert [each for each in found if each.area_number < 0] == []
        text, values = where(by, of="registry_person", row="p")
        assert rows(f"SELECT count(*) FROM registry_person p WHERE p.area_number < 0 AND {text}", *values) == [(0,)]


def test_nobody_else_finds_lists_or_counts_them(land):
    id = home("Ilka")
    before = {name: counted(name) for name in OTHERS}
    number = rows("SELECT number FROM registry_household WHERE id = %s", id)[0][0]
    sheltered(id)
    place = area("n1")
    for name in OTHERS:
        with acting(who(name, Permission.FIND)) as by:
            ground = {"by": by, "under": country.GROUND}
            assert finding.find_by_name("Ilka Lund", **ground) == []
            assert finding.find_by_number(number, **ground) == []
            assert id not in {
                each.household_id for each in finding.households_in(place.number, place.last_number, **ground)
            }
        with acting(who(name, Permission.READ_HOUSEHOLD)) as by, pytest.raises(NotFound):
            queries.household(id, by=by, under=country.GROUND)
    assert {name: before[name] - counted(name) for name in ("amina", "bruno", "chen", "ines")} == {
        "amina": 1, "bruno": 1, "chen": 0, "ines": 1,
    }  # fmt: skip


def counted(name: str) -> int:
    with acting(who(name, Permission.FIND)) as by:
        return queries.household_count(by)[0]


def test_who_protects_in_the_area_sees_them_with_the_area_and_one_of_another_does_not(land):
    id = sheltered(home("Zita"))
    with acting(who("nadia", Permission.FIND)) as by:
        place = area("n1")
        listed = finding.households_in(place.number, place.last_number, by=by, under=country.GROUND)
        assert id in {each.household_id for each in listed}
        assert [each.name for each in finding.find_by_name("Zita Lund", by=by, under=country.GROUND)][:1] == [
            "Zita Lund"
        ]
    account = open_account("sonja", country.PASSWORD, display_name="Sonja", by=system("test"))
    grant_role(account.id, Role.PROTECTION_OFFICER, area_code="south", by=system("test"), on=date(2020, 1, 1))
    sonja = actor_of(account, on=clock.today())
    assert seen_below_zero(sonja.narrowed(Permission.READ_HOUSEHOLD)) == {}
    with acting(sonja.narrowed(Permission.PROTECT)) as by, pytest.raises(NotFound):
        end_protection(only_member(id), by=by, under=country.GROUND)


def test_only_who_protects_may_mark_and_the_database_holds_it_alone(land):
    id = home()
    person = only_member(id)
    with acting(who("amina", Permission.READ_HOUSEHOLD)) as by, pytest.raises(NotPermitted):
        protect(person, by=by, on=DAY, under=country.GROUND)
    for name in ("amina", "ines"):
        with pytest.raises(ProgrammingError, match="permission denied"), acting(who(name, Permission.REGISTER)) as by:
            rows("SELECT amparo_protect(%s, %s, %s)", person, DAY, by.id, using="default")
    south = only_member(home("Una", "s1"))
    with pytest.raises(ProgrammingError, match="outside the caller"), acting(who("nadia", Permission.PROTECT)) as by:
        rows("SELECT amparo_protect(%s, %s, %s)", south, DAY, by.id, using="default")


def test_a_mark_is_made_once_and_ends_once_and_then_everybody_sees_them_again(land):
    id = sheltered(home("Bodil"))
    with acting(who("nadia", Permission.PROTECT)) as by:
        with pytest.raises(Refused, match="registry-protected-already"):
            protect(only_member(id), by=by, on=DAY, under=country.GROUND)
        end_protection(only_member(id), by=by, under=country.GROUND)
        with pytest.raises(Refused, match="registry-not-protected"):
            end_protection(only_member(id), by=by, under=country.GROUND)
    with acting(who("amina", Permission.READ_HOUSEHOLD)) as by:
        assert queries.household(id, by=by, under=country.GROUND).number
        assert programmes.decisions_of_household(id, by=who("amina", Permission.READ_DECISION), under=country.GROUND)


def test_no_audit_row_says_where_they_live(land):
    id = sheltered(home())
    with acting(who("nadia", Permission.READ_HOUSEHOLD)) as by:
        queries.household(id, by=by, under=country.GROUND)
    assert rows("SELECT count(*) FROM trust_audit WHERE area_number < 0") == [(0,)]
    assert rows(
        "SELECT area_number FROM trust_audit WHERE about_id = %s AND event = 'household-read' ORDER BY at DESC LIMIT 1",
        str(id),
    ) == [(None,)]


def test_they_are_decided_about_like_everybody_and_what_was_decided_lies_with_them(land):
    id = sheltered(home("Runa"))
    with connections["bulk"].cursor() as cursor:
        cursor.execute("UPDATE registry_fact_household SET income = 99000 WHERE household_id = %s", [id])
    run(clock.today())
    made = rows(
        "SELECT state, outcome, area_number < 0, run_id IS NULL FROM programmes_decision WHERE household_id = %s", id
    )
    assert ("proposed", False, True, False) in made
    assert {hidden for _, _, hidden, _ in made} == {True}


def test_a_run_does_not_count_them_where_they_live(land):
    """Else the difference between who is listed in a village and who is counted there would tell that somebody hides."""
    sheltered(home("Solveig", "n2"))
    made = run(clock.today())
    for name in ("amina", "bruno", "ines"):
        with acting(who(name, Permission.READ_FIGURES)) as by:
            place = area("n2")
            (counted,) = programmes.counts_by_area(made.id, [(place.number, place.last_number)], by=by)
            assert counted.units == queries.household_count(by, within=(place.number, place.last_number))[0]


def test_a_move_keeps_them_apart_in_the_new_area(land):
    id = sheltered(home())
    with acting(who("nadia", Permission.REGISTER)) as by:
        move(id, to_area="n2", by=by, on=DAY, under=country.GROUND)
    assert rows("SELECT area_number FROM registry_household WHERE id = %s", id) == [(-area("n2").number,)]


CENSUS = "hh | area | rooms | income\n9  | n1   | 3     | 100.5\n8  | n1   | 2     | 80"
CAME = "hh | line | name | sex    | born       | nid\n9  | 1    | Kaia | female | 1980-02-03 |\n8  | 1    | Liv  | female | 1981-02-03 |"


def test_a_delivery_neither_shows_them_nor_moves_them_into_sight(land, tmp_path):
    delivered(tmp_path / "a", households=CENSUS, persons=CAME)
    (id,) = [
        each
        for (each,) in rows(
            "SELECT l.entity_id FROM registry_subjectlink l JOIN registry_subject s ON s.id = l.subject_id WHERE s.grain = 'household' AND s.source_key = '9'"
        )
    ]
    sheltered(id)
    delivered(tmp_path / "b", households=CENSUS.replace("n1   | 3", "n2   | 4"), persons=CAME)
    assert rows("SELECT area_number FROM registry_household WHERE id = %s", id) == [(-area("n2").number,)]
    entities = rows("SELECT %s::uuid UNION SELECT person_id FROM registry_membership WHERE household_id = %s", id, id)
    visible = rows(
        "SELECT count(*) FROM registry_observation o JOIN registry_subjectlink l USING (subject_id)"
        " WHERE l.entity_id = ANY (%s) AND o.area_number >= 0",
        [each for (each,) in entities],
    )
    assert visible == [(0,)]
    assert rows("SELECT rooms, area_number < 0 FROM registry_fact_household WHERE household_id = %s", id) == [(4, True)]


def test_the_home_that_somebody_in_danger_moves_to_goes_out_of_sight_and_the_one_they_left_comes_back(land, tmp_path):
    moved = CENSUS.replace("9  ", "19 ").replace("8  ", "18 ")
    delivered(tmp_path / "a", households=moved, persons=CAME.replace("9  ", "19 ").replace("8  ", "18 "))
    first, second = (household_of(key) for key in ("19", "18"))
    sheltered(first)
    person = rows("SELECT person_id FROM registry_membership WHERE household_id = %s", first)[0][0]
    with connections["bulk"].cursor() as cursor:  # as a delivery tells of a move
        cursor.execute("UPDATE registry_membership SET ends_on = %s WHERE person_id = %s", [DAY, person])
        cursor.execute(
            "INSERT INTO registry_membership (person_id, household_id, starts_on, area_number) VALUES (%s, %s, %s, %s)",
            [person, second, DAY, area("n1").number],
        )
        cursor.execute("SELECT amparo_shelter_again()")
    below = dict(rows("SELECT id, area_number < 0 FROM registry_household WHERE id IN (%s, %s)", first, second))
    assert below == {first: False, second: True}


def household_of(key: str) -> UUID:
    return rows(
        "SELECT l.entity_id FROM registry_subjectlink l JOIN registry_subject s ON s.id = l.subject_id"
        " WHERE s.grain = 'household' AND s.source_key = %s",
        key,
    )[0][0]


def test_no_partner_is_told_of_them(land):
    agreeing.install()
    id = sheltered(home("Tove"))
    agreed = agreeing.in_force("sheltered")
    page = share(agreed, agreeing.request(agreed), about="person", by=agreeing.partner_of(agreed), on=clock.today())
    visible = rows(
        "SELECT count(*) FROM registry_person WHERE deceased_on IS NULL AND area_number BETWEEN %s AND %s",
        area("north").number,
        area("north").last_number,
    )
    assert len(page.records) == visible[0][0]
    assert rows("SELECT area_number < 0 FROM registry_household WHERE id = %s", id) == [(True,)]


def test_what_protects_somebody_is_read_and_written_by_who_protects_only_wherever_they_live(land):
    id = home("Embla")
    person = only_member(id)
    told = {person: {"hideout": "behind the mill"}}
    for name in ("amina", "ines"):
        with acting(who(name, Permission.REGISTER)) as by, pytest.raises(NotPermitted, match="registry-field-withheld"):
            observe(id, values={}, members=told, source="office", by=by, on=DAY, under=country.GROUND)
    with acting(who("nadia", Permission.REGISTER)) as by:
        observe(id, values={}, members=told, source="office", by=by, on=DAY, under=country.GROUND)
        assert queries.household(id, by=by, under=country.GROUND).members[0].facts["hideout"].value == "behind the mill"
    for name in ("amina", "bruno", "ines"):
        with acting(who(name, Permission.READ_HOUSEHOLD)) as by:
            held = queries.household(id, by=by, under=country.GROUND)  # the home itself is in sight
            assert "hideout" not in held.members[0].facts
            assert rows("SELECT count(*) FROM registry_observation WHERE \"values\" ? 'hideout'", using="default") == [
                (0,)
            ]


def test_what_protects_people_has_no_column_among_the_facts(land):
    assert rows("SELECT count(*) FROM pg_attribute WHERE attname = 'hideout' AND attnum > 0") == [(0,)]


def test_a_field_does_not_become_one_that_protects_while_others_read_its_column(land):
    fields = tuple(
        replace(each, field_class=FieldClass.PROTECTION) if each.name == "rooms" else each for each in WORDS.fields
    )
    with pytest.raises(Refused, match="registry-field-now-protects"):
        install_dictionary(replace(WORDS, version="again", fields=fields, _by_key={}), by=system("test"))


def test_no_file_brings_what_protects_people(land, tmp_path):
    from tests.unit.intake.census import HOUSEHOLDS, MAPPING, PERSONS

    wrong = MAPPING.replace('sex = "sex"', 'sex = "sex"\nhideout = "nid"')
    with pytest.raises(Refused, match="intake-mapping-field-protects"):
        delivered(tmp_path / "a", mapping=wrong, households=HOUSEHOLDS, persons=PERSONS)
