"""The word of a machine that has a key: a token that it signed itself, for this door, which holds once and for minutes.

Source  RFC 7523 (JWT profile for client authentication), section 3; RFC 8725
Units   seconds
Nulls   every claim must be there but `iat` and `nbf`
Errors  NotBelieved
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from amparo.kernel import clock
from amparo.trust.machines.jose import NotBelieved, Why, is_instant
from amparo.trust.machines.taken import take

TYPES = ("JWT", None)
KIND = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST_LIFE, SKEW = 300, 60
LONGEST_NAME = 200


@dataclass(frozen=True)
class Expected:
    """By whom a token must be, and for which door."""

    machine: UUID
    audience: str


def expect_own(content: bytes, expected: Expected) -> None:
    """Raise NotBelieved unless signed content is this machine's word, for this door, now, and for the first time."""
    try:
        claims = json.loads(content)
    except (ValueError, RecursionError):
        raise NotBelieved(Why.FORM) from None
    if not isinstance(claims, dict):
        raise NotBelieved(Why.FORM)
    if not claims.get("iss") == claims.get("sub") == str(expected.machine):
        raise NotBelieved(Why.ISSUER)
    if claims.get("aud") not in (expected.audience, [expected.audience]):
        raise NotBelieved(Why.AUDIENCE)
    expect_new(expected.machine, claims)


def subject_of(token: str) -> str:
    """Return whom a token says it is of, before anything of it is believed; nobody where it cannot be read."""
    part = token.split(".")[1] if token.count(".") == 2 else ""
    try:
        said = json.loads(base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True))
    except (ValueError, RecursionError):
        return ""
    return str(said.get("sub", "")) if isinstance(said, dict) else ""


def expect_new(sender: UUID, claims: Mapping[str, Any], *, longest: int = LONGEST_LIFE) -> None:
    """Raise NotBelieved unless a message holds now, not for longer than it may, and was not taken before."""
    now = clock.now().timestamp()
    expires, issued, begins = (claims.get(each) for each in ("exp", "iat", "nbf"))
    if not is_instant(expires) or not now - SKEW < expires <= now + longest + SKEW:
        raise NotBelieved(Why.EXPIRED)
    if "iat" in claims and (not is_instant(issued) or not now - longest - SKEW <= issued <= now + SKEW):
        raise NotBelieved(Why.ISSUED)
    if "nbf" in claims and (not is_instant(begins) or begins > now + SKEW):
        raise NotBelieved(Why.BEGINS)
    name = claims.get("jti")
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise NotBelieved(Why.FORM)
    if not take(sender, name, until=datetime.fromtimestamp(expires + 2 * SKEW, UTC)):
        raise NotBelieved(Why.REPLAYED)
