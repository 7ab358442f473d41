"""Where a partner goes on reading: sealed, because the places in our tables tell where people live and who came together.

Errors  Refused for one that was made for another exchange, or not by us
"""

import base64
import json
import os
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.utils.crypto import salted_hmac

from amparo.kernel.errors import Refused

_NONCE = 12


@dataclass(frozen=True)
class Cursor:
    """What the next page is about, and after which place of our tables it begins; None: at the beginning."""

    about: str
    after: tuple[Any, ...] | None = None


def sealed(cursor: Cursor, *, exchange: UUID) -> str:
    """Return a place as text. `exchange`: of which it is; of what is read without one, the agreement's version."""
    nonce = os.urandom(_NONCE)
    said = json.dumps([cursor.about, cursor.after]).encode()
    return base64.urlsafe_b64encode(nonce + _cipher().encrypt(nonce, said, exchange.bytes)).decode().rstrip("=")


def opened(text: str, *, exchange: UUID) -> Cursor:
    try:
        held = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        about, after = json.loads(_cipher().decrypt(held[:_NONCE], held[_NONCE:], exchange.bytes))
    except (InvalidTag, ValueError):
        raise Refused("interop-cursor-unknown") from None
    return Cursor(about, tuple(after) if after else None)


def _cipher() -> AESGCM:
    return AESGCM(salted_hmac("amparo.interop.cursor", "", algorithm="sha256").digest())
