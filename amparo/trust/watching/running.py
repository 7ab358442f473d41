"""Runs the watch: counts what is new in the log, and raises an alert of everything unusual, each once."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.db import connections, transaction

from amparo.kernel import clock
from amparo.trust.log.recording import record
from amparo.trust.log.serving import BUDGET_SPENT
from amparo.trust.stated import watch_config
from amparo.trust.types import Actor, AlertKind, Event
from amparo.trust.watching.counting import ACTS, NIGHT, count_next
from amparo.trust.watching.rules import COLLEAGUES, OF_WINDOW, RULES, WHO, Rule

BULK = "bulk"
ROWS = 200  # of the log that an alert names at most, the first ones

# Told again of the same day only where more was observed; of a longer time not before that time is over. What somebody has
# looked at is open again when twice as much is observed.
_RAISE = """
INSERT INTO trust_alert AS held (id, kind, by_id, agreement, about, day, since, until, observed, threshold, concerned, rows,
                                 found_at, state, judged)
SELECT amparo_uuid7(), %(kind)s, by_id, agreement, about, %(day)s,
       (%(day)s::date - {days} + 1)::timestamp AT TIME ZONE %(zone)s, (%(day)s::date + 1)::timestamp AT TIME ZONE %(zone)s,
       observed, threshold, concerned,
       ARRAY(SELECT a.id FROM trust_audit a WHERE {whose} AND {window} AND ({evidence}) ORDER BY a.at, a.id LIMIT {rows}),
       %(now)s, 'open', 0
FROM ({found}) found
WHERE NOT EXISTS (
    SELECT FROM trust_alert told WHERE told.kind = %(kind)s AND told.by_id IS NOT DISTINCT FROM found.by_id
        AND told.agreement = found.agreement AND told.about = found.about
        AND told.day < %(day)s AND told.day > %(day)s::date - {days})
ON CONFLICT (kind, by_id, agreement, about, day) DO UPDATE SET
    observed = excluded.observed, rows = excluded.rows, concerned = excluded.concerned,
    state = CASE WHEN held.state <> 'open' AND excluded.observed >= 2 * held.judged THEN 'open' ELSE held.state END
WHERE excluded.observed > held.observed
RETURNING xmax = 0
"""


@dataclass(frozen=True)
class Watched:
    """How many rows of the log were counted, and how many alerts are new."""

    rows: int = 0
    alerts: int = 0


def watch(*, by: Actor) -> Watched:
    """Count everything new and raise what is unusual, some hundred thousand rows a transaction, until nothing new is left.

    Days are gone through in their order, so that catching up after a stop finds what would have been found at the time.
    """
    config = watch_config(using=BULK)
    values = asdict(config) | {"weekdays": list(config.weekdays), "spent": BUDGET_SPENT, "acts": list(ACTS)}
    rows = alerts = 0
    while True:
        with transaction.atomic(using=BULK), connections[BULK].cursor() as cursor:
            counted = count_next(cursor, values)
            raised = _raise_all(cursor, values) if counted.rows else {}
            if raised:
                record(Event.ALERTS_RAISED, by=by, about_kind="alerts", using=BULK, alerts=raised)
        rows, alerts = rows + counted.rows, alerts + sum(raised.values())
        if not counted.has_more:
            return Watched(rows, alerts)


def _raise_all(cursor: Any, values: Mapping[str, Any]) -> dict[str, int]:
    """Raise what each day says that has new rows; return kind → how many alerts are new."""
    cursor.execute(WHO)
    cursor.execute("ANALYZE fresh, touched, peer")
    cursor.execute("SELECT DISTINCT day FROM touched ORDER BY day")
    raised: dict[str, int] = {}
    for (day,) in cursor.fetchall():
        for kind, count in _raise_of(cursor, day, values).items():
            raised[kind] = raised.get(kind, 0) + count
    return raised


def _raise_of(cursor: Any, day: date, values: Mapping[str, Any]) -> dict[str, int]:
    given = {**values, "day": day, "now": clock.now()}
    for statement in COLLEAGUES:
        cursor.execute(statement, given)
    new = {}
    for kind, rule in RULES.items():
        cursor.execute(_statement(kind, rule), given | {"kind": kind.value})
        if count := sum(is_new for (is_new,) in cursor.fetchall()):
            new[kind.value] = count
    return new


def _statement(kind: AlertKind, rule: Rule) -> str:
    is_of_all = kind is AlertKind.FAMOUS
    return _RAISE.format(
        days=rule.days,
        rows=ROWS,
        found=rule.found,
        whose="a.about_kind IN ('household', 'person') AND a.by_kind = 'officer'"
        if is_of_all
        else "a.by_id = found.by_id",
        window=OF_WINDOW.format(days=rule.days),
        evidence=rule.evidence.replace("%(night)s", NIGHT.replace(" at ", " a.at ")),
    )
