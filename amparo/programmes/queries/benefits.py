"""Who receives what: every benefit of a household and of whoever lives in it, told by others or given here.

Shape   household in; one row per beneficiary and programme out, those that are live first
Units   minor units of the benefit's own currency, per period
Nulls   an amount that nobody told is not zero; whoever may not read payments is not told any
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from django.db import connection

from amparo.programmes import models
from amparo.programmes.overlapping import TOLD_MONTHS
from amparo.programmes.publishing import BULK
from amparo.programmes.queries.enrolments import enrolments_of_household
from amparo.programmes.types import (
    Benefit,
    BenefitKind,
    BenefitStatus,
    Enrolment,
    EnrolmentState,
    PaymentTold,
    Receiver,
)
from amparo.programmes.withholding import expect_decisions
from amparo.registry.queries import dictionary, members_at
from amparo.trust.log.recording import record
from amparo.trust.scope import where, within
from amparo.trust.types import Actor, Event, FieldClass, Ground

_STATUS = {
    EnrolmentState.WAITING: BenefitStatus.WAITING,
    EnrolmentState.ENROLLED: BenefitStatus.ENROLLED,
    EnrolmentState.SUSPENDED: BenefitStatus.SUSPENDED,
    EnrolmentState.ENDED: BenefitStatus.EXITED,
}
# Of each month what the latest day tells; of each programme the latest month, since the first day that anything told.
_TOLD = """
    SELECT DISTINCT ON (held.id, b.scheme) b.scheme, held.feed, held.person_id,
        min(coalesce(b.since, b.period)) OVER (PARTITION BY held.id, b.scheme), b.period, b.status, b.kind, b.amount_minor,
        b.currency, b.decimals, b.payment, b.receiver, b.day, held.area_number
    FROM programmes_beneficiary held JOIN LATERAL (
        SELECT DISTINCT ON (each.scheme, each.period) each.* FROM programmes_benefit each
        WHERE each.beneficiary_id = held.id ORDER BY each.scheme, each.period, each.day DESC, each.id DESC
    ) b ON true
    WHERE held.person_id = ANY (%s) AND {condition}
    ORDER BY held.id, b.scheme, b.period DESC
"""


def benefits_of_household(
    household_id: UUID, *, by: Actor, under: Ground, enrolled: Sequence[Enrolment] | None = None
) -> list[Benefit]:
    """Return what a household and its present members receive: from whom, since when, how much, told or given here.

    `enrolled`  the household's enrolments, where whoever asks has read them already
    """
    expect_decisions(by.classes)
    own = enrolments_of_household(household_id, by=by, under=under) if enrolled is None else enrolled
    return _in_order([*(_of_enrolment(each, by) for each in own), *_told(household_id, by, under)])


def rejected_of_feed(delivery_id: str) -> list[tuple[int, list[str]]]:
    """Return line and reasons of each row of a delivery that was set aside: nothing of what stood in it."""
    rows = models.FeedRejection.objects.using(BULK).filter(delivery_id=delivery_id).order_by("line", "id")
    return list(rows.values_list("line", "reasons"))


def _told(household_id: UUID, by: Actor, under: Ground) -> list[Benefit]:
    """Return what other programmes told. Whoever runs one programme is told of that one only."""
    if by.scope.is_of_programmes:
        return []
    people = list(within(members_at(household_id), by).values_list("person_id", flat=True))
    condition, scope = where(by, of="programmes_beneficiary", row="held")
    with connection.cursor() as cursor:
        cursor.execute(_TOLD.format(condition=condition), [people, *scope])
        rows = cursor.fetchall()
    if rows:
        _record_read(household_id, rows[0][-1], len(rows), by, under)
    return [_benefit(*row, by) for row in rows]


def _record_read(household_id: UUID, area_number: int, count: int, by: Actor, under: Ground) -> None:
    about = {"about_kind": "household", "about_id": household_id, "area_number": area_number}
    record(Event.BENEFITS_READ, by=by, under=under, benefits=count, **about)


def _benefit(scheme, feed, person_id, since, period, status, kind, amount, currency, decimals, *rest) -> Benefit:
    payment, receiver, day, area_number, by = rest
    found = Benefit(
        scheme=scheme,
        feed=feed,
        person_id=person_id,
        since=since,
        period=period,
        status=BenefitStatus(status),
        kind=BenefitKind(kind),
        amount_minor=amount,
        currency=currency,
        decimals=decimals,
        payment=PaymentTold(payment) if payment else None,
        receiver=Receiver(receiver) if receiver else None,
        told_on=day,
    )
    return _for(by, found, area_number)


def _of_enrolment(each: Enrolment, by: Actor) -> Benefit:
    words = dictionary()
    found = Benefit(
        scheme=each.programme,
        feed=None,
        person_id=each.person_id,
        since=each.starts_on,
        period=None,
        status=_STATUS[each.state],
        kind=None if each.amount is None else BenefitKind.CASH,
        amount_minor=each.amount,
        currency=words.currency,
        decimals=words.decimals,
        payment=None,
        receiver=Receiver.DIRECT if each.recipient_id in (None, each.person_id) else Receiver.MEMBER,
        told_on=None,
    )
    return _for(by, found, each.area_number)


def _for(by: Actor, found: Benefit, area_number: int) -> Benefit:
    """Return a benefit as its reader may see it: what is paid is of a class of its own."""
    if FieldClass.PAYMENT in by.classes_at(area_number):
        return found
    return replace(found, amount_minor=None, payment=None)


def _in_order(found: Iterable[Benefit]) -> list[Benefit]:
    return sorted(found, key=lambda each: (not each.is_live, each.scheme, str(each.person_id)))


# Since when a system has told, without a month of having left, that somebody takes part, if its latest word is recent.
_MATCHED = """
SELECT held.person_id, latest.scheme, (
    SELECT min(coalesce(b.since, b.period)) FROM programmes_benefit b
    WHERE b.beneficiary_id = held.id AND b.scheme = latest.scheme AND b.status = 'enrolled' AND b.period > coalesce((
        SELECT max(gone.period) FROM programmes_benefit gone
        WHERE gone.beneficiary_id = held.id AND gone.scheme = latest.scheme AND gone.status NOT IN ('enrolled', 'suspended')
    ), '-infinity'::date)
) AS since
FROM programmes_beneficiary held
JOIN LATERAL (
    SELECT DISTINCT ON (b.scheme) b.scheme, b.status, b.period FROM programmes_benefit b WHERE b.beneficiary_id = held.id
    ORDER BY b.scheme, b.period DESC, b.day DESC, b.id DESC
) latest ON latest.status = 'enrolled' AND latest.period > {on}::date - interval '{months} months'
WHERE held.id = {beneficiary}::uuid AND held.person_id IS NOT NULL
"""


def matched_sql(beneficiary: UUID, on: date) -> str:
    """Return the SELECT of what a beneficiary who was matched takes part in: person_id, scheme, since."""
    return _MATCHED.format(beneficiary=f"'{beneficiary}'", on=f"'{on.isoformat()}'", months=TOLD_MONTHS)
