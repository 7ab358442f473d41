"""Counts the log's new rows: what each officer and partner did on each day, and where. Each row is counted once.

Rows that have come to rest are taken by their place, as for a seal (`trust.sealing`), and how far the count has come is written
in the same transaction: a run that ends half-way has counted nothing, and the next one catches up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ROWS_AT_ONCE = 200_000

# What an officer does with what they read.
ACTS = (
    *("observation-recorded", "household-moved", "group-formed", "group-ended", "link-revoked", "household-determined"),
    *("notice-given", "reply-recorded", "decision-reviewed", "consent-given", "consent-withdrawn"),
)
# A record that was opened, and not a name among others that a search found.
OPENED = "(event IN ('household-read', 'person-read', 'decision-read') AND details->>'seen' IS DISTINCT FROM 'search')"
NIGHT = """(NOT extract(isodow FROM at AT TIME ZONE %(zone)s) = ANY (%(weekdays)s)
    OR extract(hour FROM at AT TIME ZONE %(zone)s) < %(opens)s OR extract(hour FROM at AT TIME ZONE %(zone)s) >= %(closes)s)"""
MISSED = "event = 'households-found' AND details->>'by_what' <> 'name' AND details->>'found' = '0'"
LENT = """(CASE WHEN jsonb_typeof(details->'persons') = 'array' THEN jsonb_array_length(details->'persons') ELSE 0 END
    + CASE WHEN jsonb_typeof(details->'households') = 'array' THEN jsonb_array_length(details->'households') ELSE 0 END)"""

_HORIZON = "SELECT place, amparo_audit_place(pg_snapshot_xmin(pg_current_snapshot())) FROM trust_watched FOR UPDATE"
_UPTO = "SELECT place FROM trust_audit WHERE place > %s AND place < %s ORDER BY place, id OFFSET %s LIMIT 1"
_FRESH = f"""
CREATE TEMP TABLE fresh ON COMMIT DROP AS
SELECT (at AT TIME ZONE %(zone)s)::date AS day, event, by_id, by_kind, about_kind, about_id, area_number, details,
       CASE by_kind WHEN 'partner' THEN agreement ELSE '' END AS agreement,
       amparo_shown(event, details) AS shown, {OPENED} AS is_opened, {NIGHT} AS is_night
FROM trust_audit WHERE place > %(after)s AND place < %(below)s AND by_id IS NOT NULL AND by_kind IN ('officer', 'partner')
"""
_USE = f"""
INSERT INTO trust_use AS held
SELECT by_id, agreement, day, sum(shown), count(*) FILTER (WHERE event = ANY (%(acts)s)),
       count(*) FILTER (WHERE is_night AND shown > 0 AND details->>'seen' IS DISTINCT FROM 'search'), count(*) FILTER (WHERE {MISSED}),
       count(*) FILTER (WHERE event IN ('denied', 'exchange-refused')),
       count(*) FILTER (WHERE event = 'denied' AND details->>'reason' = %(spent)s),
       coalesce(sum((details->>'decisions')::bigint) FILTER (WHERE event = 'decisions-exported'), 0),
       count(*) FILTER (WHERE event IN ('role-granted', 'role-confirmed') OR event = 'password-changed' AND details ? 'given'),
       coalesce(sum({LENT}) FILTER (WHERE event = 'records-exchanged'), 0)
FROM fresh GROUP BY by_id, agreement, day
ON CONFLICT (by_id, agreement, day) DO UPDATE SET
    shown = held.shown + excluded.shown, acts = held.acts + excluded.acts, night = held.night + excluded.night,
    missed = held.missed + excluded.missed, denied = held.denied + excluded.denied, stopped = held.stopped + excluded.stopped,
    exported = held.exported + excluded.exported, granted = held.granted + excluded.granted, lent = held.lent + excluded.lent
"""
_AREAS = """
INSERT INTO trust_used_area AS held
SELECT by_id, area_number, min(day) FROM fresh WHERE is_opened AND area_number IS NOT NULL AND by_kind = 'officer' GROUP BY 1, 2
ON CONFLICT (by_id, area_number) DO UPDATE SET first_on = least(held.first_on, excluded.first_on)
"""


@dataclass(frozen=True)
class Counted:
    """How many of the rows that were taken count for somebody, and whether more wait."""

    rows: int
    has_more: bool


def count_next(cursor: Any, values: Mapping[str, Any]) -> Counted:
    """Count the next rows into `trust_use`, and leave them in the temporary table `fresh`.

    Two runs at once wait for each other at the first statement.
    """
    cursor.execute(_HORIZON)
    after, below = cursor.fetchone()
    cursor.execute(_UPTO, [after, below, ROWS_AT_ONCE])
    row = cursor.fetchone()
    if row:
        below = row[0] + 1  # a transaction's rows are counted together, however many they are
    if below <= after + 1:
        return Counted(0, False)
    given = {**values, "after": after, "below": below, "acts": list(ACTS)}
    cursor.execute(_FRESH, given)
    rows = cursor.rowcount
    for statement in (_USE, _AREAS):
        cursor.execute(statement, given)
    cursor.execute("UPDATE trust_watched SET place = %s", [below - 1])
    return Counted(rows, row is not None)
