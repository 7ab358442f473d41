"""Encrypted messages: a flattened JWE whose header is not protected, as the standard has it.

Shape   a message in, an object with header, encrypted_key, iv, ciphertext and tag out; and back
Errors  Wrong for whatever does not open; a message of another algorithm is not tried
Source  RFC 7516, 7.2.2 (without a protected header the additional data is empty); RFC 7518, 4.3 and 5.3
"""

import base64
import json
import os
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import RSAKey

from amparo.dci.codes import Error, Wrong

ALG, ENC = "RSA-OAEP-256", "A256GCM"
_TAG = 16
_PADDING = OAEP(mgf=MGF1(SHA256()), algorithm=SHA256(), label=None)


def public(jwk: Mapping[str, Any]) -> RSAKey:
    """Return a receiver's public key from its JWK."""
    return RSAKey.import_key(dict(jwk))


def seal(message: Mapping[str, Any], key: RSAKey) -> dict[str, Any]:
    """Return a message that only the owner of a public key can read."""
    content_key, iv = AESGCM.generate_key(256), os.urandom(12)
    whole = AESGCM(content_key).encrypt(iv, json.dumps(message).encode(), b"")
    return {
        "header": {"alg": ALG, "enc": ENC, "kid": key.kid},
        "encrypted_key": _text(key.public_key.encrypt(content_key, _PADDING)),
        "iv": _text(iv),
        "ciphertext": _text(whole[:-_TAG]),
        "tag": _text(whole[-_TAG:]),
    }


def opened(message: Mapping[str, Any], key: RSAKey) -> dict[str, Any]:
    """Return what a message sealed for a private key of ours says. Raises Wrong."""
    try:
        header = message["header"]
        if (header["alg"], header["enc"], header["kid"]) != (ALG, ENC, key.kid):
            raise ValueError
        content_key = key.private_key.decrypt(_bytes(message["encrypted_key"]), _PADDING)
        whole = _bytes(message["ciphertext"]) + _bytes(message["tag"])
        found = json.loads(AESGCM(content_key).decrypt(_bytes(message["iv"]), whole, b""))
        if not isinstance(found, dict):
            raise ValueError
    except (InvalidTag, ValueError, KeyError, TypeError, RecursionError):
        raise Wrong("dci-encryption-invalid", code=Error.ENCRYPTION) from None
    return found


def _text(held: bytes) -> str:
    return base64.urlsafe_b64encode(held).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
