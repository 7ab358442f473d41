"""How old a fact may be for one programme, in runs of both engines and for single households (UPD-1, ELI-5)."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest

from amparo.kernel.errors import Refused
from amparo.programmes.actions import cross_check, determine_household
from amparo.programmes.config import ProgrammeConfig, RuleVersion, Unit
from amparo.programmes.freshness import Freshness
from amparo.programmes.queries import decisions_of_household, explain
from amparo.programmes.queries.recomputing import recompute
from amparo.trust.context import acting
from tests.lib.country import GROUND, household
from tests.unit.programmes.country import DAY, OPERATOR, POOR, POOR_HOME, installed, run, snapshot
from tests.unit.programmes.test_lists import item, people, related

pytestmark = pytest.mark.usefixtures("fresh_database")
INCOME = Freshness("household", "income", days=90)
USABLE = replace(INCOME, is_usable=True)
AGES = (0, 1, 89, 90, 91, 365, 366, 800)


def poor_home(*freshness: Freshness, code: str = "poor_home") -> ProgrammeConfig:
    return replace(POOR_HOME, code=code, versions=(replace(POOR, freshness=freshness),))


def decided(home, *, by_run: bool = False):
    if by_run:
        run()
    with acting(OPERATOR):
        if not by_run:
            determine_household(home, by=OPERATOR, under=GROUND, on=DAY)
        return decisions_of_household(home, by=OPERATOR, under=GROUND)[0]


def explained(made):
    with acting(OPERATOR):
        return explain(made.id, by=OPERATOR, under=GROUND)


def home(days_old: int, income: int = 5_000):
    return household("n1", {}, income=income, on=DAY - timedelta(days=days_old))


@pytest.mark.parametrize("by_run", [False, True])
@pytest.mark.parametrize(
    ("limits", "counts"),
    [
        ((), {0, 1, 89, 90, 91, 365}),  # the field's own validity is a year
        ((INCOME,), {0, 1, 89, 90}),
        ((replace(INCOME, days=700),), {0, 1, 89, 90, 91, 365, 366}),
        ((USABLE,), set(AGES)),
        ((replace(USABLE, days=None),), set(AGES)),
    ],
)
def test_a_fact_counts_as_long_as_the_programme_says_and_never_as_false(limits, counts, by_run):
    installed(poor_home(*limits))
    homes = {age: home(age) for age in AGES}
    if by_run:
        run()
    for age, each in homes.items():
        if not by_run:
            decided(each)
        with acting(OPERATOR):
            (made,) = decisions_of_household(each, by=OPERATOR, under=GROUND)
        assert (made.outcome, made.missing) == ((True, ()) if age in counts else (None, ("income",))), age


@pytest.mark.parametrize("by_run", [False, True])
def test_a_decision_that_rests_on_an_older_value_says_so_with_value_source_day_and_limit(by_run):
    installed(poor_home(USABLE))
    made = explained(decided(home(100), by_run=by_run))
    (old,) = made.resting_on_stale
    assert (made.outcome, made.recomputes, old.name, old.limit_days) == (True, True, "income", 90)
    assert (old.fact.value, old.fact.source, old.fact.observed_on) == (5_000, "census", DAY - timedelta(days=100))
    assert old.fact.valid_until == DAY - timedelta(days=10)
    assert explained(decided(home(80), by_run=by_run)).resting_on_stale == ()


def test_an_unknown_says_whether_its_fact_is_stale_or_absent():
    installed(poor_home(INCOME))
    (stale,) = explained(decided(home(100))).lacking
    assert (stale.name, stale.is_stale, stale.counts, stale.fact.value) == ("income", True, False, 5_000)
    (absent,) = explained(decided(household("n1", {}))).lacking
    assert (absent.name, absent.is_stale, absent.fact) == ("income", False, None)


def test_the_same_fact_counts_for_one_programme_and_not_for_another_in_one_run():
    installed(poor_home(INCOME), poor_home(code="patient"))
    each = home(100)
    run()
    with acting(OPERATOR):
        found = {made.programme: made.outcome for made in decisions_of_household(each, by=OPERATOR, under=GROUND)}
    assert found == {"poor_home": None, "patient": True}


def test_a_past_decision_is_made_again_under_the_limits_of_then():
    installed(poor_home(INCOME))
    homes = [home(100), home(50)]
    run()
    installed(poor_home(USABLE))
    with acting(OPERATOR):
        made = [decisions_of_household(each, by=OPERATOR, under=GROUND)[0] for each in homes]
    assert [each.outcome for each in made] == [None, True]
    assert all(each.is_same for each in recompute([each.id for each in made], by=OPERATOR, under=GROUND))
    assert explained(made[0]).recomputes


def test_another_limit_is_another_version_though_the_rule_is_the_same():
    assert installed(poor_home()) > 0
    assert installed(poor_home(INCOME)) > 0
    assert installed(poor_home(INCOME)) == 0


def test_a_snapshot_that_does_not_hold_the_day_is_refused_and_nothing_is_decided():
    installed(poor_home())
    each, taken = home(100), snapshot()
    installed(poor_home(INCOME))
    with pytest.raises(Refused) as refused:
        run(of=taken)
    assert refused.value.message.id == "programmes-snapshot-without-day"
    with acting(OPERATOR):
        assert decisions_of_household(each, by=OPERATOR, under=GROUND) == []


def test_a_programme_that_asks_another_with_limits_of_its_own_is_refused():
    asking = replace(
        POOR_HOME, code="asking", versions=(replace(POOR, rule="programme.poor_home.granted", amount=None),)
    )
    with pytest.raises(Refused) as refused:
        installed(poor_home(INCOME), asking)
    assert refused.value.message.id == "rules-programme-of-own-age"


@pytest.mark.parametrize("seed", range(3))
def test_both_engines_agree_whatever_the_limits(seed):
    """Homes, members, relatives and plots seen on different days; limits drawn for each field that a rule reads."""
    draw = Random(seed)
    rules = [
        ("household", "household.income / household.size <= param.line || household.rooms < 2"),
        ("household", "members.exists(m, age(m.birth_date) < 18 || m.pregnant)"),
        ("household", "household.items(plot).map(p, p.hectares).sum() > 1.0 || household.rooms < 3"),
        ("person", 'member.children.exists(c, c.pregnant) || member.sex == "female"'),
    ]
    fields = [
        *(("household", each) for each in ("income", "rooms")),
        *(("person", each) for each in ("birth_date", "pregnant", "sex")),
        ("item:plot", "hectares"),
    ]
    programmes = []
    for number, (unit, rule) in enumerate(rules * 2):
        limits = tuple(
            Freshness(grain, name, draw.choice([None, 0, 30, 90, 400]), draw.random() < 0.3)
            for grain, name in fields
            if draw.random() < 0.7
        )
        version = RuleVersion(date(2026, 1, 1), rule=rule, law="law", freshness=limits)
        programmes.append(ProgrammeConfig(f"drawn{number}", Unit(unit), (version,)))
    installed(*programmes)
    for _ in range(40):
        _draw_home(draw)
    found = cross_check(snapshot().id, on=DAY, by=OPERATOR, under=GROUND)
    assert found.differing == ()
    assert found.decisions > 200


def _draw_home(draw: Random) -> None:
    """A home seen on one day, with a parent and child; its plot was seen a month before the decision."""
    told = {"income": draw.randrange(30_000), "rooms": draw.randrange(5)}
    members = [
        {"birth_date": date(draw.randrange(1980, 2026), 1, 1), "pregnant": draw.random() < 0.4, "sex": "female"}
        for _ in range(draw.randrange(3))
    ]
    members = [{name: each for name, each in member.items() if draw.random() < 0.8} for member in members]
    on = DAY - timedelta(days=draw.choice([0, 29, 30, 31, 90, 91, 399, 401]))
    made = household("n1", *members, on=on, **{name: each for name, each in told.items() if draw.random() < 0.8})
    if len(members) == 2:
        related(*people(made))
    if draw.random() < 0.5:
        item("plot", {"hectares": draw.randrange(30) / 10}, household=made, source="census")
