"""One household decided at once: the same answers as the run's, with the facts it rested on."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from django.db import transaction

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, NotPermitted, Refused
from amparo.programmes import models, publishing
from amparo.programmes.actions import determine_household
from amparo.programmes.queries import decisions_of_household
from amparo.programmes.reactions import decide_again
from amparo.programmes.types import State
from amparo.registry import queries as registry
from amparo.registry.actions import move, observe
from amparo.registry.types import FactsChanged
from amparo.trust.context import acting
from amparo.trust.queries import audit_of
from amparo.trust.types import Permission
from tests.lib import months
from tests.lib.country import GROUND, household
from tests.unit.programmes.country import DAY, OPERATOR, PENSION, POOR_HOME, installed, run, snapshot

pytestmark = pytest.mark.usefixtures("fresh_database")
OLD, YOUNG = {"birth_date": date(1950, 1, 1)}, {"birth_date": date(2000, 1, 1)}


def decided(home, on=DAY):
    with acting(OPERATOR):
        return determine_household(home, by=OPERATOR, under=GROUND, on=on)


def told(cast, home, on=date(2026, 3, 15), **values) -> None:
    by = cast.ines.narrowed(Permission.REGISTER)
    with acting(by):
        observe(home, values=values, source="tax", by=by, on=on, under=GROUND)


def all_of(home):
    with acting(OPERATOR):
        return decisions_of_household(home, by=OPERATOR, under=GROUND)


def test_a_household_gets_the_same_decisions_as_from_a_run():
    installed()
    home = household("n1", OLD, YOUNG | {"sex": "female", "pregnant": True}, income=12_000)
    single = decided(home)
    again = run()
    assert (again.total.decisions, again.total.unchanged) == (5, 5)
    assert {(each.programme, each.outcome, each.amount) for each in single} == {
        ("poor_home", True, 4_000),
        ("pension", True, 2_000),
        ("pension", False, None),
        ("maternity", None, None),
        ("maternity", True, None),
    }


def test_a_decision_keeps_the_facts_that_its_rule_reads_with_source_and_day_and_the_figures():
    installed(POOR_HOME)
    home = household("n1", YOUNG | {"given_name": "Amal"}, income=12_000, rooms=3, on=date(2026, 3, 1))
    facts = decided(home)[0].facts
    assert facts["household"] == {
        "income": {
            "value": 12_000,
            "source": "census",
            "observed_on": "2026-03-01",
            "valid_until": "2027-03-01",
            "conflict": False,
        }
    }
    assert [each["facts"] for each in facts["members"]] == [{}]
    assert facts["parameters"]["line"] == {"value": 10_000, "from": "2026-01-01", "law": "law-line-2026"}


def test_a_persons_decision_keeps_nothing_of_the_others_that_it_does_not_read():
    installed(PENSION)
    made = decided(household("n1", OLD, YOUNG))
    for each in made:
        kept = {UUID(member["person_id"]): member["facts"] for member in each.facts["members"]}
        assert [id for id, facts in kept.items() if facts] == [each.unit_id]


def test_deciding_again_without_a_change_writes_nothing():
    installed()
    home = household("n1", OLD, income=12_000)
    assert len(decided(home)) == 3
    assert decided(home) == []


def test_for_the_worse_is_proposed_unknown_is_reviewed_and_both_leave_the_benefit_in_effect(cast):
    installed(POOR_HOME)
    home = household("n1", YOUNG, income=5_000, on=date(2026, 3, 1))
    decided(home)
    assert [each.state for each in decided(home, on=date(2027, 3, 2))] == [State.REVIEW]
    told(cast, home, income=90_000, on=date(2027, 3, 3))
    assert [(each.state, each.outcome) for each in decided(home, on=date(2027, 3, 4))] == [(State.PROPOSED, False)]
    standing = [each for each in all_of(home) if each.is_standing]
    assert [(each.state, each.outcome) for each in standing] == [(State.PROPOSED, False), (State.IN_EFFECT, True)]


def test_a_proposal_is_withdrawn_when_the_facts_no_longer_bear_it_out(cast):
    installed(POOR_HOME)
    home = household("n1", YOUNG, income=5_000)
    decided(home)
    told(cast, home, income=90_000)
    decided(home)
    told(cast, home, income=5_000, on=date(2026, 3, 20))
    assert decided(home) == []
    assert [each.state for each in all_of(home) if each.is_standing] == [State.IN_EFFECT]


def test_what_is_decided_for_a_later_day_is_left_alone():
    installed(POOR_HOME)
    home = household("n1", YOUNG, income=5_000)
    decided(home, on=DAY + timedelta(days=30))
    assert decided(home) == []


def observed_and_decided_again(home, by, **values) -> None:
    """What the reaction does to an officer's change, on a day for which the test's figures hold."""
    noon = datetime(2026, 4, 1, 12, tzinfo=UTC)
    months.ensure(noon.date(), *months.DECIDED)
    with clock.fixed(noon), acting(by):
        observe(home, values=values, source="tax", by=by, on=date(2026, 3, 15), under=GROUND)
        decide_again(FactsChanged([home], DAY))


def test_a_changed_fact_decides_again_in_the_same_transaction(cast):
    installed(POOR_HOME)
    home = household("n1", YOUNG, income=90_000)
    observed_and_decided_again(home, cast.amina.narrowed(Permission.REGISTER), income=5_000)
    assert [(each.outcome, each.run) for each in all_of(home)] == [(True, None)]


def test_a_broken_figure_undoes_the_change_too(cast):
    installed(POOR_HOME)
    home = household("n1", YOUNG, income=90_000)
    models.ParameterValue.objects.using("owner").update(starts_on=date(2999, 1, 1))
    with pytest.raises(Refused, match="rules-parameter-without-value"):
        observed_and_decided_again(home, cast.amina.narrowed(Permission.REGISTER), income=5_000)
    with acting(OPERATOR):
        record = registry.household(home, by=OPERATOR, under=GROUND)
    assert record.facts["income"].value == 90_000
    assert all_of(home) == []


def test_nobody_decides_about_a_household_outside_their_areas(cast):
    installed(POOR_HOME)
    home = household("s1", YOUNG, income=5_000)
    by = cast.amina.narrowed(Permission.REGISTER)
    with pytest.raises(NotPermitted):
        determine_household(home, by=by, under=GROUND, on=DAY)
    with pytest.raises(NotFound), acting(by):  # the second gate: even the system finds nothing under her role
        determine_household(home, by=OPERATOR, under=GROUND, on=DAY)


def test_decisions_move_along_with_the_household(cast):
    installed(PENSION, POOR_HOME)
    home = household("n1", OLD, income=5_000)
    decided(home)
    by = cast.ines.narrowed(Permission.REGISTER)
    with acting(by):
        move(home, to_area="s1", by=by, on=DAY, under=GROUND)
    chen = cast.chen.narrowed(Permission.READ_DECISION)
    with acting(chen):
        assert len(decisions_of_household(home, by=chen, under=GROUND)) == 2
    amina = cast.amina.narrowed(Permission.READ_DECISION)
    with acting(amina):
        assert decisions_of_household(home, by=amina, under=GROUND) == []


def test_a_household_decided_while_a_run_is_writing_keeps_its_own_decision(cast, monkeypatch):
    """The run reads what stands, then the household is decided again and commits, then the run writes."""
    installed(POOR_HOME)
    home, other = household("n1", YOUNG, income=90_000), household("n1", YOUNG, income=5_000)
    frozen = snapshot()
    compare = publishing.compare

    def then_the_household_changes(*given, **settings):
        seen = compare(*given, **settings)
        told(cast, home, income=5_000)
        decided(home)
        return seen

    monkeypatch.setattr(publishing, "compare", then_the_household_changes)
    run(of=frozen)
    standing = {each.household_id: each for each in (*all_of(home), *all_of(other)) if each.is_standing}
    assert (standing[home].outcome, standing[home].run) == (True, None)
    assert (standing[other].outcome, standing[other].run is None) == (True, False)
    assert len([each for each in all_of(home) if each.is_standing]) == 1


def test_deciding_leaves_an_audit_row(cast):
    installed(POOR_HOME)
    home = household("n1", YOUNG, income=5_000)
    decided(home)
    rows = audit_of(cast.emre, about_kind="household", about_id=str(home)).using("bulk")
    row = rows.get(event="household-determined")
    assert row.details["counts"]["poor_home"]["changed"] == 1


def test_a_decision_is_never_changed_or_deleted():
    installed(POOR_HOME)
    home = household("n1", YOUNG, income=5_000)
    decided(home)
    rows = models.Decision.objects.using("bulk").filter(unit_id=home)
    for change in (lambda: rows.update(outcome=False), rows.delete, lambda: rows.update(facts={})):
        with pytest.raises(Exception, match=r"never changed|denied"), transaction.atomic(using="bulk"):
            change()
