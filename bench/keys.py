"""What sealing everything anew costs, and those who look people up meanwhile.

Baselines: the same rows written back by batches of bare SQL, without cryptography; the same look-ups in peace, before and
after; a look-up by the number of a record, through a plain index.
"""

import json
import os
import random
import signal
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connections, transaction

from amparo.trust.actions import install_areas
from amparo.trust.keys.rotation import AT_ONCE, add_key, resting, rotate
from amparo.trust.keys.sealed import SealedColumn
from amparo.trust.keys.yielding import behind_others
from amparo.trust.types import AreaConfig, system
from tests.lib.sealed_rows import holder_of, identifier, plant

BY = system("bench")
PLANTED_AT_ONCE = 10_000
READS_IN_PEACE = 2_000
PAUSE_SECONDS = 0.002  # between two look-ups of the one who looks


def run(
    columns: Sequence[SealedColumn], *, rows: int, seed: int = 1, tell: Callable[[str], None] = lambda stage: None
) -> dict[str, Any]:
    """Return seconds and ratios over so many identifiers. Needs an empty scratch database, with keys of its own."""
    install_areas([AreaConfig("land", None, "country", "Land")], by=BY)
    tell("identifiers")
    for first in range(0, rows, PLANTED_AT_ONCE):
        plant(min(PLANTED_AT_ONCE, rows - first), first=first)
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT amparo_analyze_registry()")
    tell("baseline")
    baseline = timed(lambda: written_back(rows))
    by_number = milliseconds(lambda draw: numbered(draw.randrange(100_001, 100_001 + rows)), READS_IN_PEACE, seed)
    before = milliseconds(lambda draw: found(draw.randrange(rows)), READS_IN_PEACE, seed)
    tell("rotation")
    seconds, during = while_read(lambda: rotated(columns), rows, seed)
    after = milliseconds(lambda draw: found(draw.randrange(rows)), READS_IN_PEACE, seed)
    peace = statistics.mean((p95(before), p95(after)))
    return {
        "rows": rows,
        "seconds": round(seconds, 2),
        "baseline_seconds": round(baseline, 2),
        "ratio": round(baseline / seconds, 4),
        "rows_per_second": round(rows / seconds),
        "look_up_p95_ms": round(p95(before), 3),
        "baseline_by_number_p95_ms": round(p95(by_number), 3),
        "look_up_p95_ms_after": round(p95(after), 3),
        "look_up_p95_ms_during": round(p95(during), 3),
        "look_ups_during": len(during),
        "look_up_ratio": round(p95(during) / peace, 3),
    }


def rotated(columns: Sequence[SealedColumn]) -> None:
    """Take a second key into use and bring everything to it, indexes too, as `amparo keys rotate` does."""
    key = add_key(by=BY)
    with behind_others():
        rotate(columns, by=BY)
    left = [each for each in resting(columns) if each.number != key.number]
    if left:
        raise RuntimeError(f"{len(left)} columns rest on the old key")


def written_back(rows: int) -> None:
    """Write every identifier back as it is, in batches of the same size."""
    last = None
    for _ in range(0, rows, AT_ONCE):
        with transaction.atomic(using="bulk"), connections["bulk"].cursor() as cursor:
            cursor.execute("SET LOCAL ROLE amparo_sealer")
            cursor.execute("SET LOCAL synchronous_commit = off")
            cursor.execute(
                "UPDATE registry_identifier SET value = value || '' WHERE id IN (SELECT id FROM registry_identifier"
                f" {'WHERE id > %(last)s' if last else ''} ORDER BY id LIMIT {AT_ONCE}) RETURNING id",
                {"last": last},
            )
            last = max(id for (id,) in cursor.fetchall())


def while_read(work: Callable[[], None], rows: int, seed: int) -> tuple[float, list[float]]:
    """Do something while a process of its own looks people up; return seconds, and milliseconds of each look-up."""
    connections.close_all()
    read, write = os.pipe()
    if not (pid := os.fork()):
        os.close(read)
        _look_up_until_told(rows, seed, write)
    os.close(write)
    seconds = timed(work)
    os.kill(pid, signal.SIGTERM)
    with os.fdopen(read) as pipe:
        told = pipe.read()
    os.waitpid(pid, 0)
    return seconds, json.loads(told)


def _look_up_until_told(rows: int, seed: int, write: int) -> None:
    """Never returns: this is the other process, and its exit is the kernel's, so that nothing of ours is closed twice."""
    is_over: list[bool] = []
    signal.signal(signal.SIGTERM, lambda *_: is_over.append(True))
    try:
        taken = milliseconds(lambda draw: found(draw.randrange(rows)), None, seed, is_over=lambda: bool(is_over))
        with os.fdopen(write, "w") as pipe:  # more than a pipe takes at once
            json.dump(taken, pipe)
    finally:
        os._exit(0)


def found(number: int) -> None:
    """Look somebody up as a page does: ring, blind index, and the function that applies the scope."""
    with transaction.atomic(), connections["default"].cursor() as cursor:
        cursor.execute("SET LOCAL ROLE amparo_national")
        if holder_of(identifier(number)) is None:
            raise RuntimeError("somebody was not found")


def numbered(number: int) -> None:
    with transaction.atomic(), connections["default"].cursor() as cursor:
        cursor.execute("SET LOCAL ROLE amparo_national")
        cursor.execute("SELECT id FROM registry_person WHERE number = %s", [number])
        if cursor.fetchone() is None:
            raise RuntimeError("somebody was not found")


def milliseconds(
    look_up: Callable[[random.Random], None],
    count: int | None,
    seed: int,
    *,
    is_over: Callable[[], bool] = lambda: False,
) -> list[float]:
    """Return how long each look-up took, so many, or until it is over."""
    draw, taken = random.Random(seed), []
    while (count is None or len(taken) < count) and not is_over():
        start = time.perf_counter()
        look_up(draw)
        taken.append((time.perf_counter() - start) * 1000)
        time.sleep(PAUSE_SECONDS)
    return taken


def p95(taken: Sequence[float]) -> float:
    return statistics.quantiles(taken, n=20)[-1]


def timed(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
