import pytest

from amparo.kernel.errors import Refused
from amparo.profiles.languages import say
from amparo.rules.check import RuleRefused, check
from amparo.rules.check.limits import MOST_STEPS
from amparo.rules.model.types import Kind
from tests.lib.rules.world import CATALOGUE, rule


def refusal(text: str, **settings: str) -> RuleRefused:
    with pytest.raises(RuleRefused) as refused:
        rule(text, **settings)
    return refused.value


# What nobody must be granted by -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "true",
        "household.size >= 0",
        "!has(household.income)",
        "members.all(m, m.disabled)",
        "members.filter(m, m.disabled).size() == 0",
        "members.map(m, m.pension).sum() <= param.poverty_line",
        "household.rooms > 1 || 1 < 2",
        "household.size <= param.most_children",
    ],
)
def test_a_rule_true_of_the_blank_household_is_refused(text):
    assert refusal(text).message.id == "rules-true-of-blank"


@pytest.mark.parametrize("text", ["!has(member.birth_date)", "household.size == 1", "members.exists(m, !has(m.sex))"])
def test_a_rule_true_of_the_blank_person_is_refused(text):
    assert refusal(text, unit="person").message.id == "rules-true-of-blank"


def test_a_rule_true_of_the_blank_household_by_one_past_value_of_a_parameter_is_refused():
    from datetime import date

    from amparo.rules.parameters import Dated, Parameter, Parameters

    least = Parameter(
        "least", "integer", values=(Dated(0, "Act 1", date(2001, 1, 1)), Dated(1, "Act 2", date(2020, 1, 1)))
    )
    with pytest.raises(RuleRefused, match="rules-true-of-blank"):
        check("household.size >= param.least", CATALOGUE, Parameters([least]))


def test_a_broken_reference_is_refused():
    assert refusal("household.incomes <= param.poverty_line").message.values["known"] == ["income"]


def test_a_rule_too_costly_is_refused():
    text = " && ".join(["members.exists(m, m.disabled || m.pregnant || m.hours > 1)"] * 110)
    refused = refusal(text)
    assert refused.message.id == "rules-too-costly"
    assert refused.message.values["steps"] > MOST_STEPS


def test_a_rule_that_a_default_makes_true_of_the_blank_household_is_refused():
    assert refusal("household.?rooms.orValue(0) < 2").message.id == "rules-true-of-blank"
    assert refusal("household.?owns_home.orValue(true)").message.id == "rules-true-of-blank"
    assert refusal("member.?pregnant.orValue(true)", unit="person").message.id == "rules-true-of-blank"
    assert rule("household.size >= 1 && household.?rooms.orValue(0) < 2").cost > 0


@pytest.mark.parametrize(
    "text",
    [
        "members.map(m, exp(m.weight, 2)).sum() > 1.0 && " * 11 + "true",
        "members.filter(m, add_months(m.birth_date, 24) > decision_day).size() > 1 && " * 30 + "true",
    ],
)
def test_what_a_function_costs_is_counted_for_each_member(text):
    assert refusal(text).message.id == "rules-too-costly"


def test_deep_arithmetic_with_a_count_is_refused():
    """Its two ends are each made of both ends below, so that every level multiplies what a database has to read."""
    count = "members.filter(m, m.disabled).size()"
    assert rule("(((" + count + " + 1) * 2 + household.rooms) * 3) > 5").cost < MOST_STEPS
    assert refusal("(" * 9 + count + " + household.rooms)" * 9 + " > 5").message.id == "rules-count-deep"


# Types, units and grain ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("household.rooms == household.owns_home", "rules-types-differ"),
        ("household.region == household.village", "rules-types-differ"),
        ("household.owns_home < true", "rules-type"),
        ("household.village < household.village", "rules-type"),
        ("!household.rooms", "rules-type"),
        ("household.owns_home && household.rooms", "rules-type"),
        ("household.rooms ? true : false", "rules-type"),
        ("-household.owns_home == 1", "rules-type"),
        ("household.area % 2 == 1", "rules-type"),
        ("age(household.rooms) > 1", "rules-type"),
        ("household.registered + 1 > household.registered", "rules-type"),
        ("members.map(m, m.birth_date).sum() > 1", "rules-type"),
        ("members.filter(m, m.hours).size() > 1", "rules-type"),
        ("household.income + household.rent > param.poverty_line", "rules-unit"),
        ("household.area > household.rooms", "rules-unit"),
        ("household.income * household.rooms > household.rent", "rules-unit"),
        ("age(member.birth_date) > param.most_children", "rules-unit"),
        ("per_month(household.income) > param.poverty_line", "rules-per"),
        ("household.income >= 100.5", "rules-money-literal"),
        ('household.region == "North"', "rules-code-unknown"),
        ('household.region in ["north", "sued"]', "rules-code-unknown"),
        ('household.registered == date("01/02/2024")', "rules-date-unreadable"),
        ("household.rooms in household.rooms", "rules-in-needs-list"),
        ("household.rooms in []", "rules-list-empty"),
        ("household.rooms in [household.rooms]", "rules-list-not-constant"),
        ("[1, 2]", "rules-list-alone"),
        ("members", "rules-members-alone"),
        ("household", "rules-root-alone"),
        ("household.region.north", "rules-no-fields"),
        ("math > 1", "rules-root-alone"),
        ("math.pi > 3.0", "rules-name-unknown"),
        ("has(household)", "rules-root-alone"),
        ("has(household.size)", "rules-has-needs-field"),
        ("has(1)", "rules-has-needs-field"),
        ("members.exists(m)", "rules-macro-arguments"),
        ("members.exists(1, m.disabled)", "rules-macro-arguments"),
        ("members.exists(household, true)", "rules-variable-taken"),
        ("members.exists(if, true)", "rules-variable-taken"),
        ("members.sum() > 0", "rules-sum-needs-map"),
        ("members.map(m, m.hours).exists(h, h > 1)", "rules-macro-after-map"),
        ("household.rooms.size() > 1", "rules-macro-without-members"),
        ("members.size(1) > 1", "rules-arguments"),
        ("math.round() > 1", "rules-arguments"),
        ("age(household.registered, 1) > 1", "rules-type"),
        ("age(household.registered, decision_day, decision_day) > 1", "rules-arguments"),
        ("decision_day > 1", "rules-types-differ"),
        ("decision_day.year > 1", "rules-no-fields"),
        ("members.exists(decision_day, true)", "rules-variable-taken"),
        ("add_months(decision_day, 1.5) > decision_day", "rules-type"),
        ("months_between(household.registered, decision_day) > age(household.registered)", "rules-unit"),
        ("year(household.rooms) > 1", "rules-type"),
        ("math.least([]) > 1", "rules-list-empty"),
        ("math.least([household.rooms], 1) > 1", "rules-list-alone"),
        ("math.abs(household.registered) > 1", "rules-type"),
        ("ceil_to(household.rooms, -5) > 1", "rules-multiple"),
        ("ceil_to(household.rooms, 0.5) > 1", "rules-type"),
        ("ceil_to(household.area, param.coin) > 1", "rules-unit"),
        ("exp(household.area, -1) > 1", "rules-decimals"),
        ("exp(household.income, 1) > 1", "rules-type"),
        ("pow(household.area, 2) > 1", "rules-arguments"),
        ('household.rooms.startsWith("a")', "rules-type"),
        ("household.village.startsWith(1)", "rules-type"),
        ("household.?rooms", "rules-optional-alone"),
        ("has(household.?rooms)", "rules-optional-alone"),
        ("household.rooms.orValue(1) > 1", "rules-or-value"),
        ("household.?size.orValue(1) > 1", "rules-has-needs-field"),
        ("param.?child_age.orValue(1) > 1", "rules-has-needs-field"),
        ("household.?income.orValue(5000) > 1", "rules-money-literal"),
        ('household.?region.orValue("east") == "north"', "rules-code-unknown"),
        ("household.?rooms.orValue(household.owns_home) > 1", "rules-types-differ"),
        ("members.sort() > 1", "rules-function-unknown"),
        ("exec(1)", "rules-function-unknown"),
        ("math.sin(household.area) > 0.5", "rules-function-unknown"),
        ("m.disabled", "rules-name-unknown"),
        ("members.filter(m, m.disabled).size() > 1 && m.disabled", "rules-name-unknown"),
    ],
)
def test_what_does_not_fit_is_refused(text, id):
    assert refusal(text, unit="person").message.id == id


@pytest.mark.parametrize("text", ["household.income / 2", "household.income * 0.5", "household.income * param.taper"])
def test_an_amount_that_was_not_rounded_is_refused(text):
    assert refusal(text, gives="money").message.id == "rules-money-unrounded"


@pytest.mark.parametrize("text", ["household.rooms", "household.owns_home", "0", "household.area"])
def test_an_amount_must_be_money(text):
    assert refusal(text, gives="money").message.id == "rules-gives"


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("household.income / household.size", "money/month"),
        ("household.income * household.share_farmed", "money/month"),
        ("household.income / household.area", "money/m2/month"),
        ("household.income / param.poverty_line", ""),
        ("per_month(household.rent)", "money/month"),
        ("household.area * 2.0", "m2"),
    ],
)
def test_units_are_multiplied_and_divided(text, unit):
    assert str(rule(text, gives=Kind.NUMBER).model.type.unit) == unit


def test_a_refusal_points_at_the_operand_that_does_not_fit():
    refused = refusal("household.rooms > 1 &&\n  household.income > household.rent")
    assert (refused.line, refused.column) == (2, 22)


def test_every_refusal_says_what_why_and_what_to_do_in_both_languages():
    texts = ["household.rooms = 1", "household.income > 5", "household.incom > 1", "member.disabled", "true", "1 +", ""]
    for text in texts:
        for language in ("en", "ar"):
            assert len(say(refusal(text).message, language).split("\n")) == 3


# What a rule is -----------------------------------------------------------------------------------------------------


def test_a_rule_knows_what_it_reads():
    checked = rule("household.rooms > 1 && members.exists(m, age(m.birth_date) >= param.old_age) && household.size > 1")
    assert checked.reads == {("household", "rooms"), ("member", "birth_date")}
    assert checked.parameters == {"old_age"}


@pytest.mark.parametrize(
    "other",
    [
        "members.exists(m, m.disabled)   // a comment",
        "members.exists(somebody, (somebody.disabled))",
        "members\n.exists(m, m.disabled)",
    ],
)
def test_the_hash_is_of_the_meaning_and_not_of_the_words(other):
    assert rule(other).hash == rule("members.exists(m, m.disabled)").hash


@pytest.mark.parametrize("other", ["members.exists(m, m.pregnant)", "members.exists(m, !m.disabled)"])
def test_another_meaning_has_another_hash(other):
    assert rule(other).hash != rule("members.exists(m, m.disabled)").hash


def test_the_hash_changes_with_the_unit_decided_about():
    text = "members.exists(m, m.disabled)"
    assert rule(text, unit="person").hash != rule(text).hash


def test_a_rule_and_an_amount_about_different_units_do_not_make_a_programme():
    from amparo.rules.model.rule import ProgrammeRule

    with pytest.raises(Refused, match="rules-units-differ"):
        ProgrammeRule(rule("household.rooms > 1"), rule("param.child_benefit", unit="person", gives="money"))
