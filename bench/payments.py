"""What a payment list costs: made of ten thousand and of a million enrolments, and held against a file that says all were paid.

The baseline is a bare copy of as many rows of the same width, in the same database.
"""

import resource
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections

from amparo.kernel.ids import uuid7
from amparo.payments import actions
from amparo.payments.config import GROUND
from amparo.payments.types import PaymentList
from amparo.trust.context import acting
from amparo.trust.log.signing_key import make_signing_key
from amparo.trust.types import Actor, ActorKind, Grant, Permission, Role, Scope, ScopeKind
from bench.enrolments import short

PROGRAMME = "child_grant"
ON, CYCLES = date(2026, 11, 20), ("2026-10", "2026-11")
AMOUNT = 120_00
_ENROL = """
INSERT INTO programmes_enrolment (id, programme_id, grain, unit_id, household_id, recipient_id, area_number, source, state,
    starts_on, amount_minor)
SELECT amparo_uuid7(), (SELECT id FROM programmes_programme WHERE code = %s), 'household', amparo_uuid7(), amparo_uuid7(),
    amparo_uuid7(), (SELECT min(number) FROM trust_area), 'own', 'enrolled', '2026-01-01', %s FROM generate_series(1, %s)
"""


def run(*, persons: int, tell: Callable[[str], None] = lambda stage: None) -> dict[str, Any]:
    """Return seconds of a small list and of one that pays so many, of its reconciliation and of the baseline, and the memory."""
    officer, approver = (_actor(role) for role in (Role.PAYMENTS_OFFICER, Role.PAYMENTS_APPROVER))
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        settings.KEY_FOLDER, kept = folder, settings.KEY_FOLDER
        for each in Path(kept).glob("*.key"):
            Path(folder, each.name).write_bytes(each.read_bytes())
        make_signing_key()
        enrolled = 0
        # The second list pays whom the first did, and more.
        for size, cycle in zip((min(10_000, persons // 2), persons), CYCLES, strict=True):
            tell(f"payments {size:,}")
            _enrol(size - enrolled)
            enrolled = size
            seconds, made = timed(lambda c=cycle: actions.prepare(PROGRAMME, c, by=officer, under=GROUND, on=ON))
            found[f"list_{short(size)}_seconds"] = round(seconds, 2)
        assert (made.payments, made.amount_minor) == (persons, persons * AMOUNT)
        tell("payments baseline")
        found[f"copy_payments_{short(persons)}_seconds"] = round(timed(_bare)[0], 2)
        tell("payments reconciled")
        found[f"reconcile_{short(persons)}_seconds"] = round(_reconciled(made, officer, approver), 2)
    settings.KEY_FOLDER = kept
    found[f"reconcile_{short(persons)}_peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return found


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    done = work()
    return time.perf_counter() - start, done


def _actor(role: Role) -> Actor:
    return Actor(uuid7(), ActorKind.OFFICER, (Grant(role, Scope(ScopeKind.NATIONAL)),))


def _enrol(households: int) -> None:
    with connections["bulk"].cursor() as cursor:
        cursor.execute(_ENROL, [PROGRAMME, AMOUNT, households])
        cursor.execute("ANALYZE programmes_enrolment")


def _bare() -> None:
    with connections["bulk"].cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE bare AS SELECT * FROM payments_payment")
        cursor.execute("INSERT INTO bare SELECT * FROM bare")
        cursor.execute("DROP TABLE bare")


def _reconciled(made: PaymentList, officer: Actor, approver: Actor) -> float:
    """Take the list to who pays, and hold a file against it by which each payment was paid; return how long the file took."""
    with acting(approver.narrowed(Permission.APPROVE_PAYMENTS)):
        actions.record_funds(PROGRAMME, made.amount_minor, "bench", by=approver, under=GROUND)
    proposed = actions.propose(made.id, by=officer, under=GROUND)
    for each in (approver, *(_actor(Role.PAYMENTS_APPROVER) for _ in range(proposed.hands - 1))):
        with acting(each.narrowed(Permission.APPROVE_PAYMENTS)):
            actions.approve(made.id, by=each, under=GROUND)
    with connections["bulk"].cursor() as cursor:  # nothing leaves a scratch installation, which is a trial
        cursor.execute("UPDATE payments_list SET state = 'exported' WHERE id = %s", [made.id])
        cursor.execute("SELECT reference FROM payments_payment WHERE list_id = %s", [made.id])
        lines = "\n".join(f"{reference},paid,,,2026-11-25," for (reference,) in cursor.fetchall())
    content = f"reference,outcome,amount,currency,day,reason\n{lines}\n".encode()
    start = time.perf_counter()
    with acting(officer.narrowed(Permission.RECONCILE_PAYMENTS)):
        received = actions.receive(made.id, content, by=officer, under=GROUND)
    settled = actions.settle(received.id, by=officer, under=GROUND)
    assert settled.conflicts == {}
    return time.perf_counter() - start
