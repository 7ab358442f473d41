"""What a new outcome does to the decision that stands: drawn in Python, and the same in SQL over every combination."""

from dataclasses import replace
from itertools import product
from uuid import UUID

import duckdb
import pyarrow as pa
import pytest

from amparo.programmes.steps import STEP_SQL, Stand, Step, step
from amparo.programmes.types import State

HOME, OTHER_HOME = UUID(int=1), UUID(int=2)
OUTCOMES = {
    "true 500": (True, 500),
    "true 400": (True, 400),
    "true ?": (True, None),
    "false": (False, None),
    "unknown": (None, None),
    "waiting 3": (False, None),
    "waiting 9": (False, None),
}

# What stands (down), what comes (across).
DRAWN = """
    standing  | true 500    | true 400    | true ?      | false       | unknown     | waiting 3   | waiting 9
    none      | take-effect | take-effect | take-effect | take-effect | take-effect | take-effect | take-effect
    true 500  | confirm     | propose     | review      | propose     | review      | propose     | propose
    true 400  | take-effect | confirm     | review      | propose     | review      | propose     | propose
    true ?    | take-effect | take-effect | confirm     | propose     | review      | propose     | propose
    false     | take-effect | take-effect | take-effect | confirm     | take-effect | take-effect | take-effect
    unknown   | take-effect | take-effect | take-effect | take-effect | confirm     | take-effect | take-effect
    waiting 3 | take-effect | take-effect | take-effect | propose     | review      | confirm     | propose
    waiting 9 | take-effect | take-effect | take-effect | propose     | review      | take-effect | confirm
"""


def stand(words: str, **changed) -> Stand | None:
    if words == "none":
        return None
    outcome, amount = OUTCOMES[words]
    missing = ("income",) if outcome is None or (outcome and amount is None) else ()
    waiting = int(words[-1]) if words.startswith("waiting") else None
    return replace(Stand(outcome, amount, missing, "rule-1", HOME, waiting=waiting), **changed)


def cells():
    header, *rows = [[each.strip() for each in line.split("|")] for line in DRAWN.strip().splitlines()]
    for standing, *steps in rows:
        for new, wanted in zip(header[1:], steps, strict=True):
            yield pytest.param(standing, new, wanted, id=f"{standing} → {new}")


@pytest.mark.parametrize(("standing", "new", "wanted"), list(cells()))
def test_a_benefit_or_a_rank_is_lost_only_as_a_proposal_and_never_by_an_unknown(standing, new, wanted):
    assert step(stand(new), stand(standing), None) == wanted


def test_a_proposal_made_before_is_confirmed_and_not_made_again():
    pending = stand("false", state=State.PROPOSED)
    assert step(stand("false"), stand("true 500"), pending) is Step.CONFIRM
    assert step(stand("true 400"), stand("true 500"), pending) is Step.PROPOSE
    assert step(stand("unknown"), stand("true 500"), pending) is Step.REVIEW


def test_a_proposal_that_the_facts_no_longer_bear_out_is_withdrawn():
    assert step(stand("true 500"), stand("true 500"), stand("false", state=State.PROPOSED)) is Step.WITHDRAW


def test_an_amount_that_the_rule_no_longer_names_is_for_the_worse():
    assert step(stand("true ?", missing=()), stand("true 500"), None) is Step.PROPOSE


@pytest.mark.parametrize("changed", [{"rule_hash": "rule-2"}, {"household_id": OTHER_HOME}, {"missing": ("age",)}])
def test_a_decision_whose_ground_changed_is_written_again(changed):
    assert step(stand("unknown", **changed), stand("unknown"), None) is Step.TAKE_EFFECT


def test_sql_takes_the_same_step_in_every_combination():
    grounds = [{}, {"rule_hash": "rule-2"}, {"household_id": OTHER_HOME}, {"missing": ()}, {"missing": ("age",)}]
    every = [stand(words, **changed) for words in OUTCOMES for changed in grounds]
    standing = [None, *every]
    pending = [None, *(replace(each, state=state) for each in every for state in (State.PROPOSED, State.REVIEW))]
    combinations = list(product(every, standing, pending))
    assert steps_in_sql(combinations) == [step(*each) for each in combinations]


def steps_in_sql(combinations) -> list[str]:
    connection = duckdb.connect()
    for table, column in zip("nsp", zip(*combinations, strict=True), strict=True):
        connection.register(
            table, pa.table([pa.array(each) for each in zip(*map(_row, column), strict=True)], _names(table))
        )
    query = f"SELECT {STEP_SQL} FROM n POSITIONAL JOIN s POSITIONAL JOIN p"
    return [each[0] for each in connection.execute(query).fetchall()]


def _names(table: str) -> list[str]:
    return [
        f"{table}_{each}"
        for each in ("id", "outcome", "amount", "missing", "rule_hash", "household_id", "state", "waiting")
    ]


def _row(one: Stand | None) -> tuple:
    if one is None:
        return (None,) * 8
    ground = (one.rule_hash, str(one.household_id), one.state.value, one.waiting)
    return 1, one.outcome, one.amount, list(one.missing), *ground
