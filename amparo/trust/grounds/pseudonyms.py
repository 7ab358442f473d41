"""The names by which a partner knows persons and households: its own, and nobody else's.

Shape   22 letters and digits of base64url: an HMAC of the record's id, under a key that is the partner's alone
Errors  a key that does not open is refused
Source  RFC 2104 (HMAC)

The key is drawn once and kept sealed in the partner's row. So a pseudonym stays the same when master keys change, two
partners cannot join what they hold, and without the key nobody can tell whom a pseudonym is of.
"""

import hmac
import os
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from uuid import UUID

from amparo.trust.keys import encryption
from amparo.trust.keys.keyring import sealing
from amparo.trust.keys.sealed import SealedColumn

FIELD_CLASS = "identity"
SEALED = (
    SealedColumn("trust_organisation", "pseudonym_key", FIELD_CLASS, place="'trust_organisation.pseudonym_key:' || id"),
)
_BYTES = 16


def sealed_key(organisation: UUID, *, using: str) -> bytes:
    """Return a new key, sealed for the organisation's row."""
    return encryption.encrypt(FIELD_CLASS, os.urandom(32), _place(organisation), key=sealing(using=using))


def pseudonyms(ids: Iterable[UUID], *, organisation: UUID, sealed: bytes) -> dict[UUID, str]:
    """Return id → pseudonym, under the key of an organisation as its row keeps it."""
    key = encryption.decrypt(FIELD_CLASS, sealed, _place(organisation))
    return {each: _letters(hmac.digest(key, each.bytes, "sha256")) for each in ids}


def _letters(digest: bytes) -> str:
    return urlsafe_b64encode(digest[:_BYTES]).decode().rstrip("=")


def _place(organisation: UUID) -> bytes:
    return f"trust_organisation.pseudonym_key:{organisation}".encode()
