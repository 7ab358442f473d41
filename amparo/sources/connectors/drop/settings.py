"""What a connection by files may be set, and what is wrong with it.

`folder`      name of the institution's folder in the operator's folder of drops (`AMPARO_DROPS`)
`public_key`  the institution's Ed25519 key, 32 bytes in base64url: what it signs its manifests with
`key`         column of the people's numbers
"""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from amparo.sources.connectors.rest.settings import NAME
from amparo.sources.types import Attribute

KEYS = ("folder", "public_key", "key")
COLUMN = re.compile(r"[^\W\d][\w ]{0,62}")


def wrong_with(settings: Mapping[str, Any], attributes: Sequence[Attribute]) -> list[tuple[str, str]]:
    """Return (key, an example of what it may be) of each setting that is none."""
    wrong = [(key, ", ".join(KEYS)) for key in settings if key not in KEYS]
    wrong += [("folder", "land-registry")] * (not _is(NAME, settings.get("folder")))
    wrong += [("key", "national_id")] * (not _is(COLUMN, settings.get("key")))
    wrong += [("public_key", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")] * (public_key(settings) is None)
    return wrong + [("at", "hectares") for each in attributes if not _is(COLUMN, each.at)]


def public_key(settings: Mapping[str, Any]) -> Ed25519PublicKey | None:
    """Return the key that manifests are signed with; None where what is set is none."""
    given = settings.get("public_key")
    try:
        return Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(f"{given}=")) if _is_text(given) else None
    except (binascii.Error, ValueError):
        return None


def _is_text(given: Any) -> bool:
    return isinstance(given, str) and given.isascii()


def _is(form: re.Pattern[str], given: Any) -> bool:
    return isinstance(given, str) and form.fullmatch(given) is not None
