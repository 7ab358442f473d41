from datetime import date

import pytest

from amparo.kernel.errors import Refused
from amparo.rules.check import check
from amparo.rules.engines.reference import decide, evaluate, missing
from amparo.rules.model.rule import Decided, ProgrammeRule
from tests.lib.rules.world import CATALOGUE, PARAMETERS, TODAY, rule

EMPTY_HOME = {"household": {}, "members": []}


def decided(outcome: str, amount: str | None, record: dict, **settings) -> Decided:
    programme = ProgrammeRule(rule(outcome, **settings), amount and rule(amount, gives="money", **settings))
    return decide(programme, record, on=TODAY, parameters=PARAMETERS)


def test_a_rule_comparing_a_missing_field_is_unknown():
    record = {"household": {"rooms": 2}, "members": [{}]}
    assert evaluate(rule("household.income <= param.poverty_line"), record, on=TODAY, parameters=PARAMETERS) is None


def test_an_absent_field_and_a_field_without_value_are_the_same():
    asked = rule("household.rooms > 1")
    absent, none = ({"household": {}, "members": []}, {"household": {"rooms": None}, "members": []})
    assert missing(asked, absent, on=TODAY, parameters=PARAMETERS) == ("rooms",)
    assert missing(asked, none, on=TODAY, parameters=PARAMETERS) == ("rooms",)


def test_a_household_without_members_given_is_refused_and_not_an_empty_home():
    with pytest.raises(Refused, match="rules-record-without-members"):
        evaluate(rule("household.size >= 1"), {"household": {}}, on=TODAY, parameters=PARAMETERS)


@pytest.mark.parametrize("member", [None, 1, -1, "0"])
def test_a_person_who_is_not_in_the_home_is_refused(member):
    asked = rule("member.disabled", unit="person")
    with pytest.raises(Refused, match="rules-record-without-member"):
        evaluate(asked, {"household": {}, "members": [{}], "member": member}, on=TODAY, parameters=PARAMETERS)


def test_a_parameter_without_a_value_on_the_day_is_refused():
    with pytest.raises(Refused, match="rules-parameter-without-value parameter=announced"):
        evaluate(rule("household.income <= param.announced"), EMPTY_HOME, on=TODAY, parameters=PARAMETERS)


def test_parameters_are_those_of_the_decision_day():
    record = {"household": {"income": 9500}, "members": []}
    asked = rule("household.income <= param.poverty_line")
    answers = [evaluate(asked, record, on=day, parameters=PARAMETERS) for day in (date(2023, 12, 31), date(2024, 1, 1))]
    assert answers == [False, True]  # 90.00 until the end of 2023, 100.00 from then on


def test_the_amount_is_asked_only_where_the_outcome_is_true():
    assert decided("household.rooms > 1", "household.income", {"household": {"rooms": 1}, "members": []}) == Decided(
        False
    )


def test_a_true_outcome_with_an_unknown_amount_names_what_the_amount_lacks():
    record = {"household": {"rooms": 2}, "members": []}
    assert decided("household.rooms > 1", "household.income", record) == Decided(True, None, ("income",))


def test_an_unknown_outcome_names_what_the_outcome_lacks_and_not_the_amount():
    assert decided("household.rooms > 1", "household.income", EMPTY_HOME) == Decided(None, None, ("rooms",))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_double_that_is_not_finite_is_no_value(value):
    record = {"household": {"area": value}, "members": []}
    assert decided("household.area > 1.0 || household.area < 1.0", None, record) == Decided(None, None, ("area",))


def test_no_value_of_one_household_changes_another():
    asked = rule("members.filter(m, m.disabled).size() >= 1")
    first = {"household": {}, "members": [{"disabled": True}]}
    evaluate(asked, first, on=TODAY, parameters=PARAMETERS)
    assert first == {"household": {}, "members": [{"disabled": True}]}


def test_a_checked_rule_reads_nothing_but_the_record():
    asked = check("household.village == 'x.__class__'", CATALOGUE, PARAMETERS)
    assert evaluate(asked, {"household": {"village": "x.__class__"}, "members": []}, on=TODAY, parameters=PARAMETERS)
