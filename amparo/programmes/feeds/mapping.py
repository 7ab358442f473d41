"""What a profile may say of a programme system's file: which of its columns is which of our words, read by `profiles`.

Units   `decimals` is of the amounts' currency; a period is a month; `whole` is what a share is told of, 1 or 100
Nulls   a word that has no column and no fixed value is not told
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from amparo.programmes.types import BenefitKind, BenefitStatus, FeedKind, GrievanceState, Met, PaymentTold, Receiver

_WHO = ("reference", "identifier_scheme", "identifier", "given_name", "family_name", "birth_date", "area", "scheme")


@dataclass(frozen=True)
class Vocabulary:
    """What the rows of one kind of feed may tell.

    `words`   our words; `needed` those without which nothing can be made of a row
    `codes`   words whose values are codes, with ours; `own` those whose codes each feed states
    """

    words: tuple[str, ...]
    needed: tuple[str, ...]
    codes: Mapping[str, tuple[str, ...]]
    own: tuple[str, ...] = ("scheme",)

    @property
    def coded(self) -> tuple[str, ...]:
        return (*self.own, *self.codes)


VOCABULARY: Mapping[FeedKind, Vocabulary] = {
    FeedKind.BENEFITS: Vocabulary(
        (*_WHO, "status", "kind", "amount", "currency", "period", "payment", "receiver", "since"),
        ("scheme", "status", "kind", "amount", "currency", "period"),
        {
            "status": tuple(BenefitStatus),
            "kind": tuple(BenefitKind),
            "payment": tuple(PaymentTold),
            "receiver": tuple(Receiver),
        },
    ),
    FeedKind.COMPLIANCE: Vocabulary(
        (*_WHO, "condition", "period", "met", "share", "reason"),
        ("scheme", "condition", "period"),
        {"met": tuple(Met)},
        own=("scheme", "condition", "reason"),
    ),
    # No word for what somebody said: their words stay with the programme that they said them to.
    FeedKind.GRIEVANCES: Vocabulary(
        (*_WHO, "grievance", "category", "state", "filed", "closed"),
        ("scheme", "grievance", "category", "state", "filed"),
        {"state": tuple(GrievanceState)},
        own=("scheme", "category"),
    ),
}


@dataclass(frozen=True)
class FeedConfig:
    """How the files of one programme system are read.

    `kind`     what it tells
    `schemes`  what the system may tell of: its own programmes, by the code under which the profile has their words
    `conditions`, `reasons`  of whose conditions, and why one may be excused from them; of compliance alone
    `categories`  of grievances alone: what they may be about, by the codes of our own cases
    `columns`  our word → the file's column; `fixed` our word → what every row means
    `codes`    our word → the file's code → ours; a word that is not in it is told in our own codes
    `month`, `day`  strptime formats of the period and of days
    `agreement`     under which the system itself may deliver over the API; "": by file alone
    `insurance`     which of the schemes are social insurance; the others are assistance
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
    kind: FeedKind = FeedKind.BENEFITS
    conditions: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    whole: int = 1
    agreement: str = ""
    insurance: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()

    @property
    def vocabulary(self) -> Vocabulary:
        return VOCABULARY[self.kind]

    def allowed(self, word: str) -> tuple[str, ...]:
        """Return the codes that a word may have in the end."""
        own = {
            "scheme": self.schemes,
            "condition": self.conditions,
            "reason": self.reasons,
            "category": self.categories,
        }
        return own[word] if word in own else self.vocabulary.codes[word]

    def digest_of(self, file: str, day: str) -> str:
        """Return what tells one delivery from another: the file's bytes, how they are read, and as of which day."""
        read = {name: each for name, each in asdict(self).items() if name not in ("agreement", "insurance")}
        if not self.categories:  # so that what came before there were any is known again
            del read["categories"]
        return hashlib.sha256(json.dumps([read, file, day], sort_keys=True).encode()).hexdigest()


def restored(plain: Mapping[str, Any]) -> FeedConfig:
    """Return a feed as it was written down as JSON."""
    listed = {name: tuple(each) for name, each in plain.items() if isinstance(each, list)}
    return FeedConfig(**{**plain, **listed, "kind": FeedKind(plain["kind"])})
