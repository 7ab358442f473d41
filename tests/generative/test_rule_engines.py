"""Random rules on random households: both engines give one answer, and another implementation of CEL gives it too.

Longer runs: `tests.lib.rules.agreement.agreement(rules=…, households=…, seed=…)`, as the benchmark does.
"""

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
from tests.lib.rules.judge import Deeper, parses, verdict
from tests.lib.rules.tables import units
from tests.lib.rules.world import PARAMETERS, TODAY, rule
from tests.lib.rules.writing import a_rule, an_amount

PATIENT = settings(deadline=None, database=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("seed", range(4))
def test_engines_agree_on_outcome_amount_and_missing(seed):
    found = agreement(rules=60, households=50, seed=seed)
    assert found.rules >= 60
    assert found.pairs >= 60 * 50
    assert found.differ == []


@settings(PATIENT, max_examples=40)
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
    for unit in ["household", "person"] * 100:
        try:
            drawn = rule(write(draw, unit), unit=unit, gives=gives)
            for _, record in units(complete_records(draw, 10), unit):
                ours = evaluate(drawn, record, on=TODAY, parameters=PARAMETERS)
                theirs = verdict(drawn, record)
                if ours is not None and theirs is not None:
                    compared += 1
                    same += type(ours) is type(theirs) and ours == theirs
        except (RuleRefused, Deeper):
            continue
    assert compared > 1500
    assert same == compared


def test_another_cel_reads_every_rule_as_written():
    draw = Random(21)
    texts = [a_rule(draw, "person") for _ in range(200)]
    assert sum(_reads(text) for text in texts) == len(texts)


def _reads(text: str) -> bool:
    try:
        return parses(text)
    except Deeper:
        return True
