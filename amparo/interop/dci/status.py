"""What became of a request that is answered later: told of its parts, never what they answered."""

from typing import Any

from amparo.dci.codes import SearchReason, Status, Wrong
from amparo.dci.envelope import stamp, text
from amparo.interop.dci.asking import Asking
from amparo.interop.dci.looking import rejected
from amparo.trust.machines.peers import calls_of

# What the standard calls it → what a call is known by.
BY = {"transaction_id": "transaction", "reference_id_list": "references", "correlation_id": "id"}
TYPES = ("search", "subscribe", "unsubscribe", "receipt")
MOST_VALUES = 1_000


def status(asking: Asking, correlation_id: str) -> dict[str, Any]:
    """Return how a machine's own call stands. One that is not known is answered too: its part is rejected."""
    text(asking.message, "transaction_id", at="message")
    asked = asking.message.get("txnstatus_request")
    if not isinstance(asked, dict) or asked.get("txn_type") not in TYPES or asked.get("attribute_type") not in BY:
        raise _wrong()
    reference = text(asked, "reference_id", at="message.txnstatus_request")
    found = calls_of(asking.who.machine, by=BY[asked["attribute_type"]], values=_values(asked.get("attribute_value")))
    call = next((each for each in found if each.kind == asked["txn_type"]), None)
    transaction = call.transaction if call else asking.message["transaction_id"]
    inner = {
        "transaction_id": transaction,
        "correlation_id": str(call.id) if call else correlation_id,
        "search_response": _parts(call, asking) if call else [_unknown(reference, asking)],
    }
    return {
        "transaction_id": asking.message["transaction_id"],
        "correlation_id": correlation_id,
        "txnstatus_response": {"txn_type": asked["txn_type"], "txn_status": inner},
    }


def _values(sent: Any) -> list[str]:
    values = sent if isinstance(sent, list) else [sent]
    if not 0 < len(values) <= MOST_VALUES or not all(isinstance(each, str) and 0 < len(each) <= 99 for each in values):
        raise _wrong()
    return values


def _wrong() -> Wrong:
    return Wrong("dci-form-wrong", code=SearchReason.CRITERIA, at="message.txnstatus_request")


def _parts(call: Any, asking: Asking) -> list[dict[str, Any]]:
    at = stamp(call.settled_at or call.asked_at)
    if call.statuses is None:
        return [{"reference_id": each, "timestamp": at, "status": Status.PENDING.value} for each in call.references]
    return [
        {"reference_id": reference, "timestamp": at, "status": state} | ({"status_reason_code": code} if code else {})
        for reference, state, code in call.statuses
    ]


def _unknown(reference: str, asking: Asking) -> dict[str, Any]:
    return rejected(reference, Wrong("interop-dci-transaction", code=SearchReason.REFERENCE), asking)
