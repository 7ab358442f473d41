"""What a run finds: the answers, what they change, and the run's totals; of everybody, or since the last run.

Where only some households are decided again, the totals are those of the last run, less what those households had
answered then, plus what they answer now. So a narrowed run gives the hash, counts and tallies of a full one.

Shape   leaves `change` and `tally` in the snapshot's connection, for `publishing`
Units   as in `totals`
Nulls   as in `evaluation`
Errors  as in `evaluation`; one who cannot be narrowed (`narrowing`) is decided in full
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import duckdb

from amparo.programmes import evaluation, models, narrowing, publishing, ranking
from amparo.programmes.answers import ANSWER
from amparo.programmes.narrowing import Base
from amparo.programmes.publishing import BULK, Seen
from amparo.programmes.rulebook import Rulebook, figures_as_kept
from amparo.programmes.totals import Totals, joined, moved, total
from amparo.programmes.types import Counts, Engine
from amparo.registry.queries import dictionary
from amparo.snapshot.queries import open_snapshot
from amparo.snapshot.stream import arrow_connection, bulk_login
from amparo.snapshot.types import Snapshot
from amparo.trust.types import Actor, Ground

Tell = Callable[[float], None]
# The answers about everybody of what cannot be narrowed, and those of who is decided again of what can.
OF_ALL, AGAIN = "answer_of_all", "answer_again"


@dataclass(frozen=True)
class Results:
    households: int
    persons: int
    totals: Totals
    counts: Mapping[str, Counts]
    seen: Seen
    quotas: Mapping[str, list[dict[str, Any]]]
    base: UUID | None
    decided_again: int


def find(
    connection: duckdb.DuckDBPyConnection,
    run: models.Determination,
    snapshot: Snapshot,
    book: Rulebook,
    *,
    by: Actor,
    under: Ground,
    tell: Tell,
) -> Results:
    """Answer, compare with what stands, and count. Writes nothing to the database."""
    evaluation.prepare(connection, snapshot.exports["households"], book)
    base = narrowing.base_of(run, snapshot, book)
    if base is not None:
        with open_snapshot(base.snapshot.id, by=by, under=under) as old:
            if narrowing.find(connection, old, base, book, snapshot.exports["households"]):
                return _since(connection, old, base, run, snapshot, book, tell)
    evaluation.evaluate(connection, book, engine=Engine(run.engine), tell=tell)
    found = total(connection, book)
    connection.execute("ALTER TABLE summed RENAME TO tally")
    return _compared(connection, snapshot, book, found)


def _since(
    connection: duckdb.DuckDBPyConnection,
    old: duckdb.DuckDBPyConnection,
    base: Base,
    run: models.Determination,
    snapshot: Snapshot,
    book: Rulebook,
    tell: Tell,
) -> Results:
    engine = Engine(run.engine)
    before = _answered_before(old, base, engine)
    whole = replace(book, programmes=tuple(each for each in book.programmes if each not in base.programmes))
    evaluation.evaluate(connection, whole, engine=engine, into=OF_ALL, tell=lambda share: tell(share / 2))
    everybody = total(connection, whole, OF_ALL)
    connection.execute("ALTER TABLE summed RENAME TO of_everybody")
    narrowed = replace(book, programmes=base.programmes)
    _narrow(connection)
    evaluation.evaluate(connection, narrowed, engine=engine, into=AGAIN, tell=lambda share: tell((1 + share) / 2))
    last = Totals(base.run.hashes, base.run.weights, base.run.counts)
    totals = joined(everybody, moved(last, before, total(connection, narrowed, AGAIN)))
    _take_units(connection, old)
    connection.execute(
        f"CREATE VIEW {ANSWER} AS SELECT * FROM {OF_ALL} UNION ALL SELECT * FROM {AGAIN} SEMI JOIN unit USING (unit_id)"
    )
    _move_tally(connection, old, base)
    results = _compared(connection, snapshot, book, totals, {each.programme_id for each in base.programmes})
    again = connection.execute("SELECT count(*) FROM again").fetchone()[0]
    return replace(results, base=base.run.id, decided_again=again)


def _answered_before(old: duckdb.DuckDBPyConnection, base: Base, engine: Engine) -> Totals:
    """Answer for the same households as the last run did: on its day, from its snapshot, with its figures."""
    figures, day = figures_as_kept(base.run.parameters, using=BULK), base.run.on_day
    book = Rulebook(day, base.programmes, figures, dictionary(using=BULK))
    evaluation.prepare(old, base.snapshot.exports["households"], book)
    _narrow(old)
    evaluation.evaluate(old, book, engine=engine)
    return total(old, book)


def _narrow(connection: duckdb.DuckDBPyConnection) -> None:
    """Let `household` be only those that are decided again."""
    connection.execute("ALTER VIEW household RENAME TO everybody")
    connection.execute("CREATE TABLE household AS SELECT * FROM everybody SEMI JOIN again USING (household_id)")


def _compared(
    connection: duckdb.DuckDBPyConnection,
    snapshot: Snapshot,
    book: Rulebook,
    totals: Totals,
    narrowed: Collection[int] = (),
) -> Results:
    households, persons = connection.execute("SELECT count(*), coalesce(sum(size), 0)::BIGINT FROM home").fetchone()
    seen = publishing.compare(connection, book, snapshot, narrowed=narrowed)
    counts = publishing.counts(connection, book, totals.counts)
    quotas = ranking.quotas(connection, book)
    return Results(households, persons, totals, counts, seen, quotas, None, households)


_ANSWERED = "programme_id, unit_id, household_id, outcome, amount, missing"


def _take_units(connection: duckdb.DuckDBPyConnection, old: duckdb.DuckDBPyConnection) -> None:
    """Make `unit`: everybody whose decisions may change, because they answer otherwise or were decided alone since.

    After a run, its answers change nothing about the decisions that stand or are proposed (`steps`: every answer is
    confirmed), and a programme of which that is not so is not narrowed (`narrowing.is_unchanged`). So whoever answers the
    same, and about whom nobody decided since, needs no comparison.
    """
    narrowing.stream(old, f"SELECT {_ANSWERED} FROM {ANSWER}", connection, "answered")
    connection.execute(f"""
        CREATE TABLE unit AS
        SELECT unit_id FROM (SELECT {_ANSWERED} FROM {AGAIN} EXCEPT SELECT {_ANSWERED} FROM answered)
        UNION SELECT unit_id FROM (SELECT {_ANSWERED} FROM answered EXCEPT SELECT {_ANSWERED} FROM {AGAIN})
        UNION SELECT unit_id FROM (SELECT * FROM {AGAIN} UNION ALL BY NAME SELECT * FROM answered)
            SEMI JOIN singly USING (household_id)
        UNION SELECT unit_id FROM singly
    """)
    connection.execute("DROP TABLE answered")


_SUMS = "SELECT programme_id, area_number, outcome, units, amount FROM"


def _move_tally(connection: duckdb.DuckDBPyConnection, old: duckdb.DuckDBPyConnection, base: Base) -> None:
    """Make `tally` of that of the last run, less what those households had answered, plus what they answer now."""
    ids = ", ".join(str(each.programme_id) for each in base.programmes)
    narrowing.stream(old, f"{_SUMS} summed", connection, "before")
    with arrow_connection(bulk_login()) as source, source.cursor() as cursor:
        cursor.execute(
            "SELECT programme_id, area_number, outcome, units, amount_minor AS amount FROM programmes_tally"
            f" WHERE run_id = '{base.run.id}' AND programme_id IN ({ids})"
        )
        connection.register("was", cursor.fetch_record_batch())
        connection.execute(f"""
            CREATE TABLE tally AS
            SELECT programme_id, area_number, outcome, sum(units)::BIGINT AS units, sum(amount)::BIGINT AS amount
            FROM ({_SUMS} of_everybody UNION ALL {_SUMS} summed UNION ALL {_SUMS} was
                UNION ALL SELECT programme_id, area_number, outcome, -units, -amount FROM before)
            GROUP BY ALL HAVING sum(units) <> 0
        """)
        connection.unregister("was")
