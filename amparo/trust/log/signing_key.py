"""The key that signs the audit log's seals: in the key folder, outside the database, readable by its owner only.

Beside it lie the public keys, this one's and those before it, by which anybody can check what was signed.
"""

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from django.conf import settings

from amparo.kernel.errors import Refused

PRIVATE, PUBLIC = "audit.key", "audit.pub"


def signing_key() -> Ed25519PrivateKey:
    """Return the key. Raises Refused where it is missing or damaged: none is made in its stead."""
    try:
        key = load_pem_private_key(_folder().joinpath(PRIVATE).read_bytes(), password=None)
    except (OSError, ValueError):
        raise Refused("trust-audit-key-missing", file=PRIVATE) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise Refused("trust-audit-key-missing", file=PRIVATE)
    return key


def make_signing_key() -> Ed25519PrivateKey:
    """Make a new key in place of the one that was, and add its public half to those that are known."""
    key, folder = Ed25519PrivateKey.generate(), _folder()
    added = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    with os.fdopen(os.open(folder / PUBLIC, added, 0o600), "ab") as file:
        file.write(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
        os.fsync(file.fileno())
    draft = folder / f"{PRIVATE}.new"
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        os.fsync(file.fileno())
    draft.rename(folder / PRIVATE)
    return key


def has_signing_key() -> bool:
    return _folder().joinpath(PRIVATE).exists()


def public_key_file() -> Path:
    return _folder() / PUBLIC


def _folder() -> Path:
    return Path(settings.KEY_FOLDER)
