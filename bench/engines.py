"""How often the two engines agree, over rules and households drawn at random."""

from dataclasses import asdict
from typing import Any

from tests.lib.rules.agreement import agreement

HOUSEHOLDS_PER_RULE = 500


def run(*, pairs: int, seed: int = 1) -> dict[str, Any]:
    """Return how many rule and household pairs were decided by both engines, and how many differ."""
    return asdict(agreement(rules=max(pairs // HOUSEHOLDS_PER_RULE, 1), households=HOUSEHOLDS_PER_RULE, seed=seed))
