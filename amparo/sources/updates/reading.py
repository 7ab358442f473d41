"""Makes an update of what a source sent, or says why there is none.

Shape   one object of JSON in; who, what, when and the new values as they stand there, out
Units   an instant with its offset, or a day, which begins at midnight UTC
Nulls   a place that is missing is no value, which `typed` tells from null
Errors  Unread, with the reason, and the digest of the update's id where that could be read
Source  RFC 3339 (instants), RFC 6901 (pointers)
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from hashlib import sha256
from typing import Any

from amparo.registry.schemes import normalised_identifier
from amparo.sources.connectors.pointers import MISSING, at
from amparo.sources.types import Update, UpdateConfig, UpdateReason

MOST = 500  # of one message
LONGEST = 500  # signs of an id
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)


class Unread(Exception):
    """What was sent is no update that can be believed."""

    def __init__(self, reason: UpdateReason, told: str = "") -> None:
        self.reason, self.told = reason, told
        super().__init__(reason.value)


def digest(source: str, id: str) -> str:
    """Return what is kept of a source's own id of an update: nobody knows what an institution writes into its ids."""
    return sha256(f"{source}\0{id}".encode()).hexdigest()


def listed(document: Mapping[str, Any], settings: Mapping[str, Any]) -> list[Any]:
    """Return the updates of a message: those in its list, or the message itself where no list was agreed. Raises Unread."""
    if "list" not in settings:
        return [document]
    found = at(document, settings["list"])
    if not isinstance(found, list) or len(found) > MOST:
        raise Unread(UpdateReason.MALFORMED)
    return found


def read(document: Any, source: str, config: UpdateConfig) -> Update:
    """Return what one object says. Raises Unread."""
    id = _text(at(document, config.settings["id"]))
    if not id:
        raise Unread(UpdateReason.MALFORMED)
    told = digest(source, id)
    name, number = (_text(at(document, config.settings[each])) for each in ("kind", "number"))
    kind = config.kind(name) if name else None
    if name and kind is None:
        raise Unread(UpdateReason.KIND, told)
    happened = instant(at(document, config.settings["at"]))
    if kind is None or not number or happened is None:
        raise Unread(UpdateReason.MALFORMED, told)
    found = {each.name: at(document, each.at) for each in kind.attributes}
    values = {name: each for name, each in found.items() if each is not MISSING}
    return Update(id, kind.name, happened, normalised_identifier(number), values)


def each_read(documents: list[Any], source: str, config: UpdateConfig) -> Iterator[Update | Unread]:
    """Yield what each object says, or why it says nothing; one does not hide the next."""
    for document in documents:
        try:
            yield read(document, source, config)
        except Unread as unread:
            yield unread


def instant(written: Any) -> datetime | None:
    """Return when something happened; None for what says no time, or one that readers understand differently."""
    if not isinstance(written, str):
        return None
    try:
        if _DAY.fullmatch(written):
            return datetime.combine(date.fromisoformat(written), time(), UTC)
        return datetime.fromisoformat(written).astimezone(UTC) if _INSTANT.fullmatch(written) else None
    except (ValueError, OverflowError):
        return None


def _text(said: Any) -> str:
    """Return a text or whole number as text; "" for all else."""
    if isinstance(said, bool) or not isinstance(said, str | int):
        return ""
    return found if (found := str(said).strip()) and len(found) <= LONGEST and found.isprintable() else ""
