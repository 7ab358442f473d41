"""What a connection by REST may be set, and what is wrong with it.

`address`   where to ask; `{number}` stands for the person's number, in the path or the query
`method`    GET, or POST with a JSON `body`: JSON pointer → text, in which `{number}` stands for the number
`header`    name of the header that holds the number, where it goes there
`secret`    name of a file of the key folder with what is sent as `Authorization: Bearer …`
`echo`      JSON pointer to the number in the answer: it must be the one that was asked about
`as_of`     JSON pointer to the day that the answer speaks of
`expects`   JSON pointer → text that must stand there: version, currency, unit
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from amparo.kernel.errors import Refused
from amparo.sources.types import Attribute
from amparo.trust.calling_out import place_of

KEYS = ("address", "method", "body", "header", "secret", "echo", "as_of", "expects")
POINTER = re.compile(r"(/([^/~]|~[01])*)+")
NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}")
NUMBER = "{number}"


def wrong_with(settings: Mapping[str, Any], attributes: Sequence[Attribute]) -> list[tuple[str, str]]:
    """Return (key, an example of what it may be) of each setting that is none."""
    wrong = [(key, ", ".join(KEYS)) for key in settings if key not in KEYS]
    wrong += [("address", "https://tax.example/persons/{number}")] * (not _is_address(settings.get("address")))
    wrong += [("method", "GET, POST")] * (settings.get("method", "GET") not in ("GET", "POST"))
    wrong += [("echo", "/person/number")] * (not _is_pointer(settings.get("echo")))
    wrong += [("as_of", "/as_of")] * ("as_of" in settings and not _is_pointer(settings["as_of"]))
    names = (("header", "Person-Number"), ("secret", "tax-authority"))
    wrong += [(key, example) for key, example in names if key in settings and not _is_name(settings[key])]
    wrong += [(key, '"/person/id" = "{number}"') for key in ("body", "expects") if not _is_table(settings.get(key, {}))]
    wrong += [("at", "/income/wage") for each in attributes if not _is_pointer(each.at)]
    says_whom = NUMBER in str(settings.get("address")) or "header" in settings or NUMBER in str(settings.get("body"))
    return wrong + [("address", "https://tax.example/persons/{number}")] * (not says_whom)


def _is_address(given: Any) -> bool:
    """Whether an address is one that may be called, and the number can change no more of it than path or query."""
    try:
        place = place_of(str(given).replace(NUMBER, "0"))
        return place == place_of(str(given).replace(NUMBER, "1"))
    except Refused:
        return False


def _is_pointer(given: Any) -> bool:
    return isinstance(given, str) and POINTER.fullmatch(given) is not None


def _is_name(given: Any) -> bool:
    return isinstance(given, str) and NAME.fullmatch(given) is not None


def _is_table(given: Any) -> bool:
    return isinstance(given, Mapping) and all(_is_pointer(at) and isinstance(text, str) for at, text in given.items())
