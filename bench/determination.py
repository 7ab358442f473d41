"""What a determination costs beside DuckDB SQL written by hand that gives the same three-valued answers.

Both read the same snapshot of the example country and fill the same table of answers: outcome, amount, and the names of
what is missing. The answers are compared row by row; a difference stops the benchmark. Then the decisions are written,
and once more with nothing changed.
"""

import time
from collections.abc import Callable
from typing import Any

import duckdb

from amparo.kernel.errors import Refused
from amparo.profiles.installing import install
from amparo.profiles.types import Profile
from amparo.programmes import evaluation
from amparo.programmes.actions import determine
from amparo.programmes.config import GROUND
from amparo.programmes.freezing import freeze
from amparo.programmes.rulebook import Rulebook, rulebook
from amparo.programmes.types import Engine
from amparo.registry.queries import household_count
from amparo.snapshot.queries import open_snapshot
from amparo.snapshot.types import Snapshot
from bench.imports import DECIDED_ON, peak_mb
from bench.invented import BY, invented
from bench.programmes import by_hand, widened

ROUNDS = 3
ANSWER = "programme_id, unit_id, household_id, outcome, amount, missing"


def run(
    profile: Profile,
    *,
    households: int,
    programmes: int = 3,
    seed: int = 1,
    tell: Callable[[str], None] = lambda stage: None,
) -> dict[str, Any]:
    """Freeze the country that stands in the scratch database, else an invented one; decide it, write the decisions."""
    install(widened(profile, programmes), by=BY)
    tell("snapshot")
    is_there = household_count(BY, using="bulk")[0]
    snapshot, snapshot_seconds = timed(
        lambda: freeze(on=DECIDED_ON, by=BY, under=GROUND) if is_there else invented(households, seed=seed)
    )
    tell("answers")
    measured = evaluations(snapshot)
    tell("decisions")
    first, again = decisions(snapshot), decisions(snapshot)
    return {
        "programmes": programmes,
        "households": snapshot.exports["households"].rows,
        "persons": snapshot.exports["households"].nested["members"],
        "snapshot_seconds": round(snapshot_seconds, 2),
        **measured,
        "decisions": first["decisions"],
        "write_seconds": first["write_seconds"],
        "decisions_per_second": round(first["decisions"] / first["write_seconds"]),
        "run_seconds": first["run_seconds"],
        "run_again_seconds": again["run_seconds"],
        "peak_mb": peak_mb(),
    }


def evaluations(snapshot: Snapshot) -> dict[str, Any]:
    """Time both ways to the answers, in turns, and keep the best of each; refuse answers that differ."""
    book = rulebook(DECIDED_ON, using="bulk")
    ours, hand = [], []
    for _ in range(ROUNDS):
        with open_snapshot(snapshot.id, by=BY, under=GROUND) as connection:
            evaluation.prepare(connection, snapshot.exports["households"], book)
            ours.append(timed(lambda: evaluation.evaluate(connection, book, engine=Engine.COLUMNAR))[1])
            hand.append(timed(lambda: evaluate_by_hand(connection, book))[1])
            expect_same(connection)
    return {
        "evaluate_seconds": round(min(ours), 3),
        "baseline_seconds": round(min(hand), 3),
        "ratio": round(min(ours) / min(hand), 2),
    }


def decisions(snapshot: Snapshot) -> dict[str, Any]:
    """Run a determination; return its decisions and how long writing them took within it."""
    started: list[float] = []

    def progress(share: float) -> None:
        if share >= 0.3 and not started:
            started.append(time.perf_counter())

    made, seconds = timed(lambda: determine(snapshot, on=DECIDED_ON, by=BY, under=GROUND, progress=progress))
    return {
        "decisions": made.total.decisions,
        "changed": made.total.changed,
        "decided_again": made.decided_again,
        "result_hash": made.result_hash,
        "run_seconds": round(seconds, 2),
        "write_seconds": round(time.perf_counter() - started[0], 2),
    }


def expect_same(connection: duckdb.DuckDBPyConnection) -> None:
    differing = connection.execute(
        f"SELECT count(*) FROM ((SELECT {ANSWER} FROM answer EXCEPT ALL SELECT {ANSWER} FROM by_hand)"
        f" UNION ALL (SELECT {ANSWER} FROM by_hand EXCEPT ALL SELECT {ANSWER} FROM answer))"
    ).fetchone()[0]
    if differing:
        raise Refused("bench-answers-differ", count=differing)


def evaluate_by_hand(connection: duckdb.DuckDBPyConnection, book: Rulebook) -> None:
    """Answer as somebody would who knows these programmes and DuckDB, and nothing else."""
    ids = {each.code: each.programme_id for each in book.programmes}
    figures = {name: each.value for name, each in book.parameters.on(book.on).items()}
    connection.execute("DROP TABLE IF EXISTS by_hand")
    connection.execute(f"CREATE TABLE by_hand AS SELECT {ANSWER} FROM answer LIMIT 0")
    for statement in by_hand(len(ids), figures, ids):
        connection.execute(statement)


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    start = time.perf_counter()
    return work(), time.perf_counter() - start
