"""Which agreements let something flow, whether it does, and by which doors: for the map of what flows. Nobody's record is in it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Max

from amparo.trust.covering import Direction, State
from amparo.trust.grounds.agreements import agreements
from amparo.trust.machines.asking import letting_in
from amparo.trust.models import Agreement, Exchange
from amparo.trust.types import Actor


@dataclass(frozen=True)
class Stream:
    """One agreement, as what flows under it: from whom to whom, what, on what ground, and when it last did.

    `fields`, `identifiers`  how many of each are handed over
    `machines`  how many programs of the partner are let in for it now
    `is_open`   whether it is in force today; `state` why not
    `last`      the last exchange under it; None: none so far
    """

    code: str
    provider: str
    consumer: str
    partner: str
    direction: Direction
    legal_basis: str
    fields: int
    identifiers: int
    machines: int
    state: State
    is_open: bool
    last: datetime | None


def streams(*, by: Actor, on: date) -> list[Stream]:
    """Return each agreement that somebody signed, in the version that is in force, or else in its newest."""
    signed = agreements(by).exclude(state=State.DRAFTED.value)
    last = dict(Exchange.objects.values_list("agreement__code").annotate(last=Max("begun_at")))
    let_in = _let_in()
    return [_stream(row, on, last.get(row.code), let_in.get(row.code, 0)) for row in _standing(signed, on)]


def _standing(rows: Iterable[Agreement], on: date) -> list[Agreement]:
    found: dict[str, Agreement] = {}
    for row in rows:  # the newest version first
        if row.code not in found or (_is_open(row, on) and not _is_open(found[row.code], on)):
            found[row.code] = row
    return list(found.values())


def _is_open(row: Agreement, on: date) -> bool:
    return row.state == State.IN_FORCE and row.starts_on <= on <= row.ends_on


def _let_in() -> dict[str, int]:
    """Return agreement's code → how many machines are let in for it now."""
    opened = {each.machine_id: each.machine.agreements for each in letting_in()}
    codes = [code for held in opened.values() for code in held]
    return {code: codes.count(code) for code in set(codes)}


def _stream(row: Agreement, on: date, last: datetime | None, machines: int) -> Stream:
    direction = Direction(row.direction)
    return Stream(
        code=row.code,
        provider=row.provider.name,
        consumer=row.consumer.name,
        partner=row.consumer.name if direction is Direction.OUT else row.provider.name,
        direction=direction,
        legal_basis=row.legal_basis,
        fields=len(row.fields),
        identifiers=len(row.identifiers),
        machines=machines,
        state=State(row.state),
        is_open=_is_open(row, on),
        last=last,
    )
