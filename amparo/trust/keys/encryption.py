"""Encryption of single fields, and blind indexes to look encrypted values up.

A sealed value is: suite (1 byte) · number of the master key (1) · nonce (12) · ciphertext and tag. Suite and number choose
the key, so that neither can be changed unseen. The associated data binds the value to its place (table, column, row), so
that one moved to another row does not open.
Source  NIST SP 800-38D (AES-GCM); RFC 8439 (ChaCha20-Poly1305); RFC 5869 (expansion of keys); RFC 2104 (HMAC)
Errors  a missing key or a value that does not open is refused; nothing is returned in its stead
"""

import hmac
import os
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

from amparo.kernel.errors import Refused
from amparo.trust.keys.hmac_in_sql import hmac_sha256
from amparo.trust.keys.key_sources import master_key

NONCE_BYTES = 12
BLIND_INDEX_BYTES = 16


class Suite(IntEnum):
    """The algorithms a master key may seal with. The number stands in every value, and is never used for another."""

    AES_256_GCM = 1
    CHACHA20_POLY1305 = 2


_CIPHER = {Suite.AES_256_GCM: AESGCM, Suite.CHACHA20_POLY1305: ChaCha20Poly1305}


@dataclass(frozen=True)
class Key:
    """What seals: a master key, from which each class of fields has a key of its own, and the algorithm."""

    number: int
    suite: Suite = Suite.AES_256_GCM

    @property
    def header(self) -> bytes:
        return bytes((self.suite, self.number))


def encrypt(field_class: str, plaintext: bytes, aad: bytes, *, key: Key) -> bytes:
    """Return the sealed value of one field. Whoever calls had the use of the key counted (`trust.keyring.sealing`)."""
    [sealed] = encrypt_many(field_class, [plaintext], [aad], key=key)
    return sealed


def encrypt_many(field_class: str, plaintexts: Iterable[bytes], aads: Iterable[bytes], *, key: Key) -> list[bytes]:
    cipher, header, texts = _cipher(key.header, field_class), key.header, list(plaintexts)
    drawn = os.urandom(NONCE_BYTES * len(texts))  # at once: asking for each takes a quarter of the time of sealing
    nonces = (drawn[at : at + NONCE_BYTES] for at in range(0, len(drawn), NONCE_BYTES))
    return [header + nonce + cipher.encrypt(nonce, *each) for nonce, *each in zip(nonces, texts, aads, strict=True)]


def decrypt(field_class: str, sealed: bytes, aad: bytes) -> bytes:
    """Return the value. Raises Refused when it was altered or moved, when its key is not here, or its suite unknown."""
    sealed = bytes(sealed)
    try:
        return _cipher(sealed[:2], field_class).decrypt(sealed[2:14], sealed[14:], aad)
    except InvalidTag:
        raise Refused("trust-sealed-broken", place=_table(aad)) from None
    except ValueError:  # shorter than a header, or of a suite that this version does not know
        raise Refused("trust-sealed-unknown", place=_table(aad)) from None


def blind_index(scheme: str, normalised: str, *, key: int) -> bytes:
    """Return what an identifier is looked up by: 16 bytes of an HMAC, with a key of the scheme's own."""
    [index] = blind_indexes(scheme, [normalised], key=key)
    return index


def blind_indexes(scheme: str, normalised: Iterable[str], *, key: int) -> list[bytes]:
    own = blind_key(scheme, key=key)
    return [hmac.digest(own, value.encode(), "sha256")[:BLIND_INDEX_BYTES] for value in normalised]


def blind_key(scheme: str, *, key: int) -> bytes:
    """Return the scheme's own key, for `blind_index_in_sql`."""
    return _derived(key, "blind-index", scheme)


def blind_index_in_sql(normalised: str) -> str:
    """Return the SQL of the same index in hexadecimal figures, of a column of texts, while `blind_key` is held."""
    return f"left({hmac_sha256(f'encode({normalised})')}, {2 * BLIND_INDEX_BYTES})"


def forget() -> None:
    """Let go of every key held in memory: each is read from its source again when it is next needed."""
    for each in (master_key, _derived, _cipher):
        each.cache_clear()


def _table(aad: bytes) -> str:
    return aad.split(b":")[0].decode()


@cache
def _derived(number: int, use: str, name: str) -> bytes:
    """A key for one use and name, so that no key serves two purposes (HKDF's expand step, one block)."""
    return hmac.digest(master_key(number), f"{use}\0{name}\x01".encode(), sha256)


@cache
def _cipher(header: bytes, field_class: str) -> AESGCM | ChaCha20Poly1305:
    if len(header) != 2:
        raise ValueError("no header")
    suite = Suite(header[0])
    use = "encrypt" if suite is Suite.AES_256_GCM else f"encrypt-{suite.value}"
    return _CIPHER[suite](_derived(header[1], use, field_class))
