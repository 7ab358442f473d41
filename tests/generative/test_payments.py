"""Money is conserved: Σ files = Σ ledger = Σ decisions, whatever is due; and a list that is killed is whole or not there (OPS-1).

AMPARO_PAYMENT_KILLS sets how often a list is killed while it is made; in CI few times.
"""

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amparo.kernel.errors import Refused
from amparo.payments import actions
from amparo.payments.types import LineKind
from amparo.trust.context import acting
from amparo.trust.types import Permission
from tests.lib import country, paying
from tests.lib.country import GROUND
from tests.lib.paying import enrolled, rows
from tests.structure.sources import ROOT

KILLS = int(os.environ.get("AMPARO_PAYMENT_KILLS", "5"))
HOUSEHOLDS = 4_000
_ADJUSTED = st.lists(
    st.tuples(st.sampled_from([each for each in LineKind if each is not LineKind.BENEFIT]), st.integers(1, 50_000)),
    max_size=3,
)
_DUE = st.lists(st.tuples(st.integers(1, 10**9), _ADJUSTED), min_size=1, max_size=12)


@pytest.fixture(scope="module")
def world(database) -> country.Cast:
    paying.installed()
    return country.cast()


def adjusted(cast: country.Cast, enrolment, kind: LineKind, amount: int) -> None:
    with acting(cast.paz.narrowed(Permission.PREPARE_PAYMENTS)) as by:
        id = actions.propose_adjustment(enrolment, kind, amount, law="law-poor", by=by, under=GROUND)
    with acting(cast.quinn.narrowed(Permission.APPROVE_PAYMENTS)) as by:
        actions.confirm_adjustment(id, by=by, under=GROUND)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(due=_DUE, at_once=st.integers(1, 6))
def test_files_ledger_and_decisions_add_up_to_the_same(world, due, at_once):
    """Enrolments of one example are ended before the next: each list pays only its own."""
    rows("UPDATE programmes_enrolment SET state = 'ended', ends_on = '2026-10-01' WHERE state <> 'ended' RETURNING id")
    rows("UPDATE payments_adjustment SET confirmed_at = NULL, confirmed_by = NULL WHERE list_id IS NULL RETURNING id")
    ids = enrolled(*(amount for amount, _ in due))
    for id, (_, extras) in zip(ids, due, strict=True):
        for kind, amount in extras:
            adjusted(world, id, kind, amount)
    made = paying.prepared(world.paz, cycle=_next_cycle())
    files = sum(int(line.split(b",")[1].replace(b".", b"")) for line in _lines(world, made, at_once))
    ((ledger, benefits),) = rows(
        "SELECT sum(l.amount_minor), sum(l.amount_minor) FILTER (WHERE l.kind = 'benefit') FROM payments_line l"
        " JOIN payments_payment p ON p.id = l.payment_id WHERE p.list_id = %s",
        made.id,
    )
    assert files == ledger == made.amount_minor
    assert benefits == sum(amount for amount, _ in due)
    ((taken,),) = rows(
        "SELECT coalesce(sum(CASE WHEN kind IN ('recovery', 'deduction') THEN -amount_minor ELSE amount_minor END), 0)"
        " FROM payments_adjustment WHERE list_id = %s",
        made.id,
    )
    assert ledger - benefits == taken


def _next_cycle() -> str:
    ((made,),) = rows("SELECT count(*) FROM payments_list")
    return f"{2026 + made // 12}-{made % 12 + 1:02}"


def _lines(cast: country.Cast, made, at_once: int) -> list[bytes]:
    paying.funded(cast.quinn, made.amount_minor)
    proposed = actions.propose(made.id, by=cast.paz, under=GROUND)
    for each in (cast.quinn, cast.rosa)[: proposed.hands]:
        paying.approved(each, proposed)
    files = paying.exported(cast.paz, made, at_once=at_once)
    return [line for _, content in files for line in content.splitlines()[1:]]


def test_a_list_killed_while_it_is_made_is_whole_or_not_there(world, database):
    """kill -9 at drawn moments: nothing lost, nothing doubled; then the same is asked again, and is done once."""
    rows("UPDATE programmes_enrolment SET state = 'ended', ends_on = '2026-10-01' WHERE state <> 'ended' RETURNING id")
    paying.many_enrolled(HOUSEHOLDS, 7)
    draw, cycle = random.Random(os.environ.get("AMPARO_SEED", "1")), "2040-01"
    for _ in range(KILLS):
        _killed(database, cycle, after=draw.uniform(0.2, 1.5))
        ((lists, payments),) = rows(
            "SELECT count(DISTINCT l.id), count(p.id) FROM payments_list l LEFT JOIN payments_payment p ON p.list_id = l.id"
            " WHERE l.cycle = %s",
            cycle,
        )
        assert (lists, payments) in ((0, 0), (1, HOUSEHOLDS))
    with suppress(Refused):  # one of those that were killed had come through
        paying.prepared(world.paz, cycle=cycle)
    assert rows("SELECT count(*), sum(amount_minor) FROM payments_line WHERE cycle = %s", cycle) == [
        (HOUSEHOLDS, HOUSEHOLDS * 7)
    ]


def _killed(database: str, cycle: str, *, after: float) -> None:
    """Make the list in a process of its own, and kill that so long after it has begun."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.lib.preparing_under_kills", cycle],
        cwd=ROOT,
        env=os.environ | {"AMPARO_DATABASE": database},
        stdout=subprocess.PIPE,
    )
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"begun\n"
        time.sleep(after)
        child.send_signal(signal.SIGKILL)
