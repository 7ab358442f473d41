"""Reads what whoever pays says over G2P Connect: of receipt at once, of payments by a callback or when asked. No network, no clock.

Shape   a message, parsed, in; what it says of each payment out. Payers' and payees' accounts and names in it are not kept
Units   minor units
Nulls   what was received or is pending says nothing yet; one that was paid without an amount was paid whole
Errors  Unreadable, for anything that has not the form of the standard
Source  G2P Connect, disburse_core_api 1.0.0 (CDPI): DisburseResponse, TxnStatusResponse, RequestStatus, Ack
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from amparo.kernel.errors import Refused
from amparo.kernel.money import to_minor
from amparo.payments.returned import Told
from amparo.payments.types import PaymentState

SUCCEEDED, REJECTED = "succ", "rjct"
_PENDING = ("rcvd", "pdng")
# It came before: what was handed over again says nothing about whether it was paid.
_KNOWN_BEFORE = "rjct.reference_id.duplicate"
# The standard has no word for money that came back. This is ours, in the member that it keeps for such agreements.
CAME_BACK = "returned"
_CODE = re.compile(r"[A-Za-z0-9_.]{0,40}")
_AMOUNT = re.compile(r"\d{1,13}\.\d{1,2}")


class Unreadable(Refused):
    """An answer has not the form of the standard."""

    def __init__(self) -> None:
        super().__init__("payments-answer-unreadable")


@dataclass(frozen=True)
class Receipt:
    """What is said at once of something handed over. `code`: why it was not taken."""

    is_taken: bool
    code: str
    correlation: str


def receipt(answer: Any) -> Receipt:
    """Return whether what was handed over was taken: ACK, or NACK, by which no further word will come by itself."""
    said = _table(_member(answer, "message"))
    status = said.get("ack_status")
    if status not in ("ACK", "NACK", "ERR"):
        raise Unreadable
    return Receipt(status != "ERR", _code(_table(said.get("error", {})).get("code", "")), _correlation(said))


def rejection(answer: Any) -> str | None:
    """Return why the whole message was rejected, perhaps "" ; None where it was not."""
    header = _table(_member(answer, "header"))
    if header.get("is_msg_encrypted", False) is not False:
        raise Unreadable  # nobody has a key of ours to encrypt with
    if header.get("status") not in (SUCCEEDED, REJECTED, *_PENDING):
        raise Unreadable
    return _code(header.get("status_reason_code", "")) if header["status"] == REJECTED else None


def of_status(answer: Any, *, decimals: int) -> tuple[str, list[Told]]:
    """Return which dispatch an answer about its status is of, and what it says of its payments."""
    said = _table(_member(answer, "message"))
    inner = _table(_member(said.get("txnstatus_response"), "txn_status"))
    transaction = said.get("transaction_id")
    if said["txnstatus_response"].get("txn_type") not in ("on-disburse", "disburse"):
        raise Unreadable
    if inner.get("transaction_id") != transaction:
        raise Unreadable
    return _of_transaction(inner, decimals)


def of_callback(answer: Any, *, decimals: int) -> tuple[str, list[Told]]:
    """Return which dispatch a callback is of, and what it says of its payments."""
    return _of_transaction(_table(_member(answer, "message")), decimals)


def transaction_of(answer: Any) -> str:
    """Return which dispatch a callback or a status is of, before anything else of it is read."""
    found = _table(_member(answer, "message")).get("transaction_id")
    if not isinstance(found, str) or not 0 < len(found) <= 99:
        raise Unreadable
    return found


def _of_transaction(said: Mapping[str, Any], decimals: int) -> tuple[str, list[Told]]:
    transaction, listed = said.get("transaction_id"), said.get("disbursements_status")
    if not isinstance(transaction, str) or not isinstance(listed, list):
        raise Unreadable
    try:
        return transaction, list(_told(listed, decimals))
    except (ValueError, TypeError, Refused):
        raise Unreadable from None


def _told(listed: list[Any], decimals: int) -> Iterator[Told]:
    for each in map(_table, listed):
        reference, status = each.get("reference_id"), each.get("status")
        if not isinstance(reference, str) or not 0 < len(reference) <= 40:
            raise Unreadable
        code = _code(each.get("status_reason_code", ""))
        if status in _PENDING or (status == REJECTED and code == _KNOWN_BEFORE):
            continue
        if status not in (SUCCEEDED, REJECTED):
            raise Unreadable
        currency = each.get("currency_code", "")
        if not isinstance(currency, str) or len(currency) > 3:
            raise Unreadable
        day = datetime.fromisoformat(each["timestamp"]).date() if isinstance(each.get("timestamp"), str) else None
        if day is None:
            raise Unreadable
        outcome = _outcome(status, each)
        paid = _minor(each.get("amount"), decimals) if outcome is PaymentState.PAID else None
        yield Told(reference, outcome, paid, currency, day, code)


def _outcome(status: str, each: Mapping[str, Any]) -> PaymentState:
    if status == SUCCEEDED:
        return PaymentState.PAID
    return PaymentState.RETURNED if each.get("instruction") == CAME_BACK else PaymentState.ERROR


def _minor(given: Any, decimals: int) -> int | None:
    if given is None:
        return None
    if not isinstance(given, str) or not _AMOUNT.fullmatch(given):
        raise Unreadable
    return to_minor(given, decimals)


def _member(said: Any, name: str) -> Any:
    return _table(said).get(name)


def _table(said: Any) -> dict[str, Any]:
    if not isinstance(said, dict):
        raise Unreadable
    return said


def _code(said: Any) -> str:
    """Return a code; of anything else nothing, since free text might name somebody."""
    return said if isinstance(said, str) and _CODE.fullmatch(said) else ""


def _correlation(said: Mapping[str, Any]) -> str:
    found = said.get("correlation_id", "")
    return found[:99] if isinstance(found, str) and found.isprintable() else ""
