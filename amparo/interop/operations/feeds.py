"""What a programme's system tells of whom it pays: delivered row by row or many at once, and what became of it.

The rows are the file's (`feeds.toml`), and so is the receipt. A worker takes them in; whatever the order, the later day counts.
"""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from ninja import Path
from pydantic import StringConstraints

from amparo.interop.bodies import JSON, LINES, parsed, parsed_lines
from amparo.interop.declaring import Asks, operation
from amparo.interop.grounds import by_code
from amparo.interop.repeating import IdempotencyKey, done_once
from amparo.interop.schemas import Code, FeedDelivered, FeedDelivery
from amparo.kernel import clock
from amparo.kernel.errors import NotFound, NotPermitted, Refused
from amparo.profiles.country import country
from amparo.programmes import actions, queries, tasks
from amparo.programmes.feeds.mapping import FeedConfig
from amparo.programmes.feeds.posted import MOST, checked
from amparo.registry.queries import dictionary
from amparo.trust.actions.exchanging import Sent, receive_records
from amparo.trust.covering import Direction
from amparo.trust.machines.replies import Reply

Day = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
_VALUE = {"anyOf": [{"type": each} for each in ("string", "number", "boolean", "null")]}
_ROW = {"type": "object", "additionalProperties": _VALUE}
_BODY = {"anyOf": [_ROW, {"type": "array", "items": _ROW, "minItems": 1, "maxItems": MOST}]}


@operation(
    "POST",
    "v1/agreements/{code}/feeds/{feed}/days/{day}",
    asks=Asks.AGREEMENT,
    named=by_code,
    answers={202: FeedDelivery},
    takes=(JSON, LINES),
    also=(409,),
    summary="Deliver what a programme's system tells as of a day",
    openapi_extra={"requestBody": {"required": True, "content": {JSON: {"schema": _BODY}}}},
)
def deliver_feed(
    request: HttpRequest, code: Path[Code], feed: Path[Code], day: Path[Day], idempotency_key: IdempotencyKey
) -> Any:
    """One record, a list of them, or one on each line (`application/x-ndjson`). Members are the columns of the system's file.

    What is wrong with one row sets that row aside, and the receipt says so; a member that the country's profile does not name
    refuses the delivery whole.
    """
    row, by = request.agreement, request.by

    def act() -> Reply:
        config = _feed_under(row, feed)
        rows = checked(config, _sent(request))
        under = receive_records(row.id, _told_by(config, len(rows)), by=by, on=clock.today())
        made = actions.post_feed(config, rows, day=_date(day), by=by, under=under)
        tasks.take_post.defer(post_id=str(made.id))
        return Reply(
            202, {"delivery": str(made.id), "feed": config.code, "day": day, "state": "waiting", "rows": len(rows)}
        )

    return done_once(request, idempotency_key, act)


@operation(
    "GET",
    "v1/agreements/{code}/deliveries/{delivery}",
    asks=Asks.AGREEMENT,
    named=by_code,
    answers={200: FeedDelivered},
    summary="What became of a delivery",
)
def feed_delivery(request: HttpRequest, code: Path[Code], delivery: Path[UUID]) -> Any:
    """The receipt once it was taken in: rows accepted and set aside with lines and reasons, and the sum of each currency."""
    found = queries.feed_post(delivery, organisation=request.auth.organisation, agreement=request.agreement.code)
    return {
        "delivery": found.id,
        "feed": found.feed,
        "day": found.day,
        "state": found.state.value,
        "rows": found.rows,
        "receipt": found.receipt,
        "refused": found.refusal["id"] if found.refusal else None,
        "rejected": [{"line": line, "reasons": reasons} for line, reasons in found.rejected],
    }


def _feed_under(row: Any, code: str) -> FeedConfig:
    """Return the system of this name that delivers under an agreement. Another agreement's does not exist."""
    if row.direction != Direction.IN:
        raise NotPermitted("trust-agreement-of-others", agreement=row.code)
    for each in country(settings.PROFILE).feeds:
        if each.code == code and each.agreement == row.code:
            return each
    raise NotFound("interop-feed-unknown", agreement=row.code)


def _told_by(feed: FeedConfig, records: int) -> Sent:
    """Return what of people the rows of a system tell, in the country's own words."""
    words = dictionary()
    known = (
        words.with_role("person", word) for word in ("given_name", "family_name", "birth_date") if word in feed.columns
    )
    fixed = feed.fixed.get("identifier_scheme")
    schemes = [fixed] if fixed else [each.scheme for each in words.schemes]
    return Sent(
        fields=[("person", each.name) for each in known if each],
        identifiers=schemes if "identifier" in feed.columns else [],
        programmes=feed.schemes,
        records=records,
    )


def _sent(request: HttpRequest) -> Any:
    """Return what was sent: JSON, or a record on each line; empty lines say nothing."""
    return parsed_lines(request.body) if request.content_type == LINES else parsed(request.body)


def _date(day: str) -> date:
    try:
        return date.fromisoformat(day)
    except ValueError:
        raise Refused("interop-day-wrong") from None
