"""Tells what happened to whoever wants to be told: signed webhooks, well or ill behaved, or page by page to whoever asks.

Shape   events of an institution and ways in; how many were sent, by the status that they were answered with, out
Units   one event in each webhook; 100 on a page
Errors  Refused for a way that does not exist, and for an address that is not on this machine
Source  Standard Webhooks 1.0.0 (`v1a`, Ed25519)
"""

import base64
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from joserfc.jwk import OKPKey

from amparo.cli.ministry.institutions import drawn
from amparo.kernel import clock
from amparo.kernel.errors import Refused

PAGE, SECONDS, OLD_SECONDS = 100, 60, 3_600
TRIES, LONGEST_WAIT_SECONDS = 20, 5
HERE = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Sending:
    """One webhook. `key`: what it is signed with; `age`: how many seconds ago; `id` is the same where it is sent again."""

    id: str
    body: bytes
    key: OKPKey
    age: int = 0


def new_key() -> OKPKey:
    made = OKPKey.generate_key("Ed25519")
    return OKPKey.import_key(made.as_dict(private=True) | {"kid": made.thumbprint()})


def public(key: OKPKey) -> dict[str, Any]:
    return dict(key.as_dict(private=False)) | {"kid": key.kid}


def _shuffled(sendings: list[Sending], seed: int) -> list[Sending]:
    return sorted(sendings, key=lambda each: drawn(seed, "shuffled", each.id, each.age, each.key.kid))


def _forged(sendings: list[Sending], seed: int) -> list[Sending]:
    """Beside each that is right one that somebody else signed, about the same and with an id of its own."""
    key = new_key()
    changed = [replace(each, id=f"{each.id}-forged", key=key) for each in sendings]
    return [*sendings, *changed]


WAYS: Mapping[str, Callable[[list[Sending], int], list[Sending]]] = {
    "doubled": lambda sendings, seed: [each for one in sendings for each in (one, one)],
    "replayed": lambda sendings, seed: [*sendings, *(replace(each, age=OLD_SECONDS) for each in sendings)],
    "forged": _forged,
    "shuffled": _shuffled,
}


def sendings(
    events: Iterable[Mapping[str, Any]], institution: str, key: OKPKey, ways: Iterable[str], *, seed: int
) -> list[Sending]:
    """Return what is sent of these events; ways follow each other as they are named."""
    found = [Sending(each["event"], json.dumps({"institution": institution, **each}).encode(), key) for each in events]
    for way in ways:
        if way not in WAYS:
            raise Refused("cli-mock-ministry-way", way=way, known=list(WAYS))
        found = WAYS[way](found, seed)
    return found


def signed(sending: Sending) -> dict[str, str]:
    """Return the headers of a webhook, signed now or as long ago as it says."""
    at = str(int(clock.now().timestamp()) - sending.age)
    content = f"{sending.id}.{at}.".encode() + sending.body
    made = base64.b64encode(sending.key.private_key.sign(content)).decode()
    return {
        "Content-Type": "application/json",
        "webhook-id": sending.id,
        "webhook-timestamp": at,
        "webhook-signature": f"v1a,{made}",
    }


def sent(sendings: Iterable[Sending], to: str) -> dict[str, int]:
    """Send each, again where it was too often, and return how many were answered with which status; "none": with nothing."""
    place = urlsplit(to)
    if place.scheme != "http" or place.hostname not in HERE:
        raise Refused("cli-mock-ministry-open", host=place.hostname or "")
    return dict(Counter(_status(each, place.hostname, place.port or 80, place.path) for each in sendings))


def _status(sending: Sending, host: str, port: int, path: str) -> str:
    for _ in range(TRIES):
        status, wait = _answer(sending, host, port, path)
        if status != "429":
            break
        time.sleep(min(wait, LONGEST_WAIT_SECONDS))
    return status


def _answer(sending: Sending, host: str, port: int, path: str) -> tuple[str, int]:
    """Return the status of one sending, and after how many seconds to come again."""
    line = HTTPConnection(host, port, timeout=SECONDS)
    try:
        line.request("POST", path, sending.body, signed(sending))
        answer = line.getresponse()
        return str(answer.status), int(answer.headers.get("Retry-After", 1))
    except OSError:
        return "none", 1
    finally:
        line.close()


def page(events: list[dict[str, Any]], since: str) -> dict[str, Any]:
    """Return the events after a place, and the place after them."""
    begin = int(since) if since.isdecimal() and since.isascii() else 0
    found = events[begin : begin + PAGE]
    return {"events": found, "next": begin + len(found)}
