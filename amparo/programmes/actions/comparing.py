"""Whether the columnar engine and the reference engine decide a snapshot the same way."""

from datetime import date
from uuid import UUID

import duckdb

from amparo.programmes import evaluation
from amparo.programmes.publishing import BULK
from amparo.programmes.rulebook import Rulebook, rulebook
from amparo.programmes.types import Comparison, Engine
from amparo.snapshot.queries import open_snapshot, snapshot
from amparo.trust.types import Actor, Ground, Permission

SHOWN = 10

_DIFFERING = """
CREATE TABLE differing AS
SELECT programme_id, unit_id, coalesce(a.household_id, b.household_id) AS household_id
FROM columnar a FULL JOIN answer b USING (programme_id, unit_id)
WHERE a.household_id IS NULL OR b.household_id IS NULL OR a.outcome IS DISTINCT FROM b.outcome
    OR a.amount IS DISTINCT FROM b.amount OR a.missing IS DISTINCT FROM b.missing
    OR a.rank IS DISTINCT FROM b.rank
"""


def cross_check(snapshot_id: UUID, *, on: date, by: Actor, under: Ground) -> Comparison:
    """Decide everybody in a snapshot with both engines and compare, writing no decision."""
    by = by.narrowed(Permission.DETERMINE)
    book, frozen = rulebook(on, using=BULK), snapshot(snapshot_id)
    with open_snapshot(snapshot_id, by=by, under=under) as connection:
        evaluation.prepare(connection, frozen.exports["households"], book)
        evaluation.evaluate(connection, book, engine=Engine.COLUMNAR, into="columnar")
        evaluation.evaluate(connection, book, engine=Engine.REFERENCE)
        connection.execute(_DIFFERING)
        return _compared(connection, book)


def _compared(connection: duckdb.DuckDBPyConnection, book: Rulebook) -> Comparison:
    codes = {each.programme_id: each.code for each in book.programmes}
    households, decisions, differing, in_households = connection.execute(
        "SELECT (SELECT count(*) FROM home), (SELECT count(*) FROM answer),"
        " (SELECT count(*) FROM differing), (SELECT count(DISTINCT household_id) FROM differing)"
    ).fetchone()
    shown = connection.execute("SELECT programme_id, unit_id FROM differing ORDER BY ALL LIMIT ?", [SHOWN]).fetchall()
    return Comparison(
        households=households,
        households_equal=households - in_households,
        decisions=decisions,
        equal=decisions - differing,
        differing=tuple((codes[programme], unit) for programme, unit in shown),
    )
