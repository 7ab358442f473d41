"""Every read of cases."""

from amparo.cases.queries.figures import FEWEST, Figure, Referrals, figures, outcomes
from amparo.cases.queries.listing import Wanted, listed, own_cases
from amparo.cases.queries.reading import asked, case, categories, moves, own_case
from amparo.cases.queries.transitions import Next, Passage, ends_of, next_scheme, next_schemes, passages

__all__ = [
    "FEWEST",
    "Figure",
    "Next",
    "Passage",
    "Referrals",
    "Wanted",
    "asked",
    "case",
    "categories",
    "ends_of",
    "figures",
    "listed",
    "moves",
    "next_scheme",
    "next_schemes",
    "outcomes",
    "own_case",
    "own_cases",
    "passages",
]
