"""Ranks beside narrowed runs, lost after a notice, made again from what they rested on, and given by a score (ELI-2, ELI-9)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import connections

from amparo.programmes import models
from amparo.programmes.actions import give_notices, install
from amparo.programmes.config import ProgrammeConfig, RuleVersion, Unit
from amparo.programmes.procedure import Procedure
from amparo.programmes.queries import adverse_effects, recompute
from amparo.programmes.quota import Contested, Key, Quota, Ranking
from amparo.programmes.types import State
from amparo.rules.contents import ModelVersion, Question, ScoringModel, Variant
from tests.lib.country import GROUND, household
from tests.unit.programmes.country import DAY, LINE, OPERATOR, POOR_HOME, installed, run
from tests.unit.programmes.test_narrowing import assert_as_a_full_run_would, snapshot
from tests.unit.programmes.test_noticing import FIRST, at, effects
from tests.unit.programmes.test_ranking import GRANT, POOREST, home, ranked, said, standing, told
from tests.unit.programmes.test_units import FAMILY, three

pytestmark = pytest.mark.usefixtures("fresh_database")
NOTICED = replace(ranked(), procedure=Procedure(law="law-notice", notice_days=10))


def everybody_recomputed() -> set:
    ids = list(models.Decision.objects.using("bulk").values_list("id", flat=True))
    return {each.is_same for each in recompute(ids, by=OPERATOR, under=GROUND)}


def test_beside_a_ranked_programme_the_others_are_narrowed_and_all_come_out_as_in_full(cast):
    held = replace(POOREST, contested=Contested.HOLD)
    installed(ranked(held), POOR_HOME, parameters=(LINE, GRANT))
    homes = [home(income=income) for income in (1, 2, 3, 20_000)]
    home(income=None)
    first = run()
    assert first.counts["few"].contested == 1
    told(cast, homes[2], income=0)
    second = assert_as_a_full_run_would(snapshot(DAY), DAY)
    assert (second.base, second.decided_again) == (first.id, 1)
    assert second.counts["few"].contested == 1
    assert [said(each)[0] for each in homes] == [True, False, True, False]
    assert said(homes[0], State.REVIEW)[0] is None  # an unknown never ends what was granted


def test_a_lost_rank_takes_effect_on_its_day_with_its_rank_and_the_places_there_were(cast):
    installed(NOTICED)
    with at():
        homes = [home(income=income) for income in (1, 2, 3)]
        run(FIRST)
        told(cast, homes[2], income=0)
        run(FIRST)
        assert said(homes[1], State.PROPOSED) == (False, 3, 1)
        assert give_notices(["few"], by=OPERATOR, under=GROUND, on=FIRST) == 1
    assert effects(9) == 0
    assert effects(10) == 1
    lost = standing(homes[1])
    assert (lost.outcome, lost.rank, lost.places, lost.waiting) == (False, 3, 2, 1)
    assert vars(adverse_effects()) == {"decisions": 1, "without_notice": 0, "before_their_day": 0}
    assert everybody_recomputed() == {True}


def test_a_place_lost_on_the_waiting_list_is_for_the_worse_too(cast):
    """Put into effect as no action of the product would: the check does not rest on them."""
    installed(replace(NOTICED, versions=ranked(replace(POOREST, quota=Quota(1))).versions))
    with at():
        homes = [home(income=income) for income in (1, 2, 3)]
        run(FIRST)
        told(cast, homes[2], income=1)
        told(cast, homes[0], income=0)
        run(FIRST)
    assert (said(homes[1]), said(homes[1], State.PROPOSED)) == ((False, 2, 1), (False, 3, 2))
    assert adverse_effects().decisions == 0
    with connections["bulk"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO programmes_decision (id, decided_at, run_id, programme_id, rule_version_id, grain, unit_id,"
            " household_id, area_number, outcome, rank, places, on_day, state) SELECT gen_random_uuid(),"
            " decided_at + interval '1 s', run_id, programme_id, rule_version_id, grain, unit_id, household_id,"
            " area_number, outcome, rank, places, on_day, 'in-effect' FROM programmes_decision WHERE state = 'proposed'"
        )
    assert vars(adverse_effects()) == {"decisions": 1, "without_notice": 1, "before_their_day": 0}


def test_decisions_about_families_and_ranked_homes_come_out_the_same_again(cast):
    installed(FAMILY, ranked(replace(POOREST, contested=Contested.HOLD)), parameters=(GRANT,))
    three(cast)
    for income in (3, 1, None, 2):
        home(income=income)
    run()
    run(DAY + timedelta(days=1))
    grains = set(models.Decision.objects.using("bulk").values_list("grain", flat=True))
    assert grains == {"family", "household"}
    assert everybody_recomputed() == {True}


def test_places_go_by_the_points_of_a_scorecard_and_an_unknown_score_is_never_placed_last():
    """Half a point for each room and ten for an earth floor: the score ranks, most points first."""
    points = "question | answer | points\nrooms | each | 0.5\nfloor | earth | 10\nfloor | cement | 0"
    version = ModelVersion(
        date(2026, 1, 1),
        "law-card",
        (Question("rooms", "household.rooms"), Question("floor", "household.floor")),
        (Variant("-", "0", points),),
    )
    ranking = Ranking((Key("score(card)", descending=True),), Quota(1), Contested.GRANT)
    programme = ProgrammeConfig(
        "few", Unit.HOUSEHOLD, (RuleVersion(date(2026, 1, 1), rule="household.size >= 1", law="l", ranking=ranking),)
    )
    install([programme], (), by=OPERATOR, scoring=(ScoringModel("card", (version,)),))
    homes = [
        household("n1", {}, **told)
        for told in ({"rooms": 2, "floor": "earth"}, {"rooms": 8, "floor": "cement"}, {"rooms": 1})
    ]
    made = run()
    assert [said(each) for each in homes] == [(True, 1, None), (False, 2, 1), (None, None, None)]
    assert standing(homes[2]).missing == ("floor",)
    assert made.counts["few"].contested == 1
    assert everybody_recomputed() == {True}
