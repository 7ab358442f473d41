"""Everybody is counted in one life-cycle group, by what reaches them: directly, through the home, or not at all."""

import random
from collections import Counter
from dataclasses import replace
from datetime import date
from itertools import count
from uuid import UUID

import pytest
from django.db import connections

from amparo.kernel.errors import Refused
from amparo.programmes import models, queries
from amparo.programmes.actions import class_overlaps, count_covered, count_excluded, install_life_groups
from amparo.programmes.lifecycle import LifeGroup
from amparo.programmes.overlapping import OverlapRule
from amparo.programmes.types import CoverageKind, OverlapClass, Reach
from amparo.rules.model.rule import RuleRefused
from amparo.trust.context import acting
from amparo.trust.queries import area
from amparo.trust.types import Actor, Permission, system
from tests.lib import country
from tests.lib.country import GROUND
from tests.lib.days import today
from tests.unit.programmes.country import PENSION, installed, run
from tests.unit.programmes.enrolling import enrol, programme
from tests.unit.programmes.feeding import PAID, identify, rows, table, taken, written_of

pytestmark = pytest.mark.usefixtures("fresh_database")
GROUPS = (
    LifeGroup("child", "age(member.birth_date) < 18"),
    LifeGroup("maternity", 'member.sex == "female" && age(member.birth_date) < 50 && member.pregnant'),
    LifeGroup("old_age", "age(member.birth_date) >= 65"),
    LifeGroup("working_age", "age(member.birth_date) >= 18"),
)
HEAD = "no | id | first | last | born | place | what | state | kind | amount | month | payment | to | since\n"
FEED = replace(PAID, schemes=("cash_help", "food_help", "insured"))
OPERATOR = system("test")
VILLAGES = ("n1", "n2", "s1", "s2")
NUMBERS = count(100_001)


def born(years: int) -> date:
    return date(today().year - years, 1, 1)


MAN = {"birth_date": born(40), "sex": "male"}
CHILD = {"birth_date": born(5)}
ELDER = {"birth_date": born(70)}


@pytest.fixture(autouse=True)
def stated(fresh_database) -> None:
    installed(programme(), PENSION)
    install_life_groups(GROUPS, by=OPERATOR)


def members_of(home: UUID) -> list[UUID]:
    """Return the members in the order in which they were registered."""
    statement = (
        "SELECT m.person_id FROM registry_membership m JOIN registry_person p ON p.id = m.person_id"
        " WHERE m.household_id = %s ORDER BY p.number"
    )
    return [id for (id,) in rows(statement, home)]


def tell(folder, *told: tuple[UUID, str]) -> None:
    """Let another system tell of each (person, programme) that they take part this month."""
    lines = []
    for person, scheme in told:
        number = str(next(NUMBERS))
        ((place,),) = rows("SELECT area_number FROM registry_person WHERE id = %s", person)
        with connections["bulk"].cursor() as cursor:
            identify(cursor, person, place, number)
        lines.append(f"{number} | {number} | | | | | {scheme} | A | cash | 10 | {today():%Y-%m} | | | ")
    taken(table(HEAD + "\n".join(lines)), folder, feed=FEED, day=today())


def covered() -> dict[str, tuple[Reach, Reach]]:
    found = count_covered(by=OPERATOR, under=GROUND, on=today(), insured=("insured",))
    return {each.life_group: (each.direct, each.reached) for each in found}


def persons() -> dict[str, int]:
    return {code: reached.persons for code, (_, reached) in covered().items()}


def ranges(*codes: str) -> list[tuple[int, int]]:
    return [(area(each).number, area(each).last_number) for each in codes]


def seen(read, by: Actor, *asked):
    with acting(by.narrowed(Permission.READ_FIGURES)) as reader:
        return read(*asked, by=reader)


def test_everybody_is_in_one_group_and_whose_group_is_not_known_is_not_dropped():
    country.household("n1", MAN, CHILD, ELDER, {"birth_date": born(30), "sex": "female", "pregnant": True}, {})
    run(today())
    assert persons() == {"child": 1, "maternity": 1, "old_age": 1, "working_age": 1, "unknown": 1}


def test_an_earlier_group_that_is_not_known_leaves_a_later_one_open():
    country.household("n1", {"birth_date": born(30), "sex": "female"}, {"birth_date": born(70), "sex": "female"})
    run(today())
    assert persons() == {"old_age": 1, "unknown": 1}


def test_who_is_in_no_group_is_counted_as_such_and_who_came_since_as_not_known():
    install_life_groups(GROUPS[:1], by=OPERATOR)
    country.household("n1", MAN, CHILD)
    run(today())
    country.household("n1", CHILD)
    assert persons() == {"child": 1, "other": 1, "unknown": 1}


def test_a_benefit_of_one_member_reaches_the_home_and_is_direct_for_that_member_alone(tmp_path):
    home = country.household("n1", MAN, CHILD)
    country.household("n1", MAN)
    run(today())
    tell(tmp_path, (members_of(home)[0], "cash_help"))
    found = covered()
    assert found["working_age"] == (Reach(2, assistance=1), Reach(2, assistance=1))
    assert found["child"] == (Reach(1), Reach(1, assistance=1))


def test_insurance_is_told_apart_and_both_are_both(tmp_path):
    home = country.household("n1", MAN, CHILD, ELDER)
    run(today())
    man, child, _ = members_of(home)
    tell(tmp_path, (man, "insured"), (child, "cash_help"), (child, "insured"))
    found = covered()
    assert found["working_age"] == (Reach(1, insurance=1), Reach(1, both=1))
    assert found["child"] == (Reach(1, both=1), Reach(1, both=1))
    assert found["old_age"] == (Reach(1), Reach(1, both=1))


def test_what_a_home_receives_reaches_everybody_in_it_and_is_direct_for_nobody(cast):
    home = country.household("n1", MAN, CHILD, income=5_000)
    run(today())
    enrol(home, by=cast.omid)
    found = covered()
    assert found["working_age"] == (Reach(1), Reach(1, assistance=1))
    assert found["child"] == (Reach(1), Reach(1, assistance=1))


def test_a_drawn_country_is_counted_as_an_oracle_counts_it(tmp_path, cast):
    draw = random.Random(20261130)
    drawn = []
    for _ in range(25):
        village, ages = draw.choice(VILLAGES), [draw.choice((3, 40, 80, None)) for _ in range(draw.randint(1, 4))]
        gets = [draw.choice((None, None, "cash_help", "insured")) for _ in ages]
        people = [{"sex": "male"} if age is None else {"birth_date": born(age), "sex": "male"} for age in ages]
        drawn.append((village, ages, gets, country.household(village, *people)))
    run(today())
    told = [
        (person, scheme)
        for _, _, gets, home in drawn
        for person, scheme in zip(members_of(home), gets, strict=True)
        if scheme
    ]
    tell(tmp_path, *told)
    whole = covered()
    groups = {3: "child", 40: "working_age", 80: "old_age", None: "unknown"}
    kinds = {"cash_help": "assistance", "insured": "insurance"}
    direct, reached = Counter(), Counter()
    for village, ages, gets, _ in drawn:
        of_home = {*gets} - {None}
        through = kinds[of_home.pop()] if len(of_home) == 1 else "both" if of_home else "none"
        for age, scheme in zip(ages, gets, strict=True):
            direct[village, groups[age], kinds.get(scheme, "none")] += 1
            reached[village, groups[age], through] += 1
    found = seen(queries.coverage_counts, cast.bruno, ranges(*VILLAGES))
    places = {area(each).number: each for each in VILLAGES}
    for each in found:
        key = places[each.area_number], each.life_group
        for kind in ("assistance", "insurance", "both", "none"):
            assert getattr(each.direct, kind) == direct[(*key, kind)]
            assert getattr(each.reached, kind) == reached[(*key, kind)]
    assert sum(each.reached.persons for each in found) == sum(reached[1].persons for reached in whole.values())
    assert sum(each.reached.persons for each in found) == sum(len(ages) for _, ages, _, _ in drawn)


def test_only_whoever_works_for_the_area_or_the_country_is_told(cast):
    country.household("n1", MAN)
    run(today())
    covered()
    in_land = {name: seen(queries.coverage_counts, getattr(cast, name), ranges("land")) for name in ("chen", "amina")}
    assert {name: sum(each.reached.persons for each in found) for name, found in in_land.items()} == {
        "chen": 0,
        "amina": 1,
    }
    assert seen(queries.coverage_counts, cast.omid, ranges("land")) == []


def test_without_groups_or_a_run_nothing_is_counted():
    country.household("n1", MAN)
    with pytest.raises(Refused, match="programmes-coverage-without-run"):
        covered()
    run(today())
    install_life_groups((), by=OPERATOR)
    with pytest.raises(Refused, match="programmes-coverage-without-groups"):
        covered()
    assert not models.Coverage.objects.using("bulk").exists()


def test_a_group_whose_rule_cannot_be_run_is_refused_and_the_others_stay():
    with pytest.raises(RuleRefused):
        install_life_groups((LifeGroup("tall", "member.height > 2"),), by=OPERATOR)
    assert not install_life_groups(GROUPS, by=OPERATOR)


def test_who_lives_in_an_excluded_home_is_counted_by_group_and_reason_with_an_alarm_of_its_own(cast):
    country.household("n1", MAN, CHILD, income=5_000)
    country.household("n1", MAN, CHILD, CHILD, income=90_000)
    country.household("s1", {**MAN, "birth_date": born(50)}, income=10_900)
    run(today())
    levels = {"child": 60, "working_age": 70}
    _, _, groups = count_excluded(by=OPERATOR, under=GROUND, on=today(), alarms=levels)
    found = {each.life_group: (each.persons, each.near, each.unknown, each.beyond) for each in groups}
    assert found == {"child": (3, 0, 0, 2), "working_age": (3, 1, 0, 1)}
    with acting(cast.amina.narrowed(Permission.READ_FIGURES)):
        assert queries.counted(CoverageKind.EXCLUDED).alarms == {"child": (60, True), "working_age": (70, False)}
    in_north = seen(queries.group_exclusion_counts, cast.amina, ranges("land"))
    assert sum(each.persons for each in in_north) == 5
    assert seen(queries.group_exclusion_counts, cast.omid, ranges("land")) == []
    ((_, details),) = written_of("coverage-counted")
    assert details["alarms"] == {"child": [60, True], "working_age": [70, False]}


def test_overlaps_are_kept_by_area_and_told_to_whoever_works_there(tmp_path, cast):
    north, south = country.household("n1", MAN, CHILD), country.household("s1", MAN)
    (man, child), (other,) = members_of(north), members_of(south)
    tell(tmp_path, (man, "cash_help"), (child, "food_help"), (other, "cash_help"), (other, "insured"))
    rules = (OverlapRule(("food_help", "cash_help"), OverlapClass.COMPLEMENTARY, "law"),)
    class_overlaps(rules, by=OPERATOR, under=GROUND, on=today())
    expected = {
        "bruno": [
            ("cash_help", "cash_help", "", 2),
            ("cash_help", "food_help", "complementary", 1),
            ("cash_help", "insured", "unknown", 1),
            ("food_help", "food_help", "", 1),
            ("insured", "insured", "", 1),
        ],
        "amina": [
            ("cash_help", "cash_help", "", 1),
            ("cash_help", "food_help", "complementary", 1),
            ("food_help", "food_help", "", 1),
        ],
        "omid": [],
    }
    for name, pairs in expected.items():
        found = seen(queries.overlap_counts, getattr(cast, name), *ranges("land")[0])
        assert [(each.first, each.second, each.overlap, each.households) for each in found] == pairs
    with acting(cast.amina.narrowed(Permission.READ_FIGURES)):
        assert queries.overlaps_classed() == today()
