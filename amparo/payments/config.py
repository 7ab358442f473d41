"""What a profile may say about payments, read by `profiles` from `payments.toml` and used here.

Units   money in minor units; days are calendar days, counted from the first day of a cycle or from the day of a check
Nulls   `ceiling_minor` None: no payment is too high
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from amparo.payments.types import Check, Default, RailKind
from amparo.trust.types import Ground

# On what ground payments are made where nobody names one; every profile has this purpose.
GROUND = Ground(purpose="eligibility")

# How long after an attempt to hand something over the next one is due; after the last it is given up.
DELAYS = (*(timedelta(minutes=each) for each in (1, 5, 30)), *(timedelta(hours=each) for each in (2, 8, 24)))
# How long after it was taken, and then again and again, whoever pays is asked what became of it.
ASKS = (*(timedelta(minutes=each) for each in (5, 15)), *(timedelta(hours=each) for each in (1, 6, 24)))


@dataclass(frozen=True)
class Threshold:
    """From an amount on, how many people other than the maker approve a list."""

    from_minor: int
    hands: int


@dataclass(frozen=True)
class Payer:
    """From which account is paid: what the account is called, its number, and the bank's code (BIC)."""

    name: str
    account: str
    institution: str


@dataclass(frozen=True)
class PaymentConfig:
    """How one programme pays; `law` is a message id in the profile's catalogue.

    `first`, `every_months`  the first day of the first cycle, and how long one is
    `pays_after_days`  how long after a cycle's first day its money is due
    `default`          what becomes of a held payment after `hold_days`: paid, unless law says otherwise
    `checks`           what holds a payment
    `approvals`        in order of amounts, the first from 0
    `payer`            from which account a rail that pays to accounts does
    `answers_under`    the agreement under which who pays may answer by itself; "" : nobody may
    """

    programme: str
    law: str
    first: date
    every_months: int
    pays_after_days: int
    rail: RailKind
    default: Default = Default.PAY
    hold_days: int = 14
    ceiling_minor: int | None = None
    checks: tuple[Check, ...] = tuple(Check)
    approvals: tuple[Threshold, ...] = (Threshold(0, 1),)
    payer: Payer | None = None
    answers_under: str = ""

    def hands(self, amount_minor: int) -> int:
        """Return how many people must approve a list of this amount."""
        return max(each.hands for each in self.approvals if each.from_minor <= max(amount_minor, 0))

    def kept(self) -> dict[str, Any]:
        """Return the terms as a table keeps them, so that what is kept and what is stated can be compared."""
        return json.loads(json.dumps(asdict(self) | {"first": self.first.isoformat()}))


def restored(kept: Mapping[str, Any]) -> PaymentConfig:
    """Return the terms as a table keeps them."""
    typed = {
        "first": date.fromisoformat(kept["first"]),
        "rail": RailKind(kept["rail"]),
        "default": Default(kept["default"]),
        "checks": tuple(map(Check, kept["checks"])),
        "approvals": tuple(Threshold(**each) for each in kept["approvals"]),
        "payer": Payer(**kept["payer"]) if kept["payer"] else None,
    }
    return PaymentConfig(**{**kept, **typed})
