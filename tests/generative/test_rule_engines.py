"""Random rules on random households: both engines give one answer, and another implementation of CEL gives it too.

AMPARO_RULES says how many rules both engines are asked: 200 here, 2,000 in `make acceptance`. Longer runs:
`tests.lib.rules.agreement.agreement(rules=…, households=…, seed=…)`, as the benchmark does.
"""

import os
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amparo.rules.engines.reference import evaluate
from amparo.rules.model.rule import RuleRefused
from amparo.rules.model.types import Kind
from tests.lib.rules.agreement import a_programme, agreement
from tests.lib.rules.engines import disagreements
from tests.lib.rules.households import complete_records, records
from tests.lib.rules.judge import Deeper, WithoutWord, days, parses, verdict
from tests.lib.rules.powers import powers
from tests.lib.rules.tables import units
from tests.lib.rules.world import PARAMETERS, TODAY, rule
from tests.lib.rules.writing import a_rule, an_amount

DEFAULTS = [
    ("rooms", "integer", "3"),
    ("area", "number", "1.5"),
    ("income", "money", "param.poverty_line"),
    ("owns_home", "boolean", "household.size > 1"),
    ("region", "code", '"coast"'),
    ("registered", "date", "decision_day"),
]
RULES = int(os.environ.get("AMPARO_RULES", "200"))
PATIENT = settings(deadline=None, database=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("seed", range(4))
def test_engines_agree_on_outcome_amount_and_missing(seed):
    found = agreement(rules=RULES // 4, households=50, seed=seed)
    assert found.rules >= RULES // 4
    assert found.pairs >= RULES // 4 * 50
    assert found.differ == []


@settings(PATIENT, max_examples=RULES // 8)
@given(st.randoms(use_true_random=False), st.sampled_from(["household", "person"]), st.integers(0, 2**32))
def test_engines_agree_and_the_smallest_counterexample_is_found(draw, unit, seed):
    """The rule is Hypothesis's, so that a failure is shrunk to the shortest rule that shows it."""
    programme = a_programme(draw, unit, depth=3)
    assert disagreements({"p": programme}, records(Random(seed), 30)) == []


@pytest.mark.parametrize("gives", [Kind.BOOLEAN, Kind.MONEY])
def test_another_cel_gives_the_same_answers_on_complete_records(gives):
    """Where we say unknown (x/0, an empty minimum, an overflow) or CEL knows only an error, there is nothing to compare."""
    draw, compared, same = Random(20), 0, 0
    write = a_rule if gives == Kind.BOOLEAN else an_amount
    for unit in ["household", "person"] * 150:
        try:
            drawn = rule(write(draw, unit), unit=unit, gives=gives)
            for _, record in units(complete_records(draw, 10), unit):
                ours = evaluate(drawn, record, on=TODAY, parameters=PARAMETERS)
                theirs = verdict(drawn, record)
                if ours is not None and theirs is not None:
                    compared += 1
                    same += type(ours) is type(theirs) and ours == theirs
        except (RuleRefused, Deeper, WithoutWord):
            continue
    assert compared > 1500
    assert same == compared


def test_powers_have_the_same_digits_on_both_engines_and_the_right_ones():
    """Half of the draws lie beside half-way between two results, where the last bit would decide (a million: the bench)."""
    found = powers(draws=15_000, seed=3)
    assert found.known > 10_000
    assert (found.differ, found.wrong) == ([], [])


@pytest.mark.parametrize("seed", range(3))
def test_another_cel_gives_the_same_value_where_a_default_counts(seed):
    """The judge's optional syntax, on households with gaps: whether a default is used is not ours to say alone."""
    draw, used = Random(seed), 0
    for home in records(draw, 200, extremes=0.0):
        name, type, other = draw.choice(DEFAULTS)
        drawn = rule(f"household.?{name}.orValue({other})", gives=type)
        ours, theirs = evaluate(drawn, home, on=TODAY, parameters=PARAMETERS), verdict(drawn, home)
        used += home["household"][name] is None
        assert days(ours) == theirs
    assert 10 < used < 190


def test_another_cel_reads_every_rule_as_written():
    draw = Random(21)
    texts = [a_rule(draw, "person") for _ in range(200)]
    assert sum(_reads(text) for text in texts) == len(texts)


def _reads(text: str) -> bool:
    try:
        return parses(text)
    except Deeper:
        return True
