from datetime import date

import pytest

from amparo.rules.engines.reference import evaluate
from amparo.rules.trace import Step, Trace, explain
from tests.lib.rules.world import PARAMETERS, TODAY, rule

FAMILY = {
    "household": {"income": 25000, "region": "north", "rooms": 2, "area": 40.0},
    "members": [
        {"birth_date": date(2010, 1, 1), "disabled": False},
        {"birth_date": date(1980, 1, 1), "disabled": False},
    ],
}


def told(text: str, record: dict = FAMILY, **settings: str) -> Trace:
    return explain(rule(text, **settings), record, on=TODAY, parameters=PARAMETERS)


def step(trace: Trace, id: str) -> Step:
    found = trace.root
    for number in id.split("."):
        found = found.parts[int(number) - 1]
    return found


def test_the_clauses_are_the_parts_of_the_outermost_and():
    trace = told("household.rooms > 1 && (household.owns_home || household.size > 1)")
    assert [clause.text for clause in trace.clauses] == [
        "household.rooms > 1",
        "household.owns_home || household.size > 1",
    ]
    assert [clause.value for clause in trace.clauses] == [True, True]


def test_a_rule_without_an_and_is_one_clause():
    assert len(told("household.rooms > 1").clauses) == 1


def test_a_comparison_shows_its_operands_and_the_distance_to_the_threshold():
    trace = told("household.income / household.size <= param.poverty_line")
    quotient, line = trace.root.parts
    assert (quotient.value, quotient.unit, trace.root.distance) == (25000 / 2, "money/month", 12500 - 10000)
    assert (line.name, line.value, line.law, line.since) == ("poverty_line", 10000, "Act 2024", date(2024, 1, 1))
    assert [(part.label_id, part.value) for part in quotient.parts[:1]] == [("field-household-income", 25000)]


def test_the_distance_between_dates_is_in_days():
    record = {"household": {"registered": date(2019, 7, 1)}, "members": []}
    assert told("household.registered <= param.opened", record).root.distance == 1


def test_a_question_to_the_members_shows_each_of_them():
    trace = told("members.exists(m, age(m.birth_date) < 16)")
    assert [(each.index, each.condition.value) for each in trace.root.members] == [(0, True), (1, False)]
    age = trace.root.members[1].condition.parts[0]
    assert (age.what, age.value, age.parts[0].member) == ("age", 44, 1)


@pytest.mark.parametrize("way", ["exists", "all"])
def test_a_question_to_the_members_that_has_no_answer_yet_is_told_member_by_member(way):
    record = {"household": {}, "members": [{"birth_date": None}]}
    root = told(f"household.size >= 1 && members.{way}(m, age(m.birth_date) >= 16 || m.disabled)", record).root.parts[1]
    assert (root.value, root.reason) == (None, None)
    assert len(root.members) == 1


def test_an_uncertain_count_shows_both_ends():
    record = {"household": {}, "members": [{"disabled": True}, {}]}
    count = step(told("members.filter(m, m.disabled).size() >= 2", record), "1")
    assert (count.value, count.ends, count.reason) == (None, (1, 2), "rules-reason-uncertain-count")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("household.income / members.filter(m, m.disabled).size() > 0", "rules-reason-zero-division"),
        ("members.filter(m, m.disabled).map(m, m.birth_date).min() < param.opened", "rules-reason-nobody"),
        ("household.rooms * 9000000000000000000 > 1", "rules-reason-too-large"),
        ("math.round(household.area * 1e300) > 1", "rules-reason-too-large"),
        ("exp(household.area, 2) > 1.0", "rules-reason-no-result"),
        ("ln(-household.area, 2) > 1.0", "rules-reason-no-result"),
        ("pow(-household.area, 0.5, 2) > 1.0", "rules-reason-no-result"),
        ("add_months(decision_day, 120000) > decision_day", "rules-reason-beyond-calendar"),
        ("floor_to(household.rooms, 2 - household.rooms) > 1", "rules-reason-multiple"),
        ("floor_to(household.area * 1e300, 5) > 1", "rules-reason-too-large"),
    ],
)
def test_what_is_unknown_without_anything_missing_says_why(text, reason):
    trace = told(text)
    assert trace.value is None
    assert trace.missing == ()
    assert step(trace, "1").reason == reason


def test_a_default_that_was_used_is_a_step_that_says_so():
    record = {"household": {"rooms": 2}, "members": [{}]}
    trace = told("household.size >= 1 && household.?rooms.orValue(5) > 1 && household.?income.orValue(0) == 0", record)
    given, used = (step(trace, f"{clause}.1") for clause in (2, 3))
    assert (given.what, given.operator, [part.text for part in given.parts]) == ("default", "", ["household.?rooms"])
    assert (used.what, used.operator, used.value, used.missing) == ("default", "used", 0, ())
    assert [(part.what, part.value, part.reason) for part in used.parts] == [
        ("field", None, "rules-reason-no-value"),
        ("literal", 0, None),
    ]


def test_a_question_for_exactly_one_shows_each_member():
    root = told("members.exists_one(m, age(m.birth_date, decision_day) < 16)").root
    assert (root.what, root.value, [each.condition.value for each in root.members]) == (
        "exists_one",
        True,
        [True, False],
    )


def test_what_is_missing_stands_at_each_step_it_keeps_unknown():
    trace = told("household.rooms > 1 && household.owns_home")
    assert [clause.missing for clause in trace.clauses] == [(), ("owns_home",)]
    assert trace.missing == ("owns_home",)


def test_of_a_choice_only_the_branch_taken_is_told():
    trace = told("(household.rooms > 1 ? household.size : 9) > 1")
    assert [part.text for part in step(trace, "1").parts] == ["household.rooms > 1", "household.size"]


def test_the_smallest_change_of_one_fact_that_turns_the_outcome():
    trace = told(
        'household.size >= 1 && household.income / household.size <= param.poverty_line && household.region == "north"'
    )
    assert [(change.name, change.now, change.to, change.then) for change in trace.changes] == [
        ("income", 25000, 20000, True)  # 200.00 divided by two is the line of 100.00
    ]


def test_a_change_of_a_birth_date_is_to_the_day():
    trace = told("members.exists(m, age(m.birth_date) >= param.old_age)")
    assert {(change.member, change.to) for change in trace.changes} == {(0, date(1957, 3, 1)), (1, date(1957, 3, 1))}


def test_a_change_to_another_code_or_truth():
    trace = told('household.region == "coast" || members.exists(m, m.disabled)')
    assert [(change.name, change.member, change.to) for change in trace.changes] == [
        ("region", None, "coast"),
        ("disabled", 0, True),
        ("disabled", 1, True),
    ]


def test_two_clauses_that_fail_cannot_be_mended_by_one_fact():
    assert told('household.rooms > 5 && household.region == "coast"').changes == ()


def test_an_unknown_outcome_asks_for_facts_and_not_for_changes():
    assert told("household.rooms > 1 && household.owns_home").changes == ()


def test_no_change_makes_an_amount_negative_or_a_birth_later_than_the_day():
    trace = told("household.income < 0 || members.all(m, m.birth_date > param.opened) && household.size > 0")
    assert trace.changes == ()


def test_every_change_turns_the_outcome_when_it_is_made():
    text = "household.income * household.rooms > param.poverty_line * 3 && members.exists(m, age(m.birth_date) < 16)"
    trace = told(text)
    assert len(trace.changes) >= 3
    for change in trace.changes:
        members = [dict(member) for member in FAMILY["members"]]
        household = dict(FAMILY["household"])
        (household if change.member is None else members[change.member])[change.name] = change.to
        changed = {"household": household, "members": members}
        assert evaluate(rule(text), changed, on=TODAY, parameters=PARAMETERS) is change.then


def test_an_amount_is_explained_without_changes():
    trace = told("param.child_benefit * household.size", gives="money")
    assert (trace.value, trace.changes) == (6000, ())


KIN = {
    "household": {"plot": [{"hectares": 1.5}], "rooms": 2},
    "members": [
        {"sex": "female", "children": [1, {"birth_date": date(2022, 1, 1)}], "parents": None},
        {"sex": "male", "birth_date": date(2010, 1, 1), "children": []},
    ],
}


def test_a_question_to_relatives_shows_each_where_they_stand():
    """A child who lives here is shown as the member they are, one who lives elsewhere by their place in the list."""
    trace = told("members.exists(m, m.children.exists(c, age(c.birth_date) < 3))", KIN)
    inner = trace.root.members[0].condition
    assert (inner.what, inner.name, inner.label_id) == ("exists", "children", "rules-list-children")
    assert [(each.index, each.place, each.condition.value) for each in inner.members] == [
        (1, ("members", 1), False),
        (None, ("members", 0, "children", 1), True),
    ]
    born = inner.members[1].condition.parts[0].parts[0]
    assert (born.name, born.member, born.place) == ("birth_date", None, ("members", 0, "children", 1))


def test_a_list_that_was_not_collected_says_so():
    trace = told("has(member.sex) && member.parents.size() < 2", {**KIN, "member": 0}, unit="person")
    (count,) = (each for each in trace.clauses[1].parts if each.what == "count")
    assert (trace.value, trace.missing) == (None, ("parents",))
    assert (count.reason, count.members) == ("rules-reason-list-unknown", ())


def test_a_change_names_the_relative_or_the_item_it_is_of():
    trace = told("household.items(plot).map(p, p.hectares).sum() <= 1.0", KIN)
    (change,) = (each for each in trace.changes if each.to < each.now)
    assert (change.name, change.now, change.to, change.then) == ("hectares", 1.5, 1.0, True)
    assert (change.member, change.place) == (None, ("household", "plot", 0))


def test_a_change_of_a_relative_who_lives_here_is_of_the_member():
    trace = told("members.exists(m, m.children.exists(c, age(c.birth_date) >= 16))", KIN)
    assert {(each.member, each.place) for each in trace.changes} == {(1, ()), (None, ("members", 0, "children", 1))}


def test_only_the_first_of_an_order_have_a_value_that_counts():
    trace = told("members.sortBy(m, m.hours).slice(0, 1).map(m, m.births).sum() >= 1", {
        "household": {},
        "members": [{"hours": 40, "births": 1}, {"hours": 20, "births": 2}],
    })  # fmt: skip
    assert [each.body and each.body.value for each in trace.root.parts[0].members] == [None, 2]
