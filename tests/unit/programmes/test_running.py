"""A determination of everybody: what is decided, what is written, what never happens by itself."""

from dataclasses import replace
from datetime import date, timedelta
from hashlib import md5

import pytest
from django.db import connections

from amparo.kernel.errors import NotPermitted, Refused
from amparo.kernel.events import react
from amparo.programmes import models
from amparo.programmes.actions import determine
from amparo.programmes.config import ParameterValue
from amparo.programmes.queries import latest_run
from amparo.programmes.types import DecisionsMade, Engine, RunState
from amparo.registry.actions import observe
from amparo.trust.context import acting
from amparo.trust.queries import audit_of
from amparo.trust.types import Permission
from tests.lib.country import GROUND, household
from tests.unit.programmes.country import (
    DAY,
    GRANT,
    LINE,
    MATERNITY,
    PENSION,
    POOR,
    POOR_HOME,
    installed,
    run,
    snapshot,
)

pytestmark = pytest.mark.usefixtures("fresh_database")
OLD, YOUNG = {"birth_date": date(1950, 1, 1)}, {"birth_date": date(2000, 1, 1)}


def later(cast, home, on=date(2026, 3, 15), members=None, **values) -> None:
    by = cast.ines.narrowed(Permission.REGISTER)
    with acting(by):
        observe(home, values=values, members=members, source="tax", by=by, on=on, under=GROUND)


def rows(**wanted) -> list[tuple]:
    found = models.Decision.objects.using("bulk").filter(**wanted).order_by("decided_at", "id")
    return [(each.state, each.outcome, each.amount_minor, each.superseded_at is None) for each in found]


def test_each_unit_is_decided_under_each_programme_and_unknown_names_what_is_missing():
    installed()
    poor = household("n1", OLD, YOUNG, income=12_000)
    household("n1", YOUNG, income=50_000)
    unmeasured = household("s1", {"sex": "female"})
    counts = run().counts
    assert (counts["poor_home"].true, counts["poor_home"].false, counts["poor_home"].unknown) == (1, 1, 1)
    assert (counts["pension"].true, counts["pension"].false, counts["pension"].unknown) == (1, 2, 1)
    assert rows(unit_id=poor) == [("in-effect", True, 2 * 2_000, True)]
    unknown = models.Decision.objects.using("bulk").get(unit_id=unmeasured)
    assert (unknown.outcome, unknown.missing) == (None, ["income"])


def test_an_empty_home_is_decided_and_has_no_person_to_decide_about():
    installed()
    empty = household("n1", income=1)
    made = run()
    assert rows(unit_id=empty) == [("in-effect", False, None, True)]
    assert made.counts["pension"].decisions == 0


def test_a_run_that_changes_nothing_writes_nothing_and_says_that_it_confirmed():
    installed()
    household("n1", OLD, income=12_000)
    first, second = run(), run()
    assert first.total.changed == first.total.decisions == 3
    assert (second.total.changed, second.total.unchanged) == (0, 3)
    assert models.Decision.objects.using("bulk").count() == 3


def test_the_same_inputs_give_the_same_hash_on_either_engine_and_other_inputs_another(cast):
    installed()
    home = household("n1", OLD, YOUNG, income=12_000)
    household("s2", {"sex": "female", "pregnant": True})
    frozen = snapshot()
    hashes = {run(of=frozen, engine=engine).result_hash for engine in (Engine.COLUMNAR, Engine.REFERENCE)}
    assert len(hashes) == 1
    later(cast, home, income=90_000)
    assert run().result_hash not in hashes


def test_decisions_are_measured_at_once_after_a_run_that_wrote_much():
    """Else the next run plans for the tables as they were: reading what stands took twelve times as long."""
    with connections["bulk"].cursor() as cursor:
        measured = [
            cursor.execute("SELECT amparo_measure_decisions(%s)", [each]).fetchone()[0] for each in (19_999, 20_000)
        ]
    assert measured == [False, True]


def test_the_hash_is_the_sum_of_the_rows_in_canonical_form():
    installed(POOR_HOME, PENSION)
    home, unknown = household("n1", income=1), household("n1", YOUNG)
    made = run()
    young = models.Decision.objects.using("bulk").get(programme__code="pension").unit_id
    canonical = [f"poor_home|{home}|false||", f"poor_home|{unknown}|||income", f"pension|{young}|false||"]
    numbers = [int.from_bytes(md5(each.encode()).digest(), "little") for each in canonical]
    halves = sum(each >> 64 for each in numbers) % 2**64, sum(each % 2**64 for each in numbers) % 2**64
    assert made.result_hash == "{:016x}{:016x}".format(*halves)


def test_a_benefit_that_ends_is_proposed_beside_the_one_in_effect_and_once_only(cast):
    installed(POOR_HOME)
    home = household("n1", YOUNG, income=5_000)
    run()
    later(cast, home, income=90_000)
    assert run().total.proposed == 1
    assert run().total.unchanged == 1
    assert rows(unit_id=home) == [("in-effect", True, 2_000, True), ("proposed", False, None, True)]


def test_a_lower_amount_is_proposed_and_a_higher_one_takes_effect():
    installed(POOR_HOME)
    home = household("n1", YOUNG, income=5_000)
    run()
    installed(POOR_HOME, parameters=(LINE, replace(GRANT, values=(ParameterValue(date(2026, 1, 1), 1_500, "law"),))))
    assert run().total.proposed == 1
    installed(POOR_HOME, parameters=(LINE, replace(GRANT, values=(ParameterValue(date(2026, 1, 1), 2_500, "law"),))))
    assert run().total.changed == 1
    assert rows(unit_id=home) == [
        ("in-effect", True, 2_000, False),
        ("proposed", True, 1_500, False),
        ("in-effect", True, 2_500, True),
    ]


def test_unknown_never_ends_a_benefit_it_asks_for_a_review():
    installed(POOR_HOME)
    home = household("n1", YOUNG, income=5_000, on=date(2026, 3, 1))
    run()
    a_year_later = date(2027, 3, 2)  # income may be relied on for 365 days
    assert run(a_year_later).total.review == 1
    assert rows(unit_id=home) == [("in-effect", True, 2_000, True), ("review", None, None, True)]


def test_a_proposal_is_withdrawn_when_the_facts_no_longer_bear_it_out(cast):
    installed(POOR_HOME)
    home = household("n1", YOUNG, income=5_000)
    run()
    later(cast, home, income=90_000)
    run()
    later(cast, home, income=5_000, on=date(2026, 3, 20))
    assert run().total.withdrawn == 1
    assert rows(unit_id=home) == [("in-effect", True, 2_000, True), ("proposed", False, None, False)]


def test_a_value_on_its_last_day_counts_and_the_day_after_it_is_unknown():
    installed(POOR_HOME)
    household("n1", YOUNG, income=5_000, on=date(2026, 3, 1))
    last_day = date(2026, 3, 1) + timedelta(days=365)
    assert run(last_day).total.true == 1
    assert run(last_day + timedelta(days=1)).total.unknown == 1


def test_a_changed_rule_writes_the_decision_again_and_a_space_does_not():
    installed(POOR_HOME)
    household("n1", YOUNG, income=5_000)
    run()
    assert installed(replace(POOR_HOME, versions=(replace(POOR, rule=f" {POOR.rule} "),))) == 0
    assert run().total.unchanged == 1
    stricter = POOR.rule.replace("<= param.line", "< param.line")
    installed(replace(POOR_HOME, versions=(replace(POOR, rule=stricter),)))
    assert run().total.changed == 1


def test_a_run_over_an_older_snapshot_leaves_what_was_learnt_since(cast):
    installed(POOR_HOME)
    home = household("n1", YOUNG, income=90_000)
    old = snapshot()
    later(cast, home, income=5_000)
    run()
    assert run(of=old).total.later == 1
    assert rows(unit_id=home) == [("in-effect", True, 2_000, True)]


def test_a_run_for_an_earlier_day_leaves_what_is_decided_for_a_later_one():
    installed(POOR_HOME)
    household("n1", YOUNG, income=5_000)
    run(date(2026, 5, 1))
    assert run(date(2026, 4, 1)).total.later == 1


def test_the_share_counts_persons_where_no_survey_weight_is_collected():
    installed()
    household("n1", OLD, YOUNG, YOUNG, income=12_000)
    household("n1", OLD, income=90_000)
    assert run().share_true_weighted == {"poor_home": 3 / 4, "pension": 2 / 4, "maternity": 0.0}


def test_a_run_leaves_one_audit_row_with_its_population_and_one_event(cast):
    installed()
    household("n1", OLD)
    events = []
    react(DecisionsMade, events.append)
    made = run()
    rows = audit_of(cast.emre, about_kind="determination", about_id=str(made.id)).using("bulk")
    row = rows.get(event="determination-run")
    assert (row.details["households"], row.details["decisions"]) == (1, 3)
    assert [(each.run, each.household_id) for each in events] == [(made.id, None)]


def test_an_officer_may_not_run_a_determination(cast):
    installed()
    with pytest.raises(NotPermitted):
        determine(snapshot(), on=DAY, by=cast.amina, under=GROUND)


def test_a_figure_without_a_value_on_the_day_grants_nobody():
    installed()
    household("n1", OLD, income=1)
    frozen = snapshot()
    with pytest.raises(Refused, match="programmes-none-on-day"):
        run(date(2025, 12, 31), of=frozen)
    assert not models.Decision.objects.using("bulk").exists()


def test_a_figure_missing_for_one_programme_stops_all_of_them():
    line_later = replace(LINE, values=(ParameterValue(date(2026, 6, 1), 10_000, "law"),))
    installed(POOR_HOME, PENSION, parameters=(line_later, GRANT))
    household("n1", OLD, income=1)
    frozen = snapshot()
    with pytest.raises(Refused, match="rules-parameter-without-value"):
        run(DAY, of=frozen)
    assert not models.Decision.objects.using("bulk").exists()


def test_a_rule_that_reads_what_the_snapshot_does_not_hold_grants_nobody():
    installed(PENSION)
    household("n1", OLD, income=1)
    frozen = snapshot()
    installed(PENSION, POOR_HOME)
    with pytest.raises(Refused):
        run(of=frozen)
    assert not models.Decision.objects.using("bulk").exists()
    failed = models.Determination.objects.using("bulk").get()
    assert (failed.state, bool(failed.problem["id"])) == (RunState.FAILED, True)
    assert latest_run(using="bulk") is None


def test_an_amount_below_zero_grants_nobody():
    below = replace(POOR, amount="param.grant - param.line")
    installed(replace(POOR_HOME, versions=(below,)))
    household("n1", OLD, income=1)
    with pytest.raises(Refused, match="programmes-amount-below-zero"):
        run()
    assert not models.Decision.objects.using("bulk").exists()


def test_a_run_that_is_stopped_in_the_middle_of_writing_has_written_nothing():
    installed(MATERNITY)
    household("n1", {"sex": "female", "pregnant": True})

    def stop(share: float) -> None:
        if share > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(progress=stop)
    assert not models.Decision.objects.using("bulk").exists()
    assert run().total.changed == 1


def test_a_benefit_of_someone_the_snapshot_no_longer_holds_is_reviewed_and_goes_on():
    installed(PENSION)
    household("n1", OLD)
    run()
    with connections["bulk"].cursor() as cursor:
        cursor.execute("UPDATE registry_person SET deceased_on = '2026-03-10'")
    made = run()
    assert (made.total.review, made.total.absent, made.total.decisions) == (1, 1, 0)
    assert run().total.review == 0
    assert [each[:2] for each in rows()] == [("in-effect", True), ("review", None)]
