"""A breach: opened with its clock, counted from the log, told to whom it must be, closed by two."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connections, transaction

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, NotPermitted, Refused
from amparo.trust.eyes import is_same_human
from amparo.trust.log.acts import Asked, acts_statement, wide_statement
from amparo.trust.log.recording import record
from amparo.trust.models import Breach, BreachStep
from amparo.trust.stated import breach_config
from amparo.trust.types import Actor, BreachStepKind, Event, Permission

BULK = "bulk"
TOLD = (BreachStepKind.TOLD_AUTHORITY, BreachStepKind.TOLD_PEOPLE, BreachStepKind.TOLD_OTHERS, BreachStepKind.NOTED)

_COUNT = """
INSERT INTO trust_breachact (breach_id, kind, entity, at, event, by_id, fields)
SELECT %s, kind, entity, at, event, by_id, fields FROM ({acts}) acts
"""


@dataclass(frozen=True)
class Suspected:
    """What a breach is about: whose acts (None: anybody's) between which times, and the alert that told of it."""

    what: str
    since: datetime
    until: datetime
    by: UUID | None = None
    alert: UUID | None = None


@transaction.atomic
def open_breach(about: Suspected, *, found_at: datetime, by: Actor) -> Breach:
    """Open a breach that was found at a time: its clock runs from then, by the hours and the law of the profile.

    One person alone may; who was concerned is counted afterwards (`count_breach`). Raises Refused for times out of order or ahead.
    """
    by = by.narrowed(Permission.HANDLE_BREACH)
    if not about.what.strip() or about.until <= about.since or found_at > clock.now():
        raise Refused("trust-breach-incomplete")
    stated = breach_config()
    row = Breach.objects.create(
        what=about.what.strip(),
        alert_id=about.alert,
        by_id=about.by,
        since=about.since,
        until=about.until,
        found_at=found_at,
        hours=stated.hours,
        law=stated.law,
        notify_by=found_at + timedelta(hours=stated.hours),
        opened_by=by.id,
        opened_at=clock.now(),
    )
    _step(row, BreachStepKind.OPENED, by=by)
    record(Event.BREACH_OPENED, by=by, about_kind="breach", about_id=row.id, hours=row.hours)
    return row


def count_breach(id: UUID, *, by: Actor) -> Breach:
    """Take from the log, once, every act on a person or household that a breach is about, and count whom it concerns."""
    by = by.narrowed(Permission.HANDLE_BREACH)
    with transaction.atomic(using=BULK), connections[BULK].cursor() as cursor:
        cursor.execute("SELECT counted_at, by_id, since, until FROM trust_breach WHERE id = %s FOR UPDATE", [id])
        found = cursor.fetchone()
        if found is None:
            raise NotFound("trust-breach-unknown")
        if found[0] is None:
            counts = _count(cursor, id, Asked(by=found[1], since=found[2], until=found[3]))
            record(Event.BREACH_COUNTED, by=by, about_kind="breach", about_id=id, using=BULK, **counts)
    return Breach.objects.using(BULK).get(id=id)


def _count(cursor: Any, id: UUID, asked: Asked) -> dict[str, int]:
    statement, values = acts_statement(asked)
    cursor.execute(_COUNT.format(acts=statement), [id, *values])
    wide, values = wide_statement(asked)
    cursor.execute(f"SELECT count(*) FROM ({wide}) wide", values)
    (many,) = cursor.fetchone()
    cursor.execute(
        "SELECT count(DISTINCT entity) FILTER (WHERE kind = 'person'), count(DISTINCT entity) FILTER (WHERE kind = 'household')"
        " FROM trust_breachact WHERE breach_id = %s",
        [id],
    )
    persons, households = cursor.fetchone()
    cursor.execute(
        "UPDATE trust_breach SET counted_at = %s, persons = %s, households = %s, wide = %s WHERE id = %s",
        [clock.now(), persons, households, many, id],
    )
    return {"people": persons, "homes": households, "wide": many}


@transaction.atomic
def add_step(id: UUID, kind: BreachStepKind, *, whom: str, words: str, by: Actor) -> Breach:
    """Say who was told what, or what else was done. The first time the authority is told stops the clock."""
    by = by.narrowed(Permission.HANDLE_BREACH)
    row = _open(id, by)
    if kind not in TOLD or not words.strip() or (kind is not BreachStepKind.NOTED and not whom.strip()):
        raise Refused("trust-breach-step-incomplete")
    if kind is BreachStepKind.TOLD_AUTHORITY and row.told_at is None:
        row.told_at = clock.now()
        row.save(update_fields=["told_at"])
    _step(row, kind, by=by, whom=whom, words=words)
    return row


@transaction.atomic
def close_breach(id: UUID, *, words: str, by: Actor) -> Breach:
    """Say that a breach may be closed; it is when a second person says so too. Before it is counted it is not."""
    by = by.narrowed(Permission.HANDLE_BREACH)
    row = _open(id, by)
    if not words.strip():
        raise Refused("trust-breach-step-incomplete")
    if row.counted_at is None:
        raise Refused("trust-breach-not-counted")
    if row.closing_by is None:
        row.closing_by = by.id
        row.save(update_fields=["closing_by"])
        _step(row, BreachStepKind.CLOSING, by=by, words=words)
        return row
    if is_same_human(by, row.closing_by):
        raise NotPermitted("trust-breach-one-closer")
    row.closed_by, row.closed_at = by.id, clock.now()
    row.save(update_fields=["closed_by", "closed_at"])
    _step(row, BreachStepKind.CLOSED, by=by, words=words)
    record(Event.BREACH_CLOSED, by=by, about_kind="breach", about_id=row.id, told=row.told_at is not None)
    return row


def _open(id: UUID, by: Actor) -> Breach:
    """Return a breach that is open, and not about whoever handles it."""
    row = Breach.objects.select_for_update(no_key=True).filter(id=id).first()
    if row is None or is_same_human(by, row.by_id):
        raise NotFound("trust-breach-unknown")
    if row.closed_at is not None:
        raise Refused("trust-breach-closed-already")
    return row


def _step(row: Breach, kind: BreachStepKind, *, by: Actor, whom: str = "", words: str = "") -> None:
    BreachStep.objects.create(
        breach=row, kind=kind.value, at=clock.now(), by_id=by.id, whom=whom.strip(), words=words.strip()
    )
    if kind not in (BreachStepKind.OPENED, BreachStepKind.CLOSED):
        record(Event.BREACH_STEP, by=by, about_kind="breach", about_id=row.id, step=kind.value)
