"""Starts the child process that reads a file, and believes of its words only what has the right form.

Errors  Refused where the file is none of the kinds that are known, is damaged, or took too much time or memory
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from amparo.kernel.errors import Refused
from amparo.kernel.money import to_minor
from amparo.payments.types import OUTCOMES, PaymentState

SECONDS = 180
MOST_BYTES = 512 << 20
_COMMAND = (sys.executable, "-I", str(Path(__file__).with_name("reading.py")))
# Nothing of ours: no database address, no key folder.
_ENVIRONMENT = {"LC_ALL": "C.UTF-8"}


@dataclass(frozen=True)
class Told:
    """What a file says of one payment. `amount_minor`, `on_day` None: it does not say."""

    reference: str
    outcome: PaymentState
    amount_minor: int | None
    currency: str
    on_day: date | None
    reason: str


def read(content: bytes, *, decimals: int) -> list[Told]:
    """Return what a file says, line by line: pain.002, camt.054, or a table with reference, outcome, amount, day, reason."""
    if len(content) > MOST_BYTES:
        raise Refused("payments-return-too-large", most=MOST_BYTES >> 20)
    child = subprocess.Popen(
        _COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # what a parser complains of may quote the file
        env=_ENVIRONMENT,
        start_new_session=True,
    )
    with child:
        try:
            said, _ = child.communicate(content, timeout=SECONDS)
        except subprocess.TimeoutExpired:
            raise Refused("payments-return-slow", seconds=SECONDS) from None
        finally:
            child.kill()
    lines = said.splitlines()
    if child.returncode != 0 or not lines or lines[-1] != b'"end"':
        raise Refused("payments-return-unreadable")
    try:
        return list(_told(lines[:-1], decimals))
    except (ValueError, KeyError, TypeError, Refused):
        raise Refused("payments-return-unreadable") from None


def _told(lines: list[bytes], decimals: int) -> Iterator[Told]:
    for line in lines:
        each: dict[str, Any] = json.loads(line)
        outcome = PaymentState(each["outcome"])
        if outcome not in OUTCOMES:
            raise ValueError("no outcome")
        amount = to_minor(each["amount"], decimals) if each["amount"] else None
        if amount is not None and not 0 <= amount < 1 << 62:
            raise ValueError("no amount")
        yield Told(
            str(each["reference"])[:40],
            outcome,
            amount,
            str(each["currency"])[:3],
            date.fromisoformat(each["day"]) if each["day"] else None,
            str(each["reason"])[:40],
        )
