"""What a determination costs beside DuckDB SQL written by hand that gives the same three-valued answers.

Both read the same snapshot of the example country and fill the same table of answers: outcome, amount, and the names of
what is missing. The answers are compared row by row; a difference stops the benchmark. Then the decisions are written,
and once more with nothing changed.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from amparo.kernel.errors import Refused
from amparo.kernel.exports import Grade
from amparo.profiles.synth import generate
from amparo.profiles.types import Profile
from amparo.programmes import evaluation
from amparo.programmes.actions import determine
from amparo.programmes.config import GROUND
from amparo.programmes.rulebook import Rulebook, fields_read, groups_read, rulebook
from amparo.programmes.types import Engine
from amparo.registry.exports import households as households_export
from amparo.registry.queries import dictionary, household_count
from amparo.snapshot.actions import take
from amparo.snapshot.queries import open_snapshot
from amparo.snapshot.types import Snapshot
from amparo.trust.types import system
from bench.imports import DECIDED_ON, FILES, OBSERVED_ON, imported, peak_mb

BY = system("bench")
ROUNDS = 3
ANSWER = "programme_id, unit_id, household_id, outcome, amount, missing"


def run(
    profile: Profile, *, households: int, seed: int = 1, tell: Callable[[str], None] = lambda stage: None
) -> dict[str, Any]:
    """Import an invented country, unless the scratch database holds one; freeze it, decide it, write the decisions."""
    if not household_count(BY, using="bulk")[0]:
        with tempfile.TemporaryDirectory(prefix="amparo-bench-") as folder:
            tell("bench-people")
            made = generate(profile, households=households, seed=seed, folder=Path(folder), on=OBSERVED_ON)
            tell("bench-import")
            imported(profile, [made.files[name] for name in FILES])
    tell("bench-snapshot")
    snapshot, snapshot_seconds = timed(frozen)
    tell("bench-engines")
    measured = evaluations(snapshot)
    tell("bench-decisions")
    first, again = decisions(snapshot), decisions(snapshot)
    return {
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


def frozen() -> Snapshot:
    words, groups = dictionary(using="bulk"), groups_read(using="bulk")
    exports = [households_export(words, reads=fields_read(using="bulk"), groups=groups)]
    return take(exports, grade=Grade.DECISION, on=DECIDED_ON, by=BY, under=GROUND)


def evaluations(snapshot: Snapshot) -> dict[str, Any]:
    """Time both ways to the answers, in turns, and keep the best of each; refuse answers that differ."""
    book = rulebook(DECIDED_ON, using="bulk")
    ours, by_hand = [], []
    for _ in range(ROUNDS):
        with open_snapshot(snapshot.id, by=BY, under=GROUND) as connection:
            evaluation.prepare(connection, snapshot.exports["households"], book)
            ours.append(timed(lambda: evaluation.evaluate(connection, book, engine=Engine.COLUMNAR))[1])
            by_hand.append(timed(lambda: evaluate_by_hand(connection, book))[1])
            expect_same(connection)
    return {
        "evaluate_seconds": round(min(ours), 3),
        "baseline_seconds": round(min(by_hand), 3),
        "ratio": round(min(ours) / min(by_hand), 2),
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
    """Answer the example's three programmes as somebody would who knows them and DuckDB, and nothing else."""
    ids = {each.code: each.programme_id for each in book.programmes}
    figures = {name: each.value for name, each in book.parameters.on(book.on).items()}
    named = {**figures, "today": f"{book.on:%Y%m%d}", **ids}
    connection.execute("DROP TABLE IF EXISTS by_hand")
    connection.execute(f"CREATE TABLE by_hand AS SELECT {ANSWER} FROM answer LIMIT 0")
    connection.execute(f"INSERT INTO by_hand {CHILD_GRANT.format(**named)}")
    connection.execute(f"CREATE TEMP TABLE person AS {PERSONS.format(**named)}")
    for programme in ("old_age_pension", "disability_benefit"):
        connection.execute(
            f"INSERT INTO by_hand SELECT {ids[programme]}, person_id, household_id, {programme}, {programme}_amount,"
            f" {programme}_missing FROM person"
        )
    connection.execute("DROP TABLE person")


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    start = time.perf_counter()
    return work(), time.perf_counter() - start


# A household's members are asked once each: 1 counts as a child, 0 does not, null is not known.
CHILD_GRANT = """
WITH asked AS (
    SELECT household_id, size, income_per_month, list_transform(members, lambda m: CASE
        WHEN ({today} - (year(m.birth_date) * 10000 + month(m.birth_date) * 100 + day(m.birth_date))) // 10000
            < {child_age} OR m.pregnant THEN 1 WHEN m.birth_date IS NULL OR m.pregnant IS NULL THEN NULL ELSE 0 END
    ) AS counts, members
    FROM household
),
counted AS (
    SELECT *, coalesce(list_sum(counts), 0) AS sure, len(counts) - list_count(counts) AS unsure,
        size >= 1 AS lived_in,
        CASE WHEN size > 0 THEN income_per_month / size <= {poverty_line} END AS poor
    FROM asked
),
decided AS (
    SELECT *,
        CASE WHEN NOT lived_in OR NOT poor OR (sure = 0 AND unsure = 0) THEN false
             WHEN poor IS NULL OR sure = 0 THEN NULL ELSE true END AS outcome,
        least(sure, {child_grant_children}) AS least_sure,
        least(sure + unsure, {child_grant_children}) AS least_possible
    FROM counted
),
unclear AS (
    SELECT *, CASE WHEN outcome AND least_sure = least_possible THEN least_sure * {child_grant_amount} END AS amount,
        (outcome IS NULL AND sure = 0 AND unsure > 0) OR (outcome AND least_sure <> least_possible) AS members_unclear
    FROM decided
)
SELECT {child_grant}, household_id, household_id, outcome, amount,
    CASE WHEN outcome IS NULL OR members_unclear THEN list_filter([
        CASE WHEN members_unclear AND len(list_filter(members, lambda m: m.birth_date IS NULL
            AND m.pregnant IS NOT TRUE)) > 0 THEN 'birth_date' END,
        CASE WHEN outcome IS NULL AND poor IS NULL AND income_per_month IS NULL THEN 'income_per_month' END,
        CASE WHEN members_unclear AND len(list_filter(members, lambda m: m.pregnant IS NULL
            AND (({today} - (year(m.birth_date) * 10000 + month(m.birth_date) * 100 + day(m.birth_date))) // 10000
                < {child_age}) IS NOT TRUE)) > 0 THEN 'pregnant' END
    ], lambda name: name IS NOT NULL) ELSE [] END
FROM unclear
"""

PERSONS = """
WITH member AS (
    SELECT household_id, unnest(members, max_depth := 1) AS m FROM household
),
person AS (
    SELECT household_id, m.person_id AS person_id, m.disability_assessed AS assessed, m.disability_grade AS grade,
        m.contributory_pension AS insured, m.birth_date AS birth_date,
        ({today} - (year(m.birth_date) * 10000 + month(m.birth_date) * 100 + day(m.birth_date))) // 10000 AS age
    FROM member
),
decided AS (
    SELECT *,
        CASE WHEN age < {pension_age} OR insured THEN false
             WHEN age IS NULL OR insured IS NULL THEN NULL ELSE true END AS old_age_pension,
        CASE WHEN NOT assessed OR grade < {disability_threshold} OR age >= {pension_age} THEN false
             WHEN assessed IS NULL OR grade IS NULL OR age IS NULL THEN NULL ELSE true END AS disability_benefit
    FROM person
)
SELECT household_id, person_id, old_age_pension, disability_benefit,
    CASE WHEN old_age_pension THEN CASE WHEN age >= {pension_supplement_age}
        THEN {pension_amount} + {pension_supplement} ELSE {pension_amount} END END AS old_age_pension_amount,
    CASE WHEN disability_benefit THEN CASE WHEN grade >= {disability_severe}
        THEN {disability_severe_amount} ELSE {disability_amount} END END AS disability_benefit_amount,
    CASE WHEN old_age_pension IS NULL THEN list_filter([
        CASE WHEN age IS NULL THEN 'birth_date' END, CASE WHEN insured IS NULL THEN 'contributory_pension' END
    ], lambda name: name IS NOT NULL) ELSE [] END AS old_age_pension_missing,
    CASE WHEN disability_benefit IS NULL THEN list_filter([
        CASE WHEN age IS NULL THEN 'birth_date' END, CASE WHEN assessed IS NULL THEN 'disability_assessed' END,
        CASE WHEN grade IS NULL THEN 'disability_grade' END
    ], lambda name: name IS NOT NULL) ELSE [] END AS disability_benefit_missing
FROM decided
"""
