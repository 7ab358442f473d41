"""What a large country costs: ten programmes over an invented snapshot, decided, and where asked published twice.

All programmes are asked of households, so that five million homes have fifty million decisions. In the second snapshot
one home in twenty earns something else.
"""

from collections.abc import Callable
from typing import Any

from django.db import connections

from amparo.profiles.installing import install
from amparo.profiles.types import Profile
from amparo.programmes import answers, evaluation
from amparo.programmes.config import GROUND
from amparo.programmes.rulebook import rulebook
from amparo.programmes.totals import total
from amparo.programmes.types import Engine
from amparo.snapshot.queries import open_snapshot
from amparo.snapshot.types import Snapshot
from bench.determination import decisions, timed
from bench.imports import DECIDED_ON, peak_mb
from bench.invented import BY, invented
from bench.programmes import of_homes, widened


def run(
    profile: Profile,
    *,
    households: int,
    publish: bool = False,
    programmes: int = 10,
    seed: int = 1,
    tell: Callable[[str], None] = lambda stage: None,
) -> dict[str, Any]:
    """Invent a country and decide it; with `publish` write its decisions, and once more when a twentieth has changed."""
    install(of_homes(widened(profile, programmes)), by=BY)
    tell("snapshot")
    first, seconds = timed(lambda: invented(households, seed=seed))
    found = {
        "households": households,
        "persons": first.exports["households"].nested["members"],
        "programmes": programmes,
        "snapshot_seconds": round(seconds, 1),
    }
    tell("answers")
    found |= decided(first)
    if publish:
        tell("decisions")
        found |= {"first": decisions(first)}
        tell("vacuum")
        rested()
        tell("next")
        found |= {"next": decisions(invented(households, seed=seed, changed=20))}
    return {**found, "peak_mb": peak_mb()}


def rested() -> None:
    """Let the database do at once what it does by itself in the hours between two runs."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) programmes_decision")


def decided(snapshot: Snapshot) -> dict[str, Any]:
    """Time all answers, their archive as encrypted Parquet, and the hash that is read from it."""
    book = rulebook(DECIDED_ON, using="bulk")
    with open_snapshot(snapshot.id, by=BY, under=GROUND) as connection:
        evaluation.prepare(connection, snapshot.exports["households"], book)
        _, evaluated = timed(lambda: evaluation.evaluate(connection, book, engine=Engine.COLUMNAR))
        files, archived = timed(lambda: answers.archive(connection, answers.ANSWER))
        totals, summed = timed(lambda: total(connection, book))
        size = sum(each.stat().st_size for each in files)
    seconds = evaluated + archived + summed
    return {
        "evaluate_seconds": round(evaluated, 1),
        "archive_seconds": round(archived, 1),
        "hash_seconds": round(summed, 1),
        "seconds": round(seconds, 1),
        "microseconds_per_household": round(1e6 * seconds / snapshot.exports["households"].rows, 2),
        "answers": sum(each["decisions"] for each in totals.counts.values()),
        "archive_mb": size >> 20,
        "result_hash": totals.hash,
    }
