"""What a rail is given to write: one file's part of an approved list, opened."""

from dataclasses import dataclass
from datetime import date, datetime

from amparo.payments.config import Payer


@dataclass(frozen=True)
class Due:
    """One payment: its reference, minor units, and where it goes; who is paid by an agent has no account here."""

    reference: str
    amount_minor: int
    holder: str = ""
    institution: str = ""
    number: str = ""
    scheme: str = ""


@dataclass(frozen=True)
class Sending:
    """One file, or what goes by itself at once. `id`: its own, of at most 35 signs, the same whenever it is made again, as is
    `approved_at`. `goes_on`: the day on which it began to go by itself; who pays is asked to wait until `pays_on`.
    """

    id: str
    approved_at: datetime
    pays_on: date
    currency: str
    decimals: int
    programme: str
    payer: Payer | None
    payments: tuple[Due, ...]
    goes_on: date | None = None

    @property
    def amount_minor(self) -> int:
        return sum(each.amount_minor for each in self.payments)
