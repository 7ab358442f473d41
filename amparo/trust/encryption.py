"""Encryption of single fields, and blind indexes to look encrypted values up.

A sealed value is: version (1 byte) · key id (1 byte) · nonce (12) · ciphertext and tag. The associated data binds it
to its place (table, column, row), so that a value moved to another row does not open.
Source  NIST SP 800-38D (AES-GCM); RFC 2104 (HMAC)
Errors  a missing key or a value that does not open is refused; nothing is returned in its stead
"""

import hmac
import os
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from amparo.kernel.errors import Refused

VERSION = 1
KEY_ID = 1
BLIND_INDEX_BYTES = 16


def encrypt(field_class: str, plaintext: bytes, aad: bytes) -> bytes:
    """Return the sealed value of one field."""
    nonce = os.urandom(12)
    return bytes((VERSION, KEY_ID)) + nonce + _cipher(field_class).encrypt(nonce, plaintext, aad)


def encrypt_many(field_class: str, plaintexts: Iterable[bytes], aads: Iterable[bytes]) -> list[bytes]:
    cipher, header = _cipher(field_class), bytes((VERSION, KEY_ID))
    sealed = []
    for plaintext, aad in zip(plaintexts, aads, strict=True):
        nonce = os.urandom(12)
        sealed.append(header + nonce + cipher.encrypt(nonce, plaintext, aad))
    return sealed


def decrypt(field_class: str, sealed: bytes, aad: bytes) -> bytes:
    """Return the value. Raises Refused when it was altered, moved, or sealed with another key."""
    sealed = bytes(sealed)
    if sealed[:2] != bytes((VERSION, KEY_ID)):
        raise Refused("trust-sealed-unknown", place=aad.split(b":")[0].decode())
    try:
        return _cipher(field_class).decrypt(sealed[2:14], sealed[14:], aad)
    except InvalidTag:
        raise Refused("trust-sealed-broken", place=aad.split(b":")[0].decode()) from None


def blind_index(scheme: str, normalised: str) -> bytes:
    """Return what an identifier is looked up by: 16 bytes of an HMAC, with a key of the scheme's own."""
    key = _derived("blind-index", scheme)
    return hmac.digest(key, normalised.encode(), "sha256")[:BLIND_INDEX_BYTES]


def blind_indexes(scheme: str, normalised: Iterable[str]) -> list[bytes]:
    key = _derived("blind-index", scheme)
    return [hmac.digest(key, value.encode(), "sha256")[:BLIND_INDEX_BYTES] for value in normalised]


def make_keys(folder: Path) -> None:
    """Make the master key of a new installation, once, readable by its owner only."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(folder / "master.key", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "wb") as file:
        file.write(os.urandom(32))


@cache
def _master(path: Path) -> bytes:
    try:
        key = path.read_bytes()
    except FileNotFoundError:
        raise Refused("trust-key-missing", file=path.name) from None
    if len(key) != 32:
        raise Refused("trust-key-missing", file=path.name)
    return key


@cache
def _derived(use: str, name: str) -> bytes:
    """A key for one use and name, so that no key serves two purposes (HKDF's expand step, one block)."""
    return hmac.digest(_master(Path(settings.KEY_FOLDER) / "master.key"), f"{use}\0{name}\x01".encode(), sha256)


@cache
def _cipher(field_class: str) -> AESGCM:
    return AESGCM(_derived("encrypt", field_class))
