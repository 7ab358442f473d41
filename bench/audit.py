"""What it costs to prove the audit log: rows verified a second, against a bare scan of the same rows with SHA-256.

Also how long rows wait for their seal while others are written, and how long the auditor's searches take.
"""

import random
import statistics
import tempfile
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connections

from amparo.trust.actions import record
from amparo.trust.context import acting
from amparo.trust.log.auditing import Asked, search, verified
from amparo.trust.log.log_rows import all_rows, reading
from amparo.trust.log.sealing import seal
from amparo.trust.types import Event, Ground, Permission, system

BULK = "bulk"
OFFICERS = 2_000
HOUSEHOLDS = 500_000
ROUNDS = 3
AT_ONCE = 500_000
WRITTEN = 5_000  # rows written one by one, each in a transaction of its own, while the log is sealed
SEARCHES = 20


def run(*, rows: int, seed: int = 1, tell: Callable[[str], None] = lambda stage: None) -> dict[str, Any]:
    """Return rates, the ratio to the bare scan, and the seconds that searches took. Needs an empty scratch database."""
    with tempfile.TemporaryDirectory() as folder:
        settings.AUDIT_CUSTODIAN, settings.KEY_FOLDER = Path(folder) / "custodian.jsonl", Path(folder)
        tell("audit rows")
        invent(rows)
        tell("audit seals")
        sealing, made = timed(seal)
        tell("audit proof")
        bare, proving, worked, pairs = [], [], [], []
        for _ in range(ROUNDS):
            bare.append(timed(scan)[0])
            before = time.process_time()
            proving.append(timed(lambda: expect_clean(rows))[0])
            worked.append(time.process_time() - before)
            pairs.append(proving[-1] / bare[-1])
        tell("audit searches")
        return {
            "rows": rows,
            "seals": made.seals,
            "sealed_per_second": round(made.rows / sealing),
            "verified_per_second": round(rows / statistics.median(proving)),
            "verified_per_second_of_processor": round(rows / statistics.median(worked)),
            "scanned_per_second": round(rows / statistics.median(bare)),
            "ratio": round(statistics.median(pairs), 2),
            **while_written(),
            **searches(seed),
        }


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    done = work()
    return time.perf_counter() - start, done


def scan() -> None:
    """The baseline: every row read, and hashed, and nothing asked of it."""
    with reading(using=BULK) as cursor:
        for line in all_rows(cursor):
            sha256(line).digest()


def expect_clean(rows: int) -> None:
    proof = verified(by=system("bench"))
    if proof.wrong or proof.rows < rows:
        raise RuntimeError(f"a log that nobody touched does not verify: {proof.faults[:3]}")


def invent(rows: int) -> None:
    """Write rows as a year of work leaves them: households read with their members, people, decisions, listings."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT amparo_ensure_months('trust_audit', (now() - interval '1 year')::date, 14)")
        for first in range(0, rows, AT_ONCE):
            cursor.execute(_INVENT, {"first": first, "last": min(first + AT_ONCE, rows) - 1, "rows": rows})
        cursor.execute("ANALYZE trust_audit")


_INVENT = f"""
    INSERT INTO trust_audit (id, at, event, by_id, by_kind, permission, purpose, about_kind, about_id, area_number, details)
    SELECT amparo_uuid7(), now() - interval '1 year' * (1 - n::float / %(rows)s),
           (ARRAY['household-read', 'household-read', 'decision-read', 'person-read', 'decisions-listed'])[1 + n %% 5],
           ('00000000-0000-7000-8000-' || lpad((hashint8(n) & 2147483647) %% {OFFICERS} || '', 12, '0'))::uuid,
           'officer', 'read-household', 'registration',
           (ARRAY['household', 'household', 'household', 'person', 'programme'])[1 + n %% 5],
           '00000000-0000-7000-9000-' || lpad((hashint8(n * 7) & 2147483647) %% {HOUSEHOLDS} || '', 12, '0'),
           n %% 80000,
           CASE WHEN n %% 5 < 2 THEN jsonb_build_object('persons', jsonb_build_array(
               '00000000-0000-7000-a000-' || lpad((hashint8(n * 7) & 2147483647) %% {HOUSEHOLDS} || '', 12, '0'),
               '00000000-0000-7000-b000-' || lpad((hashint8(n * 7) & 2147483647) %% {HOUSEHOLDS} || '', 12, '0')))
           ELSE '{{}}' END
    FROM generate_series(%(first)s::bigint, %(last)s::bigint) n
"""


def while_written() -> dict[str, float]:
    """Write rows as pages do while the log is sealed every now and then: how fast, and how long the oldest waited."""
    by, under, waits = system("bench"), Ground("registration"), []
    start = time.perf_counter()
    for count in range(1, WRITTEN + 1):
        record(Event.PERSON_READ, by=by, under=under, about_kind="person", about_id=UUID(int=count), using=BULK)
        if count % 1_000 == 0:
            waits.append(timed(seal)[0])
    seconds = time.perf_counter() - start
    return {
        "written_per_second": round(WRITTEN / (seconds - sum(waits))),
        "seal_of_1000_seconds": round(statistics.median(waits), 3),
    }


def searches(seed: int) -> dict[str, float]:
    """Return the longest of some searches of each kind, in seconds."""
    draw = random.Random(seed)
    by = system("bench").narrowed(Permission.READ_AUDIT)

    def one(kind: str) -> UUID:
        of = {"by": ("8000", OFFICERS), "household": ("9000", HOUSEHOLDS), "person": ("a000", HOUSEHOLDS)}[kind]
        return UUID(f"00000000-0000-7000-{of[0]}-{draw.randrange(of[1]):012}")

    asked: dict[str, Callable[[], Asked]] = {
        "household": lambda: Asked(about=one("household")),
        "person": lambda: Asked(about=one("person")),
        "officer": lambda: Asked(by=one("by")),
        "event": lambda: Asked(event=Event.DECISIONS_LISTED),
        "rare_event": lambda: Asked(event=Event.AUDIT_KEY_MADE),
        "officer_and_rare_event": lambda: Asked(by=one("by"), event=Event.AUDIT_KEY_MADE),
        "everything": Asked,
    }
    found = {}
    for name, ask in asked.items():
        with acting(by):
            found[f"search_{name}_seconds"] = round(
                max(timed(lambda ask=ask: search(ask(), by=by))[0] for _ in range(SEARCHES)), 4
            )
    return found
