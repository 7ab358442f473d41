"""What whoever pays says by itself of payments that were handed over by G2P Connect: the callbacks of that standard.

The bodies are the standard's. A worker holds what was said against the list, as a file that came back; said twice it counts once.
Only whom the programme's terms name may say it (`payments.toml`, answers_under), and only of lists of that programme.
"""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Path

from amparo.interop.bodies import JSON, parsed
from amparo.interop.declaring import Asks, operation
from amparo.interop.grounds import by_code
from amparo.interop.schemas import Acknowledged, Code
from amparo.kernel import clock
from amparo.kernel.errors import NotFound, NotPermitted
from amparo.payments import actions, queries
from amparo.payments.rails.g2p import answers
from amparo.trust.actions.exchanging import Sent, receive_records, refusals_kept
from amparo.trust.covering import Direction

_BODY = {"requestBody": {"required": True, "content": {JSON: {"schema": {"type": "object"}}}}}


@operation(
    "POST",
    "v1/agreements/{code}/on-disburse",
    asks=Asks.AGREEMENT,
    named=by_code,
    answers={200: Acknowledged},
    takes=(JSON,),
    summary="Say what became of payments (G2P Connect 1.0.0, on-disburse)",
    openapi_extra=_BODY,
)
def on_disburse(request: HttpRequest, code: Path[Code]) -> Any:
    """Header and message as the standard has them. Of a payment that is pending nothing is kept."""
    return _answered(request, answers.of_callback)


@operation(
    "POST",
    "v1/agreements/{code}/disburse/txn/on-status",
    asks=Asks.AGREEMENT,
    named=by_code,
    answers={200: Acknowledged},
    takes=(JSON,),
    summary="Answer later what became of payments (G2P Connect 1.0.0, on-status)",
    openapi_extra=_BODY,
)
def on_status(request: HttpRequest, code: Path[Code]) -> Any:
    """The same, as the answer to a question about a transaction's status."""
    return _answered(request, answers.of_status)


def _answered(request: HttpRequest, read: Any) -> dict[str, Any]:
    row, by, said = request.agreement, request.by, parsed(request.body)
    with refusals_kept(row.id, by=by):
        if row.direction != Direction.IN:
            raise NotPermitted("trust-agreement-of-others", agreement=row.code)
        found = queries.answered_dispatch(_id(answers.transaction_of(said)), agreement=row.code)
        told = [] if answers.rejection(said) is not None else read(said, decimals=found.list.decimals)[1]
        # What says nothing final is received as well, and counts as one.
        sent = Sent(fields=(), identifiers=(), programmes=[found.list.programme.code], records=max(len(told), 1))
        under = receive_records(row.id, sent, by=by, on=clock.today())
        actions.receive_told(found, told, by=by, under=under, using="default")
    return {
        "message": {"ack_status": "ACK", "timestamp": clock.now().isoformat(), "correlation_id": found.id.hex},
    }


def _id(transaction: str) -> UUID:
    try:
        return UUID(hex=transaction)
    except ValueError:
        raise NotFound("payments-dispatch-unknown") from None
