"""Every read of cases."""

from amparo.cases.queries.figures import (
    FEWEST,
    Figure,
    Referrals,
    code_of,
    figures,
    figures_withheld,
    is_no_flag,
    outcomes,
)
from amparo.cases.queries.listing import Wanted, listed, own_cases
from amparo.cases.queries.reading import asked, case, categories, moves, own_case
from amparo.cases.queries.told import (
    ToldFigure,
    own_told,
    told_beside,
    told_code,
    told_figures,
    told_of,
    told_withheld,
)
from amparo.cases.queries.transitions import (
    Next,
    Passage,
    ends_of,
    next_scheme,
    next_schemes,
    passages,
    passages_withheld,
)
from amparo.cases.queries.withholding import Told, Withheld, year_of

__all__ = [
    "FEWEST",
    "Figure",
    "Next",
    "Passage",
    "Referrals",
    "Told",
    "ToldFigure",
    "Wanted",
    "Withheld",
    "asked",
    "case",
    "categories",
    "code_of",
    "ends_of",
    "figures",
    "figures_withheld",
    "is_no_flag",
    "listed",
    "moves",
    "next_scheme",
    "next_schemes",
    "outcomes",
    "own_case",
    "own_cases",
    "own_told",
    "passages",
    "passages_withheld",
    "told_beside",
    "told_code",
    "told_figures",
    "told_of",
    "told_withheld",
    "year_of",
]
