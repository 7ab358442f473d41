"""The answers of a run against the decisions that stand, and the writing of those that changed.

Nothing that stands is locked while a country's decisions are written. Only at the end, for the moment in which old
decisions are superseded, must a change to a single household wait; what was decided about a household in between
prevails over the run.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import adbc_driver_postgresql.dbapi as adbc
import duckdb
from django.db import connections, transaction

from amparo.kernel import clock
from amparo.kernel.copying import ROWS_A_BATCH, copy_into, in_binary, rows
from amparo.kernel.errors import Refused
from amparo.programmes import models
from amparo.programmes.evaluation import Tell
from amparo.programmes.rulebook import Rulebook
from amparo.programmes.steps import STEP_SQL, WRITES, Step
from amparo.programmes.types import Counts, State
from amparo.snapshot.stream import arrow_connection, bulk_login
from amparo.snapshot.types import Snapshot

BULK = "bulk"
# Advisory locks of this database: one run at a time; and the gate that a run closes while it supersedes.
RUN_LOCK, GATE_LOCK = 7266_01, 7266_02
LATER = "later"
# Clocks of two machines may differ; a decision seen twice does no harm.
CLOCK_MARGIN = timedelta(minutes=1)

# Read whole: an index would fetch a country's rows one by one, in the order of areas and not of the disk.
_READ_WHOLE = ("enable_indexscan = off", "enable_bitmapscan = off", "enable_hashjoin = on")
# Read unit by unit: a unit's rows lie together, so that a sample of the table tells too many of each, and the planner would
# rather read them all (three minutes, and not eleven seconds, of fifty million).
_READ_BY_UNIT = ("enable_hashjoin = off", "enable_mergejoin = off")
_STANDING = """
SELECT d.id, d.decided_at, d.programme_id, d.unit_id, d.household_id, d.area_number, d.outcome, d.amount_minor AS amount,
    d.missing, CASE WHEN d.outcome IS FALSE THEN d.rank - d.places END AS waiting, d.rule_version_id, d.state, d.on_day, d.run_id IS NULL AS is_single,
    coalesce(r.known_at, d.decided_at) AS known_at
FROM programmes_decision d
LEFT JOIN programmes_determination r ON r.id = d.run_id
WHERE d.superseded_at IS NULL AND d.programme_id IN ({programmes})
"""

_COMPARED = (
    "id",
    "decided_at",
    "household_id",
    "outcome",
    "amount",
    "missing",
    "waiting",
    "rule_hash",
    "state",
    "on_day",
    "known_at",
)


def _named(alias: str) -> str:
    return ", ".join(f"{alias}.{column} AS {alias}_{column}" for column in _COMPARED)


# Benefits of units that the snapshot no longer holds are unknown now: what is missing is the unit itself.
_CHANGE = f"""
CREATE TABLE change AS
WITH in_effect AS (SELECT * FROM standing WHERE state = '{State.IN_EFFECT}'),
pending AS (SELECT * FROM standing WHERE state <> '{State.IN_EFFECT}'),
newly AS (
    SELECT programme_id, unit_id, household_id, area_number, outcome, amount, missing, rank, places, false AS is_absent
    FROM answer JOIN home USING (household_id)
    UNION ALL
    SELECT s.programme_id, s.unit_id, s.household_id, s.area_number, NULL, NULL, [rule.grain], NULL, NULL, true
    FROM in_effect s JOIN rule ON rule.programme_id = s.programme_id
    ANTI JOIN answer a ON a.programme_id = s.programme_id AND a.unit_id = s.unit_id
    WHERE s.outcome OR s.waiting IS NOT NULL
),
beside AS (
    SELECT n.programme_id, n.unit_id, n.area_number, n.is_absent, rule.grain, rule.rule_version_id,
        n.household_id AS n_household_id, n.outcome AS n_outcome, n.amount AS n_amount, n.missing AS n_missing,
        n.rank AS n_rank, n.places AS n_places, CASE WHEN n.outcome IS FALSE THEN n.rank - n.places END AS n_waiting,
        rule.rule_hash AS n_rule_hash, {_named("s")}, {_named("p")}
    FROM newly n
    JOIN rule ON rule.programme_id = n.programme_id
    LEFT JOIN in_effect s ON s.programme_id = n.programme_id AND s.unit_id = n.unit_id
    LEFT JOIN pending p ON p.programme_id = n.programme_id AND p.unit_id = n.unit_id
),
stepped AS (
    SELECT *, CASE
        WHEN s_known_at > $taken_at OR p_known_at > $taken_at OR s_on_day > $on OR p_on_day > $on THEN '{LATER}'
        ELSE {STEP_SQL}
    END AS step
    FROM beside
)
SELECT programme_id, unit_id, n_household_id AS household_id, area_number, is_absent, grain, rule_version_id,
    n_outcome AS outcome, n_amount AS amount, n_missing AS missing, n_rank AS rank, n_places AS places, step,
    s_id, s_decided_at, p_id, p_decided_at, s_outcome, s_amount
FROM stepped WHERE step <> '{Step.CONFIRM}'
"""

# In the order of the units: the index by unit then grows at its end, and does not fetch a page for each row.
_WRITTEN = f"""
SELECT uuidv7() AS id, programme_id, rule_version_id, grain, unit_id, household_id, area_number, outcome,
    amount AS amount_minor, rank, places, missing,
    CASE step {" ".join(f"WHEN '{step}' THEN '{state}'" for step, state in WRITES.items())} END AS state,
    $decided_at AS decided_at, $run AS run_id, $on AS on_day
FROM (FROM change WHERE step IN ({", ".join(f"'{step}'" for step in WRITES)}) ORDER BY unit_id, programme_id)
"""
_COLUMNS = {
    "id": "uuid",
    "programme_id": "smallint",
    "rule_version_id": "bigint",
    "grain": "text",
    "unit_id": "uuid",
    "household_id": "uuid",
    "area_number": "bigint",
    "outcome": "boolean",
    "amount_minor": "bigint",
    "rank": "integer",
    "places": "integer",
    "missing": "text[]",
    "state": "text",
    "decided_at": "timestamptz",
    "run_id": "uuid",
    "on_day": "date",
}
_TALLY = {
    "run_id": "uuid",
    "programme_id": "smallint",
    "area_number": "bigint",
    "outcome": "boolean",
    "units": "bigint",
    "amount_minor": "bigint",
}
_ENDED = f"""
SELECT s_id AS id, s_decided_at AS decided_at FROM change WHERE step = '{Step.TAKE_EFFECT}' AND s_id IS NOT NULL
UNION ALL
SELECT p_id, p_decided_at FROM change WHERE step <> '{LATER}' AND p_id IS NOT NULL
"""


@contextmanager
def one_run_at_a_time() -> Iterator[None]:
    """Hold the run's lock. Raises Refused while another run is under way; a killed run's lock is gone with it."""
    with connections[BULK].cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [RUN_LOCK])
        if not cursor.fetchone()[0]:
            raise Refused("programmes-run-under-way")
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [RUN_LOCK])


def share_gate(using: str) -> None:
    """Wait, in the caller's transaction, while a run supersedes decisions; a run waits for the transaction to end."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [GATE_LOCK])


@dataclass(frozen=True)
class Seen:
    """What the comparison has seen of decisions about single households: all up to `until`, and since then `ids`."""

    until: datetime
    ids: list[UUID]


def compare(
    connection: duckdb.DuckDBPyConnection, book: Rulebook, snapshot: Snapshot, *, narrowed: Collection[int] = ()
) -> Seen:
    """Make `change`: every unit whose decision must be written or ended, with the step to take.

    `narrowed` are the programmes of which `answer` holds only what was decided again: those of `unit`.
    """
    until = clock.now() - CLOCK_MARGIN
    with transaction.atomic(using=BULK):
        close_gate()  # waits for those who are writing now, so that the read that follows sees them
    _read_standing(connection, book, narrowed)
    connection.execute(
        "CREATE TABLE rule (programme_id SMALLINT, rule_version_id BIGINT, rule_hash VARCHAR, grain VARCHAR)"
    )
    for each in book.programmes:
        row = [each.programme_id, each.rule_version, each.hash, each.unit.value]
        connection.execute("INSERT INTO rule VALUES (?, ?, ?, ?)", row)
    connection.execute(_CHANGE, {"taken_at": snapshot.taken_at, "on": book.on})
    recent = connection.execute("SELECT id FROM standing WHERE is_single AND decided_at > ?", [until]).fetchall()
    connection.execute("DROP TABLE standing")
    return Seen(until, [each[0] for each in recent])


def write(connection: duckdb.DuckDBPyConnection, run: UUID, book: Rulebook, *, seen: Seen, tell: Tell) -> datetime:
    """Write the decisions that changed and end those they supersede, in the caller's transaction; return the instant of all."""
    decided_at = clock.now()
    with connections[BULK].cursor() as cursor:
        cursor.execute("SELECT amparo_ensure_months('programmes_decision', %s::date, 14)", [decided_at])
        values = {"decided_at": decided_at.isoformat(), "run": str(run), "on": book.on.isoformat()}
        total = connection.execute("SELECT count(*) FROM change").fetchone()[0]
        copy(connection, _WRITTEN, cursor, "programmes_decision", _COLUMNS, values, total=total, tell=tell)
        cursor.execute("CREATE TEMP TABLE ended (id uuid, decided_at timestamptz) ON COMMIT DROP")
        copy(connection, _ENDED, cursor, "ended", {"id": "uuid", "decided_at": "timestamptz"})
        cursor.execute("ANALYZE ended")
        close_gate()
        _yield_to_later(cursor, run, decided_at, seen)
        cursor.execute(
            "UPDATE programmes_decision d SET superseded_at = %s FROM ended e"
            " WHERE d.id = e.id AND d.decided_at = e.decided_at AND d.superseded_at IS NULL",
            [decided_at],
        )
        cursor.execute("SELECT amparo_shelter_decisions()")
        cursor.execute("SELECT amparo_measure_decisions(%s)", [total])
    return decided_at


_STEPS = """
SELECT programme_id, map_from_entries(list((step, units))), sum(absent)::BIGINT FROM (
    SELECT programme_id, step, count(*) AS units, count(*) FILTER (is_absent) AS absent FROM change GROUP BY ALL
) GROUP BY ALL
"""
_CONTESTED = "SELECT programme_id, sum(contested)::BIGINT FROM contest GROUP BY ALL"


def counts(
    connection: duckdb.DuckDBPyConnection, book: Rulebook, outcomes: Mapping[str, Mapping[str, int]]
) -> dict[str, Counts]:
    """Return the outcomes of each programme with what they do to the decisions that stand."""
    steps = {id: (by_step, absent) for id, by_step, absent in connection.execute(_STEPS).fetchall()}
    contested = dict(connection.execute(_CONTESTED).fetchall())
    return {
        each.code: replace(
            _counts(outcomes[each.code], *steps.get(each.programme_id, ({}, 0))),
            contested=contested.get(each.programme_id) or 0,
        )
        for each in book.programmes
    }


def _counts(outcomes: Mapping[str, int], steps: Mapping[str, int], absent: int) -> Counts:
    return Counts(
        **outcomes,
        changed=steps.get(Step.TAKE_EFFECT, 0),
        proposed=steps.get(Step.PROPOSE, 0),
        review=steps.get(Step.REVIEW, 0),
        withdrawn=steps.get(Step.WITHDRAW, 0),
        unchanged=outcomes["decisions"] - sum(steps.values()) + absent,
        absent=absent,
        later=steps.get(LATER, 0),
    )


def write_tallies(connection: duckdb.DuckDBPyConnection, run: UUID) -> None:
    """Write how many units of each area were found to be what, for maps and tables."""
    query = "SELECT $run AS run_id, programme_id, area_number, outcome, units, amount AS amount_minor FROM tally"
    with connections[BULK].cursor() as cursor:
        copy(connection, query, cursor, "programmes_tally", _TALLY, {"run": str(run)})


def close_gate() -> None:
    """Let nobody decide about a single household until the caller's transaction ends."""
    with connections[BULK].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [GATE_LOCK])


def _read_standing(connection: duckdb.DuckDBPyConnection, book: Rulebook, narrowed: Collection[int]) -> None:
    versions = models.RuleVersion.objects.using(BULK).values_list("id", "hash")
    connection.execute("CREATE TEMP TABLE version (rule_version_id BIGINT, rule_hash VARCHAR)")
    connection.executemany("INSERT INTO version VALUES (?, ?)", [list(each) for each in versions])
    whole = [str(each.programme_id) for each in book.programmes if each.programme_id not in narrowed]
    with arrow_connection(bulk_login()) as source, source.cursor() as cursor:
        if narrowed:
            _tell_units(connection, cursor)
            _set(cursor, _READ_BY_UNIT)
            wanted = _STANDING.format(programmes=", ".join(map(str, narrowed)))
            _take_standing(connection, cursor, f"{wanted} AND d.unit_id IN (SELECT id::uuid FROM wanted)")
        if whole or not narrowed:
            _set(cursor, _READ_WHOLE)
            _take_standing(connection, cursor, _STANDING.format(programmes=", ".join(whole) or "NULL"))


def _set(cursor: adbc.Cursor, settings: Collection[str]) -> None:
    for each in settings:
        cursor.execute(f"SET LOCAL {each}")


def _tell_units(connection: duckdb.DuckDBPyConnection, cursor: adbc.Cursor) -> None:
    units = connection.execute("SELECT unit_id::VARCHAR AS id FROM unit").to_arrow_reader(ROWS_A_BATCH)
    cursor.adbc_ingest("wanted", units, mode="create", temporary=True)
    cursor.execute("ANALYZE wanted")


def _take_standing(connection: duckdb.DuckDBPyConnection, cursor: adbc.Cursor, statement: str) -> None:
    cursor.execute(statement)
    connection.register("stream", cursor.fetch_record_batch())
    is_first = not connection.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'standing'").fetchone()
    into = "CREATE TABLE standing AS" if is_first else "INSERT INTO standing"
    connection.execute(f"{into} SELECT * FROM stream JOIN version USING (rule_version_id)")
    connection.unregister("stream")


def copy(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    cursor: Any,
    table: str,
    columns: Mapping[str, str],
    values: Mapping[str, Any] | None = None,
    *,
    total: int = 0,
    tell: Tell = lambda share: None,
) -> None:
    """COPY what a query of DuckDB's gives, made binary a batch at a time, within the cursor's transaction."""
    reading = rows(connection, query, columns, values)
    with cursor.copy(copy_into(table, columns)) as copy:
        for done, piece in enumerate(in_binary(reading)):
            copy.write(piece)
            tell(min(done * ROWS_A_BATCH / total, 1.0) if total else 1.0)


def _yield_to_later(cursor, run: UUID, decided_at: datetime, seen: Seen) -> None:
    """Let what was decided about single households meanwhile prevail: end our rows for those units, none of theirs."""
    cursor.execute(
        "SELECT programme_id, unit_id FROM programmes_decision"
        " WHERE run_id IS NULL AND decided_at > %s AND NOT id = ANY (%s)",
        [seen.until, seen.ids],
    )
    later = cursor.fetchall()
    if not later:
        return
    values = [decided_at, run, decided_at, [each[0] for each in later], [each[1] for each in later]]
    cursor.execute(
        "UPDATE programmes_decision SET superseded_at = %s WHERE run_id = %s AND decided_at = %s"
        " AND (programme_id, unit_id) IN (SELECT * FROM unnest(%s::smallint[], %s::uuid[]))",
        values,
    )
    cursor.execute(
        "DELETE FROM ended e USING programmes_decision d WHERE d.id = e.id AND d.decided_at = e.decided_at"
        " AND (d.programme_id, d.unit_id) IN (SELECT * FROM unnest(%s::smallint[], %s::uuid[]))",
        values[3:],
    )
