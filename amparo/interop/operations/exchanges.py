"""An exchange: begun once, read page by page, each page asked of the agreement as it stands at that moment."""

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Path, Query
from pydantic import StringConstraints

from amparo.interop import cursors
from amparo.interop.bodies import JSON
from amparo.interop.cursors import Cursor
from amparo.interop.declaring import Asks, operation
from amparo.interop.grounds import by_code, by_exchange
from amparo.interop.repeating import IdempotencyKey, done_once
from amparo.interop.schemas import Asked, Begun, Code, Page
from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.profiles import lendable
from amparo.programmes.lent import share
from amparo.trust.actions.exchanging import MOST_ON_A_PAGE, begin_exchange
from amparo.trust.covering import Direction, Range, Request
from amparo.trust.grounds.agreements import ranges_of, request_of, terms_of
from amparo.trust.machines.replies import Reply

Opaque = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,400}$")]
Most = Annotated[int, Query(ge=1, le=MOST_ON_A_PAGE, description="How many records the page may hold.")]
NOWHERE: Range = (-1, -1)  # what an area that the agreement does not name is asked as: nothing covers it


@operation(
    "POST",
    "v1/agreements/{code}/exchanges",
    asks=Asks.AGREEMENT,
    named=by_code,
    answers={201: Begun},
    takes=(JSON,),
    also=(409,),
    summary="Begin an exchange",
)
def begin(request: HttpRequest, code: Path[Code], idempotency_key: IdempotencyKey, asked: Asked) -> Any:
    """Counts as one of the exchanges that the agreement lets begin. Its pages can be read until the end of this day (UTC)."""
    row, by, wanted = request.agreement, request.by, _request(request.agreement, asked)

    def act() -> Reply:
        return Reply(201, _begun(begin_exchange(row.id, wanted, by=by, on=clock.today()), row, asked.about))

    return done_once(request, idempotency_key, act)


def _begun(begun: Any, row: Any, about: str) -> dict[str, Any]:
    return {
        "exchange": str(begun.id),
        "agreement": row.code,
        "version": row.version,
        "day": begun.on.isoformat(),
        "next": cursors.sealed(Cursor(about), exchange=begun.id),
    }


def _request(row: Any, asked: Asked) -> Request:
    """Return what is asked as the agreement knows it. What is left out is all that it covers."""
    if asked.about == "household" and any(not each.startswith("household.") for each in asked.fields):
        raise Refused("registry-not-about", about=asked.about)
    if others := [each for each in asked.fields if each.partition(".")[0] in lendable.WORDS]:
        raise Refused("registry-field-not-lent", field=others[0])
    terms = terms_of(row)
    return Request(
        consumer=row.consumer.code,
        direction=Direction(row.direction),
        purpose=asked.purpose,
        fields=tuple(tuple(each.rsplit(".", 1)) for each in asked.fields),
        areas=_ranges(terms.areas if asked.areas is None else tuple(asked.areas), terms.areas),
        records=1,
        programme=terms.programme,
        identifiers=tuple(asked.identifiers),
    )


def _ranges(codes: tuple[str, ...], known: tuple[str, ...]) -> tuple[Range, ...]:
    return ranges_of(codes) if set(codes) <= set(known) else (NOWHERE,)


@operation(
    "GET",
    "v1/exchanges/{exchange}/records",
    asks=Asks.AGREEMENT,
    named=by_exchange,
    answers={200: Page},
    summary="Read a page of an exchange",
)
def records(request: HttpRequest, exchange: Path[UUID], after: Query[Opaque], most: Most = 1000) -> Any:
    """Each reading counts against the volume, also of a page that was read before: what is read twice goes out twice."""
    cursor = cursors.opened(after, exchange=exchange)
    page = share(
        request.agreement.id,
        request_of(request.exchange, records=most),
        about=cursor.about,
        by=request.by,
        on=clock.today(),
        exchange=exchange,
        after=cursor.after,
    )
    following = cursors.sealed(Cursor(cursor.about, page.after), exchange=exchange) if page.after else None
    return {"exchange": exchange, "records": [_record(each) for each in page.records], "next": following}


def _record(each: Any) -> dict[str, Any]:
    fields = {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in each.fields.items()}
    return {"pseudonym": each.pseudonym, "fields": fields, "identifiers": dict(each.identifiers)}
