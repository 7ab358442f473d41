"""Snapshots are kept as long as a decision that rests on one can be appealed, and deleted afterwards."""

from datetime import date, timedelta

from django.db import connections

from amparo.programmes import models
from amparo.programmes.procedure import APPEAL_DAYS, Procedure, restored
from amparo.programmes.publishing import BULK
from amparo.programmes.rulebook import Rulebook
from amparo.snapshot import actions as snapshots
from amparo.trust.log.recording import record
from amparo.trust.types import Actor, Event, Permission

# What still waits for its day has its whole time of appeal before it.
_WAITING = """
SELECT r.snapshot_id, max(coalesce(n.takes_effect_on, %(on)s + coalesce((p.procedure->>'notice_days')::int, 0))
    + coalesce((p.procedure->>'appeal_days')::int, %(days)s))
FROM programmes_decision d
JOIN programmes_determination r ON r.id = d.run_id
JOIN programmes_programme p ON p.id = d.programme_id
LEFT JOIN programmes_notice n ON n.decision_id = d.id
WHERE d.superseded_at IS NULL AND d.state = 'proposed'
GROUP BY r.snapshot_id
"""
_TOOK_EFFECT = """
SELECT r.snapshot_id, max(greatest(n.takes_effect_on, n.took_effect_at::date) + n.appeal_days)
FROM programmes_notice n
JOIN programmes_decision d ON d.id = n.decision_id AND d.decided_at = n.decided_at
JOIN programmes_determination r ON r.id = d.run_id
WHERE n.took_effect_at IS NOT NULL
GROUP BY r.snapshot_id
"""


def keep_for_appeals(run: models.Determination, book: Rulebook, *, by: Actor) -> None:
    """Keep a run's snapshot until its last decision can no longer be appealed; part of the run, which is recorded."""
    rows = models.Programme.objects.using(BULK).filter(id__in=[each.programme_id for each in book.programmes])
    days = max(_days(restored(each.procedure)) for each in rows)
    snapshots.keep(run.snapshot_id, until=run.finished_at.date() + timedelta(days=days), by=by)


def _days(procedure: Procedure) -> int:
    return (procedure.notice_days or 0) + procedure.appeal_days


def expire_snapshots(*, on: date, by: Actor) -> int:
    """Keep what decisions still rest on, then delete the snapshots whose last day has passed; return how many."""
    by = by.narrowed(Permission.TAKE_SNAPSHOT)
    with connections[BULK].cursor() as cursor:
        for statement in (_WAITING, _TOOK_EFFECT):
            cursor.execute(statement, {"on": on, "days": APPEAL_DAYS})
            for snapshot, until in cursor.fetchall():
                snapshots.keep(snapshot, until=until, by=by)
    expired = snapshots.expire(on=on, by=by)
    record(Event.SNAPSHOTS_SWEPT, by=by, using=BULK, expired=expired)
    return expired
