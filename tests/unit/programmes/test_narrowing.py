"""Deciding again only those of whom something changed: the same decisions, hash, counts and tallies as a full run's.

AMPARO_NARROWED says how many countries live through six runs each: 2 here, 20 in `make acceptance`.
"""

import os
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import connections

from amparo.programmes import models, narrowing
from amparo.programmes.actions import determine_household
from amparo.programmes.config import ParameterValue
from amparo.programmes.rulebook import InForce, rulebook
from amparo.programmes.types import Engine
from amparo.registry.actions import observe
from amparo.snapshot import columnar
from amparo.trust.context import acting
from amparo.trust.types import Permission
from tests.lib.country import GROUND, cast, household
from tests.unit.programmes.country import (
    DAY,
    GRANT,
    LINE,
    MATERNITY,
    OPERATOR,
    PENSION,
    POOR,
    POOR_HOME,
    installed,
    run,
    snapshot,
)

pytestmark = pytest.mark.usefixtures("fresh_database")
COUNTRIES = int(os.environ.get("AMPARO_NARROWED", "2"))
WRITTEN = ("changed", "proposed", "review", "withdrawn")


def sql(statement: str, *values) -> list[tuple]:
    with connections["bulk"].cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def tallies(made) -> set[tuple]:
    rows = models.Tally.objects.using("bulk").filter(run_id=made.id)
    return set(rows.values_list("programme_id", "area_number", "outcome", "units", "amount_minor"))


def assert_as_a_full_run_would(frozen, on: date, **settings):
    """Run since the last one, then in full over the same snapshot: that finds the same, and has nothing left to write."""
    narrowed = run(on, of=frozen, **settings)
    full = run(on, of=frozen, is_full=True, **settings)
    assert full.base is None
    assert {name: getattr(full.total, name) for name in WRITTEN} == dict.fromkeys(WRITTEN, 0)
    assert narrowed.result_hash == full.result_hash
    outcomes = [(each.decisions, each.true, each.false, each.unknown) for each in (narrowed.total, full.total)]
    assert outcomes[0] == outcomes[1]
    assert tallies(narrowed) == tallies(full)
    assert narrowed.share_true_weighted == pytest.approx(full.share_true_weighted)
    assert narrowed.total.decisions == sum(
        getattr(narrowed.total, each) for each in (*WRITTEN, "unchanged", "later")
    ) - (narrowed.total.absent)
    return narrowed


def test_only_the_household_whose_facts_changed_is_decided_again():
    installed()
    homes = [household("n1", {"birth_date": date(1990, 1, 1)}, income=90_000) for _ in range(5)]
    run()
    sql("UPDATE registry_fact_household SET income = 500 WHERE household_id = %s", homes[0])
    made = run()
    assert (made.decided_again, made.total.changed, made.total.unchanged) == (1, 1, 14)


def test_snapshots_whose_rows_were_hashed_by_different_versions_are_compared_row_by_row(monkeypatch):
    installed()
    homes = [household("n1", {"birth_date": date(1990, 1, 1)}, income=90_000) for _ in range(5)]
    with monkeypatch.context() as earlier:
        earlier.setattr(columnar, "HASHED_BY", "another version")
        run()
    sql("UPDATE registry_fact_household SET income = 500 WHERE household_id = %s", homes[0])
    assert run().decided_again == 1


def test_a_birthday_between_the_two_days_decides_that_household_again():
    installed(PENSION)
    household("n1", {"birth_date": DAY.replace(year=DAY.year - 65) + timedelta(days=3)})
    household("n1", {"birth_date": date(1990, 1, 1)})
    run()
    assert run(DAY + timedelta(days=2)).decided_again == 0
    made = run(DAY + timedelta(days=3))
    assert (made.decided_again, made.total.changed) == (1, 1)


def test_a_value_that_passes_its_last_day_decides_that_household_again():
    installed(POOR_HOME)
    household("n1", {}, income=500, on=date(2026, 3, 1))
    household("n1", {}, income=500, on=date(2026, 3, 20))
    run()
    assert run(date(2027, 3, 1)).decided_again == 0
    made = run(date(2027, 3, 2))
    assert (made.decided_again, made.total.review) == (1, 1)


def test_a_changed_figure_decides_everybody_under_the_programmes_that_read_it_and_no_other():
    installed(POOR_HOME, MATERNITY)
    for _ in range(3):
        household("n1", {"sex": "female"}, income=9_000)
    run()
    lower = replace(LINE, values=(ParameterValue(date(2026, 1, 1), 8_000, "law"),))
    installed(POOR_HOME, MATERNITY, parameters=(lower, GRANT))
    made = run()
    assert made.base is not None
    assert (made.counts["poor_home"].proposed, made.counts["maternity"].unchanged, made.decided_again) == (3, 3, 0)


def test_a_changed_rule_decides_everybody_under_it():
    installed(POOR_HOME, PENSION)
    household("n1", {}, income=10_000)
    run()
    stricter = POOR.rule.replace("<= param.line", "< param.line")
    installed(replace(POOR_HOME, versions=(replace(POOR, rule=stricter),)), PENSION)
    assert run().counts["poor_home"].proposed == 1


def test_a_rule_that_reads_a_new_field_decides_everybody_under_all():
    installed(POOR_HOME)
    household("n1", {}, income=10_000, rooms=1)
    run()
    installed(POOR_HOME, replace(POOR_HOME, code="crowded", versions=(replace(POOR, rule="household.rooms < 3"),)))
    made = run()
    assert (made.base, made.counts["crowded"].true) == (None, 1)


def test_a_programme_made_of_more_than_was_considered_is_decided_in_full(monkeypatch):
    installed(POOR_HOME)
    household("n1", {}, income=10_000)
    run()
    monkeypatch.setitem(narrowing.CONSIDERED, InForce, narrowing.CONSIDERED[InForce] - {"law"})
    assert run().base is None
    monkeypatch.undo()
    monkeypatch.setattr(narrowing, "LOCAL", narrowing.LOCAL - {narrowing.nodes.Compare})
    assert run().base is None


def test_what_a_programme_in_force_is_made_of_was_considered():
    """If this fails, something was added that a decision may depend on: say in `narrowing` what it depends on."""
    installed()
    assert all(map(narrowing.is_local, rulebook(DAY, using="bulk").programmes))


def test_an_earlier_day_an_expired_snapshot_and_another_engine_decide_everybody():
    installed(POOR_HOME)
    household("n1", {}, income=10_000)
    run()
    assert run(DAY - timedelta(days=1)).base is None
    assert run(engine=Engine.REFERENCE).base is None
    assert run(engine=Engine.REFERENCE).base is not None
    last = run()
    sql("UPDATE snapshot_snapshot SET wrapped_key = NULL, expired_at = now() WHERE id = %s", last.snapshot)
    assert run().base is None


# Everything that can happen to a household between two runs, whether or not somebody announced it.
PEOPLE = ({}, {"birth_date": date(1961, 4, 20)}, {"birth_date": date(1980, 2, 29), "sex": "female", "pregnant": True})


def happenings(draw: random.Random) -> Iterator[str]:
    ines = cast().ines.narrowed(Permission.REGISTER)
    homes = [each[0] for each in sql("SELECT id FROM registry_household WHERE ended_on IS NULL ORDER BY number")]
    for home in draw.sample(homes, k=len(homes) // 3):
        what = draw.choice(("income", "staleness", "silence", "death", "end", "leave", "observed", "decided", "area"))
        yield what
        if what == "income":
            sql(
                "UPDATE registry_fact_household SET income = %s WHERE household_id = %s",
                draw.choice((None, 9_000, 90_000)),
                home,
            )
        elif what == "staleness":
            day = DAY - timedelta(days=draw.randrange(400))
            sql("UPDATE registry_fact_household SET observed_on = %s WHERE household_id = %s", day, home)
        elif what == "death":
            sql(
                "UPDATE registry_person SET deceased_on = %s WHERE id IN (SELECT person_id FROM registry_membership"
                " WHERE household_id = %s LIMIT 1)",
                DAY,
                home,
            )
        elif what == "end":
            sql("UPDATE registry_household SET ended_on = %s WHERE id = %s", DAY, home)
        elif what == "leave":
            sql("UPDATE registry_membership SET household_id = %s WHERE household_id = %s", draw.choice(homes), home)
        elif what == "observed":
            with acting(ines):
                values = {"income": draw.choice((9_000, 90_000))}
                observe(home, values=values, source="tax", by=ines, on=DAY, under=GROUND)
        if what in ("observed", "decided"):
            with acting(OPERATOR):
                determine_household(home, by=OPERATOR, under=GROUND, on=DAY + timedelta(days=draw.randrange(3)))
    household(draw.choice(("n1", "s2")), *draw.sample(PEOPLE, k=draw.randrange(3)), income=draw.choice((9_000, 90_000)))


@pytest.mark.parametrize("seed", range(COUNTRIES))
def test_whatever_happens_a_narrowed_run_leaves_what_a_full_one_would(seed):
    draw, on = random.Random(seed), DAY
    installed()
    for index in range(30):
        household(
            "n1" if index % 2 else "s1", *draw.sample(PEOPLE, k=draw.randrange(4)), income=draw.choice((9_000, 90_000))
        )
    run(on)
    narrowed = []
    for _ in range(6):
        list(happenings(draw))
        on += timedelta(days=draw.choice((0, 1, 20, 200)))
        if draw.random() < 0.2:
            line = replace(LINE, values=(ParameterValue(date(2026, 1, 1), draw.choice((8_000, 10_000)), "law"),))
            installed(parameters=(line, GRANT))
        narrowed.append(assert_as_a_full_run_would(snapshot(on), on))
    assert any(each.base and each.decided_again < each.households for each in narrowed)
