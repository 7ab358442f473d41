"""Files of grievances as a programme's system tells them."""

from datetime import date
from pathlib import Path
from typing import Any

from amparo.programmes.feeds.mapping import FeedConfig
from amparo.programmes.types import FeedKind
from tests.unit.programmes.feeding import DAY, SCHEME, table, taken

GRIEVED = FeedConfig(
    code="fund_complaints",
    kind=FeedKind.GRIEVANCES,
    schemes=("cash_help", "food_help"),
    categories=("unpaid", "rude"),
    columns={
        "identifier": "id",
        "scheme": "what",
        "grievance": "case",
        "category": "about",
        "state": "state",
        "filed": "filed",
        "closed": "closed",
    },
    fixed={"identifier_scheme": SCHEME},
    codes={"category": {"MONEY": "unpaid", "STAFF": "rude"}, "state": {"N": "open", "Y": "resolved", "X": "dismissed"}},
    decimals=2,
)
HEAD = "id | what | case | about | state | filed | closed\n"


def complained(*lines: str, folder: Path, day: date = DAY, feed: FeedConfig = GRIEVED) -> dict[str, Any]:
    """Take in a file of these lines, drawn; return the receipt."""
    return taken(table(HEAD + "\n".join(lines)), folder, feed=feed, day=day)
