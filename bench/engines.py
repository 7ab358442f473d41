"""How often the two engines agree: on rules and households drawn at random, and on the digits of exp, ln and pow."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from tests.lib.rules.agreement import agreement
from tests.lib.rules.powers import powers

HOUSEHOLDS_PER_RULE = 500  # so a million pairs are of at least 2,000 distinct rules


def run(*, pairs: int, seed: int = 1, tell: Callable[[str], None] = lambda stage: None) -> dict[str, Any]:
    """Return how many rule and household pairs were decided by both engines, and how many differ; and so many powers."""
    rules = max(pairs // HOUSEHOLDS_PER_RULE, 1)
    agreed = agreement(
        rules=rules,
        households=HOUSEHOLDS_PER_RULE,
        seed=seed,
        tell=lambda found: tell(f"engines {found.rules}/{rules}, {len(found.differ)} ≠"),
    )
    return {**asdict(agreed), "powers": asdict(powers(draws=pairs, seed=seed))}
