"""Classing who receives several benefits at once: counted for all, and said of those that do not go together. Nothing is changed.

Shape   the rules of a profile in; counts of households by pair of programmes and class out, and by area to the table
Nulls   an unknown pair is counted as unknown, and follows nothing
Errors  none: whoever receives one benefit only, or is known only to a programme, overlaps with nobody
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import connections, transaction

from amparo.kernel import clock
from amparo.kernel.events import announce
from amparo.programmes import models
from amparo.programmes.overlapping import ALIVE, OVERLAPS, OverlapRule, values
from amparo.programmes.publishing import BULK
from amparo.programmes.types import OverlapClass, OverlapsClassed
from amparo.programmes.untelling import note_overlaps
from amparo.trust.log.recording import record
from amparo.trust.types import Actor, Event, Ground, Permission

_LIVE = f"CREATE TEMPORARY TABLE live ON COMMIT DROP AS {ALIVE}"
_CLASSED = f"CREATE TEMPORARY TABLE classed ON COMMIT DROP AS {OVERLAPS}"
_COUNTS = "SELECT first, second, overlap, count(*) FROM classed GROUP BY first, second, overlap ORDER BY first, second"
_SCHEMES = "SELECT scheme, count(*) FROM live GROUP BY scheme ORDER BY scheme"
# A programme beside itself: how many homes receive it at all.
_BY_AREA = """
    INSERT INTO programmes_overlap (run_id, area_number, first, second, overlap, households)
    SELECT %(run)s, area_number, first, second, overlap, count(*) FROM classed GROUP BY area_number, first, second, overlap
    UNION ALL
    SELECT %(run)s, area_number, scheme, scheme, '', count(*) FROM live GROUP BY area_number, scheme
"""


@transaction.atomic(using=BULK)
def class_overlaps(rules: Sequence[OverlapRule], *, by: Actor, under: Ground, on: date) -> dict[str, Any]:
    """Class every overlap of a day by the rules; return and keep the counts. Changes nobody's status.

    Of those that do not go together it is announced where they stand, so that a person looks and whoever it concerns is heard.
    """
    by = by.narrowed(Permission.DETERMINE)
    with connections[BULK].cursor() as cursor:
        cursor.execute(_LIVE, {"on": on})
        cursor.execute("ANALYZE live")
        cursor.execute(_SCHEMES)
        schemes = [{"scheme": scheme, "households": count} for scheme, count in cursor.fetchall()]
        cursor.execute(_CLASSED, values(rules))
        cursor.execute(_COUNTS)
        names = ("first", "second", "overlap", "households")
        overlaps = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    counts = {each.value: sum(o["households"] for o in overlaps if o["overlap"] == each) for each in OverlapClass}
    found = {"day": on.isoformat(), "schemes": schemes, "overlaps": overlaps, "counts": counts}
    run = models.OverlapRun.objects.using(BULK).create(day=on, counts=found, classed_by=by.id, classed_at=clock.now())
    with connections[BULK].cursor() as cursor:
        cursor.execute(_BY_AREA, {"run": run.id})
    note_overlaps(run)
    record(Event.OVERLAPS_CLASSED, by=by, under=under, about_kind="overlap-run", about_id=run.id, using=BULK, **counts)
    announce(OverlapsClassed(run.id, on, "SELECT * FROM classed WHERE overlap = 'incompatible'"))
    return found
