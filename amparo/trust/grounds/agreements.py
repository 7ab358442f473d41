"""Reads of agreements: what stands, what was signed by whom, what went out under them. Nobody's record is in them."""

import json
from base64 import b64decode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet, Sum

from amparo.kernel.errors import NotFound
from amparo.trust.covering import (
    Agreement as Compiled,
)
from amparo.trust.covering import (
    Comparison,
    Direction,
    FieldTerm,
    Given,
    Period,
    Range,
    Request,
    State,
    Terms,
    first_day,
)
from amparo.trust.models import Agreement, Area, Exchange, Organisation
from amparo.trust.types import Actor, Permission

_WITH = ("provider", "consumer")


def agreements(by: Actor) -> QuerySet[Agreement]:
    """Return every version of every agreement, by code, the newest version first."""
    by.narrowed(Permission.READ_AGREEMENT)
    return Agreement.objects.select_related(*_WITH).order_by("code", "-version")


def agreement(id: UUID, *, by: Actor) -> Agreement:
    """Return one version, with its signatures and its history."""
    by.narrowed(Permission.READ_AGREEMENT)
    row = Agreement.objects.select_related(*_WITH, "succeeds").prefetch_related("signatures", "changes").filter(id=id)
    if found := row.first():
        return found
    raise NotFound("trust-agreement-unknown")


def agreements_stated(*, by: Actor) -> dict[str, Any]:
    """Return the terms of every version that has not ended, whether signed or not, as codes and numbers: what may flow."""
    rows = agreements(by).exclude(state=State.ENDED.value)
    return {f"{each.code} {each.version}": _stated(each) for each in rows}


def _stated(row: Agreement) -> dict[str, Any]:
    named = (
        "direction",
        "legal_basis",
        "programme",
        "period",
        "exchanges",
        "volume",
        "retention_days",
        "needs_consent",
    )
    return {name: getattr(row, name) for name in named} | {
        "provider": row.provider.code,
        "consumer": row.consumer.code,
        "purpose": row.purpose_id,
        "areas": sorted(row.areas),
        "identifiers": sorted(row.identifiers),
        "fields": sorted(f"{each['grain']}.{each['name']} ({each['given']})" for each in row.fields),
        "from": row.starts_on.isoformat(),
        "until": row.ends_on.isoformat(),
    }


def organisations() -> QuerySet[Organisation]:
    return Organisation.objects.order_by("-is_own", "code")


def organisation_named(code: str) -> UUID:
    """Return the id of another institution than the registry's own. Raises NotFound where there is none of this name."""
    found = Organisation.objects.filter(code=code, is_own=False).values_list("id", flat=True).first()
    if found is None:
        raise NotFound("trust-organisation-unknown", code=code[:64])
    return found


def organisation_names(ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the names of the organisations among these ids."""
    return dict(Organisation.objects.filter(id__in=set(ids)).values_list("id", "name"))


def terms_of(row: Agreement) -> Terms:
    """Return what a version says, as it was agreed."""
    return Terms(
        provider=row.provider.code,
        consumer=row.consumer.code,
        direction=Direction(row.direction),
        purpose=row.purpose_id,
        legal_basis=row.legal_basis,
        fields=tuple(map(_field, row.fields)),
        areas=tuple(row.areas),
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        volume=row.volume,
        period=Period(row.period),
        retention_days=row.retention_days,
        programme=row.programme,
        identifiers=tuple(row.identifiers),
        needs_consent=row.needs_consent,
        exchanges=row.exchanges,
    )


def _field(stored: Mapping[str, Any]) -> FieldTerm:
    limits = tuple(date.fromisoformat(each["day"]) if isinstance(each, dict) else each for each in stored["limits"])
    comparison = Comparison(stored["comparison"]) if stored["comparison"] else None
    return FieldTerm(stored["grain"], stored["name"], Given(stored["given"]), limits, comparison)


def compiled(row: Agreement) -> Compiled:
    """Return a version as `covers` takes it, its areas as the numbers they have today."""
    return Compiled(row.id, row.code, row.version, terms_of(row), State(row.state), ranges_of(row.areas))


@dataclass(frozen=True)
class Stated:
    """A version as the database states it in one text (`amparo_stated`).

    `row` is of its columns alone, to be read and never written; `purpose_ends_on`: the last day of its purpose, if it ends
    """

    row: Agreement
    compiled: Compiled
    purpose_ends_on: date | None
    partner: "Partner"


@lru_cache(maxsize=1_000)
def stated(text: str) -> Stated:
    """Return what a text states. The same text is the same agreement, so that reading it once is enough."""
    told = json.loads(text)
    ranges = tuple((first, last) for first, last in told.pop("ranges"))
    key, last_day = b64decode(told.pop("consumer_key")), told.pop("purpose_ends_on")
    parties = {
        side: Organisation(id=UUID(told.pop(f"{side}_id")), code=told.pop(side)) for side in ("provider", "consumer")
    }
    days = {name: date.fromisoformat(told[name]) for name in ("starts_on", "ends_on")}
    row = Agreement(**(told | days | {"id": UUID(told["id"])} | parties))
    made = Compiled(row.id, row.code, row.version, terms_of(row), State(row.state), ranges)
    return Stated(row, made, last_day and date.fromisoformat(last_day), Partner(row.consumer_id, key))


def stated_with(organisation: UUID, codes: Iterable[str]) -> list[Stated]:
    """Return every signed version of some agreements with a partner, by code, the newest first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT amparo_stated_with(%s, %s)", [organisation, list(codes)])
        return [stated(text) for (text,) in cursor.fetchall()]


def purposes_in_force(codes: Iterable[str], *, on: date) -> dict[str, str]:
    """Return code → purpose of those of some agreements that are in force on a day, whose purpose is not over."""
    rows = Agreement.objects.filter(code__in=list(codes), state=State.IN_FORCE, starts_on__lte=on, ends_on__gte=on)
    return dict(rows.exclude(purpose__last_day__lt=on).values_list("code", "purpose_id"))


def incoming_in_force(*, on: date) -> dict[str, Terms]:
    """Return code → terms of every agreement in force on a day by which a partner tells us."""
    rows = Agreement.objects.select_related(*_WITH).filter(
        state=State.IN_FORCE, direction=Direction.IN, starts_on__lte=on, ends_on__gte=on
    )
    return {each.code: terms_of(each) for each in rows.order_by("code")}


def ranges_of(codes: Iterable[str]) -> tuple[Range, ...]:
    """Return the range of numbers of each area, in the order of numbers; one that is gone reaches nobody."""
    rows = Area.objects.filter(code__in=list(codes)).order_by("number", "last_number")
    return tuple(rows.values_list("number", "last_number"))


@dataclass(frozen=True)
class SoFar:
    """What went out under an agreement in the period that a day lies in."""

    exchanges: int
    records: int


def so_far(row: Agreement, on: date) -> SoFar:
    """Return how often and how much was handed over in the present period, all versions of the agreement together."""
    began = first_day(Period(row.period), on)
    rows = Exchange.objects.filter(agreement__code=row.code, on__gte=began, on__lte=on)
    return SoFar(rows.count(), rows.aggregate(sum=Sum("records"))["sum"] or 0)


def exchanges_of(row: Agreement, *, by: Actor, at_most: int) -> list[Exchange]:
    """Return the latest exchanges under a version."""
    by.narrowed(Permission.READ_AGREEMENT)
    return list(Exchange.objects.filter(agreement=row).order_by("-begun_at")[:at_most])


def exchange_begun_by(organisation: UUID, exchange: UUID) -> Exchange:
    """Return an exchange that an organisation began. Raises NotFound, for another's as for none."""
    rows = Exchange.objects.select_related("agreement__provider", "agreement__consumer")
    if found := rows.filter(id=exchange, by_id=organisation).first():
        return found
    raise NotFound("trust-exchange-unknown")


def request_of(exchange: Exchange, *, records: int) -> Request:
    """Return what an exchange asked for when it began, for a further page of so many records."""
    asked = exchange.asked
    return Request(
        consumer=exchange.agreement.consumer.code,
        direction=Direction(exchange.agreement.direction),
        purpose=asked["purpose"],
        fields=tuple(tuple(each.rsplit(".", 1)) for each in asked["fields"]),
        areas=tuple(tuple(each) for each in asked["areas"]),
        records=records,
        programme=asked["programme"],
        identifiers=tuple(asked["identifiers"]),
    )


@dataclass(frozen=True)
class Partner:
    """What is needed to speak to a partner of its persons: its id, and its key as sealed."""

    id: UUID
    sealed_key: bytes


def partner_of(id: UUID) -> Partner:
    """Return the consumer of an agreement."""
    row = Agreement.objects.select_related("consumer").get(id=id).consumer
    return Partner(row.id, bytes(row.pseudonym_key))


@dataclass(frozen=True)
class Flow:
    """One stream of personal data that an agreement allows today: what, from whom, to whom, on what ground."""

    id: UUID
    code: str
    provider: str
    consumer: str
    purpose: str
    legal_basis: str
    needs_consent: bool
    fields: tuple[FieldTerm, ...]
    identifiers: tuple[str, ...]


def flows_about(area_number: int, *, on: date, direction: Direction = Direction.OUT) -> list[Flow]:
    """Return what may be handed over today of people who live there, or with `IN` asked of others, by law or on consent."""
    # Of whoever is protected nothing is handed over: they lie below every area.
    codes = Area.objects.filter(number__lte=area_number, last_number__gte=area_number).values_list("code", flat=True)
    rows = (
        Agreement.objects.select_related(*_WITH)
        .filter(
            state=State.IN_FORCE,
            direction=direction,
            starts_on__lte=on,
            ends_on__gte=on,
            areas__overlap=list(codes),
        )
        .exclude(purpose__last_day__lt=on)
    )
    return [
        Flow(
            each.id,
            each.code,
            each.provider.name,
            each.consumer.name,
            each.purpose_id,
            each.legal_basis,
            each.needs_consent,
            tuple(map(_field, each.fields)),
            tuple(each.identifiers),
        )
        for each in rows.order_by("code")
    ]
