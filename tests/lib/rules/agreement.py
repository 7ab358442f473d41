"""How often the engines agree: the same run for a test, small, and for the benchmark, a million pairs.

agreement(rules=200, households=50, seed=1) -> Agreement
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random

from amparo.rules.model.rule import PERSON_UNIT, ProgrammeRule, RuleRefused
from tests.lib.rules.engines import disagreements
from tests.lib.rules.households import records
from tests.lib.rules.world import rule
from tests.lib.rules.writing import a_rule, an_amount

IN_ONE_SCAN = 5


@dataclass
class Agreement:
    """`rules`: distinct meanings run; `pairs`: of a programme and a unit; `differ`: a line for each disagreement."""

    rules: int = 0
    pairs: int = 0
    refused: int = 0
    differ: list[str] = field(default_factory=list)


def agreement(
    *, rules: int, households: int, seed: int, tell: Callable[[Agreement], None] = lambda found: None
) -> Agreement:
    """Run random programmes on random households by both engines, and return where they differ."""
    draw, found, seen = Random(seed), Agreement(), set[str]()
    while len(seen) < rules:
        unit = draw.choice(["household", PERSON_UNIT])
        programmes = {f"p{i}": a_programme(draw, unit) for i in range(min(IN_ONE_SCAN, rules - len(seen)))}
        homes = records(draw, households)
        found.differ += disagreements(programmes, homes)
        found.pairs += len(programmes) * (
            households if unit != PERSON_UNIT else sum(len(home["members"]) for home in homes)
        )
        seen |= {each.outcome.hash for each in programmes.values()}
        found.rules = len(seen)
        tell(found)
    return found


def a_programme(draw: Random, unit: str, *, depth: int = 4) -> ProgrammeRule:
    """Return a random programme; texts that are refused are drawn again."""
    return next(_programmes(draw, unit, depth))


def _programmes(draw: Random, unit: str, depth: int) -> Iterator[ProgrammeRule]:
    while True:
        try:
            outcome = rule(a_rule(draw, unit, depth=depth), unit=unit)
            yield ProgrammeRule(outcome, rule(an_amount(draw, unit, depth=depth - 1), unit=unit, gives="money"))
        except RuleRefused:
            continue
