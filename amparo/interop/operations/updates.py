"""What happened to somebody, told by another institution as it happens: a signed webhook."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path
from pydantic import StringConstraints

from amparo.interop import telling
from amparo.interop.bodies import JSON, parsed
from amparo.interop.declaring import Asks, operation
from amparo.interop.schemas import UpdatesReceived
from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.sources.types import Road, UpdateReason
from amparo.sources.updates import webhooks
from amparo.sources.updates.reading import Unread, each_read, listed

Source = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,64}$")]
_BODY = {"required": True, "content": {JSON: {"schema": {"type": "object"}}}}


@operation(
    "POST",
    "v1/sources/{source}/updates",
    asks=Asks.SIGNED,
    answers={202: UpdatesReceived},
    takes=(JSON,),
    summary="Tell what happened to somebody",
    openapi_extra={"requestBody": _BODY},
)
def tell_updates(request: HttpRequest, source: Path[Source]) -> Any:
    """Signed as Standard Webhooks has it (`webhook-id`, `webhook-timestamp`, `webhook-signature`), five minutes old at most.

    Members are what the country's profile agreed on with the source. What was taken before is taken again as nothing.
    """
    begun = telling.now()
    config = telling.source_of(source, Road.WEBHOOK, asked="api-tell_updates")
    assert config.updates is not None
    try:
        webhooks.expect_signed(request.headers, request.body, config.updates.settings, now=clock.now())
        found = listed(_object(parsed(request.body)), config.updates.settings)
    except Refused:
        telling.refused(config, Unread(UpdateReason.MALFORMED))
        raise
    except Unread as unread:
        telling.refused(config, unread)
        raise Refused("interop-body-unreadable") from None
    unread = telling.taken(each_read(found, config.source, config.updates), config, begun=begun)
    return 202, {"received": len(found), "unread": [{"at": at, "reason": why.value} for at, why in unread]}


def _object(document: Any) -> dict[str, Any]:
    if not isinstance(document, dict):
        raise Unread(UpdateReason.MALFORMED)
    return document
