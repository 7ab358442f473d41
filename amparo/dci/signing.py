"""Signatures of messages, in the three profiles that are in use; the standard fixes none. A partner has one of them.

Shape   header and message as they came, untouched, in; the name of the key that signed out. What is signed is their JSON
        with sorted keys and no spaces, characters beyond ASCII escaped
Units   seconds. An `http-signature` says until when it holds, five minutes at most; a JWS holds as long as its message is
        new (`envelope.expect_new`)
Errors  Wrong, the same for whatever is wrong with a signature: missing, or invalid
Source  draft-cavage-http-signatures (the string's form); RFC 7515 and its appendix F; RFC 8725; RFC 8037
"""

import base64
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import Key, import_key

from amparo.dci.codes import Error, Wrong

HOLDS, SKEW = 300, 60
LONGEST = 16 * 2**20
# Of a JWS: which kind of key, and which curve, each algorithm is used with. Nothing else is taken.
ALGORITHMS = {
    "Ed25519": ("OKP", "Ed25519"),
    "EdDSA": ("OKP", "Ed25519"),
    "ES256": ("EC", "P-256"),
    "PS256": ("RSA", None),
    "RS256": ("RSA", None),
}
# The same of an http-signature.
_NAMED = {"ed25519": ("OKP", "Ed25519"), "rs256": ("RSA", None)}
# Headers by which a signature would bring its own key or rules.
_BROUGHT = {"jku", "jwk", "x5u", "x5c", "crit", "b64", "zip"}
_HEADERS = "(created) (expires) digest"
_PAIR = re.compile(r'(\w+)="([^"\\]*)"')
_STRING = re.compile(r'(?:Signature:\s*)?\w+="[^"\\]*"(?:\s*,\s*\w+="[^"\\]*")*')
_INSTANT = re.compile(r"\d{1,11}", re.ASCII)

Jwk = Mapping[str, Any]


class Profile(StrEnum):
    """How a partner signs."""

    HTTP = "http-signature"
    DETACHED = "detached-jws"
    ATTACHED = "attached-jws"


def canonical(signed: Mapping[str, Any]) -> bytes:
    """Return the bytes that a signature is of."""
    return json.dumps(signed, sort_keys=True, separators=(",", ":")).encode()


def sign(signed: Mapping[str, Any], key: Key, *, profile: Profile, sender: str, now: datetime) -> str:
    """Return our signature. `key`: a private key with a name, Ed25519; `sender`: as whom the header says it is sent."""
    return sign_bytes(canonical(signed), key, profile=profile, sender=sender, now=now)


def sign_bytes(content: bytes, key: Key, *, profile: Profile, sender: str, now: datetime) -> str:
    """Return our signature of what `canonical` gave."""
    if profile is Profile.HTTP:
        return _http(content, key, sender=sender, created=int(now.timestamp()))
    token = jws.serialize_compact({"alg": "Ed25519", "kid": key.kid}, content, key, registry=_registry("Ed25519"))
    first, _, last = token.split(".")
    return f"{first}..{last}" if profile is Profile.DETACHED else token


def _http(content: bytes, key: Key, *, sender: str, created: int) -> str:
    made = key.private_key.sign(_base(content, created, created + HOLDS))
    return (
        f'namespace="dci", kidId="{sender}|{key.kid}|ed25519", algorithm="ed25519", created="{created}", '
        f'expires="{created + HOLDS}", headers="{_HEADERS}", signature="{base64.b64encode(made).decode()}"'
    )


def _base(content: bytes, created: int, expires: int) -> bytes:
    digest = base64.b64encode(sha256(content).digest()).decode()
    return f"(created): {created}\n(expires): {expires}\ndigest: {digest}".encode()


def expect_signed(
    signature: str, signed: Mapping[str, Any], *, profile: Profile, sender: str, keys: Sequence[Jwk], now: datetime
) -> str:
    """Return the name (`kid`) of the sender's key that signed just this. Raises Wrong.

    `keys`: the public keys that are the sender's now, and nobody else's. One that the signature names must have signed; a
    name that none of them has is the partner's own, and any of them may have.
    """
    if not signature:
        raise Wrong("dci-signature-missing", code=Error.SIGNATURE_MISSING)
    if len(signature) > LONGEST or not signature.isascii():
        raise invalid()
    if profile is Profile.HTTP:
        return _expect_http(signature, canonical(signed), sender=sender, keys=keys, now=int(now.timestamp()))
    return _expect_jws(signature, signed, profile=profile, keys=keys)


def invalid() -> Wrong:
    return Wrong("dci-signature-invalid", code=Error.SIGNATURE)


def _expect_http(signature: str, content: bytes, *, sender: str, keys: Sequence[Jwk], now: int) -> str:
    said = _parts(signature)
    whose, _, named = said.get("kidId", said.get("keyId", "")).partition("|")
    name, _, algorithm = named.partition("|")
    if whose != sender or algorithm != said.get("algorithm") or algorithm not in _NAMED:
        raise invalid()
    if said.get("headers") != _HEADERS or not all(
        _INSTANT.fullmatch(said.get(each, "")) for each in ("created", "expires")
    ):
        raise invalid()
    created, expires = int(said["created"]), int(said["expires"])
    if not created <= now + SKEW or not now <= expires <= created + HOLDS + SKEW:
        raise invalid()
    try:
        made = base64.b64decode(said.get("signature", ""), validate=True)
    except ValueError:
        raise invalid() from None
    for each in _fitting(keys, name, *_NAMED[algorithm]):
        if _verifies(each, made, _base(content, created, expires)):
            return each["kid"]
    raise invalid()


def _parts(signature: str) -> dict[str, str]:
    """Return the members of an http-signature, each of which may stand once."""
    pairs = _PAIR.findall(signature) if _STRING.fullmatch(signature) else []
    if len(dict(pairs)) != len(pairs):
        raise invalid()
    return dict(pairs)


@lru_cache(maxsize=1_000)
def _imported(jwk: str) -> Key:
    """Return a public key; to read one takes longer than to check by it, and partners sign with theirs again and again."""
    return import_key(json.loads(jwk))


def _verifies(key: Jwk, made: bytes, content: bytes) -> bool:
    try:
        public = _imported(json.dumps(dict(key), sort_keys=True)).public_key
        if key["kty"] == "RSA":
            public.verify(made, content, PKCS1v15(), SHA256())
        else:
            public.verify(made, content)
    except (InvalidSignature, JoseError, ValueError):
        return False
    return True


def _fitting(keys: Iterable[Jwk], name: str, kty: str, curve: str | None) -> list[Jwk]:
    """Return the keys that may have signed: the one of this name, or each where none has it."""
    known = [each for each in keys if each["kty"] == kty and each.get("crv") == curve]
    return [each for each in known if each["kid"] == name] or known


def _expect_jws(signature: str, signed: Mapping[str, Any], *, profile: Profile, keys: Sequence[Jwk]) -> str:
    header = _header(signature)
    first, own, last = signature.split(".")
    if profile is Profile.DETACHED:
        if own:
            raise invalid()
        own = base64.urlsafe_b64encode(canonical(signed)).rstrip(b"=").decode()
    for each in _fitting(keys, str(header.get("kid", "")), *ALGORITHMS[header["alg"]]):
        try:
            found = jws.deserialize_compact(
                f"{first}.{own}.{last}",
                _imported(json.dumps(dict(each), sort_keys=True)),
                registry=_registry(header["alg"]),
            )
        except (JoseError, ValueError, TypeError, KeyError):
            continue
        if profile is Profile.ATTACHED and not _says(found.payload, signed):
            break
        return each["kid"]
    raise invalid()


def _header(token: str) -> dict[str, Any]:
    """Return the header of a compact signature before anything of it is believed."""
    first = token.partition(".")[0]
    try:
        header = json.loads(base64.b64decode(first + "=" * (-len(first) % 4), altchars=b"-_", validate=True))
    except (ValueError, RecursionError):
        raise invalid() from None
    if token.count(".") != 2 or not isinstance(header, dict) or header.get("alg") not in list(ALGORITHMS):
        raise invalid()
    if _BROUGHT & header.keys():
        raise invalid()
    return header


def _says(payload: bytes, signed: Mapping[str, Any]) -> bool:
    """Whether what was signed is just this header and this message, however it was written."""
    try:
        found = json.loads(payload)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and canonical(found) == canonical(signed)


def _registry(alg: str) -> jws.JWSRegistry:
    made = jws.JWSRegistry(algorithms=[alg], strict_check_header=False)
    made.max_payload_length = LONGEST
    return made
