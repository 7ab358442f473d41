"""Suspension and exit are a person's acts: on a ground, after notice, confirmed where demanded; unknown ends nothing."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connections

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, NotPermitted, Refused
from amparo.programmes import actions, models, queries
from amparo.programmes.enrolment import EnrolledBy
from amparo.registry.actions import move
from amparo.trust.context import acting
from amparo.trust.types import Permission
from tests.lib.country import GROUND
from tests.lib.days import today
from tests.unit.programmes.country import OPERATOR, installed
from tests.unit.programmes.enrolling import acted, enrol, homes, programme, state_of, steps_of

pytestmark = pytest.mark.usefixtures("fresh_database")
TEN_DAYS = timedelta(days=10)


def at(days: int):
    """The clock so many days after the first, at noon."""
    day = today() + timedelta(days=days)
    return clock.fixed(datetime(day.year, day.month, day.day, 12, tzinfo=UTC))


@pytest.fixture
def enrolled(cast) -> UUID:
    """The enrolment of a poor home in the north, in a programme with a notice of ten days."""
    return enrolled_under(cast)


def enrolled_under(cast, **terms) -> UUID:
    installed(programme(**terms))
    (home,) = homes(n1=5_000)
    return enrol(home, by=cast.omid, on=today())


def unit_of(enrolment: UUID) -> UUID:
    return models.Enrolment.objects.using("bulk").get(id=enrolment).unit_id


def suspend(
    enrolment: UUID, *, by, on: date | None = None, until: date | None = None, ground: str = "unreached"
) -> UUID:
    return acted(actions.suspend, enrolment, ground, by=by, on=on or today(), until=until)


def end(enrolment: UUID, reason: str, *, by, on: date | None = None) -> UUID:
    return acted(actions.end, enrolment, reason, by=by, on=on or today())


def confirm(enrolment: UUID, *, by) -> None:
    acted(actions.confirm_notice, enrolment, by=by, permission=Permission.REVIEW_DECISION, on=clock.today())


def steps(days: int) -> dict[str, int]:
    with at(days):
        return actions.take_steps(on=today() + timedelta(days=days), by=OPERATOR)


def is_refused_in_effect(home: UUID) -> None:
    """Write that a decision in effect grants the home nothing, as one that took effect after its notice."""
    with connections["bulk"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO programmes_decision (id, decided_at, run_id, programme_id, rule_version_id, grain, unit_id,"
            " household_id, area_number, outcome, on_day, state) SELECT gen_random_uuid(), decided_at + interval '1 s',"
            " run_id, programme_id, rule_version_id, grain, unit_id, household_id, area_number, false, on_day, 'in-effect'"
            " FROM programmes_decision WHERE unit_id = %s",
            [home],
        )
        cursor.execute("UPDATE programmes_decision SET superseded_at = now() WHERE unit_id = %s AND outcome", [home])


def is_unknown_in_effect(home: UUID) -> None:
    is_refused_in_effect(home)
    with connections["bulk"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO programmes_decision (id, decided_at, run_id, programme_id, rule_version_id, grain, unit_id,"
            " household_id, area_number, outcome, on_day, state) SELECT gen_random_uuid(), decided_at + interval '1 s',"
            " run_id, programme_id, rule_version_id, grain, unit_id, household_id, area_number, NULL, on_day, 'in-effect'"
            " FROM programmes_decision WHERE unit_id = %s AND superseded_at IS NULL",
            [home],
        )
        cursor.execute(
            "UPDATE programmes_decision SET superseded_at = now() WHERE unit_id = %s AND outcome IS FALSE", [home]
        )


def test_a_suspension_takes_effect_on_the_day_of_its_notice_not_before_and_once(cast, enrolled):
    suspend(enrolled, by=cast.omid)
    assert steps(9) == {"reinstated": 0, "suspended": 0, "ended": 0}
    assert state_of(unit_of(enrolled)) == "enrolled"
    assert steps(10)["suspended"] == 1
    assert state_of(unit_of(enrolled)) == "suspended"
    assert steps(11)["suspended"] == 0
    assert steps_of(enrolled) == [("enrolled", ""), ("suspended", "unreached")]


def test_a_suspended_unit_is_not_payable_and_keeps_its_place(cast):
    id = enrolled_under(cast, places=1)
    suspend(id, by=cast.omid)
    steps(10)
    statement, values = queries.payable_sql("poor_home", today() + TEN_DAYS, by=OPERATOR)
    with connections["bulk"].cursor() as cursor:
        cursor.execute(statement, values)
        assert cursor.fetchall() == []
    assert models.Capacity.objects.using("bulk").get().taken == 1


def test_a_suspension_ends_on_its_day_by_itself_or_when_somebody_reinstates(cast, enrolled):
    suspend(enrolled, by=cast.omid, until=today() + timedelta(days=40))
    steps(10)
    assert steps(39)["reinstated"] == 0
    assert steps(40)["reinstated"] == 1
    assert state_of(unit_of(enrolled)) == "enrolled"
    with at(41):
        suspend(enrolled, by=cast.omid, on=clock.today())
    steps(51)
    acted(actions.reinstate, enrolled, by=cast.omid, on=today() + timedelta(days=52))
    assert [state for state, _ in steps_of(enrolled)] == ["enrolled", "suspended", "enrolled", "suspended", "enrolled"]
    with pytest.raises(Refused, match="programmes-enrolment-not-suspended"):
        acted(actions.reinstate, enrolled, by=cast.omid, on=today())


def test_an_end_of_a_suspension_comes_after_its_beginning(cast, enrolled):
    with pytest.raises(Refused, match="programmes-suspension-until"):
        suspend(enrolled, by=cast.omid, until=today() + TEN_DAYS)


def test_a_ground_or_reason_that_the_programme_does_not_state_is_refused(cast, enrolled):
    with pytest.raises(Refused, match="programmes-suspension-unknown"):
        suspend(enrolled, by=cast.omid, ground="disliked")
    with pytest.raises(Refused, match="programmes-exit-unknown"):
        end(enrolled, "disliked", by=cast.omid)


def test_a_programme_without_a_notice_period_suspends_nobody_and_ends_nothing_for_the_worse(cast):
    id = enrolled_under(cast, notice_days=None)
    with pytest.raises(Refused, match="programmes-enrolment-without-notice"):
        suspend(id, by=cast.omid)
    with pytest.raises(Refused, match="programmes-enrolment-without-notice"):
        end(id, "abuse", by=cast.omid)
    end(id, "own-wish", by=cast.omid)
    assert state_of(unit_of(id)) is None


def test_a_notice_is_not_dated_back(cast, enrolled):
    with pytest.raises(Refused, match="programmes-notice-backdated"):
        suspend(enrolled, by=cast.omid, on=today() - timedelta(days=1))


def test_an_exit_for_the_worse_waits_for_its_day_and_frees_the_place(cast):
    id = enrolled_under(cast, places=1)
    unit = unit_of(id)
    end(id, "abuse", by=cast.omid)
    assert state_of(unit) == "enrolled"
    assert steps(10)["ended"] == 1
    row = models.Enrolment.objects.using("bulk").get(id=id)
    assert (row.state, row.ends_on) == ("ended", today() + TEN_DAYS)
    assert models.Capacity.objects.using("bulk").get().taken == 0


def test_a_fact_ends_an_enrolment_on_its_own_day(cast, enrolled):
    end(enrolled, "own-wish", by=cast.omid, on=today() - timedelta(days=3))
    row = models.Enrolment.objects.using("bulk").get(id=enrolled)
    assert (row.state, row.ends_on) == ("ended", today() - timedelta(days=3))
    with pytest.raises(Refused, match="programmes-enrolment-over"):
        end(enrolled, "own-wish", by=cast.omid)


def test_an_exit_that_rests_on_a_decision_needs_one_in_effect_that_is_false(cast, enrolled):
    home = unit_of(enrolled)
    with pytest.raises(Refused, match="programmes-exit-without-decision"):
        end(enrolled, "not-poor", by=cast.omid)
    is_unknown_in_effect(home)
    with pytest.raises(Refused, match="programmes-exit-without-decision"):
        end(enrolled, "not-poor", by=cast.omid)
    assert state_of(home) == "enrolled"


def test_a_decision_that_took_effect_proposes_an_exit_and_a_person_ends_it_at_once(cast, enrolled):
    home = unit_of(enrolled)
    is_refused_in_effect(home)
    with acting(cast.omid.narrowed(Permission.LIST_DECISIONS)) as by:
        assert queries.exits_proposed("poor_home", 0, 2**62, by=by) == 1
    assert (steps(100), state_of(home)) == ({"reinstated": 0, "suspended": 0, "ended": 0}, "enrolled")
    end(enrolled, "not-poor", by=cast.omid)  # notice was given of the decision
    assert state_of(home) is None


def test_where_review_is_demanded_somebody_else_confirms_before_anything_happens(cast):
    id = enrolled_under(cast, needs_review=True)
    end(id, "own-wish", by=cast.omid)
    assert (steps(30)["ended"], state_of(unit_of(id))) == (0, "enrolled")
    confirm(id, by=cast.bruno)
    assert state_of(unit_of(id)) is None


def test_whoever_gave_the_notice_does_not_confirm_it_nor_does_the_system(cast):
    id = enrolled_under(cast, needs_review=True, enrolled_by=EnrolledBy.AREAS)
    suspend(id, by=cast.amina)
    with pytest.raises(NotPermitted):
        confirm(id, by=cast.amina)
    with connections["bulk"].cursor() as cursor:  # as if Bruno had given it
        cursor.execute("UPDATE programmes_enrolmentnotice SET given_by = %s", [cast.bruno.id])
    for by in (cast.bruno, OPERATOR):
        with pytest.raises(Refused, match="programmes-confirmer-is-maker"):
            confirm(id, by=by)
    with pytest.raises(Exception, match="one human being made and checked this"):
        models.EnrolmentNotice.objects.using("bulk").update(confirmed_by=cast.bruno.id)


def test_a_notice_can_be_withdrawn_and_is_then_never_carried_out(cast, enrolled):
    suspend(enrolled, by=cast.omid)
    with pytest.raises(Refused, match="programmes-enrolment-noticed"):
        end(enrolled, "abuse", by=cast.omid)
    acted(actions.withdraw_notice, enrolled, by=cast.omid)
    assert (steps(20)["suspended"], state_of(unit_of(enrolled))) == (0, "enrolled")
    with pytest.raises(Refused, match="programmes-enrolment-notice-over"):
        acted(actions.withdraw_notice, enrolled, by=cast.omid)
    end(enrolled, "abuse", by=cast.omid)


def test_a_day_that_has_not_come_is_refused(cast, enrolled):
    suspend(enrolled, by=cast.omid)
    with pytest.raises(Refused, match="programmes-effect-ahead"):
        actions.take_steps(on=today() + TEN_DAYS, by=OPERATOR)


def test_in_a_trial_nothing_for_the_worse_is_noticed(cast, enrolled, server, fresh_database):
    from amparo.project.databases import connect

    with connect(server.server, fresh_database) as superuser:
        superuser.execute("SET session_replication_role = replica")
        superuser.execute("DELETE FROM trust_stage")
    with pytest.raises(NotPermitted, match="trust-trial"):
        suspend(enrolled, by=cast.omid)


def test_nobody_decides_outside_their_reach_or_for_a_programme_that_is_not_theirs(cast):
    id = enrolled_under(cast, enrolled_by=EnrolledBy.AREAS)
    with pytest.raises(NotFound, match="programmes-enrolment-unknown"):
        suspend(id, by=cast.chen)
    installed(programme())
    with pytest.raises(NotPermitted, match="programmes-enrolled-by-programme"):
        suspend(id, by=cast.amina)
    with pytest.raises(NotPermitted):
        suspend(id, by=cast.bruno)


def test_what_another_system_told_is_for_that_system_to_change(cast, enrolled):
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE programmes_enrolment DISABLE TRIGGER of_whom_it_is")
    models.Enrolment.objects.using("bulk").update(source="elsewhere")
    with pytest.raises(Refused, match="programmes-enrolment-told"):
        suspend(enrolled, by=cast.omid)


# ---- history, and moving along


def test_an_enrolment_shows_its_steps_and_notices_to_who_may_read_it(cast, enrolled):
    suspend(enrolled, by=cast.omid)
    steps(10)
    with acting(cast.amina.narrowed(Permission.READ_DECISION)) as by:
        told = queries.enrolment(enrolled, by=by, under=GROUND)
        assert [each.id for each in queries.enrolments_of_household(told.unit_id, by=by, under=GROUND)] == [enrolled]
    assert [(each.state.value, each.law) for each in told.steps] == [("enrolled", ""), ("suspended", "law-unreached")]
    assert told.notices[0].took_effect_at is not None
    with acting(cast.chen.narrowed(Permission.READ_DECISION)) as by, pytest.raises(NotFound):
        queries.enrolment(enrolled, by=by, under=GROUND)


def test_a_step_is_never_changed_and_an_end_is_an_end(cast, enrolled):
    end(enrolled, "own-wish", by=cast.omid)
    for statement in (
        "UPDATE programmes_enrolmentstep SET reason = 'other'",
        "UPDATE programmes_enrolment SET state = 'enrolled', ends_on = NULL",
        "UPDATE programmes_enrolment SET unit_id = gen_random_uuid()",
        "DELETE FROM programmes_enrolment",
    ):
        with (
            pytest.raises(Exception, match=r"never changed|an end is an end|permission denied"),
            connections["bulk"].cursor() as cursor,
        ):
            cursor.execute(statement)


def test_it_moves_along_with_the_household_and_stays_in_force(cast, enrolled):
    """Portability (IBR-9): who moves keeps what they have, and their new officer sees it."""
    suspend(enrolled, by=cast.omid)
    home = unit_of(enrolled)
    with acting(cast.ines.narrowed(Permission.REGISTER)) as by:
        move(home, to_area="s1", by=by, on=today(), under=GROUND)
    assert state_of(home) == "enrolled"
    with acting(cast.chen.narrowed(Permission.READ_DECISION)) as by:
        told = queries.enrolment(enrolled, by=by, under=GROUND)
        assert (len(told.steps), len(told.notices)) == (1, 1)
    with acting(cast.amina.narrowed(Permission.READ_DECISION)) as by, pytest.raises(NotFound):
        queries.enrolment(enrolled, by=by, under=GROUND)
