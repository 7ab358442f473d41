"""For the worse: a notice first, a reply heard, a review by somebody else, and never before its day (ELI-9)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connections

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, NotPermitted, Refused
from amparo.programmes import models
from amparo.programmes.actions import (
    determine_household,
    execute,
    give_notice,
    give_notices,
    plan,
    record_reply,
    review,
    take_effect,
)
from amparo.programmes.procedure import Procedure
from amparo.programmes.queries import adverse_effects, notice
from amparo.programmes.types import State
from amparo.registry.actions import move, observe
from amparo.trust.context import acting
from amparo.trust.types import Actor, Permission
from tests.lib import months
from tests.lib.country import GROUND, household
from tests.unit.programmes.country import OPERATOR, POOR_HOME, installed, run

pytestmark = pytest.mark.usefixtures("fresh_database")
NOTICED = replace(POOR_HOME, procedure=Procedure(law="law-notice", notice_days=10))
REVIEWED = replace(POOR_HOME, procedure=Procedure(law="law-notice", notice_days=10, needs_review=True))
FIRST = date(2026, 12, 1)


def at(days: int = 0):
    """The clock so many days after the first, at noon."""
    day = FIRST + timedelta(days=days)
    months.ensure(day, *months.DECIDED)
    return clock.fixed(datetime(day.year, day.month, day.day, 12, tzinfo=UTC))


def earns(home, income) -> None:
    with connections["bulk"].cursor() as cursor:
        cursor.execute("UPDATE registry_fact_household SET income = %s WHERE household_id = %s", [income, home])


@pytest.fixture
def losing(fresh_database):
    """A household whose grant a run proposes to end; the programme has a notice of ten days."""
    return losing_under(NOTICED)


def losing_under(programme):
    installed(programme)
    with at():
        home = household("n1", {"birth_date": date(2000, 1, 1)}, income=5_000, on=date(2026, 11, 1))
        run(FIRST)
        earns(home, 90_000)
        run(FIRST)
    return home


def proposed(home) -> models.Decision:
    return models.Decision.objects.using("bulk").get(unit_id=home, state=State.PROPOSED, superseded_at=None)


def noticed(home, by: Actor, on: date = FIRST):
    with acting(by.narrowed(Permission.GIVE_NOTICE)):
        return give_notice(proposed(home).id, by=by, under=GROUND, on=on)


def replied(given, by: Actor, words="I earned nothing in May.", on: date = FIRST):
    with acting(by.narrowed(Permission.GIVE_NOTICE)):
        return record_reply(given.id, words, by=by, under=GROUND, on=on)


def reviewed(given, by: Actor, confirms: bool = True):
    with acting(by.narrowed(Permission.REVIEW_DECISION)):
        return review(given.id, confirms=confirms, reason="Payslip of May.", by=by, under=GROUND, on=clock.today())


def in_effect(home) -> list[bool | None]:
    rows = models.Decision.objects.using("bulk").filter(unit_id=home, superseded_at=None, state=State.IN_EFFECT)
    return [each.outcome for each in rows]


def effects(days: int) -> int:
    with at(days):
        return take_effect(on=FIRST + timedelta(days=days), by=OPERATOR)


def test_nothing_takes_effect_without_a_notice(losing):
    assert effects(400) == 0
    assert in_effect(losing) == [True]


def test_it_takes_effect_on_the_day_of_its_notice_not_before_and_once(losing, cast):
    with at():
        assert noticed(losing, cast.amina).takes_effect_on == FIRST + timedelta(days=10)
    assert effects(9) == 0
    assert in_effect(losing) == [True]
    assert effects(10) == 1
    assert in_effect(losing) == [False]
    assert effects(10) == 0
    assert vars(adverse_effects()) == {"decisions": 1, "without_notice": 0, "before_their_day": 0}


def test_a_day_that_has_not_come_is_refused(losing, cast):
    with at():
        noticed(losing, cast.amina)
        with pytest.raises(Refused, match="programmes-effect-ahead"):
            take_effect(on=FIRST + timedelta(days=10), by=OPERATOR)
    assert in_effect(losing) == [True]


def test_what_took_effect_keeps_rule_run_and_day_and_the_next_run_confirms_it(losing, cast):
    with at():
        noticed(losing, cast.amina)
        was = proposed(losing)
    effects(10)
    now = models.Decision.objects.using("bulk").get(unit_id=losing, superseded_at=None)
    assert (now.run_id, now.rule_version_id, now.on_day) == (was.run_id, was.rule_version_id, was.on_day)
    with at(11):
        assert run(FIRST + timedelta(days=11)).total.unchanged == 1


def test_a_notice_is_not_dated_back(losing, cast):
    with at(5), pytest.raises(Refused, match="programmes-notice-backdated"):
        noticed(losing, cast.amina, on=FIRST)


def test_a_programme_without_a_notice_period_gives_no_notice(cast):
    home = losing_under(POOR_HOME)
    with at(), pytest.raises(Refused, match="programmes-notice-not-possible"):
        noticed(home, cast.amina)
    with at():
        assert give_notices(["poor_home"], by=OPERATOR, under=GROUND, on=FIRST) == 0


def test_a_reply_holds_it_until_a_review_that_comes_after_it(losing, cast):
    with at():
        given = noticed(losing, cast.amina)
    with at(3):
        replied(given, cast.amina, on=FIRST + timedelta(days=3))
    assert effects(10) == 0
    with at(11):
        reviewed(given, cast.bruno)
    with at(12):
        replied(given, cast.amina, on=FIRST + timedelta(days=12))
    assert effects(12) == 0
    with at(13):
        reviewed(given, cast.bruno)
    assert effects(13) == 1


def test_what_a_review_denies_never_takes_effect_and_is_not_proposed_again(losing, cast):
    with at():
        reviewed(noticed(losing, cast.amina), cast.bruno, confirms=False)
    assert effects(300) == 0
    with at(20):
        assert run(FIRST + timedelta(days=20), is_full=True).total.unchanged == 1
    assert in_effect(losing) == [True]


def test_a_programme_that_demands_review_waits_for_it(cast):
    home = losing_under(REVIEWED)
    with at():
        given = noticed(home, cast.amina)
    assert effects(10) == 0
    with at(10):
        reviewed(given, cast.bruno)
    assert effects(10) == 1


def test_the_reviewer_is_a_person_other_than_the_maker(losing, cast):
    with at():
        given = noticed(losing, cast.bruno)
        for by in (cast.bruno, OPERATOR):
            with pytest.raises(Refused, match="programmes-reviewer-is-maker"):
                reviewed(given, by)
        with pytest.raises(NotPermitted):
            reviewed(given, cast.amina)


def test_whoever_planned_the_run_does_not_review_it(cast):
    installed(NOTICED)
    with at():
        home = household("n1", {"birth_date": date(2000, 1, 1)}, income=5_000, on=date(2026, 11, 1))
        run(FIRST)
        earns(home, 90_000)
        with acting(cast.ines.narrowed(Permission.DETERMINE)):
            made = plan(on=FIRST, by=cast.ines, under=GROUND)
        execute(made.id, by=cast.ines)
        given = noticed(home, cast.amina)
        with pytest.raises(Refused, match="programmes-reviewer-is-maker"):
            reviewed(given, cast.ines)


def test_whoever_told_the_fact_does_not_review_what_came_of_it(cast):
    installed(NOTICED)
    with at():
        home = household("n1", {"birth_date": date(2000, 1, 1)}, income=5_000, on=date(2026, 11, 1))
        run(FIRST)
        ines = cast.ines.narrowed(Permission.REGISTER)
        with acting(ines):
            observe(home, values={"income": 90_000}, source="tax", by=ines, on=FIRST, under=GROUND)
            determine_household(home, by=OPERATOR, under=GROUND, on=FIRST)
        given = noticed(home, cast.amina)
        with pytest.raises(Refused, match="programmes-reviewer-is-maker"):
            reviewed(given, cast.ines)


def test_a_newer_determination_that_is_better_withdraws_what_was_noticed(losing, cast):
    with at():
        given = noticed(losing, cast.amina)
        earns(losing, 5_000)
        assert run(FIRST).total.withdrawn == 1
    assert effects(10) == 0
    assert in_effect(losing) == [True]
    with at(10), pytest.raises(Refused, match="programmes-notice-over"):
        replied(given, cast.amina)


def test_unknown_never_ends_a_benefit_and_needs_no_notice(losing, cast):
    with at():
        noticed(losing, cast.amina)
        earns(losing, None)
        assert run(FIRST).total.review == 1
    assert effects(10) == 0
    assert in_effect(losing) == [True]


def test_another_change_for_the_worse_needs_a_notice_of_its_own(cast):
    home = losing_under(NOTICED)
    with at():
        noticed(home, cast.amina)
    stricter = replace(NOTICED.versions[0], rule=f"{NOTICED.versions[0].rule} && household.size < 5")
    installed(replace(NOTICED, versions=(stricter,)))
    with at(5):
        assert run(FIRST + timedelta(days=5)).total.proposed == 1
    assert effects(10) == 0


def test_all_that_wait_are_noticed_at_once(losing):
    with at():
        assert give_notices(["poor_home"], by=OPERATOR, under=GROUND, on=FIRST) == 1
        assert give_notices(["poor_home"], by=OPERATOR, under=GROUND, on=FIRST) == 0
    assert effects(10) == 1


def test_words_of_a_reply_are_sealed_and_opened_for_whoever_may_read_the_notice(losing, cast):
    words = "I earned nothing in May."
    with at():
        given = noticed(losing, cast.amina)
        replied(given, cast.amina, words)
    assert words.encode() not in bytes(models.Reply.objects.using("bulk").get().words)
    amina = cast.amina.narrowed(Permission.READ_DECISION)
    with acting(amina):
        assert [each.words for each in notice(given.id, by=amina, under=GROUND).replies] == [words]
    chen = cast.chen.narrowed(Permission.READ_DECISION)
    with acting(chen), pytest.raises(NotFound):
        notice(given.id, by=chen, under=GROUND)


def test_nobody_gives_notice_outside_their_areas_or_of_what_is_not_proposed(losing, cast):
    with at(), pytest.raises(NotFound):
        noticed(losing, cast.chen)
    standing = models.Decision.objects.using("bulk").get(unit_id=losing, state=State.IN_EFFECT)
    amina = cast.amina.narrowed(Permission.GIVE_NOTICE)
    with at(), acting(amina), pytest.raises(Refused, match="programmes-decision-not-proposed"):
        give_notice(standing.id, by=amina, under=GROUND, on=FIRST)


def test_an_empty_reply_a_day_outside_and_a_review_without_reason_are_refused(losing, cast):
    with at(3):
        given = noticed(losing, cast.amina, on=FIRST + timedelta(days=3))
        with pytest.raises(Refused, match="programmes-reply-empty"):
            replied(given, cast.amina, "  ", on=FIRST + timedelta(days=3))
        for day in (2, 4):
            with pytest.raises(Refused, match="programmes-reply-day"):
                replied(given, cast.amina, on=FIRST + timedelta(days=day))
        bruno = cast.bruno.narrowed(Permission.REVIEW_DECISION)
        with acting(bruno), pytest.raises(Refused, match="programmes-review-without-reason"):
            review(given.id, confirms=True, reason=" ", by=bruno, under=GROUND, on=FIRST)


def test_a_notice_moves_along_with_the_household(losing, cast):
    with at():
        given = noticed(losing, cast.amina)
        replied(given, cast.amina)
        ines = cast.ines.narrowed(Permission.REGISTER)
        with acting(ines):
            move(losing, to_area="s1", by=ines, on=FIRST, under=GROUND)
        chen = cast.chen.narrowed(Permission.READ_DECISION)
        with acting(chen):
            assert len(notice(given.id, by=chen, under=GROUND).replies) == 1


def test_the_check_finds_what_was_put_into_effect_past_the_notice(losing):
    """Written as no action of the product would: the check does not rest on them."""
    was = proposed(losing)
    with connections["bulk"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO programmes_decision (id, decided_at, run_id, programme_id, rule_version_id, grain, unit_id,"
            " household_id, area_number, outcome, on_day, state) SELECT gen_random_uuid(), decided_at + interval '1 s',"
            " run_id, programme_id, rule_version_id, grain, unit_id, household_id, area_number, outcome, on_day,"
            " 'in-effect' FROM programmes_decision WHERE id = %s",
            [was.id],
        )
    assert vars(adverse_effects()) == {"decisions": 1, "without_notice": 1, "before_their_day": 0}
