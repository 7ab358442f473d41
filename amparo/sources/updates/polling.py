"""Asks a source that cannot push what changed since it was asked last.

Shape   where to go on in; what each update says, or why it says nothing, and where to go on next, out
Errors  Unread where the answer cannot be read; a `Reason` where there is none
"""

from urllib.parse import quote

from amparo.sources.connectors.calling import bearer, called, document
from amparo.sources.connectors.pointers import at
from amparo.sources.types import ConnectionConfig, Question, Reason, Update, UpdateReason
from amparo.sources.updates.reading import LONGEST, Unread, each_read, listed
from amparo.sources.updates.settings import SINCE

Page = tuple[list[Update | Unread], str]


def changes(config: ConnectionConfig, since: str) -> Page | Reason:
    """Ask once."""
    assert config.updates is not None
    settings = config.updates.settings
    address = settings["address"].replace(SINCE, quote(since, safe=""))
    body = called(address, Question("", seconds=config.seconds), headers=bearer(settings))
    if isinstance(body, Reason):
        return body
    try:
        said = document(body)
    except ValueError:
        raise Unread(UpdateReason.MALFORMED) from None
    onward = at(said, settings["next"])
    if isinstance(onward, bool) or not isinstance(onward, str | int) or len(str(onward)) > LONGEST:
        raise Unread(UpdateReason.MALFORMED)
    return list(each_read(listed(said, settings), config.source, config.updates)), str(onward)
