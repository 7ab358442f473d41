"""Random rules on random households, on Spark: the reference engine's answers; and what Spark took amiss, one by one."""

from random import Random

import ibis
import pytest

from amparo.rules.engines.columnar import columns
from amparo.rules.engines.columnar.spark import sql
from amparo.rules.model.rule import PERSON_UNIT, ProgrammeRule
from tests.lib.rules.agreement import a_programme
from tests.lib.rules.engines import by_reference, values_by_reference
from tests.lib.rules.households import records
from tests.lib.rules.spark import by_spark, values_by_spark
from tests.lib.rules.tables import snapshot
from tests.lib.rules.world import PARAMETERS, TODAY, rule

RULES, HOUSEHOLDS = 16, 40


@pytest.mark.spark
@pytest.mark.parametrize("unit", ["household", PERSON_UNIT])
def test_spark_decides_as_the_reference_engine(unit):
    draw = Random(unit)
    for _ in range(RULES // 2):
        # One at a time: Spark resolves the whole of a query again for each value said once within another.
        programme, homes = {"p": a_programme(draw, unit)}, records(draw, HOUSEHOLDS)
        assert by_spark(programme, homes) == by_reference(programme, homes), programme["p"].outcome.text


@pytest.mark.spark
def test_least_and_greatest_of_one_are_itself_also_on_spark():
    """Spark's LEAST wants two."""
    asked = {way: rule(f"math.{way}(household.rooms) == 3") for way in ("least", "greatest")}
    found = values_by_spark(asked, [home(rooms=3), home(rooms=4), home(rooms=None)])
    assert {way: list(units.values()) for way, units in found.items()} == {way: [True, False, None] for way in asked}


@pytest.mark.spark
def test_a_number_with_decimals_is_a_double_also_on_spark():
    """A bare 0.1 is a decimal there: a sum of two is exact, and a third has six digits."""
    homes = [home(rooms=3)]
    asked = {
        "sum": rule("has(household.rooms) && 0.1 + 0.2 > 0.3"),
        "third": rule("has(household.rooms) && 1.0 / 3.0 * 3.0 == 1.0"),
        "negative": rule("has(household.rooms) && -0.1 - 0.2 < -0.3"),
        "large": rule("has(household.rooms) && 1e200 * 1e-200 == 1.0"),
    }
    expected = {name: values_by_reference(each, homes) for name, each in asked.items()}
    assert values_by_spark(asked, homes) == expected


@pytest.mark.spark
def test_nothing_missing_is_an_empty_list_of_names_also_on_spark():
    """Spark's empty list has no type of its own, and Arrow takes none without one."""
    found = by_spark({"p": ProgrammeRule(rule("household.size >= 1"))}, [home()])["p"]["0"]
    assert (found.outcome, found.missing) == (False, ())


@pytest.mark.spark
def test_a_sum_too_large_for_64_bits_is_unknown_also_on_spark():
    """A sum of 64 bits that overflows stops a run."""
    large = 9 * 10**18
    found = values_by_spark(
        {"sum": rule("members.map(m, m.hours).sum() > 0")},
        [home(members=[{"hours": large}] * 3), home(members=[{"hours": large}]), home()],
    )
    assert list(found["sum"].values()) == [None, True, False]


def test_a_rule_within_lists_is_written_for_spark_no_longer_than_for_duckdb():
    """What is written twice in a list within a list is written four times: Spark's own forms grew without bound."""
    text = "members.exists(m, m.children.sortBy(c, c.hours).slice(0, 2).map(c, c.births).sum() > 1)"
    table = columns(snapshot([]), {"p": ProgrammeRule(rule(text))}, on=TODAY, parameters=PARAMETERS)
    assert len(sql(table)) < 1.3 * len(" ".join(ibis.to_sql(table, dialect="duckdb").split()))


def test_no_case_is_written_for_spark_whose_parser_would_read_each_to_its_end_for_every_one_around_it():
    table = columns(
        snapshot([]),
        {"p": ProgrammeRule(rule("household.owns_home ? household.rooms > 1 : has(household.rooms)"))},
        on=TODAY,
        parameters=PARAMETERS,
    )
    assert "CASE" not in sql(table)


def home(members: list[dict] | None = None, **known) -> dict:
    blank = {name: None for name in ("rooms", "income", "area", "owns_home", "region")}
    return {"household": {**blank, **known}, "members": members or []}
