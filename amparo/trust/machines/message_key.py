"""The key that signs what the machines' door answers: in the key folder, readable by its owner only, one for the installation."""

import os
import secrets
from functools import cache
from pathlib import Path

from django.conf import settings
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from amparo.kernel.errors import NotServed

FILE = "messages.key"


def message_key() -> OKPKey:
    """Return the key, made when it is first needed. Raises NotServed where there is one and it cannot be read."""
    return _key(str(Path(settings.KEY_FOLDER) / FILE))


@cache
def _key(path: str) -> OKPKey:
    try:
        if not os.path.exists(path):
            _make(path)
        key = OKPKey.import_key(Path(path).read_bytes())
        return OKPKey.import_key(key.as_dict(private=True) | {"kid": key.thumbprint()})
    except (OSError, JoseError, ValueError):
        raise NotServed("trust-message-key-missing", file=FILE) from None


def _make(path: str) -> None:
    """Write a new key; whoever comes second keeps what the first one wrote."""
    draft = f"{path}.{secrets.token_hex(4)}"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(OKPKey.generate_key("Ed25519").as_pem(private=True))
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(draft)
