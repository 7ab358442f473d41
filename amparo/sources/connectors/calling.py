"""Calls an institution by HTTP, and reads JSON that can be read in one way only.

Units   seconds for everything together, the resolving of the name included; 1 MiB of answer at most
Errors  `called` raises none: each failure is a reason, and a redirect is not followed. `document` raises ValueError
Source  RFC 8259 (JSON; names that stand twice are refused), RFC 6585 (429)
"""

import json
import time
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NoReturn

from amparo.sources.types import Question, Reason
from amparo.trust.calling_out import NoAnswer, NotCalled, call, is_safe
from amparo.trust.keys.secrets import secret

LARGEST = 2**20
_BY_STATUS = {401: Reason.REFUSED, 403: Reason.REFUSED, 404: Reason.NOBODY, 429: Reason.LIMITED}


def called(
    address: str, question: Question, *, method: str = "GET", headers: Mapping[str, str], content: bytes = b""
) -> bytes | Reason:
    """Return the body of an answer, or why there is none."""
    begun = time.monotonic()
    sent = {"Accept": "application/json", **headers}
    if content:
        sent |= {"Content-Type": "application/json", "Content-Length": str(len(content))}
    try:
        if not is_safe(address):
            return Reason.NOT_CALLED
        answer = call(
            address,
            allowed=[address],
            method=method,
            headers=sent,
            content=content,
            seconds=question.seconds,
            largest=LARGEST,
        )
    except NotCalled:
        return Reason.NOT_CALLED
    except NoAnswer:
        return Reason.SLOW if time.monotonic() - begun >= question.seconds * 0.95 else Reason.DOWN
    if answer.status == 200:
        return answer.body
    return _BY_STATUS.get(answer.status, Reason.DOWN if answer.status >= 500 else Reason.DRIFT)


def bearer(settings: Mapping[str, Any]) -> dict[str, str]:
    """Return the header that lets us in, where a secret is named."""
    return {"Authorization": f"Bearer {secret(settings['secret'])}"} if "secret" in settings else {}


def document(body: bytes, *, number: Any = Decimal) -> dict[str, Any]:
    """Return an object of JSON. Raises ValueError for whatever readers might understand differently."""
    try:
        found = json.loads(body.decode(), object_pairs_hook=_once, parse_float=number, parse_constant=_no_number)
    except RecursionError:
        raise ValueError("too deep") from None
    if not isinstance(found, dict):
        raise ValueError("no object")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a name that stands twice: readers would not agree on which counts."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice")
    return found


def _no_number(word: str) -> NoReturn:
    raise ValueError("no number of JSON")
