"""What partners' machines sign with: which public keys are taken, and what the header of a signature may say.

Errors  NotBelieved, which names what was wrong for the audit log; whoever asks is told only that it was not believed
Source  RFC 7515, 4.1 and appendix F (detached content); RFC 7517; RFC 7638; RFC 8725 (JWT Best Current Practices)
"""

import base64
import json
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import import_key

from amparo.kernel.errors import Refused

# Which kind of key, and which curve, each algorithm is used with. What is not here is refused: none, and every shared secret.
ALGORITHMS = {
    "ES256": ("EC", "P-256"),
    "EdDSA": ("OKP", "Ed25519"),
    "Ed25519": ("OKP", "Ed25519"),
    "PS256": ("RSA", None),
}
# Headers by which a signature would bring its own key or rules.
BROUGHT = {"jku", "jwk", "x5u", "x5c", "x5t", "x5t#S256", "crit", "b64", "zip"}
LONGEST = 16_384
LEAST_BITS = 2048
# Of a public key, what makes it the key (RFC 7638); all else that is sent is dropped.
_MEMBERS = {"EC": ("crv", "kty", "x", "y"), "OKP": ("crv", "kty", "x"), "RSA": ("e", "kty", "n")}


class Why(StrEnum):
    """What was wrong, for the audit log."""

    UNKNOWN = "unknown"  # no such machine, or nothing that lets it in now
    SECRET = "secret"  # noqa: S105 (a reason)
    FORM = "form"
    TYPE = "type"
    ALGORITHM = "algorithm"
    HEADER = "header"
    KEY = "key"
    SIGNATURE = "signature"
    ISSUER = "issuer"
    AUDIENCE = "audience"
    EXPIRED = "expired"
    ISSUED = "issued"
    BEGINS = "begins"
    ADDRESS = "address"
    REPLAYED = "replayed"
    UNSIGNED = "unsigned"
    TOKEN = "token"  # noqa: S105 (a reason)


class NotBelieved(Refused):
    """Who asks is not believed to be who they say. `why` is for the audit log."""

    def __init__(self, why: Why) -> None:
        super().__init__("trust-machine-not-believed")
        self.why = why


def public_key(text: str) -> dict[str, str]:
    """Return the JWK that somebody registers, with nothing but its public half and its name. Raises Refused."""
    try:
        sent = json.loads(text)
        kind = _MEMBERS[sent["kty"]]
        kept = {name: sent[name] for name in kind}
        key = import_key(kept)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        raise Refused("trust-key-unreadable") from None
    if sent.keys() & {"d", "p", "q", "k"}:
        raise Refused("trust-key-private")
    curves = {curve for kty, curve in ALGORITHMS.values() if kty == kept["kty"]}
    is_small = kept["kty"] == "RSA" and key.public_key.key_size < LEAST_BITS
    if kept.get("crv") not in curves or is_small:
        raise Refused("trust-key-unfit")
    return kept | {"kid": key.thumbprint()}


def header_of(token: Any, *, types: Iterable[str]) -> dict[str, Any]:
    """Return the header of a compact signature, before anything of it is believed. Raises NotBelieved."""
    if not isinstance(token, str) or len(token) > LONGEST or token.count(".") != 2 or not token.isascii():
        raise NotBelieved(Why.FORM)
    first = token.partition(".")[0]
    try:
        header = json.loads(base64.b64decode(first + "=" * (-len(first) % 4), altchars=b"-_", validate=True))
    except (ValueError, RecursionError):
        raise NotBelieved(Why.FORM) from None
    if not isinstance(header, dict) or header.get("typ") not in types:
        raise NotBelieved(Why.TYPE)
    if not isinstance(header.get("alg"), str) or header["alg"] not in ALGORITHMS:
        raise NotBelieved(Why.ALGORITHM)
    if BROUGHT & header.keys():
        raise NotBelieved(Why.HEADER)
    return header


def fitting(header: Mapping[str, Any], keys: Iterable[Mapping[str, str]]) -> Mapping[str, str]:
    """Return the registered key that a header names, if it is made for the header's algorithm. Raises NotBelieved."""
    kty, curve = ALGORITHMS[header["alg"]]
    named = [each for each in keys if each["kid"] == header.get("kid")]
    if len(named) != 1 or named[0]["kty"] != kty or named[0].get("crv") != curve:
        raise NotBelieved(Why.KEY)
    return named[0]


class Registry(jws.JWSRegistry):
    """Room for whole addresses in a header, and for the largest body that is taken."""

    max_header_length = LONGEST
    max_payload_length = 16 * 2**20

    def __init__(self, alg: str) -> None:
        super().__init__(algorithms=[alg], strict_check_header=False)


def content_of(token: str, header: Mapping[str, Any], key: Mapping[str, str]) -> bytes:
    """Return what a signature is of, once it was checked. Raises NotBelieved."""
    try:
        return jws.deserialize_compact(token, import_key(dict(key)), registry=Registry(header["alg"])).payload
    except (JoseError, ValueError, TypeError, KeyError):
        raise NotBelieved(Why.SIGNATURE) from None


def with_content(token: str, content: bytes) -> str:
    """Return a token to which content is given that came beside it. Raises NotBelieved for one that has its own."""
    first, own, last = token.split(".")
    if own:
        raise NotBelieved(Why.FORM)
    return f"{first}.{base64.urlsafe_b64encode(content).rstrip(b'=').decode()}.{last}"


def is_instant(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**40
