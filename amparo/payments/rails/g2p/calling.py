"""Hands payments over by G2P Connect, and asks what became of them. To the one address that the installation names, and no other.

Before anything is handed over again, it is asked whether it arrived; and it always goes under the same ids, so that whoever
pays can tell that it is the same.

Units   seconds for a whole call
Errors  none is raised: each failure is a reason
Source  G2P Connect, disburse_core_api 1.0.0 (CDPI): /disburse, /disburse/sync/txn/status, MsgHeader
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from amparo.kernel import clock
from amparo.kernel.ids import uuid7
from amparo.payments.rails.g2p import answers, canonical
from amparo.payments.returned import Told
from amparo.payments.types import DispatchReason
from amparo.trust.calling_out import Answer, NoAnswer, NotCalled, call, is_safe
from amparo.trust.keys.secrets import secret

SECONDS = 30.0
LARGEST = 10 * 2**20
VERSION = "1.0.0"
_UNKNOWN = 404
_NOT_FOUND = "transaction_id.not_found"
_HEADERS = {"Content-Type": "application/json", "Accept": "application/json"}
# What the standard calls the two in a header; for a question about a status it allows no word but this.
_DISBURSE, _ASK = "disburse", "search"


@dataclass(frozen=True)
class Outcome:
    """What came of a call. `reason` None: it was taken, or is known there; then `told` says what is known of its payments.

    `is_unknown`  whoever pays says that they do not have it
    """

    reason: DispatchReason | None = None
    code: str = ""
    correlation: str = ""
    told: tuple[Told, ...] = ()
    is_unknown: bool = False


def is_configured() -> bool:
    given = settings.PAYMENTS["g2p"]
    return bool(given["address"] and given["sender"] and secret("g2p"))


def hand_over(transaction: str, message: bytes, payments: int) -> Outcome:
    """Hand a message over; the outcome says whether it was taken, and nothing yet of its payments."""

    def read(said: Any) -> Outcome:
        found = answers.receipt(said)
        return Outcome(None if found.is_taken else DispatchReason.REFUSED, found.code, found.correlation)

    known_by = {"Idempotency-Key": transaction}
    return _called("/disburse", _header(_DISBURSE, payments), message, read, known_by)


def ask(transaction: str, *, decimals: int) -> Outcome:
    """Ask what became of what was handed over, or whether it ever arrived."""

    def read(said: Any) -> Outcome:
        code = answers.rejection(said)
        if code is not None:
            is_unknown = code.endswith(_NOT_FOUND)  # rejected for no stated reason may be there and paid all the same
            return Outcome(None if is_unknown else DispatchReason.REFUSED, code, is_unknown=is_unknown)
        of, told = answers.of_status(said, decimals=decimals)
        if of != transaction:
            raise answers.Unreadable
        return Outcome(told=tuple(told))

    asked = {
        "transaction_id": transaction,
        "txnstatus_request": {
            "reference_id": transaction,
            "txn_type": "disburse",
            "attribute_type": "transaction_id",
            "attribute_value": transaction,
        },
    }
    return _called("/disburse/sync/txn/status", _header(_ASK, 1), canonical(asked), read, {})


def _called(
    path: str, header: dict[str, Any], message: bytes, read: Callable[[Any], Outcome], more: dict[str, str]
) -> Outcome:
    address = settings.PAYMENTS["g2p"]["address"]
    content = b'{"header":' + canonical(header) + b',"message":' + message + b"}"
    headers = {"Authorization": f"Bearer {secret('g2p')}", "Content-Length": str(len(content)), **_HEADERS, **more}
    try:
        if not is_safe(address):
            return Outcome(DispatchReason.UNSAFE)
        answer = call(
            f"{address}{path}",
            allowed=[address],
            method="POST",
            headers=headers,
            content=content,
            seconds=SECONDS,
            largest=LARGEST,
        )
    except NotCalled:
        return Outcome(DispatchReason.NOT_CALLED)
    except NoAnswer:
        return Outcome(DispatchReason.SILENT)
    return _outcome(header["action"], answer, read)


def _outcome(action: str, answer: Answer, read: Callable[[Any], Outcome]) -> Outcome:
    if action == _ASK and answer.status == _UNKNOWN:
        return Outcome(code=str(answer.status), is_unknown=True)
    if not 200 <= answer.status < 300:
        return Outcome(DispatchReason.REFUSED, str(answer.status))
    try:
        return read(json.loads(answer.body))
    except (ValueError, RecursionError, answers.Unreadable):
        return Outcome(DispatchReason.UNREADABLE, str(answer.status))


def _header(action: str, payments: int) -> dict[str, Any]:
    """Return the header of one call. Its id is of this call alone; what is handed over has its own, which stays."""
    given = settings.PAYMENTS["g2p"]
    named = {"receiver_id": given["receiver"], "sender_uri": given["callback"]}
    return {
        "version": VERSION,
        "message_id": str(uuid7()),
        "message_ts": clock.now().isoformat(),
        "action": action,
        "sender_id": given["sender"],
        "total_count": payments,
        "is_msg_encrypted": False,
        **{name: each for name, each in named.items() if each},
    }
