"""Who is granted where places are few, in runs over the small country and for single households (ELI-2)."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from amparo.kernel.errors import Refused
from amparo.programmes import models
from amparo.programmes.actions import cross_check, determine_household
from amparo.programmes.config import ParameterConfig, ParameterValue, ProgrammeConfig, RuleVersion, Unit
from amparo.programmes.queries import decisions_of_household, explain, latest_run
from amparo.programmes.quota import Contested, Key, Quota, Ranking, Share
from amparo.programmes.types import Decision, Engine, State
from amparo.registry.actions import observe
from amparo.registry.dictionary import Type
from amparo.trust.context import acting
from amparo.trust.types import Permission
from tests.lib.country import GROUND, household
from tests.unit.programmes.country import DAY, OPERATOR, installed, run, snapshot

pytestmark = pytest.mark.usefixtures("fresh_database")

PLACES = ParameterConfig("places", Type.INTEGER, None, "law-places", (ParameterValue(date(2026, 1, 1), 2, "law-2026"),))
POOREST = Ranking((Key("household.income"), Key("household.rooms", descending=True)), Quota(2), Contested.GRANT)
HERE = [Engine.COLUMNAR, Engine.REFERENCE]
EVERY_ENGINE = [*HERE, pytest.param(Engine.SPARK, marks=pytest.mark.spark)]
RULE = "household.size >= 1 && household.rooms <= 9"


def ranked(ranking: Ranking = POOREST, *, amount: str | None = None, **changed) -> ProgrammeConfig:
    version = RuleVersion(date(2026, 1, 1), rule=RULE, amount=amount, law="law", ranking=ranking)
    return ProgrammeConfig("few", Unit.HOUSEHOLD, (replace(version, **changed),))


def home(area: str = "n1", *, income: int | None = None, rooms: int | None = 3) -> UUID:
    told = {"income": income, "rooms": rooms}
    return household(area, {}, **{name: each for name, each in told.items() if each is not None})


def standing(home: UUID, state: State = State.IN_EFFECT) -> Decision:
    with acting(OPERATOR):
        made = decisions_of_household(home, by=OPERATOR, under=GROUND)
    return next(each for each in made if each.is_standing and each.state is state)


def said(home: UUID, state: State = State.IN_EFFECT) -> tuple:
    made = standing(home, state)
    return made.outcome, made.rank, made.waiting


def told(cast, home: UUID, *, on: date = date(2026, 3, 15), **values) -> None:
    by = cast.ines.narrowed(Permission.REGISTER)
    with acting(by):
        observe(home, values=values, source="tax", by=by, on=on, under=GROUND)


def decided_alone(home: UUID) -> list[Decision]:
    with acting(OPERATOR):
        return determine_household(home, by=OPERATOR, under=GROUND, on=DAY)


@pytest.mark.parametrize("engine", EVERY_ENGINE)
def test_the_poorest_are_granted_and_the_next_wait_in_their_order(engine):
    installed(ranked())
    homes = [home(income=income) for income in (300, 100, 400, 200)]
    refused = home(income=1, rooms=20)
    done = run(engine=engine)
    assert [said(each) for each in homes] == [(False, 3, 1), (True, 1, None), (False, 4, 2), (True, 2, None)]
    assert said(refused) == (False, None, None)
    counts = done.counts["few"]
    assert (counts.true, counts.false, counts.waiting, counts.contested) == (2, 3, 2, 0)


def test_ties_are_broken_by_the_next_key_and_at_last_by_the_id():
    installed(ranked(replace(POOREST, quota=Quota(1))))
    homes = [home(income=100, rooms=3), home(income=100, rooms=5), home(income=100, rooms=5)]
    run()
    assert [standing(each).rank for each in homes] == [3, *(1, 2)]
    assert homes[1] < homes[2]


@pytest.mark.parametrize("engines", [HERE, pytest.param(list(Engine), marks=pytest.mark.spark)])
def test_every_engine_and_every_repetition_gives_one_hash(engines):
    installed(ranked(amount="param.grant"), parameters=(GRANT,))
    for income in (5, None, 7, 7, 1, None, 3):
        home(income=income, rooms=None if income == 3 else 3)
    frozen = snapshot()
    assert len({run(of=frozen, engine=engine).result_hash for engine in (*engines, *engines)}) == 1
    compared = cross_check(frozen.id, on=DAY, by=OPERATOR, under=GROUND)
    assert compared.differing == ()


GRANT = ParameterConfig("grant", Type.MONEY, None, "law", (ParameterValue(date(2026, 1, 1), 500, "law"),))


def test_the_number_of_places_may_be_a_dated_figure_of_the_law():
    installed(ranked(replace(POOREST, quota=Quota("places"))), parameters=(PLACES,))
    homes = [home(income=income) for income in (1, 2, 3)]
    done = run()
    assert [said(each)[0] for each in homes] == [True, True, False]
    assert done.parameters["places"]["value"] == 2


def test_a_run_without_the_figure_of_its_places_is_refused_and_grants_nobody():
    late = replace(PLACES, values=(ParameterValue(date(2027, 1, 1), 2, "law"),))
    installed(ranked(replace(POOREST, quota=Quota("places"))), parameters=(late,))
    home(income=1)
    with pytest.raises(Refused, match="rules-parameter-without-value"):
        run()
    assert not models.Decision.objects.using("bulk").exists()


def test_places_are_shared_among_areas_and_nobody_competes_with_another_area():
    shares = (Share(25), Share(75, (("north", 1), ("south", 3))))
    installed(ranked(replace(POOREST, quota=Quota(4, "region", shares))))
    north, south = [[home(area, income=i) for i in range(4)] for area in ("n1", "s1")]
    done = run()
    assert [said(each)[0] for each in north] == [True, False, False, False]  # 4 × (0.25/2 + 0.75·1/4) = 1.25
    assert [said(each)[0] for each in south] == [True, True, True, False]  # 4 × (0.25/2 + 0.75·3/4) = 2.75
    assert [(each["area"], each["places"], each["certain"], each["waiting"]) for each in done.quotas["few"]] == [
        ("north", 1, 1, 3),
        ("south", 3, 3, 1),
    ]
    assert latest_run().quotas == done.quotas


def test_an_area_without_a_weight_stops_the_run_before_anybody_is_told_there_is_no_place():
    installed(ranked(replace(POOREST, quota=Quota(4, "region", (Share(100, (("north", 1),)),)))))
    home(income=1)
    with pytest.raises(Refused, match="programmes-quota-area-without-weight"):
        run()
    assert not models.Decision.objects.using("bulk").exists()


def test_who_lies_in_no_area_that_has_places_is_unknown():
    installed(ranked(replace(POOREST, quota=Quota(4, "village", (Share(100),)))))
    somewhere = home("north", income=1)
    run()
    made = standing(somewhere)
    assert (made.outcome, made.missing, made.rank) == (None, ("area",), None)


@pytest.mark.parametrize("engine", EVERY_ENGINE)
def test_a_unit_whose_key_is_unknown_is_unknown_and_never_placed_last(engine):
    installed(ranked())
    homes = [home(income=income) for income in (None, 1)]
    run(engine=engine)
    made = standing(homes[0])
    assert (made.outcome, made.missing, made.rank) == (None, ("income",), None)


@pytest.mark.parametrize(
    ("contested", "outcomes"), [(Contested.GRANT, [True, True, False]), (Contested.HOLD, [True, None, False])]
)
def test_a_place_that_an_unknown_may_claim_is_contested(contested, outcomes):
    """Two places, three who are eligible, one of whom nobody knows the income: the second place is contested."""
    installed(ranked(replace(POOREST, contested=contested)))
    homes = [home(income=income) for income in (1, 2, 3)]
    home(income=None)
    done = run()
    assert [said(each)[0] for each in homes] == outcomes
    assert done.counts["few"].contested == 1
    held = standing(homes[1])
    assert (held.rank, held.places) == (2, 2)
    assert held.missing == (() if contested is Contested.GRANT else ("rank",))


def test_who_is_unknown_but_ranked_behind_contests_nothing():
    installed(ranked(replace(POOREST, keys=(Key("household.income"),), contested=Contested.HOLD)))
    homes = [home(income=1), home(income=2), home(income=3, rooms=None)]
    assert run().counts["few"].contested == 0
    assert [said(each)[0] for each in homes] == [True, True, None]


def test_a_lost_rank_is_proposed_and_the_place_goes_on(cast):
    installed(ranked())
    first, second, third = (home(income=income) for income in (1, 2, 3))
    run()
    told(cast, third, income=0)
    run()
    assert (said(second), said(second, State.PROPOSED)) == ((True, 2, None), (False, 3, 1))
    assert said(third) == (True, 1, None)
    told(cast, home(income=9), income=1)  # someone arrives before the fourth: no other rank is lost
    assert said(first)[0] is True


def test_a_place_further_down_the_waiting_list_is_proposed_and_one_further_up_is_given(cast):
    installed(ranked(replace(POOREST, quota=Quota(1))))
    homes = [home(income=income) for income in (1, 2, 3)]
    run()
    told(cast, homes[2], income=1)
    told(cast, homes[0], income=0)
    run()
    assert (said(homes[1]), said(homes[1], State.PROPOSED)) == ((False, 2, 1), (False, 3, 2))
    assert said(homes[2]) == (False, 2, 1)


def test_between_runs_a_rank_is_kept_and_no_place_is_given(cast):
    installed(ranked(replace(POOREST, quota=Quota(1))))
    granted, waiting = home(income=1), home(income=2)
    run()
    told(cast, granted, income=900)
    told(cast, waiting, income=0)
    assert decided_alone(granted) == decided_alone(waiting) == []
    assert (said(granted), said(waiting)) == ((True, 1, None), (False, 2, 1))
    new = home(income=0)
    made = decided_alone(new)[0]
    assert (made.outcome, made.missing, made.rank) == (None, ("rank",), None)
    run()
    assert (said(waiting), said(new)) == ((True, 1, None), (False, 2, 1))
    assert said(granted, State.PROPOSED)[0] is False


def test_between_runs_who_is_no_longer_eligible_is_told_and_the_unknown_reviewed(cast):
    installed(ranked(replace(POOREST, quota=Quota(1))))
    granted, waiting, refused = home(income=1), home(income=2), home(income=3, rooms=20)
    run()
    for each in (granted, waiting):
        told(cast, each, rooms=20)
        decided_alone(each)
        assert said(each, State.PROPOSED) == (False, None, None)
    told(cast, refused, rooms=2)
    decided_alone(refused)
    assert standing(refused).missing == ("rank",)


def test_between_runs_an_amount_follows_the_facts_and_the_rank_stays(cast):
    installed(ranked(amount="household.rooms * param.grant"), parameters=(GRANT,))
    granted = home(income=1, rooms=2)
    run()
    told(cast, granted, rooms=4)
    made = decided_alone(granted)[0]
    assert (made.outcome, made.amount, made.rank, made.places) == (True, 2000, 1, 2)


def test_a_rank_is_explained_by_its_keys_and_by_the_places_there_were():
    installed(ranked(replace(POOREST, quota=Quota(1))))
    homes = [home(income=income) for income in (1, 2)]
    run()
    with acting(OPERATOR):
        explained = explain(standing(homes[1]).id, by=OPERATOR, under=GROUND)
    assert (explained.outcome, explained.recomputes) == (False, True)
    ranking = explained.ranking
    assert (ranking.rank, ranking.places, ranking.waiting) == (2, 1, 1)
    assert [(text, descending, told.value) for text, descending, told in ranking.keys] == [
        ("household.income", False, 2),
        ("household.rooms", True, 3),
    ]
    assert explained.trace.value is True


def test_a_key_that_has_no_order_is_refused():
    with pytest.raises(Refused, match="rules-type"):
        installed(ranked(replace(POOREST, keys=(Key("household.floor"),))))


def test_another_order_or_quota_is_another_version():
    hashes = set()
    descending = replace(POOREST, keys=(Key("household.income", descending=True), POOREST.keys[1]))
    for ranking in (POOREST, descending, replace(POOREST, quota=Quota(3)), replace(POOREST, contested=Contested.HOLD)):
        installed(ranked(ranking))
        hashes.add(models.RuleVersion.objects.using("bulk").get(replaced_at=None).hash)
    spaced = replace(POOREST, keys=(Key(" household.income "), POOREST.keys[1]))
    assert (len(hashes), installed(ranked(POOREST)), installed(ranked(spaced))) == (4, 2, 0)
