import math
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo.kernel.dates import age_on
from amparo.rules.engines.reference import evaluate
from amparo.rules.lower.ages import born_by
from amparo.rules.lower.bounds import bound, may_be_unknown
from amparo.rules.lower.core import Constants, lowered
from amparo.rules.lower.intervals import is_interval
from amparo.rules.model.nodes import Every, ParameterValue, walk
from tests.lib.rules.world import PARAMETERS, TODAY, rule

DAYS = st.dates(date(1900, 1, 1), date(2100, 1, 1))
CONSTANTS = Constants(TODAY, {"old_age": 67})


@given(DAYS, DAYS, st.integers(-5, 110))
def test_who_was_born_by_the_day_has_completed_the_years_and_nobody_else(birth, on, years):
    assert (birth <= born_by(on, years)) == (age_on(birth, on) >= years)


@pytest.mark.parametrize(
    ("on", "years", "last"),
    [
        (date(2024, 2, 29), 16, date(2008, 2, 29)),
        (date(2024, 2, 29), 1, date(2023, 2, 28)),
        (date(2023, 2, 28), 19, date(2004, 2, 28)),  # born on the 29th turns tomorrow
        (date(2023, 3, 1), 19, date(2004, 3, 1)),
        (date(2024, 3, 1), 3000, None),
    ],
)
def test_the_last_birth_date_of_an_age(on, years, last):
    assert born_by(on, years) == last


@pytest.mark.parametrize("relation", ["==", "!=", "<", "<=", ">", ">="])
@pytest.mark.parametrize("text", ["age(member.birth_date) {} param.old_age", "param.old_age {} age(member.birth_date)"])
def test_an_age_lowered_to_dates_means_the_same(text, relation):
    asked = rule(text.format(relation), unit="person", gives="boolean")
    constant = lowered(asked.model, CONSTANTS)
    assert not any(isinstance(node, ParameterValue | Every) for node in walk(constant))
    for birth in [date(1957, 2, 28), date(1957, 3, 1), date(1957, 3, 2), date(1956, 3, 1), date(1956, 3, 2), None]:
        record = {"household": {}, "members": [{"birth_date": birth}], "member": 0}
        again = type(asked)(asked.text, constant, "person", "boolean", 0)
        answers = [evaluate(each, record, on=TODAY, parameters=PARAMETERS) for each in (asked, again)]
        assert answers[0] == answers[1]


@pytest.mark.parametrize(
    ("text", "gives", "most"),
    [
        ("household.size", "integer", 1e9),
        ("household.rooms", "integer", 2**63),
        ("household.rooms + household.rooms", "integer", 9e18),
        ("household.income / household.size", "number", 2**63),
        ("household.area / household.area", "number", 1.7976931348623157e308),
        ("math.least(household.size, 3) * 2", "integer", 2e9),
        ("months_between(household.registered, decision_day)", "integer", 1e7),
        ("exp(household.area, 2)", "number", 1e9),
        ("math.sign(household.rooms)", "integer", 1),
        ("math.abs(household.rooms)", "integer", 9e18),
        ("ceil_to(household.rooms, 5)", "integer", 9e18),
        ("household.?rooms.orValue(3)", "integer", 2**63),
    ],
)
def test_no_value_exceeds_its_bound(text, gives, most):
    assert bound(rule(text, gives=gives).model) == most
    assert math.isfinite(most)


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("has(household.rooms) && household.size > 1", False),
        ("household.rooms > 1", True),
        ("household.size / 2 > 1", False),
        ("2 / household.size > 1", True),
        ("members.exists(m, has(m.sex))", False),
        ("members.exists(m, m.disabled)", True),
        ("household.?rooms.orValue(1) > 1", False),
        ("household.?rooms.orValue(household.rooms) > 1", True),
        ("math.abs(household.size) > 1", False),
        ("decision_day > param.opened && household.size > 1", False),
    ],
)
def test_what_can_be_unknown_is_told_from_the_rule_alone(text, unknown):
    assert may_be_unknown(rule(text).model) is unknown


@pytest.mark.parametrize(
    ("text", "interval"),
    [
        ("members.filter(m, m.disabled).size()", True),
        ("members.filter(m, m.disabled).size() * 2 - 1", True),
        ("math.least(members.filter(m, m.disabled).size(), 3)", True),
        ("household.size", False),
        ("members.filter(m, m.disabled).size() * members.filter(m, m.pregnant).size()", False),
        ("members.filter(m, m.disabled).size() % 2", False),
    ],
)
def test_where_a_count_stays_an_interval(text, interval):
    assert is_interval(rule(text, gives="integer").model) is interval
