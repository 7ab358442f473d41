"""Words of payments that cross its border: kinds, states, lists, and what is announced."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from amparo.kernel.messages import Message, message


class RailKind(StrEnum):
    """How money travels."""

    BANK_FILE = "bank-file"
    AGENTS = "agents"
    G2P = "g2p"  # by itself, call by call (G2P Connect)


# Rails that pay to an account, and so need one of each person.
TO_ACCOUNTS = (RailKind.BANK_FILE, RailKind.G2P)


class LineKind(StrEnum):
    """What a line is for; the last two take away."""

    BENEFIT = "benefit"
    ARREARS = "arrears"
    TOP_UP = "top-up"
    RECOVERY = "recovery"
    DEDUCTION = "deduction"


class Check(StrEnum):
    """What holds a payment, in the order in which one reason is told before another."""

    UNKNOWN_AMOUNT = "unknown-amount"
    IDENTITY_MISSING = "identity-missing"
    DECEASED = "deceased"
    OVER_CEILING = "over-ceiling"
    ACCOUNT_MISSING = "account-missing"
    DUPLICATE_ACCOUNT = "duplicate-account"

    @property
    def words(self) -> Message:
        return message(f"payments-check-{self.value}")


# Of these nothing can be paid, whatever a default says: there is no amount, nobody to pay, or nowhere to pay to.
IMPOSSIBLE = (Check.UNKNOWN_AMOUNT, Check.ACCOUNT_MISSING)


class Default(StrEnum):
    """What becomes of a held payment that nobody decided about by its day."""

    PAY = "pay"
    WITHHOLD = "withhold"


class ListState(StrEnum):
    PREPARED = "prepared"
    PROPOSED = "proposed"  # its contents stand; it waits for approval
    APPROVED = "approved"
    EXPORTED = "exported"
    WITHDRAWN = "withdrawn"

    @property
    def words(self) -> Message:
        return message(f"payments-list-{self.value}")


class PaymentState(StrEnum):
    READY = "ready"
    HELD = "held"
    WITHHELD = "withheld"
    PAID = "paid"
    PARTIAL = "partial"
    ZERO = "zero"  # who pays says that nothing was
    ERROR = "error"  # who pays could not
    RETURNED = "returned"  # it was paid, and came back

    @property
    def words(self) -> Message:
        return message(f"payments-state-{self.value}")


# What who pays may say of a payment; all but the first leave somebody without what is due to them.
OUTCOMES = (PaymentState.PAID, PaymentState.PARTIAL, PaymentState.ZERO, PaymentState.ERROR, PaymentState.RETURNED)
UNPAID = OUTCOMES[1:]


class ReturnState(StrEnum):
    RECEIVED = "received"
    SETTLED = "settled"
    REFUSED = "refused"  # lines of it contradict what is known; nothing of it counts

    @property
    def words(self) -> Message:
        return message(f"payments-return-{self.value}")


class DispatchState(StrEnum):
    """How a part of a list stands that goes to who pays by itself."""

    WAITING = "waiting"  # to be handed over, for the first time or again
    TAKEN = "taken"  # whoever pays has it; what became of it is asked
    ANSWERED = "answered"  # of every payment in it
    GIVEN_UP = "given-up"  # after the last attempt: a person lets it go again

    @property
    def words(self) -> Message:
        return message(f"payments-dispatch-{self.value}")


class DispatchReason(StrEnum):
    """Why an attempt came to nothing."""

    UNSAFE = "unsafe"  # the address would carry it in the clear, outside
    NOT_CALLED = "not-called"  # the address is none that may be called
    SILENT = "silent"
    REFUSED = "refused"
    UNREADABLE = "unreadable"
    LOST = "lost"  # whoever had taken it says that they do not have it
    CHANGED = "changed"  # its contents are no longer those that were approved

    @property
    def words(self) -> Message:
        return message(f"payments-dispatch-reason-{self.value}")


class Conflict(StrEnum):
    """Why a line of a return cannot count."""

    UNKNOWN_LINE = "unknown-line"
    NOT_SENT = "not-sent"
    TWICE = "twice"  # it stands in the same file more than once
    TOO_MUCH = "too-much"
    OTHERWISE = "otherwise"  # another outcome is on record
    CURRENCY = "currency"

    @property
    def words(self) -> Message:
        return message(f"payments-conflict-{self.value}")


@dataclass(frozen=True)
class Cycle:
    """A stretch of time that is paid at once; both days included, and the day on which its money is due."""

    name: str
    starts_on: date
    ends_on: date
    pays_on: date


@dataclass(frozen=True)
class PaymentList:
    """A list as its page shows it: sums in minor units, nobody's record.

    `part`     1, then those to which what was held of the one before went over
    `hands`    how many people must approve; 0 before it is proposed
    `outcomes` state → (payments, minor units), as who pays said; `on_time` of those paid
    """

    id: UUID
    programme: str
    cycle: str
    part: int
    state: ListState
    rail: RailKind
    currency: str
    decimals: int
    pays_on: date
    payments: int
    amount_minor: int
    held: int
    withheld: int
    hands: int
    made_by: UUID
    made_at: datetime
    proposed_by: UUID | None
    approved_at: datetime | None
    digest: str
    outcomes: dict[str, tuple[int, int]]
    on_time: int


@dataclass(frozen=True)
class HeldPayment:
    """A payment that a check holds: why, and until which day somebody may decide. `amount_minor` None: unknown."""

    id: UUID
    reference: str
    check: Check
    amount_minor: int | None
    until: date
    area_number: int


@dataclass(frozen=True)
class UnpaidPayment:
    """A payment of which who pays said that not all of it reached somebody, or said nothing by the day it was due."""

    id: UUID
    reference: str
    state: PaymentState
    amount_minor: int
    paid_minor: int
    list_id: UUID
    area_number: int
    unit_id: UUID


class ArrearsState(StrEnum):
    """What becomes of what an upheld appeal owes for a cycle: `payments-arrears-<state>`."""

    WAITING = "waiting"  # for the programme's next list, and for the cycle's own list to be approved
    LISTED = "listed"
    NOTHING = "nothing"  # all of it is in the cycle's own list by now
    UNKNOWN = "unknown"  # the rule of that day cannot say how much, so somebody must

    @property
    def words(self) -> Message:
        return message(f"payments-arrears-{self.value}")


@dataclass(frozen=True)
class ArrearsOwed:
    """What an upheld appeal owes for a cycle that was paid without it. `amount_minor` None: unknown. `listed_in`: a cycle."""

    cycle: str
    state: ArrearsState
    amount_minor: int | None
    listed_in: str


@dataclass(frozen=True)
class Dispatched:
    """A part of a list on its way by itself. `attempts` since somebody last let it go; `reason` None: the last one failed in nothing."""

    part: int
    state: DispatchState
    payments: int
    amount_minor: int
    attempts: int
    next_at: datetime
    reason: DispatchReason | None
    code: str


@dataclass(frozen=True)
class CashRow:
    """One payment on a cash list. `number`: its turn in what is printed; `name` is empty where none is told."""

    number: int
    reference: str
    name: str
    amount_minor: int


@dataclass(frozen=True)
class CashSheet:
    """The payments of one area. `area_number` None: of those whose area is not told."""

    area_number: int | None
    rows: tuple[CashRow, ...]

    @property
    def amount_minor(self) -> int:
        return sum(each.amount_minor for each in self.rows)


@dataclass(frozen=True)
class PaymentReturn:
    """A file that who pays sent back. `conflicts`: by kind, how many of its lines contradict what is known."""

    id: UUID
    list_id: UUID
    state: ReturnState
    lines: int
    amount_minor: int
    conflicts: dict[str, int]
    received_by: UUID
    received_at: datetime
    overridden_by: UUID | None


@dataclass(frozen=True)
class PaymentsHeld:
    """Event: checks held payments of a list, and each waits for a person until its day. By check, how many."""

    list_id: UUID
    programme: str
    checks: dict[str, int]
    until: date


@dataclass(frozen=True)
class HeldDecided:
    """Event: somebody decided about one held payment. `pays`: it is released, else it is withheld."""

    payment_id: UUID
    pays: bool
    by: UUID


@dataclass(frozen=True)
class HeldOver:
    """Event: of these lists, payments are held no more: a default decided, or the list was taken back with all of them."""

    lists: tuple[UUID, ...]


@dataclass(frozen=True)
class PaymentsSettled:
    """Event: who pays said what became of payments of a list. By state, how many."""

    list_id: UUID
    programme: str
    states: dict[str, int]
