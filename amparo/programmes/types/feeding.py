"""Words of what other programmes' systems tell: of whom, what they receive, and how it was told."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from uuid import UUID


class FeedKind(StrEnum):
    """What a system tells: what it gives whom, who met a programme's conditions, or what was complained of to it."""

    BENEFITS = "benefits"
    COMPLIANCE = "compliance"
    GRIEVANCES = "grievances"


class GrievanceState(StrEnum):
    """Where a grievance stands with the programme that tells it; in the words of cases, `cases-state-<value>`."""

    OPEN = "open"
    RESOLVED = "resolved"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"


class Met(StrEnum):
    """Whether somebody met a condition in a month, as it is told: `programmes-met-<value>`. Unknown is no breach."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class BenefitStatus(StrEnum):
    """Where a beneficiary stands with the programme that tells it: `programmes-benefit-<value>`."""

    WAITING = "waiting"
    ENROLLED = "enrolled"
    SUSPENDED = "suspended"
    EXITED = "exited"


class BenefitKind(StrEnum):
    """What is given: `programmes-benefit-kind-<value>`."""

    CASH = "cash"
    IN_KIND = "in-kind"


class PaymentTold(StrEnum):
    """What became of a period's benefit, as the programme tells it: `programmes-benefit-payment-<value>`."""

    DUE = "due"
    PAID = "paid"
    HELD = "held"
    RETURNED = "returned"


class Receiver(StrEnum):
    """Who receives it: the beneficiary, or somebody of the home for them: `programmes-benefit-receiver-<value>`."""

    DIRECT = "direct"
    MEMBER = "member"


class Found(StrEnum):
    """How far a programme's beneficiary is known to the registry."""

    IDENTIFIER = "identifier"  # the identifier is somebody's, and no birth date speaks against it
    DECIDED = "decided"  # a person decided who it is
    REVIEW = "review"  # enough is told of them to look for them, and a person must
    PROGRAMME = "programme"  # known only to the programme


class MatchState(StrEnum):
    """What a person decided about a proposed match: `programmes-match-<value>`."""

    PROPOSED = "proposed"
    LATER = "later"  # somebody looked, and it could not be decided yet
    SAME = "same"
    OTHER = "other"


class Likeness(StrEnum):
    """How what is told goes together with what the registry knows: `programmes-match-<what>-<value>`."""

    SAME = "same"
    NEAR = "near"  # of day, month and year two agree, or day and month are swapped
    DIFFERS = "differs"
    UNKNOWN = "unknown"


class PostState(StrEnum):
    """Where a delivery stands that came over the API."""

    WAITING = "waiting"
    TAKEN = "taken"
    REFUSED = "refused"


class OverlapClass(StrEnum):
    """How two programmes go together, by the profile's table: `cli-overlap-<value>`."""

    PERMITTED = "permitted"
    COMPLEMENTARY = "complementary"
    INCOMPATIBLE = "incompatible"
    UNKNOWN = "unknown"  # nobody stated it


@dataclass(frozen=True)
class Grievance:
    """What a programme's system told last of a grievance that was brought to it: its own to decide, and nobody's here.

    `grievance`  the programme's own number of it; `category` a category of cases of this country
    `person_id`  whose it is, as the programme knows them; None where that is whoever asks
    `closed_on`  None: it is open, or the day was not told
    """

    scheme: str
    feed: str
    grievance: str
    category: str
    state: GrievanceState
    filed_on: date
    closed_on: date | None
    told_on: date
    person_id: UUID | None = None


@dataclass(frozen=True)
class GrievanceCount:
    """How many grievances of people in an area a programme tells of, by category: filed in a period, and of these still open."""

    area_number: int
    scheme: str
    category: str
    filed: int
    open: int

    @property
    def closed(self) -> int:
        return self.filed - self.open


@dataclass(frozen=True)
class BenefitsMatched:
    """Event: a person decided who a beneficiary of another programme's system is; what is told of them is told of somebody now."""

    beneficiary: UUID


@dataclass(frozen=True)
class BenefitsTold:
    """A delivery of a programme's system was taken in. `sql` gives whom it tells of for the first time, or again after they
    had left, while its transaction lasts.

    Columns: person_id, scheme, since (the first day that it tells of them).
    """

    delivery: UUID
    feed: str
    sql: str


@dataclass(frozen=True)
class OverlapsClassed:
    """Who receives several benefits on a day was classed. `sql` gives those that do not go together, while its transaction lasts.

    Columns: unit, household_id (null of who lives in none), area_number, first, second.
    """

    run: UUID
    on: date
    sql: str


@dataclass(frozen=True)
class Delivered:
    """A file as the door read it: Parquet of text columns with `__line`, and what lies beside of rows that have no columns.

    `ragged`  Parquet with `__line` of rows with too few or too many cells; None: there are none
    `digest`  SHA-256 of the file's bytes
    """

    rows: Path
    ragged: Path | None
    digest: str


@dataclass(frozen=True)
class Match:
    """Somebody whom a system tells of beside a person who may be meant, and why they may.

    `reference`     the system's own number of them; `told_*` what it tells of them besides
    `likeness`      of the names, in per cent; None where none are told
    `is_identified` the identifier is this person's, and something told contradicts
    `score`         what the list is in the order of; `place` where a page goes on
    """

    id: UUID
    state: MatchState
    feed: str
    reference: str
    told_name: str
    told_birth_date: date | None
    told_area: str
    person_id: UUID
    household_id: UUID | None
    number: int
    name: str
    birth_date: date | None
    area_number: int
    likeness: int | None
    birth: Likeness
    area: Likeness
    is_identified: bool
    score: int
    proposed_on: date
    decided_by: UUID | None
    decided_at: datetime | None

    @property
    def place(self) -> tuple[int, UUID]:
        return self.score, self.id


@dataclass(frozen=True)
class Unmatched:
    """How many of a system's beneficiaries nobody is proposed for: with enough told to look for them, and without."""

    feed: str
    looked_for: int
    programme: int


@dataclass(frozen=True)
class Benefit:
    """What somebody receives from one programme, as told last.

    `scheme`   the programme; `feed` the system that told it, None where the programme is run here
    `person_id`  whose it is; None where it is the household's
    `kind`     None of a programme run here that gives no money by itself
    `since`    the first day that was told; `period` the month told last, None of a programme run here
    `amount_minor`  per period in units of `currency`; None: not told, or not for the reader
    `is_live`  whether they take part still, suspended or not
    """

    scheme: str
    feed: str | None
    person_id: UUID | None
    since: date
    period: date | None
    status: BenefitStatus
    kind: BenefitKind | None
    amount_minor: int | None
    currency: str
    decimals: int
    payment: PaymentTold | None
    receiver: Receiver | None
    told_on: date | None

    @property
    def is_live(self) -> bool:
        return self.status in (BenefitStatus.ENROLLED, BenefitStatus.SUSPENDED)
