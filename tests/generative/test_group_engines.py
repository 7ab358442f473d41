"""Random rules about families inside random households: both engines agree, and nobody is dropped (ELI-10)."""

from collections.abc import Iterator
from random import Random
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest

from amparo.kernel.errors import Refused
from amparo.rules.catalogue import HOUSEHOLD, MEMBER
from amparo.rules.check import check
from amparo.rules.engines.columnar import columns, one_row_per_group
from amparo.rules.engines.reference import decide, evaluate
from amparo.rules.model.rule import ProgrammeRule, Rule, RuleRefused
from tests.lib.rules.households import records
from tests.lib.rules.spark import on_spark
from tests.lib.rules.tables import DEEPEST, schema, with_lists
from tests.lib.rules.world import CATALOGUE, PARAMETERS, TODAY
from tests.lib.rules.writing import a_rule, an_amount

RULES, HOUSEHOLDS = 60, 40


def of_group(text: str, *, unit: str = "household", gives: str = "boolean") -> Rule:
    return check(text, CATALOGUE, PARAMETERS, unit=unit, gives=gives, of_group=True)


def with_families(draw: Random, homes: list[dict]) -> list[dict]:
    """Give each member a family of their home, or none."""
    for number, home in enumerate(homes):
        home["families"] = [draw.choice([None, f"{number}/a", f"{number}/b"]) for _ in home["members"]]
    return homes


def table(homes: list[dict]) -> ir.Table:
    return one_row_per_group(ibis.memtable(ungrouped(homes)), "family")


def ungrouped(homes: list[dict]) -> pa.Table:
    member = [*schema().field("members").type.value_type, pa.field("family", pa.string())]
    fields = [each for each in schema() if each.name != "members"]
    rows = [
        {
            "household_id": str(number),
            "size": len(home["members"]),
            **with_lists(home["household"], HOUSEHOLD, home, CATALOGUE, DEEPEST),
            "members": [
                {"person_id": f"{number}/{i}", "family": family, **with_lists(facts, MEMBER, home, CATALOGUE, DEEPEST)}
                for i, (facts, family) in enumerate(zip(home["members"], home["families"], strict=True))
            ],
        }
        for number, home in enumerate(homes)
    ]
    wanted = pa.schema([*fields, pa.field("members", pa.list_(pa.struct(member)))])
    return pa.Table.from_pylist(rows, schema=wanted)


def units(homes: list[dict], unit: str) -> Iterator[tuple[tuple, dict[str, Any]]]:
    """Yield key and record of every family, or of every person within theirs; alone who is in none."""
    for number, home in enumerate(homes):
        keys = [family or f"{number}/{i}" for i, family in enumerate(home["families"])]
        for key in dict.fromkeys(keys):
            places = [i for i, each in enumerate(keys) if each == key]
            record = {**home, "places": places}
            if unit == "household":
                yield (str(number), key), record
            else:
                yield from (((str(number), key, f"{number}/{i}"), {**record, "member": i}) for i in places)


def a_programme(draw: Random, unit: str) -> ProgrammeRule:
    while True:
        try:
            outcome = of_group(a_rule(draw, unit), unit=unit)
            return ProgrammeRule(outcome, of_group(an_amount(draw, unit), unit=unit, gives="money"))
        except RuleRefused:
            continue


@pytest.mark.parametrize("unit", ["household", "person"])
def test_both_engines_say_the_same_of_every_family(unit):
    draw = Random(10)
    for _ in range(RULES // 5):
        homes = with_families(draw, records(draw, HOUSEHOLDS))
        programmes = {f"p{i}": a_programme(draw, unit) for i in range(5)}
        rows = columns(table(homes), programmes, on=TODAY, parameters=PARAMETERS).to_pyarrow().to_pylist()
        _expect_the_same(rows, homes, unit, programmes)


@pytest.mark.spark
@pytest.mark.parametrize("unit", ["household", "person"])
def test_spark_says_the_same_of_every_family(unit):
    draw = Random(11)
    homes = with_families(draw, records(draw, HOUSEHOLDS))
    for _ in range(2):
        programme = {"p": a_programme(draw, unit)}

        def by_family(whole: ir.Table, programme: dict = programme) -> ir.Table:
            return columns(one_row_per_group(whole, "family"), programme, on=TODAY, parameters=PARAMETERS)

        _expect_the_same(on_spark(ungrouped(homes), by_family), homes, unit, programme)


def _expect_the_same(rows: list[dict], homes: list[dict], unit: str, programmes: dict[str, ProgrammeRule]) -> None:
    keys = ("household_id", "unit_id") if unit == "household" else ("household_id", "unit_id", "person_id")
    found = {tuple(row[key] for key in keys): row for row in rows}
    expected = dict(units(homes, unit))
    assert found.keys() == expected.keys()
    for key, record in expected.items():
        for name, programme in programmes.items():
            row, wanted = found[key], decide(programme, record, on=TODAY, parameters=PARAMETERS)
            given = (row[f"{name}__outcome"], row[f"{name}__amount"], tuple(row[f"{name}__missing"]))
            assert given == (wanted.outcome, wanted.amount, wanted.missing), programme.outcome.text


def home(*families: str | None) -> dict:
    return {"household": {}, "members": [{} for _ in families], "families": list(families)}


def test_of_a_group_members_are_its_own_and_the_households_size_is_the_households():
    rule = ProgrammeRule(of_group("members.size() == 2 && household.size == 3"))
    rows = columns(table([home("a", "a", None)]), {"p": rule}, on=TODAY, parameters=PARAMETERS).to_pyarrow().to_pylist()
    assert {(row["unit_id"], row["is_grouped"]): row["p__outcome"] for row in rows} == {
        ("a", True): True,
        ("0/2", False): False,
    }
    record = {**home("a", "a", None), "places": [0, 1]}
    assert evaluate(rule.outcome, record, on=TODAY, parameters=PARAMETERS) is True


def test_a_rule_about_groups_matches_nobody_where_nothing_says_who_is_in_which():
    rule = of_group("members.size() >= 1")
    with pytest.raises(Refused, match="rules-record-without-places"):
        evaluate(rule, {"household": {}, "members": [{}]}, on=TODAY, parameters=PARAMETERS)
    plain = ibis.memtable(pa.Table.from_pylist([], schema=schema()))
    with pytest.raises(Refused, match="rules-columns-not-of-groups"):
        columns(plain, {"p": ProgrammeRule(rule)}, on=TODAY, parameters=PARAMETERS)
    with pytest.raises(Refused, match="rules-column-missing"):
        one_row_per_group(plain, "family")


def test_a_rule_about_households_does_not_run_over_groups():
    whole = check("household.size >= 1", CATALOGUE, PARAMETERS)
    with pytest.raises(Refused, match="rules-columns-not-of-groups"):
        columns(table([home("a")]), {"p": ProgrammeRule(whole)}, on=TODAY, parameters=PARAMETERS)


def test_a_groups_rule_and_a_households_rule_of_the_same_words_are_two_rules():
    text = "members.exists(m, m.pregnant)"
    assert of_group(text).hash != check(text, CATALOGUE, PARAMETERS).hash
    with pytest.raises(Refused, match="rules-units-differ"):
        ProgrammeRule(of_group(text), check("param.child_benefit", CATALOGUE, PARAMETERS, gives="money"))


def test_a_group_about_which_nothing_is_known_is_granted_nothing():
    with pytest.raises(RuleRefused, match="rules-true-of-blank"):
        of_group("members.all(m, m.pregnant)")
