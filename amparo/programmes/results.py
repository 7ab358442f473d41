"""What a run finds: the answers, what they change, and the run's totals; of everybody, or since the last run.

Where only some households are decided again, the totals are those of the last run, less what those households had
answered then, plus what they answer now. So a narrowed run gives the hash, counts and tallies of a full one.

Shape   leaves `change` and `tally` in the snapshot's connection, for `publishing`
Units   weights as in `evaluation`; hashes are numbers modulo 2^64, in two halves
Nulls   as in `evaluation`
Errors  as in `evaluation`; one who cannot be narrowed (`narrowing`) is decided in full
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import duckdb
import pyarrow as pa
from django.db import connections

from amparo.programmes import evaluation, models, narrowing, publishing, ranking
from amparo.programmes.inforce import InForce
from amparo.programmes.narrowing import Base
from amparo.programmes.publishing import BULK, Seen
from amparo.programmes.rulebook import Rulebook, figures_as_kept
from amparo.programmes.types import Counts, Engine
from amparo.registry.queries import dictionary
from amparo.snapshot.queries import open_snapshot
from amparo.snapshot.types import Snapshot
from amparo.trust.types import Actor, Ground

Tell = Callable[[float], None]
OUTCOMES = ("decisions", "true", "false", "unknown")
HALF = 2**64


@dataclass(frozen=True)
class Totals:
    """Of each programme: its part of the result hash, the weight granted and in all, units by outcome."""

    hashes: Mapping[str, str]
    weights: Mapping[str, tuple[float, float]]
    counts: Mapping[str, Mapping[str, int]]


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

    @property
    def hash(self) -> str:
        return sum_of_hashes(self.totals.hashes.values())

    @property
    def shares(self) -> dict[str, float | None]:
        return {code: granted / all if all > 0 else None for code, (granted, all) in self.totals.weights.items()}


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
            if narrowing.find(connection, old, base, book):
                return _since(connection, old, base, run, snapshot, book, tell)
    evaluation.evaluate(connection, book, engine=Engine(run.engine), tell=tell)
    totals = _totals(connection, book)
    publishing.tally(connection)
    return _compared(connection, snapshot, book, totals)


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
    evaluation.evaluate(connection, whole, engine=engine, tell=lambda share: tell(share / 2))
    everybody = _totals(connection, whole)
    connection.execute("ALTER TABLE answer RENAME TO answered")
    narrowed = replace(book, programmes=base.programmes)
    _narrow(connection)
    evaluation.evaluate(connection, narrowed, engine=engine, tell=lambda share: tell((1 + share) / 2))
    totals = _joined(everybody, _moved(base.run, before, _totals(connection, narrowed)))
    _take_units(connection, old)
    connection.execute("INSERT INTO answer SELECT * FROM answered")
    publishing.tally(connection)
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
    publishing.tally(old)
    return _totals(old, book)


def _narrow(connection: duckdb.DuckDBPyConnection) -> None:
    """Let `household` be only those that are decided again."""
    connection.execute("ALTER VIEW household RENAME TO everybody")
    connection.execute("CREATE TABLE household AS SELECT * FROM everybody SEMI JOIN again USING (household_id)")


def _compared(
    connection: duckdb.DuckDBPyConnection,
    snapshot: Snapshot,
    book: Rulebook,
    totals: Totals,
    narrowed: set[int] = frozenset(),
) -> Results:
    households, persons = connection.execute("SELECT count(*), coalesce(sum(size), 0)::BIGINT FROM home").fetchone()
    seen = publishing.compare(connection, book, snapshot, narrowed=narrowed)
    steps = publishing.counts(connection, book)
    counts = {code: _whole(each, totals.counts[code]) for code, each in steps.items()}
    quotas = ranking.quotas(connection, book)
    return Results(households, persons, totals, counts, seen, quotas, None, households)


def _whole(found: Counts, outcomes: Mapping[str, int]) -> Counts:
    """Return the counts of a programme with those that were not decided again among the unchanged."""
    not_asked = outcomes["decisions"] - found.decisions
    return replace(found, **outcomes, unchanged=found.unchanged + not_asked)


def _totals(connection: duckdb.DuckDBPyConnection, book: Rulebook) -> Totals:
    by_programme = {each.code: replace(book, programmes=(each,)) for each in book.programmes}
    return Totals(
        hashes={code: evaluation.result_hash(connection, each) for code, each in by_programme.items()},
        weights=evaluation.weights(connection, book),
        counts={each.code: _outcomes(connection, each) for each in book.programmes},
    )


def _outcomes(connection: duckdb.DuckDBPyConnection, programme: InForce) -> dict[str, int]:
    found = connection.execute(
        "SELECT count(*), count(*) FILTER (outcome), count(*) FILTER (NOT outcome), count(*) FILTER (outcome IS NULL)"
        " FROM answer WHERE programme_id = ?",
        [programme.programme_id],
    ).fetchone()
    return dict(zip(OUTCOMES, found, strict=True))


def _joined(one: Totals, other: Totals) -> Totals:
    return Totals(**{name: {**getattr(one, name), **getattr(other, name)} for name in ("hashes", "weights", "counts")})


def _moved(last: models.Determination, before: Totals, now: Totals) -> Totals:
    """Return the totals of the last run, less what was, plus what is."""
    return Totals(
        hashes={
            code: sum_of_hashes([last.hashes[code], now.hashes[code]], less=before.hashes[code]) for code in now.hashes
        },
        weights={
            code: tuple(
                was - less + plus
                for was, less, plus in zip(last.weights[code], before.weights[code], each, strict=True)
            )
            for code, each in now.weights.items()
        },
        counts={
            code: {name: last.counts[code][name] - before.counts[code][name] + each[name] for name in OUTCOMES}
            for code, each in now.counts.items()
        },
    )


def sum_of_hashes(hashes, *, less: str = "0" * 32) -> str:
    """Return the sum of result hashes, half by half modulo 2^64, less one of them."""
    halves = [(int(each[:16], 16), int(each[16:], 16)) for each in hashes]
    gone = int(less[:16], 16), int(less[16:], 16)
    return "".join(
        f"{(sum(half) - minus) % HALF:016x}" for half, minus in zip(zip(*halves, strict=True), gone, strict=True)
    )


def _take_units(connection: duckdb.DuckDBPyConnection, old: duckdb.DuckDBPyConnection) -> None:
    """Make `unit`: everybody whose decisions may change, because they are or were in a household decided again."""
    connection.register("stream", old.execute("SELECT DISTINCT unit_id::VARCHAR AS id FROM answer").to_arrow_reader())
    connection.execute(
        "CREATE TABLE unit AS SELECT unit_id FROM answer UNION SELECT id::UUID FROM stream"
        " UNION SELECT unit_id FROM singly"
    )
    connection.unregister("stream")


_TALLY = {
    "programme_id": pa.int16(),
    "area_number": pa.int64(),
    "outcome": pa.bool_(),
    "units": pa.int64(),
    "amount": pa.int64(),
}


def _move_tally(connection: duckdb.DuckDBPyConnection, old: duckdb.DuckDBPyConnection, base: Base) -> None:
    ids = [each.programme_id for each in base.programmes]
    with connections[BULK].cursor() as cursor:
        cursor.execute(
            "SELECT programme_id, area_number, outcome, units, amount_minor FROM programmes_tally"
            " WHERE run_id = %s AND programme_id = ANY (%s)",
            [base.run.id, ids],
        )
        rows = list(zip(*cursor.fetchall(), strict=True)) or [[]] * len(_TALLY)
    connection.register("was", pa.table(dict(zip(_TALLY, map(pa.array, rows, _TALLY.values()), strict=True))))
    narrowing.stream(old, "SELECT * FROM tally", connection, "before")
    connection.execute("""
        CREATE TABLE moved AS
        SELECT programme_id, area_number, outcome, sum(units)::BIGINT AS units, sum(amount)::BIGINT AS amount
        FROM (FROM tally UNION ALL FROM was
            UNION ALL SELECT programme_id, area_number, outcome, -units, -amount FROM before)
        GROUP BY ALL HAVING sum(units) <> 0
    """)
    connection.unregister("was")
    connection.execute("DROP TABLE tally")
    connection.execute("ALTER TABLE moved RENAME TO tally")
