"""Tables, models and programmes that rules refer to: what is refused, the arithmetic, and what is kept of them."""

import csv
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from amparo.kernel.errors import Refused
from amparo.rules.check import check
from amparo.rules.check.stated import check_model, check_table
from amparo.rules.contents import (
    Column,
    Contents,
    ModelVersion,
    ProgrammeText,
    ProgrammeVersion,
    Question,
    ScoringModel,
    Table,
    TableVersion,
    Variant,
    kept,
    restored,
    version_on,
)
from amparo.rules.engines.reference import evaluate
from amparo.rules.lower.writing import written
from amparo.rules.model.nodes import walk
from amparo.rules.model.rule import RuleRefused
from amparo.rules.parameters import Parameters
from amparo.rules.trace import explain
from tests.lib.rules.engines import values_by_columns, values_by_reference
from tests.lib.rules.stated import CONTENTS, EARLIER, HARDSHIP, HEATING, WELFARE
from tests.lib.rules.world import CATALOGUE, PARAMETERS, TODAY, rule


def table(rows: str, *inputs: Column, **settings) -> Table:
    columns = inputs or (Column("persons", "integer"),)
    return Table("t", columns, "integer", None, (), (TableVersion(EARLIER, "law", rows),), **settings)


def refusals(stated: Table) -> list[RuleRefused]:
    return [refusal for _, refusal in check_table(stated)]


@pytest.mark.parametrize(
    ("rows", "id"),
    [
        ("persons | answer\n..2 | 1\n2.. | 2", "rules-table-overlap"),
        ("persons | answer\n..2 | 1\n4.. | 2", "rules-table-gap"),
        ("people | answer\n- | 1", "rules-table-head"),
        ("persons | answer", "rules-table-empty"),
        ("persons | answer\n- | 1 | 2", "rules-table-width"),
        ("persons | answer\nfew | 1\n- | 2", "rules-cell-value"),
        ("persons | answer\n5..3 | 1\n- | 2", "rules-cell-in-reverse"),
        ("persons | answer\n- | one", "rules-cell-value"),
        ("persons | answer\n" + "\n".join(f"{n} | 1" for n in range(600)), "rules-table-too-long"),
    ],
)
def test_a_table_that_does_not_answer_exactly_once_is_refused(rows, id):
    assert [each.message.id for each in refusals(table(rows))] == [id]


def test_an_overlap_names_the_rows_and_the_cells_and_the_place():
    """ELI-1: whoever writes a table is told where two rows answer for the same household."""
    rows = "zone | persons | answer\nvalley | ..3 | 1\nmountain | - | 2\nvalley | 3.. | 3"
    zone = Column("zone", "code", codes=("valley", "mountain"))
    (found,) = refusals(table(rows, zone, Column("persons", "integer")))
    assert (found.line, found.column, found.text) == (4, 1, rows)
    assert {**found.message.values} == {"line": 4, "column": 1, "first": 1, "second": 3, "cells": "valley | 3"}


def test_a_gap_of_an_amount_is_named_in_major_units():
    (found,) = refusals(table("income | answer\n..<50.00 | 1\n>50.00 | 2", Column("income", "money", "money/month")))
    assert found.message.values["cells"] == "50.00"


def test_doubles_have_no_gap_between_neighbours_and_an_end_left_open_is_one():
    area = Column("area", "number", "m2")
    assert refusals(table("area | answer\n<0.1 | 1\n0.1.. | 2", area)) == []
    (found,) = refusals(table("area | answer\n<0.1 | 1\n>0.1 | 2", area))
    assert found.message.values["cells"] == "0.1"


def test_a_gap_may_be_declared_to_be_unknown_and_is_never_no():
    stated = table("persons | answer\n..2 | 1", gap="unknown")
    assert refusals(stated) == []
    asked = check(
        "household.size >= 1 && lookup(t, household.rooms) == 1",
        CATALOGUE,
        Parameters((), Contents((stated,))),
    )
    record = {"household": {"rooms": 3}, "members": [{}]}
    assert evaluate(asked, record, on=TODAY, parameters=PARAMETERS) is None


def test_text_has_no_end_of_values_and_is_refused_as_an_input():
    assert [each.message.id for each in refusals(table("x | answer\n- | 1", Column("x", "text")))] == [
        "rules-table-input-text"
    ]


def test_a_table_too_fine_to_be_asked_is_refused_in_time():
    columns = [Column(f"c{n}", "integer") for n in range(6)]
    rows = "\n".join(" | ".join([*(str(row * 7 + n) for n in range(6)), "1"]) for row in range(30))
    head = " | ".join([*(each.name for each in columns), "answer"])
    (found,) = refusals(table(f"{head}\n{rows}", *columns, gap="unknown"))
    assert found.message.id == "rules-table-too-fine"


def model(rows: str, *questions: Question, constant: str = "0") -> ScoringModel:
    return ScoringModel("m", (ModelVersion(EARLIER, "law", questions, (Variant("-", constant, rows),)),))


ROOMS = Question("rooms", "household.rooms")


@pytest.mark.parametrize(
    ("stated", "id"),
    [
        (model("question | answer | points\nrooms | ..2 | 1", ROOMS), "rules-table-gap"),
        (model("question | answer | points\nrooms | - | 1\nrooms | 2 | 3", ROOMS), "rules-table-overlap"),
        (model("question | answer | points\nfloor | - | 1", ROOMS), "rules-score-question-unknown"),
        (
            model("question | answer | points\nrooms | - | 1", ROOMS, Question("b", "1")),
            "rules-score-question-unused",
        ),
        (model("question | answer | points\nrooms | - | many", ROOMS), "rules-score-points"),
        (model("question | answer | points\nrooms | each | 0.0000000001", ROOMS), "rules-score-too-fine"),
        (
            model("question | answer | points\nrooms | - | 1", Question("rooms", "household.roms")),
            "rules-field-unknown",
        ),
        (
            replace(model("question | answer | points\nrooms | - | 1", ROOMS), probability="nothing"),
            "rules-score-without-probability",
        ),
    ],
)
def test_a_model_that_cannot_be_added_up_is_refused(stated, id):
    assert [each.message.id for _, each in check_model(stated, CATALOGUE, PARAMETERS)] == [id]


def test_a_rule_that_refers_to_something_broken_is_refused_and_matches_nobody():
    broken = Contents((table("persons | answer\n..2 | 1"),))
    with pytest.raises(RuleRefused) as refusal:
        check("lookup(t, household.size) == 1", CATALOGUE, Parameters((), broken))
    assert refusal.value.message.id == "rules-stated-broken"


def test_a_rule_true_of_the_blank_household_by_way_of_a_table_or_programme_is_refused():
    for text in ("!programme.poor_home.granted", "lookup(heating, area.zone, household.size) > 0"):
        with pytest.raises(RuleRefused) as refusal:
            rule(text)
        assert refusal.value.message.id == "rules-true-of-blank"


def test_decimals_are_exact_in_both_engines():
    """0.1 × 3 + 0.2 is 0.5 and not 0.5000000000000001, whatever adds it."""
    stated = model("question | answer | points\nrooms | each | 0.1", ROOMS, constant="0.2")
    asked = check("score(m)", CATALOGUE, Parameters((), Contents(models=(stated,))), gives="number")
    records = [{"household": {"rooms": n}, "members": []} for n in (3, 1, 7)]
    assert list(values_by_reference(asked, records).values()) == [0.5, 0.3, 0.9]
    assert values_by_columns(asked, records) == values_by_reference(asked, records)


def test_the_version_of_the_day_answers_and_before_the_first_nobody_is_decided_about():
    asked = rule("lookup(heating, area.zone, household.size)", gives="money")
    record = {"household": {"area.zone": "valley"}, "members": [{}]}
    found = [evaluate(asked, record, on=day, parameters=PARAMETERS) for day in (date(2023, 12, 31), date(2024, 1, 1))]
    assert found == [1000, 2000]
    with pytest.raises(Refused) as refusal:
        evaluate(asked, record, on=date(2019, 12, 31), parameters=PARAMETERS)
    assert refusal.value.message.id == "rules-stated-without-version"


def test_another_version_does_not_change_the_rules_hash():
    """As with a parameter: the rule is the same, and what stood on the day is kept beside it."""
    text = "lookup(heating, area.zone, household.size)"
    older = replace(HEATING, versions=HEATING.versions[:1])
    other = check(text, CATALOGUE, Parameters(PARAMETERS.all, replace(CONTENTS, tables=(older,))), gives="money")
    assert other.hash == rule(text, gives="money").hash


@pytest.mark.parametrize(("kind", "content"), [("table", HEATING), ("score", HARDSHIP), ("score", WELFARE)])
def test_what_is_kept_reads_back_as_it_stood_on_the_day(kind, content):
    figure = json.loads(json.dumps(kept(content, TODAY)))
    assert restored(kind, figure) == replace(content, versions=(version_on(content, TODAY),))
    assert figure["from"] == version_on(content, TODAY).valid_from.isoformat()


def test_a_long_score_with_a_weighed_amount_is_written_out_once_and_both_engines_agree():
    """An amount times a weight may overflow; if every sum above it did, a database would read each of them fivefold."""
    asked = [Question("rent", "household.rent"), *(Question(f"q{n}", "household.rooms") for n in range(20))]
    points = [f"q{n} | ..{n} | {n}\nq{n} | {n + 1}.. | 1" for n in range(20)]
    stated = model("question | answer | points\nrent | each | 0.03\n" + "\n".join(points), *asked)
    scored = check("score(m)", CATALOGUE, Parameters((), Contents((), (stated,))), gives="number")
    assert max(written(each, True) for each in walk(scored.model)) < 2_000
    households = [{"rent": 20_000, "rooms": 5}, {"rent": 20_000, "rooms": None}, {"rent": None, "rooms": 5}]
    records = [{"household": each, "members": []} for each in households]
    found = values_by_reference(scored, records)
    assert list(found.values()) == [6.0 + sum(n if n >= 5 else 1 for n in range(20)), None, None]
    assert values_by_columns(scored, records) == found


def test_a_deep_score_of_each_member_is_still_refused():
    """No stage makes columns of what is asked of each member, so there every look-up is written out."""
    points = "\n".join(f"rooms | {n} | {n}" for n in range(1, 40)) + "\nrooms | ..0 | 0\nrooms | 40.. | 40"
    stated = model(f"question | answer | points\n{points}", ROOMS)
    chances = TableVersion(
        EARLIER, "law", "s | answer\n" + "\n".join(f"{n} | {n}" for n in range(5)) + "\n..-1 | 0\n5.. | 5"
    )
    table = Table("t", (Column("s", "integer"),), "integer", None, (), (chances,))
    figures = Parameters((), Contents((table,), (stated,)))
    assert check("household.size >= 1 && lookup(t, score(m)) > 2", CATALOGUE, figures).cost > 0
    with pytest.raises(RuleRefused) as refused:
        check("members.exists(m, lookup(t, lookup(t, score(m))) > 2)", CATALOGUE, figures)
    assert refused.value.message.id in ("rules-count-deep", "rules-too-costly")


def test_what_a_programme_decides_about_a_relative_who_may_live_elsewhere_is_refused():
    assert rule("members.exists(m, m.programme.old_age.granted)").cost > 0
    with pytest.raises(RuleRefused) as refused:
        rule("members.exists(m, m.parents.exists(p, p.programme.old_age.granted))")
    assert refused.value.message.id == "rules-programme-unit"


@pytest.mark.parametrize(
    ("version", "id"),
    [
        ("is_ranked", "rules-programme-ranked"),
        ("is_of_group", "rules-programme-unit"),
        ("is_of_own_age", "rules-programme-of-own-age"),
    ],
)
def test_a_programme_that_ranks_asks_a_group_or_limits_ages_is_not_known_by_its_rule_alone(version, id):
    """Nobody is granted a place before everybody is ranked; so nothing may rest on it within one household."""
    poor = ProgrammeText("poor", "household", (ProgrammeVersion(EARLIER, "law", "household.rooms < 2"),))
    text = "household.size >= 1 && programme.poor.granted"
    assert check(text, CATALOGUE, Parameters((), Contents((), (), (poor,)))).cost > 0
    changed = replace(poor, versions=(replace(poor.versions[0], **{version: True}),))
    with pytest.raises(RuleRefused) as refused:
        check(text, CATALOGUE, Parameters((), Contents((), (), (changed,))))
    assert refused.value.message.id == id


def test_the_age_and_source_of_what_is_stated_of_an_area_cannot_be_asked():
    for text in ('source_of(area.zone) == "census"', "age_of(area.zone) < 10"):
        with pytest.raises(RuleRefused) as refused:
            rule(text)
        assert refused.value.message.id == "rules-has-needs-field"


def test_the_points_of_a_score_add_up_in_its_trace():
    """ELI-5: the arithmetic can be done again by hand."""
    record = {"household": {"region": "coast", "owns_home": False, "rooms": 2}, "members": [{"birth_date": TODAY}]}
    asked = rule("household.size >= 1 && score(hardship) < 45")
    score = explain(asked, record, on=TODAY, parameters=PARAMETERS).root.parts[1].parts[0]
    assert (score.what, score.name, score.law, score.value) == ("score", "hardship", "Study of 2019", 23)
    told = [(each.what, each.name, each.cells, each.operator, each.value) for each in score.parts]
    assert told == [
        ("constant", "constant", (), "", 0),
        ("points", "children", ("1, 2",), "", 10),
        ("points", "home", ("false",), "", 0),
        ("points", "region", ("south, coast",), "", 7),
        ("weight", "rooms", (), "3", 6),
    ]
    assert sum(each.value for each in score.parts) == score.value
    assert [each.parts[0].value for each in score.parts[1:]] == [1, False, "coast", 2]


def test_the_trace_of_a_table_shows_the_row_and_of_a_programme_its_steps():
    record = {"household": {"area.zone": "mountain", "income": 500}, "members": [{}, {}]}
    asked = rule("lookup(heating, area.zone, household.size)", gives="money")
    found = explain(asked, record, on=TODAY, parameters=PARAMETERS).root
    assert (found.cells, found.value, found.law) == (("mountain", "2..4"), 5000, "Heating Act 2024")
    assert [(each.grain, each.name, each.value) for each in found.parts] == [
        ("area", "zone", "mountain"),
        (None, None, 2),
    ]
    asked = rule("household.size >= 1 && programme.poor_home.granted")
    found = explain(asked, record, on=TODAY, parameters=PARAMETERS).root.parts[1]
    assert (found.what, found.name, found.value) == ("programme", "poor_home", True)
    assert [each.text for each in found.parts[0].parts] == [
        "household.size >= 1",
        "household.income <= param.poverty_line",
    ]


PPI = Path(__file__).parents[4] / "shared/data/reference-only/ppi-kenya-2018/ppiKEN2018.csv"


@pytest.mark.skipif(not PPI.exists(), reason="the look-up of Kenya's 2018 PPI is not at hand")
def test_the_look_up_of_kenyas_poverty_probability_index_is_a_table():
    """Source: PPI scorecards © IPA; the look-up by the R package ppitables (MIT)."""
    with PPI.open() as stream:
        rows = [(each["score"], each["nl100"]) for each in csv.DictReader(stream)]
    drawn = "\n".join(f"{score} | {Decimal(chance)}" for score, chance in rows)
    stated = Table(
        "ppi", (Column("score", "integer"),), "number", "percent", (),
        (TableVersion(EARLIER, "PPI 2018", f"score | answer\n{drawn}"),), gap="unknown",
    )  # fmt: skip
    points = "\n".join(f"rooms | {n} | {n}" for n in range(1, 100)) + "\nrooms | ..0 | 0\nrooms | 100.. | 100"
    scored = replace(model(f"question | answer | points\n{points}", ROOMS), probability="ppi")
    asked = check("probability(m)", CATALOGUE, Parameters((), Contents((stated,), (scored,))), gives="number")
    records = [{"household": {"rooms": n}, "members": []} for n in (0, 10, 28, None)]
    assert list(values_by_reference(asked, records).values()) == [88.0, 80.6, 60.0, None]
    assert values_by_columns(asked, records) == values_by_reference(asked, records)
