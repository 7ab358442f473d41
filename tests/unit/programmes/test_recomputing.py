"""Past decisions are made again from what they rested on; what was erased says so; snapshots last as long as appeals (NFR-7)."""

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import connections

from amparo.kernel.errors import NotPermitted
from amparo.programmes import models
from amparo.programmes.actions import determine_household, expire_snapshots, install
from amparo.programmes.config import ParameterValue
from amparo.programmes.explanation import Erased
from amparo.programmes.procedure import Procedure
from amparo.programmes.queries import explain, recompute, sample
from amparo.registry.actions import observe
from amparo.snapshot.queries import snapshot as snapshot_with_id
from amparo.trust.context import acting
from amparo.trust.types import Permission
from tests.lib.country import GROUND, household
from tests.unit.programmes.country import DAY, GRANT, LINE, OPERATOR, PENSION, POOR_HOME, installed, run, snapshot

pytestmark = pytest.mark.usefixtures("fresh_database")
GROUND_OF_ERASURE = "court-order-7"


def decided(home, on=DAY):
    with acting(OPERATOR):
        return determine_household(home, by=OPERATOR, under=GROUND, on=on)


def ids(**wanted):
    return list(models.Decision.objects.using("bulk").filter(**wanted).values_list("id", flat=True))


def recomputed(these) -> set:
    return {each.is_same for each in recompute(these, by=OPERATOR, under=GROUND)}


def explained(decision):
    with acting(OPERATOR):
        return explain(decision, by=OPERATOR, under=GROUND)


def as_the_eraser(statement: str, *values) -> int:
    """Do what only the eraser's role may: it exists in the database, and its login in no process of the product."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT current_user")
    from amparo.project.databases import connect, installation

    with connect(installation().server, connections["default"].settings_dict["NAME"]) as superuser:
        superuser.execute("SET ROLE amparo_eraser")
        return superuser.execute(statement, values).rowcount


def test_random_past_decisions_of_runs_and_of_households_come_out_the_same(cast):
    installed()
    draw, by = random.Random(3), cast.ines.narrowed(Permission.REGISTER)
    homes = [
        household("n1", *[{"birth_date": date(1940 + draw.randrange(80), 2, 28)}] * draw.randrange(3), **told)
        for told in [{}, {"income": 5_000}, {"income": 12_000}, {"income": 90_000}] * 5
    ]
    for day in range(3):
        on = DAY + timedelta(days=day * 100)
        run(on)
        for home in draw.sample(homes, k=6):
            with acting(by):
                observe(
                    home, values={"income": draw.choice((5_000, 90_000))}, source="tax", by=by, on=DAY, under=GROUND
                )
            decided(home, on=on)
        line = replace(LINE, values=(ParameterValue(date(2026, 1, 1), 9_000 - day, "law"),))
        installed(parameters=(line, GRANT))  # what a past decision rests on is not what holds now
    drawn = sample(1_000, seed=1)
    assert len(drawn) > 50
    assert recomputed(drawn) == {True}


def test_a_decision_that_was_tampered_with_does_not_come_out_the_same():
    installed(POOR_HOME)
    household("n1", {}, income=5_000)
    run()
    with connections["bulk"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO programmes_decision (id, decided_at, run_id, programme_id, rule_version_id, grain, unit_id,"
            " household_id, area_number, outcome, on_day, state) SELECT gen_random_uuid(), decided_at, run_id,"
            " programme_id, rule_version_id, grain, unit_id, household_id, area_number, false, on_day, state"
            " FROM programmes_decision"
        )
    assert recomputed(ids(outcome=False)) == {False}


def test_nobody_below_the_nation_recomputes(cast):
    with pytest.raises(NotPermitted):
        recompute([], by=cast.bruno, under=GROUND)


@pytest.mark.parametrize("how", ["run", "single household"])
def test_a_decision_whose_inputs_were_erased_says_so_and_keeps_outcome_amount_and_rule(how):
    installed(POOR_HOME)
    home = household("n1", {}, income=5_000)
    run() if how == "run" else decided(home)
    (decision,) = ids()
    was = explained(decision)
    stone = '{"ground": "court-order-7", "on": "2026-05-06"}'
    assert as_the_eraser("UPDATE registry_observation SET \"values\" = '{}', tombstone = %s::jsonb", stone)
    now = explained(decision)
    assert now.erased == Erased(date(2026, 5, 6), GROUND_OF_ERASURE)
    assert (now.outcome, now.amount, now.rule, now.law) == (True, 2_000, was.rule, was.law)
    assert (now.trace, now.inputs, was.erased) == (None, (), None)


def test_the_eraser_may_empty_the_facts_that_a_decision_kept_and_nothing_else():
    installed(POOR_HOME)
    decided(household("n1", {}, income=5_000))
    (decision,) = ids()
    stone = '{"tombstone": {"ground": "court-order-7", "on": "2026-05-06"}}'
    for refused in ("SET outcome = NULL", "SET facts = '{}'", "SET superseded_at = now()"):
        with pytest.raises(Exception, match=r"never changed|denied"):
            as_the_eraser(f"UPDATE programmes_decision {refused}")
    assert as_the_eraser("UPDATE programmes_decision SET facts = %s::jsonb", stone) == 1
    found = explained(decision)
    assert (found.erased, found.outcome, found.amount) == (Erased(date(2026, 5, 6), GROUND_OF_ERASURE), True, 2_000)
    assert recomputed([decision]) == {None}


def test_a_snapshot_is_kept_as_long_as_its_decisions_can_be_appealed_and_goes_then():
    long = replace(POOR_HOME, procedure=Procedure(law="law", notice_days=30, appeal_days=1_000))
    install([long, PENSION], (LINE, GRANT), by=OPERATOR)
    household("n1", {}, income=5_000)
    made, idle = run(), snapshot()
    until = made.finished_at.date() + timedelta(days=1_030)
    assert snapshot_with_id(made.snapshot).retain_until == until
    assert expire_snapshots(on=until, by=OPERATOR) == 1  # the one that nothing rests on
    assert models.Determination.objects.using("bulk").get(id=made.id).snapshot.expired_at is None
    assert expire_snapshots(on=until + timedelta(days=1), by=OPERATOR) == 1
    assert recomputed(ids()) == {None}
    assert idle.id != made.snapshot


def test_what_still_waits_for_its_day_keeps_its_snapshot():
    noticed = replace(POOR_HOME, procedure=Procedure(law="law", notice_days=30, appeal_days=100))
    install([noticed], (LINE, GRANT), by=OPERATOR)
    home = household("n1", {}, income=5_000)
    run()
    with connections["bulk"].cursor() as cursor:
        cursor.execute("UPDATE registry_fact_household SET income = 90000 WHERE household_id = %s", [home])
    made = run()
    assert made.total.proposed == 1
    late = snapshot_with_id(made.snapshot).retain_until + timedelta(days=50)
    assert expire_snapshots(on=late, by=OPERATOR) == 1  # the first run's; of the second a decision still waits
    kept = models.Determination.objects.using("bulk").get(id=made.id).snapshot
    assert (kept.expired_at, kept.retain_until) == (None, late + timedelta(days=130))
