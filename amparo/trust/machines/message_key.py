"""The keys of the machines' door: the one that signs what it answers, and the one that messages to it are encrypted for.

In the key folder, readable by their owner only, one of each for the installation.
"""

import os
import secrets
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey, RSAKey

from amparo.kernel.errors import NotServed

FILE, SEALING_FILE = "messages.key", "messages-sealing.key"
SEALING_BITS = 3072


def message_key() -> OKPKey:
    """Return the key that signs, made when it is first needed. Raises NotServed where there is one and it cannot be read."""
    return _key(str(Path(settings.KEY_FOLDER) / FILE), OKPKey, "Ed25519")


def public_message_key() -> dict[str, Any]:
    """Return its public half, as it is kept with what it signed."""
    return message_key().as_dict(private=False)


def sealing_key() -> RSAKey:
    """Return the key that opens what was encrypted for us, made when it is first needed. Raises as `message_key`."""
    return _key(str(Path(settings.KEY_FOLDER) / SEALING_FILE), RSAKey, SEALING_BITS)


@cache
def _key(path: str, kind: type[OKPKey] | type[RSAKey], size: str | int) -> OKPKey | RSAKey:
    try:
        if not os.path.exists(path):
            _make(path, kind.generate_key(size).as_pem(private=True))
        key = kind.import_key(Path(path).read_bytes())
        return kind.import_key(key.as_dict(private=True) | {"kid": key.thumbprint()})
    except (OSError, JoseError, ValueError):
        raise NotServed("trust-message-key-missing", file=Path(path).name) from None


def _make(path: str, pem: bytes) -> None:
    """Write a new key; whoever comes second keeps what the first one wrote."""
    draft = f"{path}.{secrets.token_hex(4)}"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(draft)
