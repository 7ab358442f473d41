"""Payments that go by themselves, by HTTP: G2P Connect, disburse 1.0.0.

Written here is what is paid (`written`); `calling` hands it over and asks what became of it, `answers` reads what is said.

Units   amounts in major units, with one or two decimals, as the standard has them; days begin at midnight UTC
Errors  Refused where no account to pay from is stated, where an account cannot be written as an address of the standard, and
        where the currency has more decimals than the standard
Source  G2P Connect, disburse_core_api 1.0.0 (CDPI): DisburseRequest, cdpi_FinancialAddress, Amount
"""

import json
import re
from datetime import datetime, time
from typing import Any

from amparo.kernel.errors import Refused
from amparo.kernel.money import to_major
from amparo.payments.rails.sending import Due, Sending

_MOST_DECIMALS = 2
_PART = re.compile(r"[A-Za-z0-9.-]+")


def written(sending: Sending) -> bytes:
    """Return the message of a part of a list: made again it has the same bytes. Its note is the reference, and names no programme."""
    if sending.payer is None:
        raise Refused("payments-payer-missing", programme=sending.programme)
    payer = {
        "payer_fa": address("account", sending.payer.account, sending.payer.institution),
        "payer_name": sending.payer.name,
        "currency_code": sending.currency,
    }
    day = sending.pays_on if sending.goes_on and sending.pays_on > sending.goes_on else None
    when = {"scheduled_timestamp": f"{datetime.combine(day, time()).isoformat()}Z"} if day else {}
    told = {
        "transaction_id": sending.id,
        "disbursements": [_disbursement(each, sending.decimals) | payer | when for each in sending.payments],
    }
    return canonical(told)


def canonical(told: Any) -> bytes:
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _disbursement(due: Due, decimals: int) -> dict[str, str]:
    return {
        "reference_id": due.reference,
        "payee_fa": address(due.scheme, due.number, due.institution),
        "payee_name": due.holder,
        "amount": amount(due.amount_minor, decimals),
        "note": due.reference,
    }


def address(scheme: str, number: str, institution: str) -> str:
    """Return an account as the standard writes one, `scheme:number@institution`, of which it allows few signs."""
    if not all(_PART.fullmatch(each) for each in (scheme, number, institution)):
        raise Refused("payments-address-unsound")
    return f"{scheme}:{number}@{institution}"


def amount(minor: int, decimals: int) -> str:
    """Return an amount with at least one decimal, and with two at most."""
    if decimals > _MOST_DECIMALS:
        raise Refused("payments-decimals-too-many", decimals=decimals, most=_MOST_DECIMALS)
    return f"{to_major(minor, decimals):.{max(decimals, 1)}f}"
