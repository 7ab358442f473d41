"""Asking a partner about people, under an agreement by which it tells us: allowed, counted and written down before it is asked.

Shape   what is wanted of each source in; for each the persons of whom it may be asked with the ground, or why not, out
Nulls   of somebody who lies in none of an agreement's areas, is in danger or has not consented where it must be, nothing is asked
Errors  none is raised for what is not covered: it is an answer, and stands in the audit row of each person (VIR-2)
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from amparo.kernel import clock
from amparo.kernel.errors import NotPermitted
from amparo.kernel.messages import Message, message
from amparo.trust import stage
from amparo.trust.context import acting
from amparo.trust.covering import Agreement as Compiled
from amparo.trust.covering import Direction, Refusal, Request, State, covers
from amparo.trust.grounds.agreements import compiled, so_far
from amparo.trust.log.recording import record, record_each
from amparo.trust.models import Agreement, Consent, Exchange
from amparo.trust.purposes import expect_live
from amparo.trust.scope import within
from amparo.trust.types import Actor, Event, Ground


@dataclass(frozen=True)
class Wanted:
    """What one source is to be asked: by which partner's agreement, which fields, by which scheme, of whom."""

    source: str
    owner: str
    agreement: str
    fields: tuple[tuple[str, str], ...]
    scheme: str
    persons: tuple[UUID, ...]


@dataclass(frozen=True)
class Allowed:
    """Of whom a source may be asked now, and on what ground what it answers may be kept."""

    persons: frozenset[UUID]
    ground: Ground


def begin_asking(
    wanted: Sequence[Wanted], *, area_number: int, by: Actor, under: Ground, on: date, of_round: str = ""
) -> dict[str, Allowed | Message]:
    """Return for each source of whom it may be asked, or why of nobody; each person asked about has one audit row.

    To be called outside of any other transaction: what was allowed is counted and on the record before a question leaves,
    whatever becomes of the answer. An agreement is locked while it is looked at, so that whoever suspends it waits for that
    alone. `area_number`: where the persons live; `of_round`: in which round over an area they are asked about.
    """
    with transaction.atomic():
        answers = {each.source: _answer(each, area_number=area_number, by=by, under=under, on=on) for each in wanted}
        with acting(by):
            about = _about(wanted, answers, area_number=area_number, of_round=of_round)
            record_each(Event.SOURCES_ASKED, about, by=by, under=under)
    return answers


def begin_hearing(told: Wanted, *, area_number: int, by: Actor, on: date) -> Allowed | Message:
    """Return on what ground a partner's own word of one person may be taken, or why it may not; it counts as one exchange.

    As asking is allowed (`begin_asking`), for the agreement's own purpose; part of the transaction in which it is taken.
    """
    row = _locked(told.agreement)
    if row is None:
        return message("trust-agreement-unknown")
    answer = _answer(told, area_number=area_number, by=by, under=Ground(row.purpose_id), on=on)
    if isinstance(answer, Allowed):
        fields = [".".join(each) for each in told.fields]
        told_of = {"about_kind": "agreement", "about_id": row.id, "records": len(answer.persons), "fields": fields}
        record(Event.RECORDS_RECEIVED, by=by, under=answer.ground, **told_of)
    return answer


def _answer(wanted: Wanted, *, area_number: int, by: Actor, under: Ground, on: date) -> Allowed | Message:
    try:
        stage.expect_live(may_be_demo=True)
        expect_live(under.purpose, on=on)
    except NotPermitted as refused:
        return refused.message
    row = _locked(wanted.agreement)
    if row is None:
        return message("trust-agreement-unknown")
    known = compiled(row)
    if known.terms.provider != wanted.owner:
        return message("trust-agreement-of-others", agreement=row.code)
    persons = _agreed_to(row, wanted.persons, by=by, on=on) if row.needs_consent else frozenset(wanted.persons)
    if not persons:
        return message("trust-asking-without-consent", agreement=row.code)
    request = _request(known, row, wanted, records=len(persons), area_number=area_number, purpose=under.purpose, on=on)
    covered = covers(known, request, on)
    if isinstance(covered, Refusal):
        return covered.reason
    Exchange.objects.create(
        agreement=row,
        on=on,
        begun_at=clock.now(),
        by_id=by.id,
        asked=request.asked,
        pages=1,
        records=len(persons),
    )
    return Allowed(persons, Ground(row.purpose_id, agreement=row.code, on_consent=row.needs_consent))


def _locked(code: str) -> Agreement | None:
    """Return the version in force, or else the newest there is: its state then says why it allows nothing."""
    rows = Agreement.objects.select_related("provider", "consumer").filter(code=code).order_by("-version")
    rows = rows.select_for_update(no_key=True, of=("self",))
    return rows.filter(state=State.IN_FORCE.value).first() or rows.first()


def _request(
    known: Compiled, row: Agreement, wanted: Wanted, *, records: int, area_number: int, purpose: str, on: date
) -> Request:
    """Return what is wanted as `covers` asks for it: of the one of its areas in which the persons live, whole."""
    had = so_far(row, on)
    return Request(
        consumer=known.terms.consumer,
        direction=Direction.IN,
        purpose=purpose,
        fields=wanted.fields,
        areas=tuple((first, last) for first, last in known.ranges if first <= area_number <= last)[:1],
        records=records,
        programme=known.terms.programme,
        identifiers=(wanted.scheme,),
        records_so_far=had.records,
        exchanges_so_far=had.exchanges,
    )


def _agreed_to(row: Agreement, persons: Collection[UUID], *, by: Actor, on: date) -> frozenset[UUID]:
    """Return those who agreed to what the agreement asks now, as far as whoever asks may see that they did."""
    if by.scope.is_of_programmes:  # sees no consents
        return frozenset()
    with acting(by):
        rows = within(Consent.objects.filter(person_id__in=persons, asked=row.asked, withdrawn_at=None), by)
        live = rows.filter(Q(until=None) | Q(until__gte=on), given_on__lte=on)
        return frozenset(live.values_list("person_id", flat=True))


def _about(
    wanted: Sequence[Wanted], answers: dict[str, Allowed | Message], *, area_number: int, of_round: str
) -> Iterator[dict[str, Any]]:
    """Yield what stands in the audit row of each person: of whom and for which fields they were asked about, and of whom not."""
    for person in sorted({each for one in wanted for each in one.persons}):
        told = [each for each in wanted if person in each.persons]
        allowed = {each.source: answers[each.source] for each in told}
        asked = [name for name, each in allowed.items() if isinstance(each, Allowed) and person in each.persons]
        yield {
            "about_kind": "person",
            "about_id": person,
            "area_number": area_number,
            "sources": asked,
            "agreements": [each.agreement for each in told if each.source in asked],
            "fields": sorted({".".join(one) for each in told if each.source in asked for one in each.fields}),
            "refused": {
                name: each.id if isinstance(each, Message) else "trust-asking-without-consent"
                for name, each in allowed.items()
                if name not in asked
            },
            **({"round": of_round} if of_round else {}),
        }
