"""Who takes part in a programme, and what its lists pay: for the programme's own system, page by page or all of it in lines."""

from collections.abc import Callable, Iterable
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Query
from ninja import Schema as Shape
from pydantic import StringConstraints

from amparo.interop import cursors
from amparo.interop.bodies import LINES
from amparo.interop.cursors import Cursor
from amparo.interop.declaring import Asks, operation
from amparo.interop.grounds import about_a_programme, asked_of_all, by_code, listed
from amparo.interop.lines import are_wanted, in_lines, pages_of
from amparo.interop.operations.exchanges import Most, Opaque
from amparo.interop.schemas import Code, EnrolmentPage, LentEnrolment, LentPayment, PaymentPage
from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.payments.lent import payments
from amparo.payments.lent_words import PAYMENT
from amparo.programmes.lent_enrolments import enrolments
from amparo.programmes.lent_words import ENROLMENT

CycleName = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]
Read = Callable[[Any], tuple[Iterable[dict[str, Any]], Any]]


def _also_in_lines(shape: type[Shape]) -> dict[str, Any]:
    schema = shape.model_json_schema()
    return {"responses": {200: {"content": {LINES: {"schema": schema}}}}}


@operation(
    "GET",
    "v1/agreements/{code}/enrolments",
    asks=Asks.AGREEMENT,
    named=by_code,
    answers={200: EnrolmentPage},
    summary="Who takes part in the agreement's programme",
    openapi_extra=_also_in_lines(LentEnrolment),
)
def programme_enrolments(
    request: HttpRequest, code: Path[Code], purpose: Query[Code], after: Query[Opaque | None] = None, most: Most = 1000
) -> Any:
    """With what the agreement lists of `enrolment`. Where that is not the state, only who takes part now is told of.

    Ask with `Accept: application/x-ndjson` for all of it, a record on each line, and a last line with `end`.
    """
    row = about_a_programme(request)
    wanted = asked_of_all(row, listed(row, ENROLMENT), purpose=purpose, records=most)

    def read(at: Any) -> tuple[Iterable[dict[str, Any]], Any]:
        page = enrolments(row.id, wanted, by=request.by, on=clock.today(), after=at)
        return map(vars, page.records), page.after

    return _answered(request, read, after, about="enrolments", of=LentEnrolment, named={})


@operation(
    "GET",
    "v1/agreements/{code}/payments/{cycle}",
    asks=Asks.AGREEMENT,
    named=by_code,
    answers={200: PaymentPage},
    summary="What a cycle of the agreement's programme pays",
    openapi_extra=_also_in_lines(LentPayment),
)
def programme_payments(
    request: HttpRequest,
    code: Path[Code],
    cycle: Path[CycleName],
    purpose: Query[Code],
    after: Query[Opaque | None] = None,
    most: Most = 1000,
) -> Any:
    """Of lists that were approved, with what the agreement lists of `payment`; never where anything is paid to.

    Ask with `Accept: application/x-ndjson` for all of it, a record on each line, and a last line with `end`.
    """
    row = about_a_programme(request)
    wanted = asked_of_all(row, listed(row, PAYMENT), purpose=purpose, records=most)

    def read(at: Any) -> tuple[Iterable[dict[str, Any]], Any]:
        page = payments(row.id, wanted, cycle, by=request.by, on=clock.today(), after=at or "")
        return map(vars, page.records), page.after

    return _answered(request, read, after, about=f"payments {cycle}", of=LentPayment, named={"cycle": cycle})


def _answered(
    request: HttpRequest, read: Read, after: str | None, *, about: str, of: type[Shape], named: dict[str, str]
) -> Any:
    """Return one page, or in lines every page from a place on."""
    row = request.agreement
    place = _place(after, row, about)
    if are_wanted(request):
        return in_lines(request, pages_of(read, place), of=of)
    records, following = read(place)
    told = cursors.sealed(Cursor(about, (str(following),)), exchange=row.id) if following else None
    return {"agreement": row.code, "programme": row.programme, "records": list(records), "next": told, **named}


def _place(after: str | None, row: Any, about: str) -> Any:
    """Return where a page goes on. Raises Refused for what was made for another list, or not by us."""
    if after is None:
        return None
    cursor = cursors.opened(after, exchange=row.id)
    if cursor.about != about or cursor.after is None:
        raise Refused("interop-cursor-unknown")
    return cursor.after[0]
