"""Suspension and exit, and the way back: a person's acts, on a ground of law, after notice, confirmed where that is demanded.

Units   a notice given on a day takes effect the programme's `notice_days` later; an exit on a fact, on the day of the fact
Nulls   a programme without a notice period suspends nobody and ends nothing for the worse. Unknown never ends an enrolment:
        an exit that rests on a decision needs one in effect that is false
Errors  what is over, was noticed already, or rests on nothing is refused; so is whoever confirms their own notice, and in a
        trial every notice, but for the demo's (`trust.stage`)
"""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connections, transaction

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, Refused
from amparo.kernel.events import announce
from amparo.programmes import models
from amparo.programmes.enrolment import Basis, restored
from amparo.programmes.procedure import restored as procedure_of
from amparo.programmes.publishing import BULK
from amparo.programmes.reaching import enrolment_for, programme_for
from amparo.programmes.types import EnrolmentChanged, EnrolmentState, State, StepsTaken
from amparo.trust.eyes import is_same_human
from amparo.trust.log.recording import record
from amparo.trust.scope import within
from amparo.trust.stage import expect_live
from amparo.trust.types import Actor, ActorKind, Event, Ground, Permission

# Noticed, its day come, confirmed where that is demanded, and not overtaken by what became of the enrolment since.
_TAKE = """
WITH due AS (
    SELECT n.id AS notice_id, n.enrolment_id, n.state, n.reason, n.law, n.until, n.given_by, n.under, n.takes_effect_on
    FROM programmes_enrolmentnotice n JOIN programmes_enrolment e ON e.id = n.enrolment_id
    WHERE n.withdrawn_at IS NULL AND n.took_effect_at IS NULL AND n.takes_effect_on <= %(on)s
        AND (NOT n.needs_review OR n.confirmed_by IS NOT NULL)
        AND (e.state = 'enrolled' OR n.state = 'ended' AND e.state <> 'ended') AND {which}
), changed AS (
    UPDATE programmes_enrolment e SET state = due.state, ends_on = CASE due.state WHEN 'ended' THEN due.takes_effect_on END,
        suspended_until = CASE due.state WHEN 'suspended' THEN due.until END
    FROM due WHERE e.id = due.enrolment_id
    RETURNING e.programme_id, e.area_number, due.*
), stepped AS (
    INSERT INTO programmes_enrolmentstep
        (enrolment_id, programme_id, area_number, at, on_day, state, reason, law, by_id, under, until)
    SELECT enrolment_id, programme_id, area_number, %(now)s, takes_effect_on, state, reason, law, given_by, under, until
    FROM changed
), told AS (
    UPDATE programmes_enrolmentnotice n SET took_effect_at = %(now)s FROM changed WHERE n.id = changed.notice_id
)
SELECT count(*) FILTER (WHERE state = 'suspended'), count(*) FILTER (WHERE state = 'ended') FROM changed
"""
_REINSTATE = """
WITH changed AS (
    UPDATE programmes_enrolment e SET state = 'enrolled', suspended_until = NULL WHERE e.state = 'suspended' AND {which}
    RETURNING e.id, e.programme_id, e.area_number
), stepped AS (
    INSERT INTO programmes_enrolmentstep (enrolment_id, programme_id, area_number, at, on_day, state, reason, law, by_id, under)
    SELECT id, programme_id, area_number, %(now)s, %(on)s, 'enrolled', '', '', %(by)s, %(under)s FROM changed
)
SELECT count(*) FROM changed
"""


@transaction.atomic
def suspend(enrolment_id: UUID, ground: str, *, by: Actor, under: Ground, on: date, until: date | None = None) -> UUID:
    """Give notice on a day, today or later, that an enrolment will be suspended; return the notice.

    `until`  the day on which it ends by itself; None: when somebody reinstates it
    """
    row = enrolment_for(enrolment_id, by)
    if row.state != EnrolmentState.ENROLLED:
        raise Refused("programmes-enrolment-not-enrolled")
    stated = restored(row.programme.enrolment).suspension_ground(ground)
    effect = _after_notice(row, on)
    if until is not None and until <= effect:
        raise Refused("programmes-suspension-until", day=effect)
    return _noticed(
        row, EnrolmentState.SUSPENDED, stated.code, stated.law, by=by, under=under, on=on, effect=effect, until=until
    )


@transaction.atomic
def end(enrolment_id: UUID, reason: str, *, by: Actor, under: Ground, on: date) -> UUID:
    """Give notice that an enrolment ends, for a reason of the programme's list; return the notice.

    `on`  the day of the notice, today or later; for a reason that is a fact, the day of the fact, which ends it
    """
    row = enrolment_for(enrolment_id, by)
    if row.state == EnrolmentState.ENDED:
        raise Refused("programmes-enrolment-over")
    stated = restored(row.programme.enrolment).exit_reason(reason)
    if stated.basis is Basis.DECISION:
        _expect_refused(row)
    effect = _after_notice(row, on) if stated.basis is Basis.NOTICE else on
    given = clock.today() if stated.basis is not Basis.NOTICE else on
    return _noticed(
        row, EnrolmentState.ENDED, stated.code, stated.law, by=by, under=under, on=given, effect=effect, until=None
    )


@transaction.atomic
def reinstate(enrolment_id: UUID, *, by: Actor, under: Ground, on: date) -> None:
    """End a suspension from a day on. What it did not give meanwhile is for the programme's payments to say."""
    row = enrolment_for(enrolment_id, by)
    with connections["default"].cursor() as cursor:
        given = {"id": row.id, "now": clock.now(), "on": on, "by": by.id, "under": under.purpose}
        cursor.execute(_REINSTATE.format(which="e.id = %(id)s"), given)
        if cursor.fetchone()[0] == 0:
            raise Refused("programmes-enrolment-not-suspended")
    _record(Event.ENROLMENT_REINSTATED, row, by, under, on=on.isoformat())
    announce(EnrolmentChanged(row.id, row.programme.code, EnrolmentState.ENROLLED, on))


@transaction.atomic
def confirm_notice(enrolment_id: UUID, *, by: Actor, under: Ground, on: date) -> None:
    """Confirm as a person other than who gave the open notice that it may take effect; it does so where its day has come."""
    by = by.narrowed(Permission.REVIEW_DECISION)
    notice = _open_notice(enrolment_id, by)
    if by.kind is not ActorKind.OFFICER or is_same_human(by, notice.given_by):
        raise Refused("programmes-confirmer-is-maker")
    if _rests_on_decision(notice):
        _expect_refused(notice.enrolment)
    notice.confirmed_by, notice.confirmed_at = by.id, clock.now()
    notice.save(update_fields=["confirmed_by", "confirmed_at"])
    _record(Event.ENROLMENT_NOTICE_CONFIRMED, notice.enrolment, by, under, notice=str(notice.id))
    _take_if_due(notice.enrolment, notice)


@transaction.atomic
def withdraw_notice(enrolment_id: UUID, *, by: Actor, under: Ground) -> None:
    """Take the open notice back before it takes effect, as after somebody has answered it: the enrolment stays as it is."""
    by = by.narrowed(Permission.ENROL)
    notice = _open_notice(enrolment_id, by)
    programme_for(notice.programme.code, by)
    notice.withdrawn_by, notice.withdrawn_at = by.id, clock.now()
    notice.save(update_fields=["withdrawn_by", "withdrawn_at"])
    _record(Event.ENROLMENT_NOTICE_WITHDRAWN, notice.enrolment, by, under, notice=str(notice.id))


def take_steps(*, on: date, by: Actor) -> dict[str, int]:
    """Carry out what was noticed and is due on a day, and end the suspensions whose day has come; return how many of each.

    Done twice, it does nothing. Raises Refused for a day that has not come.
    """
    by = by.narrowed(Permission.ENROL)
    expect_live(using=BULK, may_be_demo=True)
    if on > clock.today():
        raise Refused("programmes-effect-ahead", day=on)
    with transaction.atomic(using=BULK), connections[BULK].cursor() as cursor:
        given = {"on": on, "now": clock.now(), "by": by.id, "under": ""}
        cursor.execute(_REINSTATE.format(which="e.suspended_until <= %(on)s"), given)
        (reinstated,) = cursor.fetchone()
        cursor.execute(_TAKE.format(which="true"), given)
        suspended, ended = cursor.fetchone()
        done = {"reinstated": reinstated, "suspended": suspended, "ended": ended}
        record(Event.ENROLMENT_STEPS_TAKEN, by=by, using=BULK, on=on.isoformat(), **done)
        if steps := sum(done.values()):
            announce(StepsTaken(steps, BULK))
    return done


def _open_notice(enrolment_id: UUID, by: Actor) -> models.EnrolmentNotice:
    """Return the notice about an enrolment in reach that has not taken effect, locked."""
    if not within(models.Enrolment.objects.filter(id=enrolment_id), by).exists():
        raise NotFound("programmes-enrolment-unknown")
    rows = within(models.EnrolmentNotice.objects.filter(enrolment_id=enrolment_id), by).select_for_update()
    row = rows.filter(withdrawn_at=None, took_effect_at=None).first()
    if row is None:
        raise Refused("programmes-enrolment-notice-over")
    return row


def _after_notice(row: models.Enrolment, on: date) -> date:
    """Return the day on which what is noticed on a day may take effect."""
    days = procedure_of(row.programme.procedure).notice_days
    if days is None:
        raise Refused("programmes-enrolment-without-notice", programme=row.programme.code)
    if on < clock.today():
        raise Refused("programmes-notice-backdated", day=on)
    return on + timedelta(days=days)


def _expect_refused(row: models.Enrolment) -> None:
    """Raise Refused unless a decision is in effect that grants nothing: unknown, or none, ends no enrolment."""
    standing = models.Decision.objects.filter(programme_id=row.programme_id, unit_id=row.unit_id, superseded_at=None)
    if not standing.filter(state=State.IN_EFFECT, outcome=False).exists():
        raise Refused("programmes-exit-without-decision")


def _rests_on_decision(notice: models.EnrolmentNotice) -> bool:
    exits = restored(notice.programme.enrolment).exits
    return any(each.code == notice.reason and each.basis is Basis.DECISION for each in exits) and (
        notice.state == EnrolmentState.ENDED
    )


def _noticed(
    row: models.Enrolment,
    state: EnrolmentState,
    reason: str,
    law: str,
    *,
    by: Actor,
    under: Ground,
    on: date,
    effect: date,
    until: date | None,
) -> UUID:
    expect_live(may_be_demo=True)
    if models.EnrolmentNotice.objects.filter(enrolment=row, withdrawn_at=None, took_effect_at=None).exists():
        raise Refused("programmes-enrolment-noticed")
    notice = models.EnrolmentNotice.objects.create(
        enrolment=row,
        programme_id=row.programme_id,
        area_number=row.area_number,
        state=state,
        reason=reason,
        law=law,
        until=until,
        needs_review=procedure_of(row.programme.procedure).needs_review,
        given_on=on,
        given_by=by.id,
        under=under.purpose,
        takes_effect_on=effect,
    )
    told = {"state": state.value, "reason": reason, "takes_effect_on": effect.isoformat()}
    _record(Event.ENROLMENT_NOTICED, row, by, under, notice=str(notice.id), **told)
    _take_if_due(row, notice)
    return notice.id


def _take_if_due(row: models.Enrolment, notice: models.EnrolmentNotice) -> None:
    today = clock.today()
    with connections["default"].cursor() as cursor:
        cursor.execute(_TAKE.format(which="n.id = %(id)s"), {"id": notice.id, "on": today, "now": clock.now()})
        suspended, ended = cursor.fetchone()
    if suspended or ended:
        announce(EnrolmentChanged(row.id, row.programme.code, EnrolmentState(notice.state), notice.takes_effect_on))


def _record(event: Event, row: models.Enrolment, by: Actor, under: Ground, **details: Any) -> None:
    record(
        event,
        by=by,
        under=under,
        about_kind=row.grain,
        about_id=row.unit_id,
        area_number=row.area_number,
        programme=row.programme.code,
        enrolment=str(row.id),
        **details,
    )
