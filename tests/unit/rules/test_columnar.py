from datetime import date

import ibis
import pytest

from amparo.kernel.errors import Refused
from amparo.rules.engines.columnar import columns
from amparo.rules.model.rule import Decided, ProgrammeRule
from tests.lib.rules.engines import by_columns, by_reference, sql
from tests.lib.rules.tables import snapshot
from tests.lib.rules.world import PARAMETERS, TODAY, rule

HOMES = [
    {"household": {"income": 25000, "rooms": 2}, "members": [{"disabled": True, "pension": 100}, {"disabled": None}]},
    {"household": {"income": None}, "members": []},
]
POOR = ProgrammeRule(rule("household.size >= 1 && household.income / household.size <= param.poverty_line"))
CARE = ProgrammeRule(
    rule("members.exists(m, m.disabled)"),
    rule("param.child_benefit * members.filter(m, m.disabled).size()", gives="money"),
)
DISABLED = ProgrammeRule(rule("member.disabled", unit="person"), rule("member.pension", unit="person", gives="money"))


def test_one_row_per_household_with_three_columns_for_each_programme():
    table = columns(snapshot(HOMES), {"poor": POOR, "care": CARE}, on=TODAY, parameters=PARAMETERS)
    assert table.columns == (
        *("household_id", "poor__outcome", "poor__amount", "poor__missing"),
        *("care__outcome", "care__amount", "care__missing"),
    )
    assert [str(table[name].type()) for name in table.columns[1:4]] == ["boolean", "int64", "array<string>"]


def test_one_row_per_member_where_the_unit_is_the_person():
    assert by_columns({"p": DISABLED}, HOMES)["p"] == {
        "0/0": Decided(True, 100),
        "0/1": Decided(None, None, ("disabled",)),
    }


def test_both_engines_decide_the_same_home_alike():
    programmes = {"poor": POOR, "care": CARE}
    assert by_columns(programmes, HOMES) == by_reference(programmes, HOMES)
    assert by_columns(programmes, HOMES)["care"]["0"] == Decided(True, None, ("disabled",))


def test_programmes_about_households_and_persons_are_not_run_together():
    with pytest.raises(Refused, match="rules-columns-of-one-unit"):
        columns(snapshot(HOMES), {"care": CARE, "p": DISABLED}, on=TODAY, parameters=PARAMETERS)


@pytest.mark.parametrize("asked", [POOR, DISABLED])
def test_a_snapshot_without_a_column_that_a_rule_reads_is_refused(asked):
    table = ibis.table({"household_id": "string", "size": "int64", "members": "array<struct<person_id: string>>"})
    with pytest.raises(Refused, match="rules-column-missing"):
        columns(table, {"p": asked}, on=TODAY, parameters=PARAMETERS)


def test_a_parameter_without_a_value_on_the_day_is_refused():
    asked = ProgrammeRule(rule("household.income <= param.announced"))
    with pytest.raises(Refused, match="rules-parameter-without-value parameter=announced"):
        columns(snapshot(HOMES), {"p": asked}, on=TODAY, parameters=PARAMETERS)


def test_a_home_whose_members_are_null_is_unknown_and_not_empty():
    table = snapshot(HOMES).mutate(members=ibis.null(snapshot(HOMES).members.type()))
    asked = {"p": ProgrammeRule(rule("household.size >= 1 && members.all(m, m.disabled)"))}
    found = columns(table, asked, on=TODAY, parameters=PARAMETERS).to_pyarrow().to_pylist()
    assert [row["p__outcome"] for row in found] == [None, False]


def test_narrow_columns_do_not_overflow():
    """A file may hold small integers; a sum of them in their own width would stop the run."""
    table = ibis.memtable(
        {"household_id": ["1"], "size": [1], "rooms": [30000], "members": [[{"person_id": "1"}]]},
        schema={
            "household_id": "string",
            "size": "int16",
            "rooms": "int16",
            "members": "array<struct<person_id: string>>",
        },
    )
    asked = {"p": ProgrammeRule(rule("household.rooms * household.rooms * 3 > household.size"))}
    assert columns(table, asked, on=TODAY, parameters=PARAMETERS).p__outcome.to_pyarrow().to_pylist() == [True]


def test_all_programmes_are_one_scan_of_the_table():
    connection = ibis.duckdb.connect()
    table = connection.create_table("homes", snapshot(HOMES))
    plan = connection.raw_sql(
        "EXPLAIN " + ibis.to_sql(columns(table, {"poor": POOR, "care": CARE}, on=TODAY, parameters=PARAMETERS))
    ).fetchall()[0][1]
    assert plan.count("SEQ_SCAN") == 1


def test_division_by_the_smallest_of_numbers_is_unknown_in_both_engines():
    """Below 2.2e-308 doubles have fewer digits, and three of them still divide into infinity."""
    homes = [{"household": {"share_farmed": 1e-308}, "members": []}]
    asked = {"p": ProgrammeRule(rule("param.most_children / -household.share_farmed < 0.5"))}
    assert by_columns(asked, homes) == by_reference(asked, homes) == {"p": {"0": Decided(None)}}


def test_a_deep_rule_is_not_written_out_again_at_every_level():
    """What is used twice would be written twice at each level: 2^20 times at the bottom."""
    deep = ["household.area + " * 20 + "1.0 > 0.0", "household.rooms * " * 20 + "1 > 0"]
    deep += ["math.least(household.rooms, " * 20 + "1" + ")" * 20 + " > 0"]
    deep += ["add_months(" * 9 + "household.registered" + ", 1)" * 9 + " < decision_day"]
    deep += ["exp(" * 9 + "household.area" + ", 2)" * 9 + " > 1.0"]
    homes = [{"household": {"area": 0.5, "rooms": 1, "registered": date(2020, 1, 31)}, "members": []}]
    for text in deep:
        asked = {"p": ProgrammeRule(rule(f"household.rooms > 0 && {text}"))}
        assert len(sql(asked, homes)) < 200_000
        assert by_columns(asked, homes) == by_reference(asked, homes)


def test_the_remainder_of_the_least_integer_does_not_stop_the_run():
    homes = [{"household": {"rooms": -(2**63)}, "members": []}, {"household": {"rooms": None}, "members": []}]
    asked = {"p": ProgrammeRule(rule("household.rooms % -1 == 0 && household.rooms % -household.rooms == 0"))}
    assert by_columns(asked, homes) == by_reference(asked, homes)
    asked = {"p": ProgrammeRule(rule("household.rooms % -1 == 0"))}
    assert by_columns(asked, homes)["p"] == {"0": Decided(True), "1": Decided(None, None, ("rooms",))}


def test_no_rule_is_written_with_an_interval_as_a_literal():
    """Sqlglot 30 stops at one inside a list that is indexed; a rule of the millionth pairs met it."""
    later = ProgrammeRule(rule("add_months(household.registered, 3) <= decision_day"))
    assert "INTERVAL '" not in sql({"later": later}, HOMES).upper()
