"""Handing over and taking over under an agreement: each page is asked for anew, counted, and written down; a refusal is written
down too."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from django.db import transaction

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, NotPermitted
from amparo.trust import stage
from amparo.trust.context import acting
from amparo.trust.covering import Covered, Direction, Refusal, Request, covers
from amparo.trust.grounds.agreements import compiled, so_far
from amparo.trust.log.recording import record
from amparo.trust.models import Agreement, Exchange
from amparo.trust.purposes import expect_live
from amparo.trust.types import Actor, ActorKind, Event, Ground

# Whoever suspends an agreement waits for one page.
MOST_ON_A_PAGE = 5_000


class NotCovered(NotPermitted):
    """A request does not keep within its agreement, and was refused whole."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.reason.id, **refusal.reason.values)


@dataclass
class OpenPage:
    """One page that may now be read. Whoever reads it says how many `records` it holds, and whom they tell of.

    `about`  "persons" or "households" → ids, everybody of whom something is told: these find the page in the audit log
    """

    exchange: UUID
    covered: Covered
    ground: Ground
    records: int = 0
    about: dict[str, Sequence[UUID]] = field(default_factory=dict)


@contextmanager
def exchange_page(
    agreement: UUID, request: Request, *, by: Actor, on: date, exchange: UUID | None = None, of_day: bool = False
) -> Iterator[OpenPage]:
    """Read one page of a request within the partner's gates, in one transaction; what it holds is counted and written down.

    The agreement is read and locked first, so that a page which is allowed was allowed when it was read: whoever suspends
    waits for it, and the page after it is refused. What was handed over so far is counted here, whatever the request says.
    `exchange`: the one this page continues; None begins one, or with `of_day` continues the one that the partner began on the
    day with the same request: a day's look-ups are one exchange, and only their records count. Raises NotCovered, or NotPermitted to whoever is not the partner
    and in a trial, and writes that down too.
    """
    with refusals_kept(agreement, by=by), transaction.atomic():
        page = _allowed(agreement, request, by=by, on=on, exchange=exchange, of_day=of_day)
        with acting(by):
            yield page
        _note(page, by=by)


@contextmanager
def refusals_kept(agreement: UUID, *, by: Actor) -> Iterator[None]:
    """Write down what is refused within the block, outside the transaction that the refusal undoes."""
    try:
        yield
    except NotPermitted as refused:
        with transaction.atomic():
            reason = refused.message.id
            record(Event.EXCHANGE_REFUSED, by=by, about_kind="agreement", about_id=agreement, reason=reason)
        raise


@transaction.atomic
def begin_exchange(agreement: UUID, request: Request, *, by: Actor, on: date) -> Exchange:
    """Begin an exchange of which no page is read yet; it counts as one of those that the agreement lets begin.

    Nobody's record is in what this returns. Raises as `exchange_page` does; whoever calls keeps the refusal
    (`refusals_kept`), because this may be part of a larger transaction.
    """
    page = _allowed(agreement, request, by=by, on=on, exchange=None)
    told = {"exchange": str(page.exchange), "fields": [f"{each.grain}.{each.name}" for each in page.covered.fields]}
    record(Event.EXCHANGE_BEGUN, by=by, under=page.ground, about_kind="agreement", about_id=agreement, **told)
    return Exchange.objects.get(id=page.exchange)


@dataclass(frozen=True)
class Sent:
    """What a partner sends: which fields of people, by which schemes of identifiers, of which programmes, how many records."""

    fields: Sequence[tuple[str, str]]
    identifiers: Sequence[str]
    programmes: Sequence[str]
    records: int


@transaction.atomic
def receive_records(agreement: UUID, sent: Sent, *, by: Actor, on: date) -> Ground:
    """Return the ground on which what is sent may be kept. It counts as one exchange of so many records.

    Raises NotCovered where one field, identifier or programme is not the agreement's, or NotPermitted to whoever is not the
    partner that gives by it, and in a trial.
    """
    stage.expect_live()
    row = _locked(agreement)
    is_theirs = by.kind is ActorKind.PARTNER and by.agreement == agreement and by.id == row.provider_id
    if not is_theirs or row.direction != Direction.IN:
        raise NotPermitted("trust-no-agreement")
    expect_live(row.purpose_id, on=on)
    request = _of_sent(sent, row, on)
    answer = covers(compiled(row), request, on)
    if isinstance(answer, Refusal):
        raise NotCovered(answer)
    under = Ground(row.purpose_id, agreement=row.code, on_consent=row.needs_consent)
    begun = Exchange.objects.create(
        agreement=row,
        on=on,
        begun_at=clock.now(),
        by_id=by.id,
        asked=request.asked,
        pages=1,
        records=sent.records,
    )
    told = {"exchange": str(begun.id), "records": sent.records, "fields": [".".join(each) for each in request.fields]}
    record(Event.RECORDS_RECEIVED, by=by, under=under, about_kind="agreement", about_id=row.id, **told)
    return under


def _of_sent(sent: Sent, row: Agreement, on: date) -> Request:
    """Return what is sent as the agreement knows it; a programme that is not its own is none."""
    known, had = compiled(row), so_far(row, on)
    terms = known.terms
    is_its_own = not terms.programme or set(sent.programmes) <= {terms.programme}
    return Request(
        consumer=terms.consumer,
        direction=Direction.IN,
        purpose=terms.purpose,
        fields=tuple(sent.fields) or tuple((each.grain, each.name) for each in terms.fields),
        areas=known.ranges,
        records=sent.records,
        programme=terms.programme if is_its_own else "*",
        identifiers=tuple(sent.identifiers),
        records_so_far=had.records,
        exchanges_so_far=had.exchanges,
    )


def _allowed(
    agreement: UUID, request: Request, *, by: Actor, on: date, exchange: UUID | None, of_day: bool = False
) -> OpenPage:
    stage.expect_live()
    row = _locked(agreement)
    parties = {row.consumer_id: row.consumer.code, row.provider_id: row.provider.code}
    if by.kind is not ActorKind.PARTNER or by.agreement != agreement or parties.get(by.id) != request.consumer:
        raise NotPermitted("trust-no-agreement")
    expect_live(row.purpose_id, on=on)
    begun = _continued(row, exchange, request, on) if exchange else None
    if of_day:
        begun = Exchange.objects.filter(agreement=row, on=on, by_id=by.id, asked=request.asked).first()
    had = so_far(row, on)
    known = replace(
        request,
        records_so_far=had.records,
        exchanges_so_far=had.exchanges,
        is_continued=begun is not None,
    )
    answer = covers(compiled(row), known, on)
    if isinstance(answer, Refusal):
        raise NotCovered(answer)
    if request.records > MOST_ON_A_PAGE:
        raise NotPermitted("trust-page-too-large", most=MOST_ON_A_PAGE)
    begun = begun or Exchange.objects.create(
        agreement=row, on=on, begun_at=clock.now(), by_id=by.id, asked=request.asked
    )
    return OpenPage(begun.id, answer, Ground(row.purpose_id, agreement=row.code, on_consent=row.needs_consent))


def _locked(id: UUID) -> Agreement:
    rows = Agreement.objects.select_related("provider", "consumer").select_for_update(no_key=True, of=("self",))
    if row := rows.filter(id=id).first():
        return row
    raise NotFound("trust-agreement-unknown")


def _continued(row: Agreement, exchange: UUID, request: Request, on: date) -> Exchange:
    """Return the exchange that a page continues: the same request, of the same day, under the same version."""
    found = Exchange.objects.filter(id=exchange, agreement=row, on=on, asked=request.asked).first()
    if found is None:
        raise NotFound("trust-exchange-unknown")
    return found


def _note(page: OpenPage, *, by: Actor) -> None:
    """Count a page and write down whose records it held, in the transaction that read them."""
    row, told = Exchange.objects.get(id=page.exchange), page.covered
    row.pages, row.records = row.pages + 1, row.records + page.records
    row.save(update_fields=["pages", "records"])
    record(
        Event.RECORDS_EXCHANGED,
        by=by,
        under=page.ground,
        about_kind="agreement",
        about_id=told.agreement,
        exchange=str(page.exchange),
        page=row.pages,
        fields=[f"{each.grain}.{each.name}" for each in told.fields],
        identifiers=list(told.identifiers),
        ground=page.ground.kind.value,
        **{kind: [str(each) for each in ids] for kind, ids in page.about.items()},
    )
