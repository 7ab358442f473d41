"""Handing over and taking over under an agreement: each page is asked for anew, counted, and written down; a refusal is written
down too."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from django.conf import settings
from django.db import transaction

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, NotPermitted
from amparo.trust import prepared, stage
from amparo.trust.context import opened_to
from amparo.trust.covering import Covered, Direction, Refusal, Request, covers
from amparo.trust.grounds.agreements import Partner, SoFar, Stated, compiled, so_far, stated
from amparo.trust.log.recording import audit_line, record
from amparo.trust.log.serving import not_sealed
from amparo.trust.models import Agreement, Exchange
from amparo.trust.purposes import expect_live
from amparo.trust.types import Actor, ActorKind, Event, Ground

# Whoever suspends an agreement waits for one page.
MOST_ON_A_PAGE = 5_000
_OPEN = "SELECT * FROM amparo_open_page(%s, %s, %s, %s::text::jsonb, %s::uuid, %s, %s, %s::text[], %s::int)"
_END = "SELECT amparo_end_page(%s, %s::bigint, %s, %s::bigint, %s::text[], %s::text::jsonb)"


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
    held: "Held"
    request: Request
    records: int = 0
    about: dict[str, Sequence[UUID]] = field(default_factory=dict)

    @property
    def partner(self) -> Partner:
        return self.held.stated.partner

    @property
    def keys(self) -> list[int]:
        return self.held.keys


@contextmanager
def exchange_page(
    agreement: UUID, request: Request, *, by: Actor, on: date, exchange: UUID | None = None, of_day: bool = False
) -> Iterator[OpenPage]:
    """Read one page of a request within the partner's gates, in one transaction; what it holds is counted and written down.

    The agreement is locked first, together with other pages, and read: so a page which is allowed was allowed when it was
    read, whoever suspends waits for it, and the page after it is refused. What was handed over so far is counted here,
    whatever the request says; and once more when the page is written down, then one page after the other.
    `exchange`: the one this page continues; None begins one, or with `of_day` continues the one that the partner began on the
    day with the same request: a day's look-ups are one exchange, and only their records count. Raises NotCovered, or NotPermitted to whoever is not the partner
    and in a trial, and writes that down too.
    """
    with refusals_kept(agreement, by=by), transaction.atomic():
        page = _allowed(agreement, request, by=by, on=on, exchange=exchange, of_day=of_day)
        yield page
        _note(page, by=by, on=on)


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
    page = _allowed(agreement, request, by=by, on=on, exchange=None, is_read=False)
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
    agreement: UUID,
    request: Request,
    *,
    by: Actor,
    on: date,
    exchange: UUID | None,
    of_day: bool = False,
    is_read: bool = True,
) -> OpenPage:
    """Return the page that may now be read. `is_read`: its gates are opened, until it is written down (`_note`)."""
    if by.kind is not ActorKind.PARTNER or by.agreement != agreement:
        stage.expect_live()
        raise NotPermitted("trust-no-agreement")
    held = _held(agreement, request, by=by, on=on, exchange=exchange, of_day=of_day, is_read=is_read)
    row, ends_on = held.stated.row, held.stated.purpose_ends_on
    parties = {row.consumer_id: row.consumer.code, row.provider_id: row.provider.code}
    if parties.get(by.id) != request.consumer:
        raise NotPermitted("trust-no-agreement")
    if ends_on and ends_on < on:
        raise NotPermitted("trust-purpose-over", purpose=row.purpose_id, day=ends_on)
    if held.exchange is None:  # not the same request, of the same day, under the same version
        raise NotFound("trust-exchange-unknown")
    covered = _covered(held.stated, held.so_far, request, on, is_continued=not held.is_new)
    if request.records > MOST_ON_A_PAGE:
        raise NotPermitted("trust-page-too-large", most=MOST_ON_A_PAGE)
    if is_read and held.before is None:
        raise not_sealed()
    ground = Ground(row.purpose_id, agreement=row.code, on_consent=row.needs_consent)
    return OpenPage(held.exchange, covered, ground, held, request)


@dataclass(frozen=True)
class Held:
    """An agreement that nobody changes before the transaction ends.

    `exchange`  what the page is of; None: what it would continue is none of these
    `keys`      by which numbers are looked up
    `before`    what the database's gates were opened by before; None: they were not opened
    """

    stated: Stated
    so_far: SoFar
    exchange: UUID | None
    is_new: bool
    keys: list[int]
    before: list[str] | None


def _held(
    agreement: UUID, request: Request, *, by: Actor, on: date, exchange: UUID | None, of_day: bool, is_read: bool
) -> Held:
    """Return an agreement under the lock that pages share. Raises NotPermitted in a trial, and NotFound."""
    gates = opened_to(by) if is_read else None
    asked = (json.dumps(request.asked), exchange, of_day, clock.now())
    text, is_live, exchanges, records, *rest = prepared.row(
        _OPEN, [agreement, on, by.id, *asked, gates, settings.AUDIT_HOURS]
    )
    if not is_live:
        raise stage.not_live()
    if text is None:
        raise NotFound("trust-agreement-unknown")
    return Held(stated(text), SoFar(exchanges, records), *rest)


def _covered(known: Stated, had: SoFar, request: Request, on: date, *, is_continued: bool) -> Covered:
    counted = {"records_so_far": had.records, "exchanges_so_far": had.exchanges}
    answer = covers(known.compiled, replace(request, **counted, is_continued=is_continued), on)
    if isinstance(answer, Refusal):
        raise NotCovered(answer)
    return answer


def _locked(id: UUID) -> Agreement:
    rows = Agreement.objects.select_related("provider", "consumer").select_for_update(no_key=True, of=("self",))
    if row := rows.filter(id=id).first():
        return row
    raise NotFound("trust-agreement-unknown")


def _note(page: OpenPage, *, by: Actor, on: date) -> None:
    """Count a page and write down whose records it held, in the transaction that read them.

    Pages are counted one after the other; one that others have used up the volume for meanwhile is refused whole.
    """
    told, most = page.covered, page.held.stated.compiled.terms.volume
    row = audit_line(
        Event.RECORDS_EXCHANGED,
        by=by,
        under=page.ground,
        about_kind="agreement",
        about_id=told.agreement,
        exchange=str(page.exchange),
        fields=[f"{each.grain}.{each.name}" for each in told.fields],
        identifiers=list(told.identifiers),
        ground=page.ground.kind.value,
        **{kind: [str(each) for each in ids] for kind, ids in page.about.items()},
    )
    (went,) = prepared.row(_END, [page.exchange, page.records, on, most, page.held.before, json.dumps(row)])
    if went > most:
        whole = replace(page.request, records=max(page.records, page.request.records))
        _covered(page.held.stated, SoFar(0, went - page.records), whole, on, is_continued=True)  # which refuses it
        raise AssertionError("a page beyond the volume is refused")  # its line is not written: it may not go out
