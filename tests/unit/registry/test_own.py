"""What a citizen sees of whom (trust B2, C6): persons × relations × classes of fields, each gate alone."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connections
from django.db.utils import ProgrammingError

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, Refused
from amparo.registry import own
from amparo.registry.actions import observe
from amparo.registry.insight import MAY_SEE, Relation
from amparo.registry.own import expect_own, guardians, near, own_record, own_units, represented
from amparo.trust.actions.mandating import revoke_mandate
from amparo.trust.context import acting
from amparo.trust.queries import account_named, actor_of
from amparo.trust.types import OWN_RIGHT, Permission
from tests.lib import country, kin

# Set down from who should see what, and from no rule of the product: whom Dalia looks at → of whom → which classes.
ALL = {"name", "identity", "contact", "sensitive", "situation"}
EXPECTED = {
    "Dalia": {"Dalia": ALL, "n1": {"contact", "situation"}, "Dario": {"name"}, "Omar": {"name"}, "Salma": {"name"}},
    "Omar": {"Omar": ALL, "n1": {"contact", "situation"}, "Dario": {"name"}, "Dalia": {"name"}, "Salma": {"name"}},
    "Nadia": {"Nadia": ALL - {"contact"}},
    "Hoda": {"Hoda": ALL - {"sensitive"}, "n2": {"contact", "situation"}, "Zaki": {"name"}},
}
ANYWHERE = {
    "Dalia": ALL,
    "Omar": ALL,
    "Nadia": ALL - {"contact"},
    "Hoda": ALL - {"sensitive"},
    "n1": {"contact", "situation"},
    "n2": {"contact", "situation"},
    **{each: {"name"} for each in ("Dario", "Salma", "Zaki")},
}
REACH = {whom: {each: ANYWHERE[each] for each in shown} for whom, shown in EXPECTED.items()}
NOBODYS = ("Dario", "Salma", "Karim", "Zaki", "Vito")


@pytest.fixture(scope="module")
def people(empty_database):
    found = kin.install()
    kin.mandate(found["Hoda"], found["Dalia"])
    return found


@pytest.fixture(scope="module")
def dalia(people):
    return kin.bound(people["Dalia"], "dalia")


@pytest.fixture(params=["both gates", "the query alone", "row security alone"])
def gates(request, people, server, empty_database):
    """Switch one gate off; the product has no switch for it."""
    if request.param == "the query alone":
        with kin.without_row_security(server, empty_database):
            yield request.param
    elif request.param == "row security alone":
        with pytest.MonkeyPatch.context() as patch:
            everyone = {**dict.fromkeys(people.values(), Relation.SELF)}
            everyone |= {people[area]: Relation.HOME for area in kin.HOMES}
            patch.setattr(own, "relations", lambda *_, **__: everyone)
            patch.setattr(own, "shows", lambda *_: True)
            patch.setattr(own, "within", lambda rows, by, **_: rows)
            yield request.param
    else:
        yield request.param


def classes(facts) -> set[str]:
    """Return which classes of fields are among some facts, by the names that the test's dictionary gave them."""
    named = {name.partition("_")[2] for name in facts if name.startswith(("person_", "household_"))}
    return named | ({"name"} if "given_name" in facts else set())


def seen(by) -> dict[str, set[str]]:
    """Return of whom a record shows which classes; values name whose they are, so that no other's can hide among them."""
    with acting(by):
        record = own_record(by=by)
    found = [record.person, *(record.home.members if record.home else ())]
    told = {each.facts["given_name"].value: classes(each.facts) for each in found if "given_name" in each.facts}
    for each in found:
        for name, fact in each.facts.items():
            if name.startswith("person_"):
                assert fact.value == f"{each.facts['given_name'].value}-{name.partition('_')[2]}"
    if record.home:
        area = {fact.value.partition("-")[0] for name, fact in record.home.facts.items() if name.startswith("house")}
        told |= {each: classes(record.home.facts) for each in area}
    return told


@pytest.mark.parametrize("whom", EXPECTED)
def test_of_each_only_what_the_relation_shows(gates, people, dalia, whom):
    found = seen(kin.looking(dalia, people[whom]))
    # The database knows for whom Dalia may look, not on which of her pages: alone it shows all that she may see anywhere.
    assert found == (REACH[whom] if gates == "row security alone" else EXPECTED[whom])


@pytest.mark.parametrize("whom", NOBODYS)
def test_nobody_else_s_record_is_opened(gates, people, dalia, whom):
    by = kin.looking(dalia, people[whom])
    with acting(by):
        if gates == "row security alone":
            with connections["default"].cursor() as cursor:
                cursor.execute("SELECT amparo_me()")
                assert cursor.fetchone() == (None,)
                cursor.execute("SELECT count(*) FROM registry_identifier")
                assert cursor.fetchone() == (0,)
        else:
            with pytest.raises(NotFound, match="registry-not-represented"):
                own_record(by=by)


def test_the_database_has_the_same_table_as_the_program(people):
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT relation, array_agg(shows::text) FROM registry_insight GROUP BY relation")
        held = {relation: set(shown) for relation, shown in cursor.fetchall()}
    assert held == {relation.value: set(map(str, shown)) for relation, shown in MAY_SEE.items()}
    assert not any("protection" in shown for shown in held.values())


def may_look(dalia, person) -> str | None:
    """Return by what right Dalia may look at somebody, once both gates have agreed on it."""
    by = kin.looking(dalia, person)
    with acting(by), connections["default"].cursor() as cursor:
        cursor.execute("SELECT amparo_me()")
        (opened,) = cursor.fetchone()
        found = near(by).relations.get(person)
        found = None if found in (Relation.MEMBER, Relation.HOME) else found
        assert (opened == person) == (found is not None)
        if found is None:
            with pytest.raises(NotFound, match="registry-not-represented"):
                expect_own(by)
        return found


@pytest.mark.parametrize(("age", "looks"), [(0, True), (17, True), (18, False), (40, False)])
def test_a_parent_looks_until_the_day_on_which_the_child_comes_of_age(people, dalia, age, looks):
    """The day before the birthday the child is under age, on it no more: both gates count by the day."""
    observe_born(people["Omar"], kin.born(age))
    assert may_look(dalia, people["Omar"]) == (Relation.CHILD if looks else None)
    observe_born(people["Omar"], kin.born(18) + timedelta(days=1))
    assert may_look(dalia, people["Omar"]) == Relation.CHILD
    observe_born(people["Omar"], kin.born(10))


def observe_born(person, day) -> None:
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT household_id FROM registry_membership WHERE person_id = %s", [person])
        (home,) = cursor.fetchone()
    by = country.cast().ines.narrowed(Permission.REGISTER)
    with acting(by):
        given = {person: {"birth_date": day}}
        observe(home, values={}, members=given, source="census", by=by, on=clock.today(), under=country.GROUND)


def test_of_a_child_whose_birth_date_nobody_knows_a_parent_sees_no_more_than_of_anybody(people, dalia):
    kin.relate(people["Dalia"], "guardian", people["Zaki"])
    assert may_look(dalia, people["Zaki"]) is None  # forty years old
    kin.relate(people["Dalia"], "parent", people["Dario"])
    with connections["bulk"].cursor() as cursor:
        cursor.execute(
            "DELETE FROM registry_relationship WHERE other_id = ANY(%s)", [[people["Zaki"], people["Dario"]]]
        )


@pytest.mark.parametrize(
    ("since", "until", "looks"), [(-9, None, True), (-9, 0, True), (-9, -1, False), (1, None, False)]
)
def test_a_guardian_looks_between_the_days_of_the_relationship(people, dalia, since, until, looks):
    today = clock.today()
    observe_born(people["Vito"], kin.born(9))
    days = {"since": today + timedelta(days=since), "until": until if until is None else today + timedelta(days=until)}
    kin.relate(people["Dalia"], "guardian", people["Vito"], **days)
    assert may_look(dalia, people["Vito"]) == (Relation.CHILD_ELSEWHERE if looks else None)
    with connections["bulk"].cursor() as cursor:
        cursor.execute("DELETE FROM registry_relationship WHERE other_id = %s", [people["Vito"]])
    observe_born(people["Vito"], kin.born(40))


@pytest.mark.parametrize(("since", "days", "looks"), [(0, 0, True), (-30, 30, True), (-30, 29, False), (1, 5, False)])
def test_a_mandate_opens_a_record_between_its_days(people, dalia, since, days, looks):
    id = kin.mandate(people["Vito"], people["Dalia"], since=since, days=days)
    assert may_look(dalia, people["Vito"]) == (Relation.MANDATE if looks else None)
    vito = citizen_of(people["Vito"])
    if looks:
        by = kin.looking(vito, permission=Permission.DECIDE_OWN)
        with acting(by):
            revoke_mandate(id, by=by, under=OWN_RIGHT, on=clock.today())
        assert may_look(dalia, people["Vito"]) is None
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM trust_mandate")


def citizen_of(person):
    name = f"own-{person}"
    try:
        return actor_of(account_named(name), on=clock.today())
    except NotFound:
        return kin.bound(person, name)


def test_only_who_gave_a_mandate_takes_it_back(people, dalia):
    id = kin.mandate(people["Vito"], people["Dalia"])
    vito, by = citizen_of(people["Vito"]), kin.looking(dalia, people["Vito"], Permission.DECIDE_OWN)
    with acting(by), pytest.raises(Refused, match="trust-only-oneself"):
        revoke_mandate(id, by=by, under=OWN_RIGHT, on=clock.today())
    by = kin.looking(dalia, permission=Permission.DECIDE_OWN)
    with acting(by), pytest.raises(NotFound, match="trust-mandate-unknown"):
        revoke_mandate(id, by=by, under=OWN_RIGHT, on=clock.today())
    by = kin.looking(vito, permission=Permission.DECIDE_OWN)
    with acting(by):
        revoke_mandate(id, by=by, under=OWN_RIGHT, on=clock.today())


def test_no_age_of_majority_stated_no_parent_looks(people, dalia, monkeypatch):
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE registry_setting SET value = value - 'majority' WHERE name = 'dictionary'")
    monkeypatch.setattr(own, "dictionary", lambda: replace(kin.DICTIONARY, majority=None, _by_key={}))
    assert may_look(dalia, people["Omar"]) is None
    with connections["owner"].cursor() as cursor:
        cursor.execute("""UPDATE registry_setting SET value = value || '{"majority": 18}' WHERE name = 'dictionary'""")


def test_an_account_that_is_nobody_s_sees_nobody(people):
    by = kin.stranger().narrowed(Permission.SEE_OWN)
    with acting(by):
        with pytest.raises(NotFound):
            own_record(by=by)
        with connections["default"].cursor() as cursor:
            for table in ("registry_person", "registry_household", "registry_membership", "registry_told"):
                cursor.execute(f"SELECT count(*) FROM {table}")
                assert cursor.fetchone() == (0,), table


@pytest.mark.parametrize(
    "asked",
    [
        'SELECT "values" FROM registry_observation',
        "SELECT * FROM registry_fact_person",
        "SELECT words FROM registry_person_name",
        "SELECT area_number FROM registry_person",
        "SELECT area_number FROM registry_household",
        "SELECT facts FROM programmes_decision",
        "SELECT * FROM trust_audit",
        "SELECT password FROM trust_account",
        "SELECT * FROM trust_roleassignment",
        "SELECT * FROM trust_citizen",
        "SELECT * FROM trust_invitation",
        "SELECT * FROM trust_delay",
        "SELECT * FROM amparo_concerning(gen_random_uuid(), now(), now())",
        "SELECT amparo_acts_for(gen_random_uuid(), gen_random_uuid())",
        "SELECT amparo_bind_citizen('a', 'b', gen_random_uuid())",
    ],
)
def test_the_role_of_citizens_is_refused_what_no_page_of_theirs_reads(people, dalia, asked):
    refused = pytest.raises(ProgrammingError, match="permission denied")
    with refused, acting(kin.looking(dalia)), connections["default"].cursor() as cursor:
        cursor.execute(asked)


def test_identifiers_show_their_last_letters_only(people, dalia):
    kin.number(people["Dalia"], "12345678903")
    kin.number(people["Dario"], "98765432109")
    by = kin.looking(dalia)
    with acting(by):
        assert [(each.scheme, each.ending) for each in own_record(by=by).identifiers] == [("national_id", "903")]


def test_who_may_act_is_told_to_whom_it_concerns(people, dalia):
    with acting(by := kin.looking(dalia)):
        assert {each.relation for each in represented(by)} == {
            Relation.CHILD,
            Relation.CHILD_ELSEWHERE,
            Relation.MANDATE,
        }
    with acting(by := kin.looking(dalia, people["Omar"])):
        assert {who.facts["given_name"].value for who, kind, _ in guardians(by=by)} == {"Dalia", "Dario"}


def test_each_look_is_on_the_record_with_for_whom(people, dalia):
    with acting(by := kin.looking(dalia, people["Omar"])):
        own_record(by=by)
    with connections["bulk"].cursor() as cursor:
        cursor.execute(
            "SELECT by_id, by_kind, permission, purpose, about_id, details FROM trust_audit"
            " WHERE event = 'own-record-read' ORDER BY at DESC, id DESC LIMIT 1"
        )
        by_id, kind, permission, purpose, about, details = cursor.fetchone()
    assert (by_id, kind, permission, purpose) == (dalia.id, "citizen", "see-own", "own-right")
    assert about == str(people["Omar"])
    assert json.loads(details)["by_person"] == str(people["Dalia"])


def test_units_of_a_child_elsewhere_are_the_child_alone(people, dalia):
    for whom, wanted in (
        ("Dalia", {"Dalia", "n1"}),
        ("Omar", {"Omar", "n1"}),
        ("Nadia", {"Nadia"}),
        ("Hoda", {"Hoda", "n2"}),
    ):
        with acting(by := kin.looking(dalia, people[whom])), connections["default"].cursor() as cursor:
            assert set(own_units(by)) == {people[each] for each in wanted}
            cursor.execute("SELECT amparo_units()")
            assert {id for (id,) in cursor.fetchall()} == {people[each] for each in wanted}
