"""A run is planned, previewed, approved by a second person where the programme says so, stopped, and goes on."""

import os
import random
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import date

import pytest
from django.db import DatabaseError, connections, transaction

from amparo.kernel.errors import NotFound, NotPermitted, Refused
from amparo.programmes import models
from amparo.programmes.actions import approve, execute, plan, preview, stop
from amparo.programmes.procedure import Procedure
from amparo.programmes.queries import previewed
from amparo.programmes.queries import run as run_with_id
from amparo.programmes.types import Change, Engine, RunState
from amparo.trust.actions import grant_role, open_account
from amparo.trust.context import acting
from amparo.trust.queries import account_named, actor_of
from amparo.trust.types import Actor, Permission, Role
from tests.lib.country import GROUND, PASSWORD, household
from tests.unit.programmes.country import (
    DAY,
    GRANT,
    LINE,
    OPERATOR,
    PENSION,
    POOR_HOME,
    installed,
    run,
    snapshot,
)

pytestmark = pytest.mark.usefixtures("fresh_database")
STRICT = replace(POOR_HOME, procedure=Procedure(law="law", needs_approval=True))
OLD, YOUNG = {"birth_date": date(1950, 1, 1)}, {"birth_date": date(2000, 1, 1)}


def planned(by: Actor = OPERATOR, **settings):
    with acting(by.narrowed(Permission.DETERMINE)):
        return plan(on=DAY, by=by, under=GROUND, **settings)


def approved(id, by: Actor):
    with acting(by.narrowed(Permission.APPROVE_RUN)):
        return approve(id, by=by)


@pytest.fixture
def farid(fresh_database) -> Actor:
    """A second registry manager."""
    account = open_account("farid", PASSWORD, display_name="Farid", by=OPERATOR)
    grant_role(account.id, Role.REGISTRY_MANAGER, area_code=None, by=OPERATOR, on=date(2020, 1, 1))
    return actor_of(account_named("farid"), on=DAY)


def decisions() -> list[tuple]:
    rows = models.Decision.objects.using("bulk").order_by("programme_id", "unit_id", "state", "outcome")
    return list(rows.values_list("programme__code", "unit_id", "outcome", "amount_minor", "state"))


def changes(run, code: str) -> dict[str, tuple[int, int, int]]:
    with acting(OPERATOR):
        found = previewed(run, [(0, 10**15)], by=OPERATOR)
    return {each.change: (each.units, each.before, each.after) for each in found if each.programme == code}


def test_a_plan_takes_down_programmes_snapshot_day_rules_and_figures_and_decides_nothing():
    installed()
    household("n1", OLD, income=1_000)
    made = planned(programmes=["poor_home"])
    assert (made.state, made.snapshot, list(made.programmes), made.on) == (RunState.PLANNED, None, ["poor_home"], DAY)
    assert made.parameters["line"]["value"] == 10_000
    assert decisions() == []


def test_a_preview_says_who_gains_and_loses_by_programme_and_area_and_writes_no_decision():
    installed(POOR_HOME)
    gains, loses = household("n1", YOUNG, income=90_000), household("s1", YOUNG, YOUNG, income=5_000)
    run()
    before = decisions()
    with connections["bulk"].cursor() as cursor:
        for home, income in ((gains, 5_000), (loses, 90_000)):
            cursor.execute("UPDATE registry_fact_household SET income = %s WHERE household_id = %s", [income, home])
    household("n1", {})
    made = preview(planned().id, by=OPERATOR)
    assert changes(made.id, "poor_home") == {
        Change.GAINS: (1, 0, 2_000),
        Change.LOSES: (1, 2 * 2_000, 0),
        Change.UNKNOWN: (1, 0, 0),
    }
    assert decisions() == before
    executed = execute(made.id, by=OPERATOR)
    assert (executed.total.changed, executed.total.proposed) == (2, 1)


def test_a_preview_shows_an_officer_nothing_of_other_areas(cast):
    installed(POOR_HOME)
    household("s1", YOUNG, income=5_000)
    made = preview(planned().id, by=OPERATOR)
    amina = cast.amina.narrowed(Permission.READ_FIGURES)
    with acting(amina):
        assert previewed(made.id, [(0, 10**15)], by=amina) == []


def test_a_run_of_a_programme_that_demands_approval_waits_for_a_second_person(cast, farid):
    installed(STRICT)
    household("n1", YOUNG, income=5_000)
    made = preview(planned(cast.ines).id, by=cast.ines)
    with pytest.raises(Refused, match="programmes-run-not-approved"):
        execute(made.id, by=cast.ines)
    with pytest.raises(Refused, match="programmes-approver-is-planner"):
        approved(made.id, cast.ines)
    assert decisions() == []
    assert approved(made.id, farid).approved_by == farid.id
    assert execute(made.id, by=cast.ines).total.changed == 1


def test_four_eyes_hold_in_the_database_too(cast):
    installed(STRICT)
    made = planned(cast.ines)
    rows = models.Determination.objects.using("bulk").filter(id=made.id)
    with pytest.raises(DatabaseError), transaction.atomic(using="bulk"):
        rows.update(approved_by=cast.ines.id)


def test_nobody_approves_what_they_have_not_seen_a_preview_of(cast, farid):
    installed(STRICT)
    made = planned(cast.ines)
    with pytest.raises(Refused, match="programmes-run-not-previewed"):
        approved(made.id, farid)


def test_a_new_preview_takes_the_approval_back(cast, farid):
    installed(STRICT)
    household("n1", YOUNG, income=5_000)
    made = preview(planned(cast.ines).id, by=cast.ines)
    approved(made.id, farid)
    assert preview(made.id, by=cast.ines).approved_by is None


def test_only_a_person_plans_and_approves_where_approval_is_demanded(cast):
    installed(STRICT)
    with pytest.raises(Refused, match="programmes-run-needs-planner"):
        planned()
    made = preview(planned(cast.ines).id, by=cast.ines)
    with pytest.raises(Refused, match="programmes-approver-not-a-person"):
        approved(made.id, OPERATOR)
    with pytest.raises(NotPermitted):
        approved(made.id, cast.bruno)


def test_rules_or_figures_that_changed_since_the_plan_stop_the_run():
    installed(POOR_HOME)
    household("n1", YOUNG, income=5_000)
    made = planned()
    installed(POOR_HOME, parameters=(replace(LINE, values=(replace(LINE.values[0], value=1),)), GRANT))
    with pytest.raises(Refused, match="programmes-run-rules-changed"):
        execute(made.id, by=OPERATOR)
    assert decisions() == []


def test_a_run_is_executed_once():
    installed(POOR_HOME)
    made = execute(planned().id, by=OPERATOR)
    with pytest.raises(Refused, match="programmes-run-over"):
        execute(made.id, by=OPERATOR)
    with pytest.raises(NotFound):
        planned(programmes=["unheard_of"])


def test_a_run_that_somebody_stops_has_written_nothing_and_goes_on_to_the_same_hash():
    installed()
    for _ in range(5):
        household("n1", OLD, YOUNG, income=12_000)
    made = planned(snapshot=snapshot())

    def ask(share: float) -> None:
        if share >= 0.3:
            rows = models.Determination.objects.using("owner")
            if rows.get(id=made.id).state == RunState.RUNNING:
                stop(made.id, by=OPERATOR, using="owner")

    with pytest.raises(Refused, match="programmes-run-interrupted"):
        execute(made.id, by=OPERATOR, progress=ask)
    assert decisions() == []
    assert run_with_id(made.id).state is RunState.STOPPED
    assert stopped_and_resumed_equals_a_run_in_one_go(made.id)


def stopped_and_resumed_equals_a_run_in_one_go(id) -> bool:
    resumed = execute(id, by=OPERATOR)
    again = run(of=_snapshot_of(resumed), is_full=True)
    return resumed.result_hash == again.result_hash and again.total.changed == 0


def _snapshot_of(made):
    from amparo.snapshot.queries import snapshot as with_id

    return with_id(made.snapshot)


# Executes a run in a process of its own, which the test kills: nothing is mocked and nothing is told beforehand.
EXECUTE = """
import os, sys
import django
django.setup()
from uuid import UUID
from tests.conftest import point_at
from amparo.project.databases import installation
here = installation()
here.start()
point_at(sys.argv[1], here)
from amparo.programmes.actions import execute
from amparo.trust.types import system
print("ready", flush=True)
execute(UUID(sys.argv[2]), by=system("test"), progress=lambda share: print(share, flush=True))
"""


def killed_at_a_random_point(database: str, id, draw: random.Random) -> int:
    """Start executing in another process and kill it after some of its steps, or some moments; return its status."""
    running = subprocess.Popen(
        [sys.executable, "-c", EXECUTE, database, str(id)], stdout=subprocess.PIPE, text=True, env=os.environ
    )
    lines = draw.randrange(1, 8)
    for _ in range(lines):
        if not running.stdout.readline():
            break
    try:
        running.wait(timeout=draw.random() * 0.1)
    except subprocess.TimeoutExpired:
        running.send_signal(signal.SIGKILL)
    running.stdout.close()
    return running.wait()


def test_a_run_killed_at_random_points_goes_on_to_the_same_hash_and_decisions(fresh_database):
    """As many kills as AMPARO_KILLS says; the bound of the acceptance is 20."""
    installed()
    for _ in range(20):
        household("n1", OLD, YOUNG, income=12_000)
    frozen, draw = snapshot(), random.Random(7)
    kills = int(os.environ.get("AMPARO_KILLS", "3"))
    made = planned(snapshot=frozen)
    for _ in range(kills):
        if run_with_id(made.id).state is RunState.DONE:
            made = planned(snapshot=frozen, is_full=True)
        status = killed_at_a_random_point(fresh_database, made.id, draw)
        assert status in (-signal.SIGKILL, 0)
        state = run_with_id(made.id).state
        written = models.Decision.objects.using("bulk").filter(run_id=made.id).count()
        assert written == 0 or state is RunState.DONE, "half a run was written"
    if run_with_id(made.id).state is not RunState.DONE:
        made = execute(made.id, by=OPERATOR)
    found = decisions()
    whole = run(of=frozen, is_full=True)
    assert run_with_id(made.id).result_hash == whole.result_hash
    assert (whole.total.changed, decisions()) == (0, found)
    assert len(found) == 20 + 2 * 40


def test_a_run_under_way_refuses_another_and_a_stopped_one_is_not_running():
    installed(POOR_HOME)
    household("n1", YOUNG, income=5_000)
    made = planned(engine=Engine.REFERENCE)

    def again(share: float) -> None:
        pass

    assert execute(made.id, by=OPERATOR, progress=again).engine is Engine.REFERENCE
    with pytest.raises(Refused, match="programmes-run-not-running"), acting(OPERATOR):
        stop(made.id, by=OPERATOR)


def test_an_officer_may_neither_plan_nor_stop(cast):
    installed(PENSION)
    for act in (lambda: plan(on=DAY, by=cast.amina, under=GROUND), lambda: stop(planned().id, by=cast.amina)):
        with pytest.raises(NotPermitted):
            act()
