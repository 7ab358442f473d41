"""A small world for tests of the rule language: every type of field on both grains, and dated parameters."""

from datetime import date

from amparo.rules.catalogue import Catalogue, RuleField, RuleList
from amparo.rules.check import check
from amparo.rules.model.rule import Rule
from amparo.rules.parameters import Dated, Parameter, Parameters

TODAY = date(2024, 3, 1)

REGIONS = ("north", "south", "coast")
SEXES = ("female", "male")
EARNINGS = ("wage", "farm")
SOURCES = ("census", "tax")

CATALOGUE = Catalogue(
    [
        RuleField("income", "household", "money", "money/month", label_id="field-household-income"),
        RuleField("rent", "household", "money", "money/year", label_id="field-household-rent"),
        RuleField("rooms", "household", "integer", label_id="field-household-rooms"),
        RuleField("area", "household", "number", "m2", label_id="field-household-area"),
        RuleField("share_farmed", "household", "number", "share", label_id="field-household-share_farmed"),
        RuleField("owns_home", "household", "boolean", label_id="field-household-owns_home"),
        RuleField("region", "household", "code", codes=REGIONS, label_id="field-household-region"),
        RuleField("registered", "household", "date", label_id="field-household-registered"),
        RuleField("village", "household", "text", label_id="field-household-village"),
        RuleField("birth_date", "member", "date", label_id="field-member-birth_date"),
        RuleField("pension", "member", "money", "money/month", label_id="field-member-pension"),
        RuleField("hours", "member", "integer", "hours/week", label_id="field-member-hours"),
        RuleField("births", "member", "integer", label_id="field-member-births"),
        RuleField("weight", "member", "number", "kg", label_id="field-member-weight"),
        RuleField("pregnant", "member", "boolean", label_id="field-member-pregnant"),
        RuleField("disabled", "member", "boolean", label_id="field-member-disabled"),
        RuleField("sex", "member", "code", codes=SEXES, label_id="field-member-sex"),
        RuleField("hectares", "item:plot", "number", "hectares", label_id="field-item-plot-hectares"),
        RuleField("irrigated", "item:plot", "boolean", label_id="field-item-plot-irrigated"),
        RuleField("month", "item:earning", "date", label_id="field-item-earning-month"),
        RuleField("kind", "item:earning", "code", codes=EARNINGS, label_id="field-item-earning-kind"),
        RuleField("amount", "item:earning", "money", "money", label_id="field-item-earning-amount"),
    ],
    lists=[
        RuleList("children", "member", "member", 20, label_id="rules-list-children"),
        RuleList("parents", "member", "member", 4, label_id="rules-list-parents"),
        RuleList("earning", "member", "item:earning", 20, month="month", label_id="item-earning"),
        RuleList("plot", "household", "item:plot", 20, label_id="item-plot"),
    ],
    sources=SOURCES,
)


def _parameter(name: str, type: str, unit: str | None, *values: object) -> Parameter:
    days = (date(2020, 1, 1), date(2024, 1, 1))
    dated = tuple(Dated(value, f"Act {day.year}", day) for value, day in zip(values, days, strict=False))
    return Parameter(name, type, unit, values=dated)


PARAMETERS = Parameters(
    [
        _parameter("poverty_line", "money", "money/month", 9000, 10000),
        _parameter("child_benefit", "money", "money/month", 2500, 3000),
        _parameter("old_age", "integer", "years", 65, 67),
        _parameter("child_age", "integer", "years", 16),
        _parameter("taper", "number", "share", 0.5, 0.35),
        _parameter("most_children", "integer", None, 3),
        _parameter("coin", "money", "money", 100, 500),
        _parameter("step", "integer", None, 3),
        _parameter("infancy", "integer", "months", 24),
        _parameter("letters", "text", None, "ir"),
        _parameter("opened", "date", None, date(2019, 6, 30)),
        Parameter("announced", "money", "money/month", values=(Dated(5000, "Act 2030", date(2030, 1, 1)),)),
    ]
)


def rule(text: str, *, unit: str = "household", gives: str = "boolean") -> Rule:
    return check(text, CATALOGUE, PARAMETERS, unit=unit, gives=gives)
