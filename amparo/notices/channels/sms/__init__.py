"""Texts, by a gateway that takes them as JSON over HTTPS.

POST {"reference": …, "to": …, "text": …}, with `Authorization: Bearer …` and `Idempotency-Key: <reference>`; taken over is what is
answered with 2xx and {"accepted": true}. Whatever else is answered, the text was not taken.

Units   seconds for a whole call
Errors  none is raised: each failure is an outcome with its reason
"""

import json
from contextlib import suppress

from django.conf import settings

from amparo.notices.channels.message import Outgoing
from amparo.notices.types import Outcome, Reason
from amparo.trust.calling_out import Answer, NoAnswer, NotCalled, call, is_safe
from amparo.trust.keys.secrets import secret

SECONDS = 10.0
LARGEST = 64 * 2**10


def is_configured() -> bool:
    return bool(settings.NOTICES["sms"]["address"] and secret("sms"))


def send(message: Outgoing) -> Outcome:
    address = settings.NOTICES["sms"]["address"]
    told = {"reference": message.reference, "to": message.address, "text": message.parts["text"]}
    headers = {
        "Authorization": f"Bearer {secret('sms')}",
        "Content-Type": "application/json",
        "Idempotency-Key": message.reference,
    }
    try:
        if not is_safe(address):
            return Outcome(Reason.UNSAFE)
        content = json.dumps(told).encode()
        answer = call(
            address,
            allowed=[address],
            method="POST",
            headers={**headers, "Content-Length": str(len(content))},
            content=content,
            seconds=SECONDS,
            largest=LARGEST,
        )
    except NotCalled:
        return Outcome(Reason.NOT_CALLED)
    except NoAnswer:
        return Outcome(Reason.SILENT)
    return _outcome(answer)


def _outcome(answer: Answer) -> Outcome:
    if not 200 <= answer.status < 300:
        return Outcome(Reason.REFUSED, answer.status)
    said = None
    with suppress(ValueError):  # text that is no JSON, or bytes that are no text
        said = json.loads(answer.body)
    is_taken = isinstance(said, dict) and said.get("accepted") is True
    return Outcome(None, answer.status) if is_taken else Outcome(Reason.UNREADABLE, answer.status)
