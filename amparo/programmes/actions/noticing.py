"""A decision for the worse on its way: notice, reply, review, and the day on which it takes effect.

Units   a notice given on a day takes effect the programme's `notice_days` later, never before
Nulls   a programme without a notice period gives no notice, so nothing for the worse takes effect
Errors  what was overtaken by another decision, or has taken effect, is refused; so is a reviewer who made the decision,
        and in a trial every notice and effect, but for the demo's (`trust.stage`)
Source  docs/decisions/0006-for-the-worse.md
"""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connections, transaction

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, Refused
from amparo.kernel.events import announce
from amparo.kernel.ids import uuid7
from amparo.programmes import models, publishing, suspending
from amparo.programmes.publishing import BULK
from amparo.programmes.queries.noticing import makers_of, notice_of, pending_row, place_of
from amparo.programmes.telling import tell_of_effects, tell_of_notice, tell_of_notices
from amparo.programmes.types import Counts, DecisionsMade, Notice
from amparo.trust.eyes import is_same_human
from amparo.trust.keys.encryption import encrypt
from amparo.trust.keys.keyring import sealing
from amparo.trust.log.recording import record
from amparo.trust.scope import within
from amparo.trust.stage import expect_live
from amparo.trust.types import Actor, ActorKind, Event, Ground, Permission

_GIVE = """
INSERT INTO programmes_notice (id, decision_id, decided_at, programme_id, unit_id, household_id, area_number, was_minor,
    law, needs_review, appeal_days, given_on, given_by, takes_effect_on)
SELECT amparo_uuid7(), d.id, d.decided_at, d.programme_id, d.unit_id, d.household_id, d.area_number, s.amount_minor,
    p.procedure->>'law', (p.procedure->>'needs_review')::boolean, (p.procedure->>'appeal_days')::int, %(on)s, %(by)s,
    %(on)s + (p.procedure->>'notice_days')::int
FROM programmes_decision d
JOIN programmes_programme p ON p.id = d.programme_id
LEFT JOIN programmes_decision s ON s.unit_id = d.unit_id AND s.programme_id = d.programme_id
    AND s.superseded_at IS NULL AND s.state = 'in-effect'
WHERE d.superseded_at IS NULL AND d.state = 'proposed' AND p.procedure->>'notice_days' IS NOT NULL AND {which}
ON CONFLICT (decision_id) DO NOTHING
RETURNING id
"""
_GIVE_ALL = f"WITH made AS ({_GIVE}) INSERT INTO given SELECT id FROM made"
# Noticed, its day come, and reviewed where the programme or a reply demands it; what a review denied never takes effect.
_DUE = """
CREATE TEMP TABLE due ON COMMIT DROP AS
SELECT n.id AS notice_id, amparo_uuid7() AS effect, p.id, p.decided_at, p.programme_id, p.unit_id
FROM programmes_notice n
JOIN programmes_decision p ON p.id = n.decision_id AND p.decided_at = n.decided_at
    AND p.superseded_at IS NULL AND p.state = 'proposed'
LEFT JOIN LATERAL (SELECT max(recorded_at) AS at FROM programmes_reply WHERE notice_id = n.id) reply ON true
LEFT JOIN LATERAL (SELECT confirms, reviewed_at AS at FROM programmes_review WHERE notice_id = n.id
    ORDER BY reviewed_at DESC, id DESC LIMIT 1) review ON true
WHERE n.effect IS NULL AND n.takes_effect_on <= %(on)s AND CASE
    WHEN review.confirms IS NULL THEN NOT n.needs_review AND reply.at IS NULL
    ELSE review.confirms AND (reply.at IS NULL OR review.at > reply.at)
END AND NOT ({suspended})
"""
_TAKE_EFFECT = (
    """
    INSERT INTO programmes_decision (id, decided_at, run_id, programme_id, rule_version_id, grain, unit_id, household_id,
        area_number, outcome, amount_minor, rank, places, missing, on_day, state, facts, made_by)
    SELECT due.effect, %(now)s, run_id, programme_id, rule_version_id, grain, unit_id, household_id,
        area_number, outcome, amount_minor, rank, places, missing, on_day, 'in-effect', facts, made_by
    FROM due JOIN programmes_decision p USING (id, decided_at, programme_id, unit_id)
    """,
    """
    UPDATE programmes_decision d SET superseded_at = %(now)s FROM due
    WHERE d.unit_id = due.unit_id AND d.programme_id = due.programme_id AND d.superseded_at IS NULL AND d.id <> due.effect
    """,
    """
    UPDATE programmes_notice n SET effect = due.effect, took_effect_at = %(now)s FROM due WHERE n.id = due.notice_id
    """,
)


@transaction.atomic
def give_notice(decision_id: UUID, *, by: Actor, under: Ground, on: date) -> Notice:
    """Record that a proposed decision is made known on a day, today or later; return the notice, which can be printed.

    Raises Refused for a day that has passed: the time to reply would be shortened.
    """
    by = by.narrowed(Permission.GIVE_NOTICE)
    expect_live(may_be_demo=True)
    _expect_ahead(on)
    row = pending_row(decision_id, by=by)
    with connections["default"].cursor() as cursor:
        cursor.execute(_GIVE.format(which="d.id = %(id)s"), {"on": on, "by": by.id, "id": row.id})
        given = cursor.fetchone()
    if given is None:
        raise Refused("programmes-notice-not-possible")
    tell_of_notice(given[0], by=by)
    _record(Event.NOTICE_GIVEN, row, by, under, notice=str(given[0]), on=on.isoformat())
    return notice_of(models.Notice.objects.get(id=given[0]))


def give_notices(programmes: Collection[str], *, by: Actor, under: Ground, on: date) -> int:
    """Record for all proposed decisions of these programmes that lack it that they are made known; return how many."""
    by = by.narrowed(Permission.GIVE_NOTICE)
    expect_live(using=BULK, may_be_demo=True)
    _expect_ahead(on)
    with transaction.atomic(using=BULK), connections[BULK].cursor() as cursor:
        values = {"on": on, "by": by.id, "codes": list(programmes)}
        cursor.execute("CREATE TEMP TABLE given (id uuid) ON COMMIT DROP")
        cursor.execute(_GIVE_ALL.format(which="p.code = ANY (%(codes)s)"), values)
        given = cursor.rowcount
        tell_of_notices(by=by, using=BULK)
        cursor.execute("DROP TABLE given")
        record(
            Event.NOTICES_GIVEN,
            by=by,
            under=under,
            about_kind="programme",
            about_id=",".join(sorted(programmes))[:64],
            using=BULK,
            notices=given,
            on=on.isoformat(),
        )
    return given


@transaction.atomic
def record_reply(notice_id: UUID, words: str, *, by: Actor, under: Ground, on: date) -> UUID:
    """Take down what somebody answered to a notice, and on which day it came; a review must follow."""
    by = by.narrowed(Permission.GIVE_NOTICE)
    notice = _waiting(notice_id, by)
    if not words.strip():
        raise Refused("programmes-reply-empty")
    if not notice.given_on <= on <= clock.today():
        raise Refused("programmes-reply-day")
    id = uuid7()
    models.Reply.objects.create(
        id=id,
        notice=notice,
        area_number=notice.area_number,
        received_on=on,
        words=encrypt("reply", words.strip().encode(), place_of("reply", id), key=sealing()),
        recorded_by=by.id,
        recorded_at=clock.now(),
    )
    _record(Event.REPLY_RECORDED, notice, by, under, notice=str(notice_id))
    return id


@transaction.atomic
def review(notice_id: UUID, *, confirms: bool, reason: str, by: Actor, under: Ground, on: date) -> UUID:
    """Say as a named person other than the maker whether a change for the worse may take effect, and why.

    The last review counts, and one that came before the last reply does not.
    """
    by = by.narrowed(Permission.REVIEW_DECISION)
    notice = _waiting(notice_id, by)
    if by.kind is not ActorKind.OFFICER or is_same_human(by, *makers_of(notice)):
        raise Refused("programmes-reviewer-is-maker")
    if not reason.strip():
        raise Refused("programmes-review-without-reason")
    id = uuid7()
    models.Review.objects.create(
        id=id,
        notice=notice,
        area_number=notice.area_number,
        confirms=confirms,
        reason=encrypt("review", reason.strip().encode(), place_of("review", id), key=sealing()),
        reviewed_by=by.id,
        reviewed_at=clock.now(),
    )
    _record(Event.DECISION_REVIEWED, notice, by, under, notice=str(notice_id), confirms=confirms, on=on.isoformat())
    return id


def take_effect(*, on: date, by: Actor) -> int:
    """Put into effect what was noticed and is due on the day; return how many decisions. Done twice, it does nothing.

    Raises Refused for a day that has not come, and while a run is under way: what that finds must not be overtaken.
    """
    by = by.narrowed(Permission.DETERMINE)
    expect_live(using=BULK, may_be_demo=True)
    if on > clock.today():
        raise Refused("programmes-effect-ahead", day=on)
    with publishing.one_run_at_a_time(), transaction.atomic(using=BULK), connections[BULK].cursor() as cursor:
        publishing.close_gate()
        now = clock.now()
        cursor.execute("SELECT amparo_ensure_months('programmes_decision', %s::date, 14)", [now])
        cursor.execute(_DUE.format(suspended=suspending.suspended()), {"on": on})
        for statement in _TAKE_EFFECT:
            cursor.execute(statement, {"now": now})
        cursor.execute(
            "SELECT p.code, count(*) FROM due JOIN programmes_programme p ON p.id = due.programme_id GROUP BY p.code"
        )
        counts = dict(cursor.fetchall())
        tell_of_effects(by=by, using=BULK)
        cursor.execute("DROP TABLE due")
        record(Event.DECISIONS_TOOK_EFFECT, by=by, using=BULK, on=on.isoformat(), decisions=counts)
        announce(DecisionsMade(None, None, {code: Counts(changed=each) for code, each in counts.items()}))
    return sum(counts.values())


def _expect_ahead(on: date) -> None:
    if on < clock.today():
        raise Refused("programmes-notice-backdated", day=on)


def _waiting(notice_id: UUID, by: Actor) -> models.Notice:
    """Return a notice whose decision still waits for its day."""
    row = within(models.Notice.objects.filter(id=notice_id), by).first()
    if row is None:
        raise NotFound("programmes-notice-unknown")
    standing = models.Decision.objects.filter(id=row.decision_id, decided_at=row.decided_at, superseded_at=None)
    if row.effect or not standing.exists():
        raise Refused("programmes-notice-over")
    return row


def _record(event: Event, row: Any, by: Actor, under: Ground, **details: Any) -> None:
    record(
        event,
        by=by,
        under=under,
        about_kind="household" if row.unit_id == row.household_id else "person",
        about_id=row.unit_id,
        area_number=row.area_number,
        **details,
    )
