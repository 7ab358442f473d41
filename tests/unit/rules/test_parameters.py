from datetime import date

import pytest

from amparo.kernel.errors import Refused
from amparo.rules.parameters import Dated, Parameter, Parameters

LINE = Parameter(
    "line",
    "money",
    "money/month",
    values=(Dated(100, "Act 2", date(2024, 1, 1)), Dated(90, "Act 1", date(2020, 1, 1))),
)
BOTH = Parameters([LINE, Parameter("late", "integer", values=(Dated(3, "Act 3", date(2030, 1, 1)),))])


@pytest.mark.parametrize(
    ("day", "value", "law"),
    [
        (date(2020, 1, 1), 90, "Act 1"),
        (date(2023, 12, 31), 90, "Act 1"),
        (date(2024, 1, 1), 100, "Act 2"),
        (date(2050, 1, 1), 100, "Act 2"),
    ],
)
def test_a_value_holds_from_its_day_until_the_next(day, value, law):
    assert BOTH.on(day)["line"][:2] == (value, law)


def test_a_parameter_without_a_value_on_the_day_is_refused():
    with pytest.raises(Refused, match="rules-parameter-without-value parameter=late day=2024-01-01"):
        BOTH.on(date(2024, 1, 1))["late"]


def test_a_parameter_nobody_asks_for_does_not_stop_the_others():
    assert dict(BOTH.on(date(2024, 1, 1))) == {"line": Dated(100, "Act 2", date(2024, 1, 1))}


def test_two_values_from_one_day_are_refused():
    with pytest.raises(Refused, match="rules-parameter-twice"):
        Parameter("line", "money", values=(Dated(1, "", date(2024, 1, 1)), Dated(2, "", date(2024, 1, 1))))


def test_a_reform_changes_values_from_its_day_and_not_before():
    reform = BOTH.having(date(2025, 1, 1), line=120)
    assert [reform.on(day)["line"].value for day in (date(2024, 6, 1), date(2025, 6, 1))] == [100, 120]


def test_the_days_of_change_are_those_of_the_named_parameters():
    assert BOTH.days_of_change(["line"]) == [date(2020, 1, 1), date(2024, 1, 1)]
