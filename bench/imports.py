"""What an import costs beside a bare COPY of the same rows.

Baseline: the delivered files read with Arrow's CSV reader and copied, typed as Arrow reads them, into logged tables
without indexes. The import does the same and all that a registry needs: validation, encrypted identifiers and telephones,
observations, facts, memberships, indexes, names for search, and the audit line.
"""

import resource
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
from django.db import connections

from amparo.intake import actions
from amparo.profiles.synth import generate
from amparo.profiles.types import Profile
from amparo.registry.queries import household_count
from amparo.trust.types import system

DECIDED_ON = date(2026, 9, 1)  # the second versions of the example's rules and figures are in force
OBSERVED_ON = DECIDED_ON - timedelta(days=14)
FILES = ("households", "persons", "incomes", "plots")
TYPES = {"int64": "bigint", "double": "double precision", "bool": "boolean", "date32[day]": "date"}


def run(
    profile: Profile, *, households: int, seed: int = 1, tell: Callable[[str], None] = lambda stage: None
) -> dict[str, Any]:
    """Generate a delivery, import it into an empty scratch database, and copy the same rows barely."""
    with tempfile.TemporaryDirectory(prefix="amparo-bench-") as folder:
        tell("people")
        made = generate(profile, households=households, seed=seed, folder=Path(folder), format="csv", on=OBSERVED_ON)
        files = [made.files[name] for name in FILES]
        tell("baseline")
        baseline = timed(lambda: copy_barely(files))
        tell("import")
        seconds = timed(lambda: imported(profile, files))
    found_households, persons = household_count(system("bench"), using="bulk")
    return {
        "households": found_households,
        "persons": persons,
        "seconds": round(seconds, 2),
        "baseline_seconds": round(baseline, 2),
        "ratio": round(baseline / seconds, 4),
        "persons_per_second": round(persons / seconds),
        "peak_mb": peak_mb(),
        "bytes_per_person": sizes(persons),
    }


def imported(profile: Profile, files: list[Path]) -> dict[str, Any]:
    """Import as `amparo import` does; return the receipt."""
    by = system("bench")
    paths = {each.name: each for each in files}
    received = actions.receive(paths, profile.mappings["census"], name="census", by=by, using="bulk")
    return actions.run(received.batch_id, by=by)


def copy_barely(files: list[Path]) -> None:
    """Copy each file into a logged table of its own, and drop it again outside the clock's reach."""
    with connections["bulk"].cursor() as cursor:
        for file in files:
            copy_file(cursor, file)


def copy_file(cursor, file: Path) -> None:
    reader = pa.csv.open_csv(file, pa.csv.ReadOptions(block_size=1 << 24))
    columns = ", ".join(f'"{each.name}" {TYPES.get(str(each.type), "text")}' for each in reader.schema)
    cursor.execute(f"CREATE TABLE staging.bare_{file.stem} ({columns})")
    heading = pa.csv.WriteOptions(include_header=False)
    with cursor.cursor.copy(f"COPY staging.bare_{file.stem} FROM STDIN (FORMAT csv)") as copy:
        for batch in reader:
            written = BytesIO()
            pa.csv.write_csv(batch, written, heading)
            copy.write(written.getvalue())


def timed(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def peak_mb() -> int:
    """The most memory that this process or one of its children held at once."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(each).ru_maxrss for each in kinds) // 1024


def sizes(persons: int) -> dict[str, int]:
    """Bytes on disk per person: tables and their indexes apart, by what they hold."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            """SELECT sum(pg_table_size(c.oid)) FILTER (WHERE relname LIKE 'registry_observation%%'),
                      sum(pg_table_size(c.oid)) FILTER (WHERE relname LIKE 'registry_fact%%'),
                      sum(pg_table_size(c.oid)) FILTER (WHERE relname !~ '^registry_(observation|fact)'),
                      sum(pg_indexes_size(c.oid)), sum(pg_total_relation_size(c.oid))
               FROM pg_class c WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"""
        )
        names = ("observations", "facts", "everything_else", "indexes", "all")
        return {name: round((size or 0) / max(persons, 1)) for name, size in zip(names, cursor.fetchone(), strict=True)}
