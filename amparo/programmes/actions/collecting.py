"""Who collects for a unit is changed: proposed with a proof and days by one person, confirmed by another, and given back after its last day.

Payments go to whoever collects when a list is made; where money goes to accounts, to theirs alone, and not before its holder's name was
found to be theirs (`payments`).

Nulls   without a last day it lasts until it is changed again
Errors  what the programme knows no proof for is refused; so is whoever would confirm what they proposed, or collect by their own
        act, a collector who has died, and in a trial every change, but for the demo's (`trust.stage`)
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connections, transaction

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, Refused
from amparo.programmes import models
from amparo.programmes.enrolment import CollectorKind, restored
from amparo.programmes.publishing import BULK
from amparo.programmes.reaching import enrolment_for
from amparo.programmes.types import EnrolmentState
from amparo.registry.queries import person, person_id_of_number
from amparo.trust.eyes import is_same_human
from amparo.trust.grounds.agreements import organisation_named
from amparo.trust.log.recording import record
from amparo.trust.stage import expect_live
from amparo.trust.types import Actor, ActorKind, Event, Ground, Permission

_DOCUMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9/.-]{0,39}")
# Who collected before is who did before any change that is for a time alone: its last day may be past when this one's comes.
_TAKE = """
WITH due AS (
    SELECT c.id, c.enrolment_id, c.kind, c.collector_id, c.kind = 'alternate' AS is_alternate,
        CASE c.kind WHEN 'alternate' THEN e.alternate_id ELSE e.recipient_id END AS now_id
    FROM programmes_collectorchange c JOIN programmes_enrolment e ON e.id = c.enrolment_id AND e.state <> 'ended'
    WHERE c.confirmed_at IS NOT NULL AND c.withdrawn_at IS NULL AND c.took_effect_at IS NULL
        AND c.starts_on <= %(on)s AND (c.ends_on IS NULL OR c.ends_on >= %(on)s) AND {which}
), passing AS (
    SELECT due.id AS due_id, o.id, o.before_id FROM due JOIN programmes_collectorchange o ON o.enrolment_id = due.enrolment_id
        AND (o.kind = 'alternate') = due.is_alternate AND o.took_effect_at IS NOT NULL AND o.ended_at IS NULL
        AND o.ends_on IS NOT NULL
), replaced AS (
    UPDATE programmes_enrolment e SET
        recipient_id = CASE WHEN due.is_alternate THEN e.recipient_id ELSE due.collector_id END,
        alternate_id = CASE WHEN due.is_alternate THEN due.collector_id ELSE e.alternate_id END
    FROM due WHERE e.id = due.enrolment_id
), over AS (
    UPDATE programmes_collectorchange c SET ended_at = %(now)s FROM passing WHERE c.id = passing.id
), begun AS (
    UPDATE programmes_collectorchange c SET took_effect_at = %(now)s,
        before_id = CASE WHEN passing.id IS NULL THEN due.now_id ELSE passing.before_id END
    FROM due LEFT JOIN passing ON passing.due_id = due.id WHERE c.id = due.id
    RETURNING c.id
)
SELECT count(*) FROM begun
"""
_GIVE_BACK = """
WITH over AS (
    UPDATE programmes_collectorchange SET ended_at = %(now)s
    WHERE took_effect_at IS NOT NULL AND ended_at IS NULL AND ends_on < %(on)s
    RETURNING enrolment_id, kind = 'alternate' AS is_alternate, collector_id, before_id
), back AS (
    UPDATE programmes_enrolment e SET
        recipient_id = CASE WHEN mine.is_over THEN mine.before_id ELSE e.recipient_id END,
        alternate_id = CASE WHEN other.is_over THEN other.before_id ELSE e.alternate_id END
    FROM (SELECT DISTINCT enrolment_id FROM over) each
    LEFT JOIN (SELECT *, true AS is_over FROM over WHERE NOT is_alternate) mine ON mine.enrolment_id = each.enrolment_id
    LEFT JOIN (SELECT *, true AS is_over FROM over WHERE is_alternate) other ON other.enrolment_id = each.enrolment_id
    WHERE e.id = each.enrolment_id AND e.state <> 'ended'
)
SELECT count(*) FROM over
"""


@dataclass(frozen=True)
class Proposed:
    """What is proposed. `whom`: a person's number, or for an institution an organisation's code; "" for the person themselves."""

    proof: str
    whom: str
    document: str
    starts_on: date
    ends_on: date | None = None


@transaction.atomic
def propose_collector(enrolment_id: UUID, said: Proposed, *, by: Actor, under: Ground) -> UUID:
    """Propose from a day on, today or later, that somebody else collects; return the change."""
    row = enrolment_for(enrolment_id, by)
    by = by.narrowed(Permission.ENROL)
    expect_live(may_be_demo=True)
    if row.state == EnrolmentState.ENDED:
        raise Refused("programmes-enrolment-over")
    proof = restored(row.programme.enrolment).collector_proof(said.proof)
    if not _DOCUMENT.fullmatch(said.document):
        raise Refused("programmes-collector-document")
    if said.starts_on < clock.today() or (said.ends_on and said.ends_on < said.starts_on):
        raise Refused("programmes-collector-days")
    collector = _whom(row, proof.kind, said.whom, by)
    if models.CollectorChange.objects.filter(enrolment=row, withdrawn_at=None, took_effect_at=None).exists():
        raise Refused("programmes-collector-proposed")
    made = models.CollectorChange.objects.create(
        enrolment=row,
        programme_id=row.programme_id,
        area_number=row.area_number,
        kind=proof.kind,
        collector_id=collector,
        proof=proof.code,
        law=proof.law,
        document=said.document,
        starts_on=said.starts_on,
        ends_on=said.ends_on,
        under=under.purpose,
        proposed_by=by.id,
        proposed_at=clock.now(),
    )
    told = {"kind": proof.kind.value, "proof": proof.code, "starts_on": said.starts_on.isoformat()}
    _record(Event.COLLECTOR_PROPOSED, row, made, by, under, **told)
    return made.id


def _whom(row: models.Enrolment, kind: CollectorKind, whom: str, by: Actor) -> UUID | None:
    """Return who would collect: a living person in reach, or an institution for one person; nobody by their own act."""
    if kind in (CollectorKind.SELF, CollectorKind.INSTITUTION) and row.person_id is None:
        raise Refused("programmes-collector-of-person")
    if kind is CollectorKind.SELF:
        return None
    if kind is CollectorKind.INSTITUTION:
        return organisation_named(whom)
    if not whom.isascii() or not whom.isdigit():
        raise NotFound("registry-person-unknown")
    found = person_id_of_number(int(whom[:18]), by=by)
    known = person(found, by=by)
    if known.deceased_on or known.erased_on:
        raise Refused("programmes-collector-deceased")
    if found == row.person_id:
        raise Refused("programmes-collector-themselves")
    _expect_other(by, found)
    return found


def _expect_other(by: Actor, collector: UUID | None) -> None:
    if collector is not None and collector == by.person:
        raise Refused("programmes-collector-is-oneself")


@transaction.atomic
def confirm_collector(enrolment_id: UUID, *, by: Actor, under: Ground) -> None:
    """Confirm the open change as a person other than who proposed it; it takes effect where its day has come."""
    row, change = _open(enrolment_id, by)
    by = by.narrowed(Permission.ENROL)
    if by.kind is not ActorKind.OFFICER or is_same_human(by, change.proposed_by):
        raise Refused("programmes-confirmer-is-maker")
    _expect_other(by, change.collector_id)
    if change.confirmed_at is not None:
        raise Refused("programmes-collector-confirmed")
    if change.ends_on and change.ends_on < clock.today():
        raise Refused("programmes-collector-days")
    change.confirmed_by, change.confirmed_at = by.id, clock.now()
    change.save(update_fields=["confirmed_by", "confirmed_at"])
    _record(Event.COLLECTOR_CONFIRMED, row, change, by, under)
    with connections["default"].cursor() as cursor:
        cursor.execute(_TAKE.format(which="c.id = %(id)s"), {"id": change.id, "on": clock.today(), "now": clock.now()})


@transaction.atomic
def withdraw_collector(enrolment_id: UUID, *, by: Actor, under: Ground) -> None:
    """Take the open change back before it takes effect."""
    row, change = _open(enrolment_id, by)
    by = by.narrowed(Permission.ENROL)
    change.withdrawn_by, change.withdrawn_at = by.id, clock.now()
    change.save(update_fields=["withdrawn_by", "withdrawn_at"])
    _record(Event.COLLECTOR_WITHDRAWN, row, change, by, under)


def _open(enrolment_id: UUID, by: Actor) -> tuple[models.Enrolment, models.CollectorChange]:
    row = enrolment_for(enrolment_id, by)
    rows = models.CollectorChange.objects.select_for_update().filter(enrolment=row)
    change = rows.filter(withdrawn_at=None, took_effect_at=None).first()
    if change is None:
        raise Refused("programmes-collector-over")
    return row, change


def change_collectors(*, on: date, by: Actor) -> dict[str, int]:
    """Let collect who does from a day on, and give back what was for a time; return how many of each. Done twice, it does nothing."""
    by = by.narrowed(Permission.ENROL)
    expect_live(using=BULK, may_be_demo=True)
    if on > clock.today():
        raise Refused("programmes-effect-ahead", day=on)
    with transaction.atomic(using=BULK), connections[BULK].cursor() as cursor:
        given = {"on": on, "now": clock.now()}
        cursor.execute(_GIVE_BACK, given)
        (back,) = cursor.fetchone()
        cursor.execute(_TAKE.format(which="true"), given)
        (begun,) = cursor.fetchone()
        done = {"begun": begun, "given_back": back}
        record(Event.COLLECTORS_CHANGED, by=by, using=BULK, on=on.isoformat(), **done)
    return done


def _record(
    event: Event, row: models.Enrolment, change: models.CollectorChange, by: Actor, under: Ground, **details: Any
) -> None:
    record(
        event,
        by=by,
        under=under,
        about_kind=row.grain,
        about_id=row.unit_id,
        area_number=row.area_number,
        programme=row.programme.code,
        enrolment=str(row.id),
        change=str(change.id),
        **details,
    )
