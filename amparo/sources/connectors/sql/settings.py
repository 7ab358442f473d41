"""What a connection by SQL may be set, and what is wrong with it. No statement stands in settings: only names.

`secret`         name of a file of the key folder with the address of the database and the account that may read it
`table`, `key`   the table or view, by its schema or without, and its column of numbers
`as_of`          column of the day that a row speaks of
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from amparo.sources.connectors.rest.settings import NAME as SECRET
from amparo.sources.types import Attribute

KEYS = ("secret", "table", "key", "as_of")
COLUMN = re.compile(r"[a-z_][a-z0-9_]{0,62}")
TABLE = re.compile(r"([a-z_][a-z0-9_]{0,62}\.)?[a-z_][a-z0-9_]{0,62}")


def wrong_with(settings: Mapping[str, Any], attributes: Sequence[Attribute]) -> list[tuple[str, str]]:
    """Return (key, an example of what it may be) of each setting that is none."""
    wrong = [(key, ", ".join(KEYS)) for key in settings if key not in KEYS]
    asked = (("secret", SECRET, "land-registry"), ("table", TABLE, "land.owners"), ("key", COLUMN, "national_id"))
    wrong += [(key, example) for key, form, example in asked if not _is(form, settings.get(key))]
    wrong += [("as_of", "updated_on")] * ("as_of" in settings and not _is(COLUMN, settings["as_of"]))
    return wrong + [("at", "hectares") for each in attributes if not _is(COLUMN, each.at)]


def _is(form: re.Pattern[str], given: Any) -> bool:
    return isinstance(given, str) and form.fullmatch(given) is not None
