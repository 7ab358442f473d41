"""What an identity provider says of who signed in, believed only where every part of it is as it must be.

Shape   a signed token in; its claims out
Units   seconds
Nulls   a claim that is absent is refused like one that is wrong, but for `nbf`, `azp` with one audience, and `at_hash`
Errors  Foreign, which names what was wrong for the audit log; whoever signs in is told only that it failed
Source  OpenID Connect Core 1.0, 3.1.3.7; RFC 7515, 4.1; RFC 8725 (JWT Best Current Practices)
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hmac import compare_digest
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import import_key

from amparo.kernel import clock
from amparo.kernel.errors import Refused

# Which kind of key each algorithm is used with. What is not here is refused: none, and every shared secret.
ALGORITHMS = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC"}
# Headers by which a token would bring its own key or rules.
BROUGHT = {"jku", "jwk", "x5u", "x5c", "x5t", "x5t#S256", "crit", "b64", "zip"}
SKEW, OLDEST = 60, 600
LONGEST = 16_384


class Why(StrEnum):
    """What was wrong, for the audit log."""

    SIGNATURE = "signature"
    FORM = "form"
    TYPE = "type"
    ALGORITHM = "algorithm"
    HEADER = "header"
    KEY = "key"
    ISSUER = "issuer"
    AUDIENCE = "audience"
    PARTY = "party"
    NONCE = "nonce"
    SUBJECT = "subject"
    EXPIRED = "expired"
    ISSUED = "issued"
    BEGINS = "begins"
    ACCESS_HASH = "access-hash"
    STATE = "state"
    LATE = "late"
    MIX_UP = "mix-up"
    NO_CODE = "no-code"
    NOT_LINKED = "not-linked"
    DISCOVERY = "discovery"
    KEYS = "keys"
    ADDRESS = "address"
    UNREACHABLE = "unreachable"
    CLOSED = "closed"


class Foreign(Refused):
    """Who signed in elsewhere is not believed to be who they say. `why` is for the audit log."""

    def __init__(self, why: Why) -> None:
        super().__init__("trust-provider-not-believed")
        self.why = why


@dataclass(frozen=True)
class Expected:
    """What a token must say: by whom, for whom, and in answer to which question."""

    issuer: str
    audience: str
    nonce: str


def claims_of(
    token: Any, keys: Sequence[Mapping[str, Any]], expected: Expected, *, access_token: str
) -> dict[str, Any]:
    """Return the claims of an identity token. Raises Foreign."""
    header = _header(token)
    key = _key(header, keys)
    try:
        claims = jwt.decode(token, import_key(dict(key)), algorithms=[header["alg"]]).claims
    except (JoseError, ValueError, TypeError, KeyError):
        raise Foreign(Why.SIGNATURE) from None
    _refuse_for_others(claims, expected)
    _refuse_out_of_time(claims)
    _refuse_other_access(claims, access_token)
    return claims


def _header(token: Any) -> dict[str, Any]:
    if not isinstance(token, str) or len(token) > LONGEST or token.count(".") != 2:
        raise Foreign(Why.FORM)
    first = token.partition(".")[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)))
    except ValueError:
        raise Foreign(Why.FORM) from None
    if not isinstance(header, dict) or header.get("typ", "JWT") != "JWT":
        raise Foreign(Why.TYPE)
    if header.get("alg") not in ALGORITHMS:
        raise Foreign(Why.ALGORITHM)
    if BROUGHT & header.keys():
        raise Foreign(Why.HEADER)
    return header


def _key(header: Mapping[str, Any], keys: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the one key of this name that is made for this algorithm and for signing."""
    named = [each for each in keys if isinstance(each, dict) and each.get("kid") == header.get("kid")]
    if not isinstance(header.get("kid"), str) or len(named) != 1:
        raise Foreign(Why.KEY)
    (key,) = named
    fits = key.get("kty") == ALGORITHMS[header["alg"]] and key.get("alg", header["alg"]) == header["alg"]
    if not fits or key.get("use", "sig") != "sig" or "verify" not in key.get("key_ops", ["verify"]):
        raise Foreign(Why.KEY)
    return key


def _refuse_for_others(claims: Mapping[str, Any], expected: Expected) -> None:
    if claims.get("iss") != expected.issuer:
        raise Foreign(Why.ISSUER)
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if expected.audience not in audiences:
        raise Foreign(Why.AUDIENCE)
    if claims.get("azp", None if len(audiences) > 1 else expected.audience) != expected.audience:
        raise Foreign(Why.PARTY)
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not compare_digest(nonce.encode(), expected.nonce.encode()):
        raise Foreign(Why.NONCE)
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise Foreign(Why.SUBJECT)


def _refuse_out_of_time(claims: Mapping[str, Any]) -> None:
    now = clock.now().timestamp()
    expires, issued, begins = (claims.get(each) for each in ("exp", "iat", "nbf"))
    if not _is_instant(expires) or expires <= now - SKEW:
        raise Foreign(Why.EXPIRED)
    if not _is_instant(issued) or not now - OLDEST <= issued <= now + SKEW:
        raise Foreign(Why.ISSUED)
    if "nbf" in claims and (not _is_instant(begins) or begins > now + SKEW):
        raise Foreign(Why.BEGINS)


def _is_instant(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _refuse_other_access(claims: Mapping[str, Any], access_token: str) -> None:
    """Refuse a token that was issued beside another access token than the one it came with.

    The hash is that of the signature's algorithm, and all that are allowed have the same.
    """
    if "at_hash" not in claims:
        return
    digest = hashlib.sha256(access_token.encode()).digest()
    half = base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
    if claims["at_hash"] != half:
        raise Foreign(Why.ACCESS_HASH)
