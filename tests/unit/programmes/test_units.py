"""Programmes about families and couples, and about persons by their couple (ELI-10), in a run and one by one."""

from datetime import date
from uuid import UUID

import pytest

from amparo.kernel.errors import NotFound, Refused
from amparo.programmes import models
from amparo.programmes.actions import cross_check, determine_household
from amparo.programmes.config import ProgrammeConfig, RuleVersion, Ungrouped, Unit
from amparo.programmes.queries import decisions_of_household, explain, explain_as_of_today
from amparo.programmes.types import Engine, State
from amparo.registry.actions import end_group, form_group, move
from amparo.registry.queries import household as household_record
from amparo.trust.context import acting
from amparo.trust.types import Permission
from tests.lib.country import GROUND, household
from tests.unit.programmes.country import DAY, OPERATOR, installed, run, snapshot

pytestmark = pytest.mark.usefixtures("fresh_database")

OLD, YOUNG, MIDDLE = date(1950, 1, 1), date(2010, 1, 1), date(1985, 1, 1)


def programme(
    code: str, unit: Unit, rule: str, *, group: Unit | None = None, ungrouped: Ungrouped | None = None
) -> ProgrammeConfig:
    version = RuleVersion(date(2026, 1, 1), rule=rule, law="law", group=group, ungrouped=ungrouped)
    return ProgrammeConfig(code, unit, (version,))


WITH_CHILD = "members.exists(m, age(m.birth_date) < 18)"
FAMILY = programme("family", Unit.FAMILY, WITH_CHILD, group=Unit.FAMILY, ungrouped=Ungrouped.ALONE)
HOME = programme("home", Unit.HOUSEHOLD, WITH_CHILD)
COUPLES = programme(
    "old_couple",
    Unit.PERSON,
    "age(member.birth_date) >= 65 && members.filter(m, m.pregnant).size() == 0",
    group=Unit.COUPLE,
    ungrouped=Ungrouped.ALONE,
)
COUPLES_KNOWN = programme(
    "couple_known", Unit.COUPLE, "members.size() >= 1", group=Unit.COUPLE, ungrouped=Ungrouped.UNKNOWN
)


def persons(home: UUID) -> list[UUID]:
    with acting(OPERATOR):
        return [each.id for each in household_record(home, by=OPERATOR, under=GROUND).members]


def grouped(cast, home: UUID, kind: str, *places: int, on: date = date(2026, 3, 2)) -> UUID:
    by = cast.ines.narrowed(Permission.REGISTER)
    everybody = persons(home)
    with acting(by):
        return form_group(home, kind, [everybody[each] for each in places], by=by, on=on, under=GROUND)


def three(cast) -> tuple[UUID, list[UUID], UUID]:
    """A grandmother alone, and a mother with her child as a family."""
    home = household("n1", {"birth_date": OLD}, {"birth_date": MIDDLE, "pregnant": False}, {"birth_date": YOUNG})
    return home, persons(home), grouped(cast, home, "family", 1, 2)


def decided(home: UUID, *, on: date = DAY):
    with acting(OPERATOR):
        return determine_household(home, by=OPERATOR, under=GROUND, on=on)


def standing(home: UUID) -> dict[tuple[str, UUID], bool | None]:
    with acting(OPERATOR):
        found = decisions_of_household(home, by=OPERATOR, under=GROUND)
    return {(each.programme, each.unit_id): each.outcome for each in found if each.is_standing}


@pytest.mark.parametrize("way", ["alone", "columnar", "reference"])
def test_a_family_is_decided_by_its_own_members_and_who_is_in_none_by_themselves(cast, way):
    installed(FAMILY, HOME)
    home, people, family = three(cast)
    decided(home) if way == "alone" else run(engine=Engine(way))
    assert standing(home) == {("family", family): True, ("family", people[0]): False, ("home", home): True}


def test_the_same_household_gives_two_programmes_two_sizes(cast):
    """ELI-10: per head of the family and per head of the household, each explained."""
    installed(
        programme(
            "small_family",
            Unit.FAMILY,
            "members.size() <= 2 && household.size == 3",
            group=Unit.FAMILY,
            ungrouped=Ungrouped.ALONE,
        ),
        programme("small_home", Unit.HOUSEHOLD, "household.size >= 1 && members.size() <= 2"),
    )
    home, people, family = three(cast)
    made = {(each.programme, each.unit_id): each for each in decided(home)}
    assert [made["small_family", family].outcome, made["small_home", home].outcome] == [True, False]
    with acting(OPERATOR):
        explained = explain(made["small_family", family].id, by=OPERATOR, under=GROUND)
    assert (explained.group, explained.recomputes) == (Unit.FAMILY, True)
    assert [explained.members[place][0] for place in explained.asked] == people[1:]  # the mother, then her child
    count = explained.trace.clauses[0].parts[0]
    assert (count.value, tuple(each.index for each in count.members)) == (2, explained.asked)


def test_a_person_is_decided_by_their_couple_and_not_by_the_household(cast):
    """Turkey's law 2022: the applicant's and the spouse's means count, and nobody else's in the home."""
    installed(COUPLES)
    home = household(
        "n1",
        {"birth_date": OLD, "pregnant": False},
        {"birth_date": OLD, "pregnant": False},
        {"birth_date": MIDDLE, "pregnant": True},
    )
    people = persons(home)
    grouped(cast, home, "couple", 0, 1)
    decided(home)
    assert [standing(home)["old_couple", each] for each in people] == [True, True, False]
    assert run(of=snapshot()).counts["old_couple"].unchanged == 3


def test_who_is_in_no_couple_is_unknown_where_the_programme_says_so_and_the_couple_is_named(cast):
    installed(COUPLES_KNOWN)
    home = household("n1", {"birth_date": OLD}, {"birth_date": OLD}, {"birth_date": MIDDLE})
    people, couple = persons(home), grouped(cast, home, "couple", 0, 1)
    made = {each.unit_id: each for each in decided(home)}
    assert (made[couple].outcome, made[people[2]].outcome, made[people[2]].missing) == (True, None, ("couple",))
    assert run().counts["couple_known"].unchanged == 2


def test_both_engines_agree_on_families_and_couples(cast):
    installed(FAMILY, COUPLES, COUPLES_KNOWN)
    for _ in range(5):
        three(cast)
    home = household("s1", {"birth_date": OLD}, {}, {"sex": "male"})
    grouped(cast, home, "couple", 0, 1)
    household("s2")
    compared = cross_check(snapshot().id, on=DAY, by=OPERATOR, under=GROUND)
    assert (compared.equal, compared.differing) == (compared.decisions, ())
    assert compared.decisions > 20


def test_what_a_family_was_granted_is_reviewed_and_not_ended_when_it_is_none_any_more(cast):
    installed(FAMILY)
    home, people, family = three(cast)
    decided(home)
    by = cast.ines.narrowed(Permission.REGISTER)
    with acting(by):
        end_group(family, by=by, on=date(2026, 3, 20), under=GROUND)
    states = {(each.unit_id, each.state): each.outcome for each in decided(home)}
    assert states[family, State.REVIEW] is None
    assert states[people[2], State.IN_EFFECT] is True  # a child alone is a unit now
    with acting(OPERATOR):
        rows = decisions_of_household(home, by=OPERATOR, under=GROUND)
    assert {each.state for each in rows if each.unit_id == family and each.is_standing} == {
        State.IN_EFFECT,
        State.REVIEW,
    }
    review = next(each for each in rows if each.state is State.REVIEW)
    with acting(OPERATOR):
        explained = explain(review.id, by=OPERATOR, under=GROUND)
    assert (explained.outcome, explained.missing, explained.recomputes) == (None, ("family",), True)


def test_an_explanation_keeps_nothing_of_members_outside_the_group(cast):
    installed(FAMILY)
    home, _, family = three(cast)
    made = next(each for each in decided(home) if each.unit_id == family)
    assert [bool(each["facts"]) for each in made.facts["members"]] == [False, True, True]
    with acting(OPERATOR):
        now = explain_as_of_today("family", family, by=OPERATOR, under=GROUND, on=DAY)
    assert {each.member for each in now.inputs} == {1, 2}


def test_decisions_about_a_family_move_along_with_the_household(cast):
    installed(FAMILY)
    home, _, family = three(cast)
    decided(home)
    by = cast.ines.narrowed(Permission.REGISTER)
    with acting(by):
        move(home, to_area="s1", by=by, on=DAY, under=GROUND)
    chen = cast.chen.narrowed(Permission.READ_DECISION)
    with acting(chen):
        assert family in {each.unit_id for each in decisions_of_household(home, by=chen, under=GROUND)}


def test_nobody_is_in_two_families_and_nobody_from_elsewhere_in_one(cast):
    home, people, family = three(cast)
    stranger = persons(household("n1", {"birth_date": OLD}))[0]
    by = cast.ines.narrowed(Permission.REGISTER)
    with acting(by):
        with pytest.raises(Refused, match="registry-group-taken"):
            form_group(home, "family", [people[1]], by=by, on=DAY, under=GROUND)
        for nobody in ([stranger], []):
            with pytest.raises(NotFound):
                form_group(home, "family", nobody, by=by, on=DAY, under=GROUND)
        with pytest.raises(Refused, match="registry-group-kind"):
            form_group(home, "fam'ily", [people[0]], by=by, on=DAY, under=GROUND)
    chen = cast.chen.narrowed(Permission.REGISTER)
    with acting(chen):
        with pytest.raises(NotFound):
            form_group(home, "couple", people[:2], by=chen, on=DAY, under=GROUND)
        with pytest.raises(NotFound):
            end_group(family, by=chen, on=DAY, under=GROUND)


def test_an_installed_rule_that_asks_another_group_is_another_version():
    installed(COUPLES)
    held = models.RuleVersion.objects.using("bulk").get(replaced_at=None).hash
    version = COUPLES.versions[0]
    others = [
        RuleVersion(version.starts_on, version.rule, version.law, group=group, ungrouped=ungrouped)
        for group, ungrouped in ((Unit.FAMILY, Ungrouped.ALONE), (Unit.COUPLE, Ungrouped.UNKNOWN), (None, None))
    ]
    hashes = {held}
    for each in others:
        installed(ProgrammeConfig("old_couple", Unit.PERSON, (each,)))
        hashes.add(models.RuleVersion.objects.using("bulk").get(replaced_at=None).hash)
    assert len(hashes) == 4
