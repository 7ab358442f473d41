"""Lists from the registry to the decision: the country's run and the single household say the same."""

import json
from datetime import date
from uuid import UUID

import pytest
from django.db import connections, transaction

from amparo.kernel import clock
from amparo.programmes.actions import cross_check, determine_household
from amparo.programmes.config import ProgrammeConfig, RuleVersion, Unit
from amparo.programmes.queries import explain, explain_as_of_today
from amparo.registry.actions import fold, move, observe, revoke_link
from amparo.trust.context import acting
from amparo.trust.types import Actor, Permission
from tests.lib import country
from tests.lib.country import GROUND
from tests.unit.programmes.country import DAY, OPERATOR, installed, run, snapshot

pytestmark = pytest.mark.usefixtures("fresh_database")

BORN = {"birth_date": date(1990, 5, 4)}
CHILD = {"birth_date": date(2024, 5, 4)}


def programme(rule: str, *, unit: Unit = Unit.HOUSEHOLD, amount: str | None = None) -> ProgrammeConfig:
    return ProgrammeConfig("asked", unit, (RuleVersion(date(2026, 1, 1), rule=rule, amount=amount, law="law-asked"),))


def decided(rule: str, **settings) -> dict[UUID, tuple]:
    """Install one programme, run it over the country by both engines, and return unit → outcome, amount, missing."""
    installed(programme(rule, **settings), parameters=())
    frozen = snapshot()
    checked = cross_check(frozen.id, on=DAY, by=OPERATOR, under=GROUND)
    assert checked.differing == ()
    run(of=frozen)
    with connections["bulk"].cursor() as cursor:
        cursor.execute(
            "SELECT unit_id, outcome, amount_minor, missing FROM programmes_decision WHERE superseded_at IS NULL"
        )
        return {unit: (outcome, amount, missing) for unit, outcome, amount, missing in cursor.fetchall()}


def decided_alone(home: UUID, rule: str, by: Actor, **settings) -> dict[UUID, tuple]:
    """Install one programme and decide one household by itself within an officer's gates, as their change would."""
    installed(programme(rule, **settings), parameters=())
    with acting(by.narrowed(Permission.REGISTER)):
        made = determine_household(home, by=OPERATOR, under=GROUND, on=DAY)
    return {each.unit_id: (each.outcome, each.amount, list(each.missing)) for each in made}


def people(home: UUID) -> list[UUID]:
    with connections["bulk"].cursor() as cursor:
        cursor.execute(
            "SELECT p.id FROM registry_person p JOIN registry_membership m ON m.person_id = p.id"
            " WHERE m.household_id = %s ORDER BY p.number",
            [home],
        )
        return [id for (id,) in cursor.fetchall()]


def related(person: UUID, other: UUID, kind: str = "parent", source: str = "census") -> None:
    """Write that `person` is the parent (spouse, caregiver) of `other`, as a batch would."""
    with connections["bulk"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO registry_relationship (person_id, other_id, kind, starts_on, source_id, area_number)"
            " SELECT %s, %s, %s, %s, s.id, p.area_number FROM registry_source s, registry_person p"
            " WHERE s.code = %s AND p.id = %s",
            [person, other, kind, date(2026, 1, 1), source, person],
        )


def item(kind: str, values: dict, *, person: UUID | None = None, household: UUID | None = None, source: str) -> UUID:
    """Write an item with one observation, as a batch would."""
    with transaction.atomic(using="bulk"), connections["bulk"].cursor() as cursor:
        cursor.execute(
            """
            WITH holder AS (SELECT area_number FROM registry_person WHERE id = %(person)s
                UNION ALL SELECT area_number FROM registry_household WHERE id = %(household)s),
            item AS (INSERT INTO registry_item (id, kind, person_id, household_id, area_number)
                SELECT gen_random_uuid(), %(kind)s, %(person)s, %(household)s, area_number FROM holder RETURNING *),
            subject AS (INSERT INTO registry_subject (source_id, grain, source_key, area_number)
                SELECT s.id, %(grain)s, item.id::text, item.area_number FROM item, registry_source s
                WHERE s.code = %(source)s RETURNING *),
            delivery AS (INSERT INTO registry_delivery (source_id, received_at, delivered_by, purpose, agreement, digest)
                SELECT source_id, %(now)s, gen_random_uuid(), 'registration', '', '' FROM subject RETURNING *),
            link AS (INSERT INTO registry_subjectlink (subject_id, entity_id, starts_at, ground, made_by, area_number)
                SELECT subject.id, item.id, %(now)s, 'test', gen_random_uuid(), item.area_number FROM subject, item
                RETURNING *),
            said AS (INSERT INTO registry_observation
                (subject_id, delivery_id, received_at, observed_on, source_id, grain, area_number, "values")
                SELECT subject.id, delivery.id, %(now)s, %(day)s, subject.source_id, %(grain)s, subject.area_number,
                    %(values)s FROM subject, delivery)
            SELECT entity_id FROM link
            """,
            {
                "person": person,
                "household": household,
                "kind": kind,
                "grain": f"item:{kind}",
                "source": source,
                "now": clock.now(),
                "day": country.DAY,
                "values": json.dumps(values),
            },
        )
        (id,) = cursor.fetchone()
    with transaction.atomic(using="bulk"):
        fold(f"item:{kind}", [id], using="bulk")
    return id


YOUNG_MOTHER = 'members.exists(m, m.sex == "female" && m.children.exists(c, age(c.birth_date) < 3))'


def test_a_mother_of_a_small_child_is_found_by_both_engines_and_alone(cast):
    home = country.household("n1", BORN | {"sex": "female"}, CHILD)
    without = country.household("n1", BORN | {"sex": "female"})
    mother, child = people(home)
    related(mother, child)
    found = decided(YOUNG_MOTHER)
    assert (found[home], found[without]) == ((True, None, []), (False, None, []))
    assert decided_alone(home, f"{YOUNG_MOTHER} || false", cast.amina)[home] == (True, None, [])


def test_a_list_that_no_source_of_the_person_names_whole_is_unknown_and_not_empty(cast):
    """The office's form does not ask for children: that none are known is not that there are none."""
    home = country.household("n1", BORN | {"sex": "female"}, source="office")
    assert decided(YOUNG_MOTHER)[home] == (None, None, ["children"])
    assert decided_alone(home, f"{YOUNG_MOTHER} || false", cast.amina)[home] == (None, None, ["children"])
    assert decided_alone(home, "household.size >= 1 && members.map(m, m.children.size()).sum() < 1", cast.amina)[
        home
    ] == (
        None,
        None,
        ["children"],
    )


RICH_PARENT = "member.parents.map(p, over(p.items(income_month).map(i, i.amount), 2).sum()).sum()"


def absent_father(area: str = "s1") -> tuple[UUID, UUID, UUID]:
    """A child in the north, whose father lives in the south and earns 3.00 and 5.00 a month."""
    home, away = country.household("n1", CHILD), country.household(area, BORN)
    (child,), (father,) = people(home), people(away)
    related(father, child)
    for month, amount in (("2026-02-01", 300), ("2026-03-01", 500)):
        item("income_month", {"month": month, "amount": amount}, person=father, source="tax")
    with acting(ines()):
        observe(away, values={}, members={father: {"is_head": True}}, source="tax", by=ines(), on=DAY, under=GROUND)
    return home, child, father


def ines() -> Actor:
    return country.cast().ines.narrowed(Permission.REGISTER)


def test_an_absent_parents_income_counts_also_where_the_officer_does_not_reach(cast):
    home, child, _ = absent_father()
    asked = f"has(member.birth_date) && {RICH_PARENT} > 0"
    assert decided(asked, unit=Unit.PERSON, amount=RICH_PARENT)[child] == (True, 800, [])
    alone = decided_alone(home, f"{asked} && true", cast.amina, unit=Unit.PERSON, amount=RICH_PARENT)
    assert alone[child] == (True, 800, [])


def test_a_parent_who_moves_stays_a_parent(cast):
    home, child, father = absent_father()
    away = country_household_of(father)
    with acting(ines()):
        move(away, to_area="n2", by=ines(), on=DAY, under=GROUND)
    asked = f"has(member.birth_date) && {RICH_PARENT} > 0"
    assert decided(asked, unit=Unit.PERSON)[child] == (True, None, [])
    assert decided_alone(home, f"{asked} && true", cast.amina, unit=Unit.PERSON)[child] == (True, None, [])


def country_household_of(person: UUID) -> UUID:
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT household_id FROM registry_membership WHERE person_id = %s", [person])
        return cursor.fetchone()[0]


def test_what_a_revoked_record_said_of_its_relatives_is_no_longer_believed(cast):
    """The child's census record turns out to be somebody else's: whose child it is, is unknown again."""
    home, child, _ = absent_father()
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT subject_id FROM registry_subjectlink WHERE entity_id = %s", [child])
        (subject,) = cursor.fetchone()
    with acting(ines()):
        revoke_link(subject, ground="mistaken", by=ines(), on=DAY, under=GROUND)
    asked = "member.parents.exists(p, has(p.birth_date))"
    assert decided(asked, unit=Unit.PERSON)[child] == (None, None, ["parents"])
    assert decided_alone(home, f"{asked} && true", cast.amina, unit=Unit.PERSON)[child] == (None, None, ["parents"])


def test_items_that_went_stale_are_unknown_in_a_snapshot_and_alone(cast):
    home = country.household("n1", BORN, rooms=2)
    item("plot", {"hectares": 2.5}, household=home, source="census")
    asked = "household.items(plot).map(p, p.hectares).sum() > 2.0"
    assert decided(asked)[home] == (True, None, [])
    installed(programme(asked), parameters=())
    frozen, later = snapshot(), date(2027, 6, 1)
    assert cross_check(frozen.id, on=later, by=OPERATOR, under=GROUND).differing == ()
    run(on=later, of=frozen)
    with acting(cast.amina.narrowed(Permission.READ_DECISION)) as reader:
        told = explain_as_of_today("asked", home, by=reader, under=GROUND, on=later)
    assert (told.outcome, told.missing) == (None, ("hectares",))


def test_only_what_a_rule_reads_of_relatives_is_exported():
    installed(programme(YOUNG_MOTHER), parameters=())
    frozen = snapshot().exports["households"]
    assert {each for each in frozen.classes if each.startswith("members.children.")} == {
        "members.children.person_id",
        "members.children.birth_date",
    }
    assert "members.birth_date" not in frozen.classes


def test_a_decision_keeps_what_it_read_of_relatives_and_is_explained_from_it(cast):
    home, child, _ = absent_father()
    asked = f"has(member.birth_date) && {RICH_PARENT} > 0"
    decided_alone(home, asked, cast.amina, unit=Unit.PERSON, amount=RICH_PARENT)
    with acting(cast.amina.narrowed(Permission.READ_DECISION)) as reader:
        now = explain_as_of_today("asked", child, by=reader, under=GROUND, on=DAY)
        (decision,) = [each for each in standing(child)]
        told = explain(decision, by=reader, under=GROUND)
    assert told.recomputes
    assert told.trace == now.trace
    (amount,) = [each for each in told.inputs if each.name == "amount" and each.fact.value == 500]
    assert (amount.grain, amount.place[:5]) == ("item:income_month", ("members", 0, "parents", 0, "income_month"))
    assert amount.fact.source == "tax"


def standing(unit: UUID) -> list[UUID]:
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT id FROM programmes_decision WHERE unit_id = %s AND superseded_at IS NULL", [unit])
        return [id for (id,) in cursor.fetchall()]


def test_age_and_source_of_a_fact(cast):
    home = country.household("n1", BORN, income=500)
    asked = 'source_of(household.income) == "census" && age_of(household.income) == 31'
    assert decided(asked)[home] == (True, None, [])
    assert decided_alone(home, f"{asked} && true", cast.amina)[home] == (True, None, [])
