"""What a connection by the DCI standard may be set, and what is wrong with it.

`address`           of the synchronous search, `https://…/registry/sync/search`
`sender`, `receiver`  what we and the institution are called in messages
`identifier`        its name for the type of number that we ask by
`registry`, `record`  its names for its registry's type (`ns:org:RegistryType:Civil`), and for the records that are wanted: Person or Member
`signs`             how both sign: `http-signature`, `detached-jws` or `attached-jws`
`keys`              the institution's public keys, as JWK. An answer that none of them signed is not believed
`secret`            name of a file of the key folder with what is sent as `Authorization: Bearer …`
`together`          how many persons are asked about in one message at most, 20 where left out; 1 for who answers one search alone
`as_of`             path of the day that a record speaks of
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from amparo.dci.codes import RecordType
from amparo.dci.signing import Profile
from amparo.kernel.errors import Refused
from amparo.sources.connectors.rest.settings import NAME
from amparo.sources.types import Attribute
from amparo.trust.calling_out import place_of

KEYS = (
    "address",
    "sender",
    "receiver",
    "identifier",
    "registry",
    "record",
    "signs",
    "keys",
    "secret",
    "as_of",
    "together",
)
PATH = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.([A-Za-z_][A-Za-z0-9_]*|[0-9]{1,3}))*")
WORD = re.compile(r"[\x21-\x7e]{1,99}")


def wrong_with(settings: Mapping[str, Any], attributes: Sequence[Attribute]) -> list[tuple[str, str]]:
    """Return (key, an example of what it may be) of each setting that is none."""
    wrong = [(key, ", ".join(KEYS)) for key in settings if key not in KEYS]
    wrong += [("address", "https://civil.example/dci/v1/registry/sync/search")] * (not _is_address(settings))
    words = (("sender", "sr.example"), ("receiver", "civil.example"), ("identifier", "UIN"), ("registry", "Civil"))
    wrong += [(key, example) for key, example in words if not _is(WORD, settings.get(key))]
    wrong += [("record", "Person, Member")] * (settings.get("record") not in (RecordType.PERSON, RecordType.MEMBER))
    wrong += [("signs", ", ".join(Profile))] * (settings.get("signs") not in list(Profile))
    wrong += [("keys", '{ kty = "OKP", crv = "Ed25519", kid = "…", x = "…" }')] * (not _are_keys(settings.get("keys")))
    wrong += [("secret", "civil")] * ("secret" in settings and not _is(NAME, settings["secret"]))
    wrong += [("together", "20 (1 to 100)")] * (not _is_few(settings.get("together", 1)))
    wrong += [("as_of", "last_updated")] * ("as_of" in settings and not _is(PATH, settings["as_of"]))
    return wrong + [("at", "demographic_info.sex") for each in attributes if not _is(PATH, each.at)]


def _is_few(given: Any) -> bool:
    return isinstance(given, int) and not isinstance(given, bool) and 1 <= given <= 100


def _is_address(settings: Mapping[str, Any]) -> bool:
    try:
        return bool(place_of(settings.get("address", "")))
    except Refused:
        return False


def _are_keys(given: Any) -> bool:
    return isinstance(given, list) and bool(given) and all(isinstance(each, dict) and "kid" in each for each in given)


def _is(form: re.Pattern[str], given: Any) -> bool:
    return isinstance(given, str) and form.fullmatch(given) is not None
