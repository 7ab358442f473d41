"""Every read of cases."""

from amparo.cases.queries.figures import FEWEST, Figure, Referrals, figures, outcomes
from amparo.cases.queries.listing import Wanted, listed, own_cases
from amparo.cases.queries.reading import asked, case, categories, moves, own_case

__all__ = [
    "FEWEST",
    "Figure",
    "Referrals",
    "Wanted",
    "asked",
    "case",
    "categories",
    "figures",
    "listed",
    "moves",
    "outcomes",
    "own_case",
    "own_cases",
]
