"""What a profile may say of a programme system's file: which of its columns is which of our words, read by `profiles`.

Units   `decimals` is of the amounts' currency; a period is a month
Nulls   a word that has no column and no fixed value is not told
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from amparo.programmes.types import BenefitKind, BenefitStatus, PaymentTold, Receiver

# Our words for what a row may tell, and those without which nothing can be made of it.
WORDS = (
    *("reference", "identifier_scheme", "identifier", "given_name", "family_name", "birth_date", "area"),
    *("scheme", "status", "kind", "amount", "currency", "period", "payment", "receiver", "since"),
)
NEEDED = ("scheme", "status", "kind", "amount", "currency", "period")
# Words whose values are codes, with ours.
CODES: Mapping[str, tuple[str, ...]] = {
    "status": tuple(BenefitStatus),
    "kind": tuple(BenefitKind),
    "payment": tuple(PaymentTold),
    "receiver": tuple(Receiver),
}


@dataclass(frozen=True)
class FeedConfig:
    """How the files of one programme system are read.

    `schemes`  what the system may tell of: its own programmes, by the code under which the profile has their words
    `columns`  our word → the file's column; `fixed` our word → what every row means
    `codes`    our word → the file's code → ours; a word that is not in it is told in our own codes
    `month`, `day`  strptime formats of the period and of days
    `insurance`  which of the schemes are social insurance; the others are assistance
    `ignore_rest`   whether columns that nobody named may stand there
    """

    code: str
    schemes: tuple[str, ...]
    columns: Mapping[str, str]
    decimals: int
    fixed: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    month: str = "%Y-%m"
    day: str = "%Y-%m-%d"
    decimal: str = "."
    separator: str | None = None
    encoding: str | None = None
    ignore_rest: bool = False
    insurance: tuple[str, ...] = ()

    def allowed(self, word: str) -> tuple[str, ...]:
        """Return the codes that a word may have in the end."""
        return self.schemes if word == "scheme" else CODES[word]

    def digest_of(self, file: str, day: str) -> str:
        """Return what tells one delivery from another: the file's bytes, how they are read, and as of which day."""
        read = {name: each for name, each in asdict(self).items() if name != "insurance"}
        return hashlib.sha256(json.dumps([read, file, day], sort_keys=True).encode()).hexdigest()
