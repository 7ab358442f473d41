"""What may be set of the roads by which updates come in, and what is wrong with it.

By webhook and poll:
`id`, `at`, `kind`, `number`  JSON pointers in one update: its own id, when it happened, what, and to whom
`list`      JSON pointer to the list of updates in a message; without it a message is one
`keys`      webhook: the source's public keys, as JWK of Ed25519; `secret`: name of a file of the key folder with what is shared
`address`   poll: where to ask; `{since}` stands for where the last answer said to go on
`next`      poll: JSON pointer to where to go on

By notify, which is believed by the settings of the connection by DCI:
`id`, `at`  paths in a record; without them reference and timestamp of the event count
"""

from collections.abc import Iterator, Mapping
from typing import Any

from amparo.kernel.errors import Refused
from amparo.sources.connectors.dci.settings import PATH
from amparo.sources.connectors.rest.settings import NAME, POINTER
from amparo.sources.types import ConnectionConfig, Road
from amparo.trust.calling_out import place_of

SINCE = "{since}"
_POINTERS = ("id", "at", "kind", "number")
KEYS = {
    Road.NOTIFY: ("id", "at"),
    Road.WEBHOOK: (*_POINTERS, "list", "keys", "secret"),
    Road.POLL: (*_POINTERS, "list", "address", "next", "secret"),
}
Wrong = tuple[str, str]


def wrong_with(config: ConnectionConfig) -> Iterator[Wrong]:
    """Yield (key, an example of what it may be) of each setting of the updates that is none."""
    assert config.updates is not None
    road, settings = config.updates.road, config.updates.settings
    yield from ((key, ", ".join(KEYS[road])) for key in settings if key not in KEYS[road])
    if road is Road.NOTIFY:
        if config.connector != "dci":
            yield "road", "webhook, poll"
        yield from ((key, "vital_event.id") for key in KEYS[road] if key in settings and not _is(PATH, settings[key]))
        yield from (("at", "marital_status") for one in _places(config) if not _is(PATH, one))
        return
    needed = (*_POINTERS, *(("list", "next") if road is Road.POLL else ("list",) if "list" in settings else ()))
    yield from ((key, f"/{key}") for key in needed if not _is(POINTER, settings.get(key)))
    yield from (("at", "/person/status") for one in _places(config) if not _is(POINTER, one))
    yield from _poll(settings) if road is Road.POLL else _webhook(settings)


def _places(config: ConnectionConfig) -> list[str]:
    return [one.at for each in config.updates.kinds for one in each.attributes] if config.updates else []


def _webhook(settings: Mapping[str, Any]) -> Iterator[Wrong]:
    if ("keys" in settings) == ("secret" in settings):
        yield "keys, secret", '{ kty = "OKP", crv = "Ed25519", kid = "…", x = "…" }'
    elif "keys" in settings and not _are_keys(settings["keys"]):
        yield "keys", '{ kty = "OKP", crv = "Ed25519", kid = "…", x = "…" }'
    elif "secret" in settings and not _is(NAME, settings["secret"]):
        yield "secret", "civil-events"


def _are_keys(given: Any) -> bool:
    return (
        isinstance(given, list)
        and bool(given)
        and all(isinstance(each, dict) and each.get("crv") == "Ed25519" and "x" in each for each in given)
    )


def _poll(settings: Mapping[str, Any]) -> Iterator[Wrong]:
    if not _is_address(settings.get("address")):
        yield "address", "https://civil.example/changes?since={since}"
    if "secret" in settings and not _is(NAME, settings["secret"]):
        yield "secret", "civil"


def _is_address(given: Any) -> bool:
    try:
        place = place_of(str(given).replace(SINCE, "0"))
        return SINCE in str(given) and place == place_of(str(given).replace(SINCE, "1"))
    except Refused:
        return False


def _is(form: Any, given: Any) -> bool:
    return isinstance(given, str) and form.fullmatch(given) is not None
