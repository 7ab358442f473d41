"""Why a decision says what it says, from the very facts, rule and figures it rested on."""

from dataclasses import replace
from datetime import date

import pytest

from amparo.kernel.errors import NotFound
from amparo.programmes.actions import determine_household
from amparo.programmes.config import ParameterValue
from amparo.programmes.queries import decisions_of_household, explain, explain_now
from amparo.registry.actions import observe
from amparo.trust.context import acting
from amparo.trust.types import Permission
from tests.lib.country import GROUND, household
from tests.unit.programmes.country import (
    DAY,
    GRANT,
    LINE,
    MATERNITY,
    OPERATOR,
    PENSION,
    POOR,
    POOR_HOME,
    installed,
    run,
)

pytestmark = pytest.mark.usefixtures("fresh_database")
OLD, YOUNG = {"birth_date": date(1950, 1, 1)}, {"birth_date": date(2000, 1, 1)}


@pytest.fixture(params=["a run", "one household"])
def decide(request):
    """Both ways a decision is made: what it rested on is kept differently, and explained the same."""

    def decided(home):
        if request.param == "a run":
            run()
        else:
            with acting(OPERATOR):
                determine_household(home, by=OPERATOR, under=GROUND, on=DAY)
        with acting(OPERATOR):
            return decisions_of_household(home, by=OPERATOR, under=GROUND)

    return decided


def explained(made, by=OPERATOR):
    with acting(by):
        return explain(made.id, by=by, under=GROUND)


def test_each_clause_has_its_value_its_figure_and_its_distance_to_the_threshold(decide):
    installed(POOR_HOME)
    home = household("n1", OLD, YOUNG, income=12_000, on=date(2026, 3, 1))
    found = explained(decide(home)[0])
    assert (found.outcome, found.amount, found.recomputes) == (True, 4_000, True)
    lived_in, poor = found.trace.clauses
    assert (lived_in.value, poor.value, poor.distance) == (True, True, 12_000 / 2 - 10_000)
    assert found.figures["line"] == {"value": 10_000, "from": "2026-01-01", "law": "law-line-2026"}
    assert found.amount_trace.value == 2 * 2_000


def test_each_fact_has_its_source_and_day(decide):
    installed(POOR_HOME)
    home = household("n1", YOUNG, income=12_000, on=date(2026, 3, 1))
    fact = explained(decide(home)[0]).input("household", "income").fact
    assert (fact.value, fact.source, fact.observed_on) == (12_000, "census", date(2026, 3, 1))


def test_it_says_what_would_change_the_answer(decide):
    installed(POOR_HOME)
    home = household("n1", YOUNG, income=12_000)
    (change,) = explained(decide(home)[0]).trace.changes
    assert (change.name, change.now, change.to, change.then) == ("income", 12_000, 10_000, True)


def test_what_is_missing_is_named_and_nothing_is_invented_for_it(decide):
    installed(MATERNITY)
    home = household("n1", {"sex": "female"})
    found = explained(decide(home)[0])
    assert (found.outcome, found.missing) == (None, ("pregnant",))
    assert found.input("member", "pregnant", 0).fact is None


def test_a_stale_fact_is_shown_as_stale_and_counts_as_unknown():
    installed(POOR_HOME)
    home = household("n1", YOUNG, income=5_000, on=date(2026, 3, 1))
    late = date(2027, 3, 2)
    with acting(OPERATOR):
        (made,) = determine_household(home, by=OPERATOR, under=GROUND, on=late)
    found = explained(made)
    assert (found.outcome, found.missing) == (None, ("income",))
    assert found.input("household", "income").is_stale


def test_a_past_decision_is_explained_by_what_was_known_and_in_force_then(decide, cast):
    installed(POOR_HOME)
    home = household("n1", YOUNG, income=5_000)
    made = decide(home)[0]
    by = cast.ines.narrowed(Permission.REGISTER)
    with acting(by):
        observe(home, values={"income": 90_000}, source="tax", by=by, on=date(2026, 3, 20), under=GROUND)
    other_line = replace(LINE, values=(ParameterValue(date(2026, 1, 1), 1, "law-line-corrected"),))
    installed(replace(POOR_HOME, versions=(replace(POOR, rule="household.size >= 9"),)), parameters=(other_line, GRANT))
    found = explained(made)
    assert (found.outcome, found.amount, found.recomputes) == (True, 2_000, True)
    assert found.input("household", "income").fact.value == 5_000
    assert found.figures["line"]["law"] == "law-line-2026"


def test_a_persons_decision_is_explained_about_that_person(decide):
    installed(PENSION)
    home = household("n1", OLD, YOUNG)
    found = {each.unit_id: explained(each) for each in decide(home)}
    assert sorted(each.outcome for each in found.values()) == [False, True]
    for unit_id, each in found.items():
        place = [id for id, _ in each.members].index(unit_id)
        assert [(given.name, given.member) for given in each.inputs] == [("birth_date", place)]


def test_where_nothing_stands_it_explains_what_would_be_decided():
    installed(POOR_HOME)
    home = household("n1", YOUNG, income=5_000)
    with acting(OPERATOR):
        found = explain_now("poor_home", home, by=OPERATOR, under=GROUND, on=DAY)
    assert (found.decision, found.outcome) == (None, True)


def test_nobody_reads_an_explanation_from_outside_their_areas(cast, decide):
    installed(POOR_HOME)
    made = decide(household("s1", YOUNG, income=5_000))[0]
    with pytest.raises(NotFound):
        explained(made, by=cast.amina.narrowed(Permission.READ_DECISION))
    assert explained(made, by=cast.chen.narrowed(Permission.READ_DECISION)).outcome is True


FAMILY = replace(
    POOR_HOME,
    versions=(replace(POOR, rule="members.exists(m, age(m.birth_date) >= 70 && m.is_head)", amount=None),),
)


def test_members_stand_head_first_then_by_age_whatever_order_engines_count_them_in(decide):
    installed(FAMILY)
    born = {1: date(2020, 1, 1), 2: date(1950, 1, 1), 3: date(1980, 1, 1), 4: date(2015, 1, 1)}
    members = [{"birth_date": day, "is_head": number == 3} for number, day in born.items()]
    found = explained(decide(household("n1", *members))[0])
    in_turn = [date(1980, 1, 1), date(1950, 1, 1), date(2015, 1, 1), date(2020, 1, 1)]
    asked = found.trace.root.members
    days = {each.member: each.fact and each.fact.value for each in found.inputs if each.name == "birth_date"}
    assert [days[each.index] for each in asked] == in_turn
    assert list(days.values()) == in_turn
    assert [days[each.member] for each in found.trace.changes if each.name == "birth_date"] == [date(1980, 1, 1)]
