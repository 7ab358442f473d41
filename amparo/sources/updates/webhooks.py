"""Believes a webhook that the source signed just now, in the form of Standard Webhooks.

Shape   three headers and a body as they came in; nothing out
Units   seconds: a message is new for five minutes, and one more for clocks that differ
Errors  Unread: `SIGNATURE` for whatever is wrong with one, `OLD` for a message that was signed, and not now
Source  Standard Webhooks 1.0.0: `webhook-id`, `webhook-timestamp`, `webhook-signature` (`v1`: HMAC-SHA256 of a shared secret, `v1a`: Ed25519)
"""

import base64
import hmac
import re
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from amparo.sources.types import UpdateReason
from amparo.sources.updates.reading import Unread
from amparo.trust.keys.secrets import secret

HOLDS, SKEW = 300, 60
MOST_SIGNATURES, LEAST_SECRET = 8, 24
_ID = re.compile(r"[\x21-\x2d\x2f-\x7e]{1,200}")
_INSTANT = re.compile(r"\d{1,11}", re.ASCII)


def expect_signed(headers: Mapping[str, str], body: bytes, settings: Mapping[str, Any], *, now: datetime) -> None:
    """Raise Unread unless one of the signatures is the source's, of just this, now."""
    id, sent, signatures = (headers.get(f"webhook-{each}", "") for each in ("id", "timestamp", "signature"))
    if not _ID.fullmatch(id) or not _INSTANT.fullmatch(sent):
        raise Unread(UpdateReason.SIGNATURE)
    content = f"{id}.{sent}.".encode() + body
    tried = signatures.split(" ")[:MOST_SIGNATURES]
    if not any(_is_of(each, content, settings) for each in tried):
        raise Unread(UpdateReason.SIGNATURE)
    if not -SKEW <= now.timestamp() - int(sent) <= HOLDS + SKEW:
        raise Unread(UpdateReason.OLD)


def _is_of(signature: str, content: bytes, settings: Mapping[str, Any]) -> bool:
    version, _, written = signature.partition(",")
    try:
        made = base64.b64decode(written, validate=True)
    except ValueError:
        return False
    if version == "v1a":
        return any(_verifies(each, made, content) for each in settings.get("keys", ()))
    theirs = _hmac(settings, content) if version == "v1" else None
    return theirs is not None and hmac.compare_digest(made, theirs)


def _hmac(settings: Mapping[str, Any], content: bytes) -> bytes | None:
    """Return what the shared secret makes of a content; None where there is no secret that nobody could guess."""
    try:
        key = base64.b64decode(secret(settings["secret"]).removeprefix("whsec_"), validate=True)
    except (KeyError, ValueError):
        return None
    return hmac.new(key, content, sha256).digest() if len(key) >= LEAST_SECRET else None


def _verifies(key: Mapping[str, Any], made: bytes, content: bytes) -> bool:
    try:
        OKPKey.import_key(dict(key)).public_key.verify(made, content)
    except (InvalidSignature, JoseError, ValueError, AttributeError, TypeError):
        return False
    return True
