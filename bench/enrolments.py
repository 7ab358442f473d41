"""How long it takes to enrol everybody whose decision is true, in one act with its audit row.

Baselines of the same run: the same decisions only copied into a temporary table, and units enrolled one by one.
"""

import resource
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import connections

from amparo.kernel import clock
from amparo.programmes.actions import enrol, enrol_many
from amparo.programmes.config import GROUND
from amparo.programmes.publishing import BULK
from amparo.trust.context import acting
from amparo.trust.types import Permission, system

BY = system("bench")
PROGRAMME = "old_age_pension"  # of the example: it decides about persons
PERSONS_A_HOME = 4
TEN_THOUSAND = 10_000
SINGLY = 100
_INVENT = """
INSERT INTO programmes_decision (id, decided_at, run_id, programme_id, rule_version_id, grain, unit_id, household_id,
    area_number, outcome, amount_minor, on_day, state)
SELECT amparo_uuid7(), now(), gen_random_uuid(), p.id, v.id, 'person', gen_random_uuid(), home.id, home.area, true, 9000, %s,
    'in-effect'
FROM (SELECT gen_random_uuid() AS id, 1 + n %% 1000 AS area FROM generate_series(1, %s) n) home
CROSS JOIN generate_series(1, %s)
JOIN programmes_programme p ON p.code = %s
JOIN LATERAL (SELECT id FROM programmes_ruleversion WHERE programme_id = p.id ORDER BY starts_on DESC LIMIT 1) v ON true
"""
_PEAK = "SELECT pg_backend_pid()"
_COPY = "CREATE TEMP TABLE copied AS SELECT * FROM programmes_decision WHERE superseded_at IS NULL"


def run(*, persons: int, tell: Callable[[str], None] = lambda stage: None) -> dict[str, Any]:
    """Return seconds, and the peak memory of this process and of its database session. Needs an empty country."""
    tell("10,000 persons")
    invent(SINGLY)
    singly = _timed(_enrol_singly) / SINGLY
    invent(TEN_THOUSAND)
    ten_thousand = _timed(lambda: _enrol_everybody(TEN_THOUSAND))
    tell(f"{persons:,} persons")
    invent(persons)
    copied = _timed(_copy)
    everybody = _timed(lambda: _enrol_everybody(persons))
    size = short(persons)
    return {
        "enrol_10k_seconds": round(ten_thousand, 2),
        f"enrol_{size}_seconds": round(everybody, 1),
        f"enrol_{size}_peak_mb": peak_mb(),
        "enrol_one_milliseconds": round(singly * 1000, 1),
        f"copy_{size}_seconds": round(copied, 1),
        f"enrol_{size}_ratio_to_copy": round(everybody / copied, 1),
    }


def short(persons: int) -> str:
    """Return a number of persons as the names of figures have it: 1m, 10k."""
    return f"{persons // 1_000_000}m" if persons % 1_000_000 == 0 else f"{persons // 1000}k"


def invent(persons: int) -> None:
    """Grant the programme to so many invented persons, four to a home."""
    with connections[BULK].cursor() as cursor:
        cursor.execute(_INVENT, [clock.today(), persons // PERSONS_A_HOME, PERSONS_A_HOME, PROGRAMME])
        cursor.execute("ANALYZE programmes_decision")


def peak_mb() -> int:
    """Return the most memory that this process and the database session it writes by have ever held together."""
    with connections[BULK].cursor() as cursor:
        cursor.execute(_PEAK)
        (session,) = cursor.fetchone()
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with open(f"/proc/{session}/status") as status:
        theirs = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    return round((own + theirs) / 1024)


def _enrol_everybody(expected: int) -> None:
    found = enrol_many(PROGRAMME, by=BY, under=GROUND, on=clock.today(), using=BULK)
    assert (found.units, found.households) == (expected, expected // PERSONS_A_HOME), found


def _enrol_singly() -> None:
    for unit in _some_units():
        with acting(BY.narrowed(Permission.ENROL)):
            enrol(PROGRAMME, unit, by=BY, under=GROUND, on=clock.today())


def _some_units() -> list[UUID]:
    with connections[BULK].cursor() as cursor:
        cursor.execute("SELECT unit_id FROM programmes_decision ORDER BY household_id LIMIT %s", [SINGLY])
        return [id for (id,) in cursor.fetchall()]


def _copy() -> None:
    with connections[BULK].cursor() as cursor:
        cursor.execute(_COPY)
        cursor.execute("DROP TABLE copied")


def _timed(act: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun
