"""Potentially eligible is not enrolled: the programme decides, within its places and its area (ELI-7, DEC-2)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connections

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, NotPermitted, Refused
from amparo.programmes import actions, models, queries
from amparo.programmes.enrolment import Collector, EnrolledBy, Order
from amparo.registry.actions import move
from amparo.trust.context import acting
from amparo.trust.models import Audit
from amparo.trust.types import Actor, Permission
from tests.lib.country import GROUND, household
from tests.lib.days import today
from tests.unit.programmes.country import OPERATOR, installed, run
from tests.unit.programmes.enrolling import enrol, enrol_many, homes, programme, state_of, steps_of, wait

pytestmark = pytest.mark.usefixtures("fresh_database")
POOR, RICH, UNKNOWN = 5_000, 90_000, None


def taken() -> tuple[int, int]:
    row = models.Capacity.objects.using("bulk").get()
    return row.taken, models.Enrolment.objects.using("bulk").filter(state__in=("enrolled", "suspended")).count()


def test_a_decision_enrols_nobody_and_the_programme_does(cast):
    installed(programme())
    (home,) = homes(n1=POOR)
    assert state_of(home) is None
    id = enrol(home, by=cast.omid)
    row = models.Enrolment.objects.using("bulk").get(id=id)
    assert (row.state, row.starts_on, row.amount_minor, row.household_id) == ("enrolled", today(), 2_000, home)
    assert steps_of(id) == [("enrolled", "")]


@pytest.mark.parametrize("income", [RICH, UNKNOWN])
def test_only_what_is_true_admits_and_unknown_admits_nobody(cast, income):
    installed(programme())
    (home,) = homes(n1=income)
    for act in (enrol, wait):
        with pytest.raises(Refused, match="programmes-not-eligible"):
            act(home, by=cast.omid)
    assert enrol_many(by=cast.omid).units == 0


def test_nobody_is_enrolled_twice(cast):
    installed(programme())
    (home,) = homes(n1=POOR)
    enrol(home, by=cast.omid)
    for act in (enrol, wait):
        with pytest.raises(Refused, match="programmes-enrolled-already"):
            act(home, by=cast.omid)
    assert enrol_many(by=cast.omid).units == 0


def test_everybody_who_is_eligible_and_takes_no_part_is_enrolled_by_one_act(cast):
    installed(programme())
    poor = homes(n1=(POOR, POOR, RICH), s1=(POOR, UNKNOWN))
    enrol(poor[0], by=cast.omid)
    found = enrol_many(by=cast.omid)
    assert (found.units, found.households, found.free) == (2, 2, None)
    assert [state_of(each) for each in poor] == ["enrolled", "enrolled", None, "enrolled", None]
    (row,) = Audit.objects.using("bulk").filter(event="units-enrolled")
    assert (row.about_id, row.details["units"], row.details["households"]) == ("poor_home", 2, 2)


def collectors(*units) -> list:
    found = dict(models.Enrolment.objects.using("bulk").values_list("unit_id", "recipient_id"))
    return [found[each] for each in units]


def test_the_head_collects_where_the_programme_says_so_and_nobody_where_there_is_none_or_two(cast):
    installed(programme(collected_by=Collector.HEAD))
    adult = {"birth_date": date(1980, 1, 1)}
    heads = ({"is_head": True}, {"is_head": False}), ({"is_head": True}, {"is_head": True}), ({}, {})
    units = [household("n1", *(adult | each for each in two), income=POOR) for two in heads]
    alone = household("s1", adult | {"is_head": True}, income=POOR)
    run(today())
    enrol(alone, by=cast.omid)
    enrol_many(by=cast.omid)
    one, two, none, other = collectors(*units, alone)
    assert (two, none) == (None, None)
    assert [living_at(each) for each in (one, other)] == [units[0], alone]
    assert is_head(one)
    assert is_head(other)


def test_whoever_is_named_collects_and_not_the_head_and_without_a_word_nobody(cast):
    installed(programme(collected_by=Collector.HEAD))
    (home, other) = homes(n1=(POOR, POOR))
    enrol(home, by=cast.omid, recipient=other)
    assert collectors(home) == [other]
    installed(programme())
    enrol_many(by=cast.omid)
    assert collectors(other) == [None]


def living_at(person):
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT household_id FROM registry_membership WHERE person_id = %s", [person])
        return cursor.fetchone()[0]


def is_head(person) -> bool:
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT is_head FROM registry_fact_person WHERE person_id = %s", [person])
        return cursor.fetchone()[0]


def test_of_one_area_and_of_those_selected(cast):
    installed(programme())
    north, other, south = homes(n1=(POOR, POOR), s1=POOR)
    assert enrol_many(by=cast.omid, area="south").units == 1
    assert enrol_many(by=cast.omid, units=[other]).units == 1
    assert [state_of(each) for each in (north, other, south)] == [None, "enrolled", "enrolled"]


def test_a_selection_or_area_that_matches_nobody_enrols_nobody_and_says_so(cast):
    installed(programme())
    homes(n1=POOR)
    assert enrol_many(by=cast.omid, units=[]).units == 0
    assert enrol_many(by=cast.omid, area="s2").units == 0
    with pytest.raises(NotFound, match="trust-area-unknown"):
        enrol_many(by=cast.omid, area="elsewhere")
    assert not models.Enrolment.objects.using("bulk").exists()
    assert Audit.objects.using("bulk").filter(event="units-enrolled", details__units=0).count() == 2


def test_an_unknown_programme_is_refused(cast):
    installed(programme())
    with (
        acting(cast.omid.narrowed(Permission.ENROL)),
        pytest.raises(NotFound, match="programmes-enrolment-programme-unknown"),
    ):
        actions.enrol_many("elsewhere", by=cast.omid, under=GROUND, on=today())


def test_the_officers_of_an_area_enrol_where_the_programme_lets_them_and_their_own_alone(cast):
    installed(programme())
    north, south = homes(n1=POOR, s1=POOR)
    with pytest.raises(NotPermitted, match="programmes-enrolled-by-programme"):
        enrol(north, by=cast.amina)
    installed(programme(enrolled_by=EnrolledBy.AREAS))
    with pytest.raises(Refused, match="programmes-not-eligible"):
        enrol(south, by=cast.amina)
    assert enrol_many(by=cast.amina).units == 1
    assert [state_of(north), state_of(south)] == ["enrolled", None]


@pytest.mark.parametrize("name", ["bruno", "emre", "ines"])
def test_who_is_not_charged_with_enrolling_does_not(cast, name):
    installed(programme(enrolled_by=EnrolledBy.AREAS))
    (home,) = homes(n1=POOR)
    with pytest.raises(NotPermitted):
        enrol(home, by=getattr(cast, name))


def test_who_runs_one_programme_enrols_for_no_other(cast):
    installed(programme())
    from dataclasses import replace

    installed(programme(), replace(programme(), code="other"))
    homes(n1=POOR)
    with acting(cast.omid.narrowed(Permission.ENROL)), pytest.raises(NotPermitted, match="programmes-not-yours"):
        actions.enrol_many("other", by=cast.omid, under=GROUND, on=today())


def test_a_local_programme_is_for_the_people_of_its_area_alone(cast):
    installed(programme(area="north"))
    north, south = homes(n1=POOR, s1=POOR)
    with pytest.raises(Refused, match="programmes-not-eligible"):
        enrol(south, by=cast.omid)
    assert enrol_many(by=cast.omid, area="south").units == 0
    assert enrol_many(by=cast.omid).units == 1
    assert [state_of(north), state_of(south)] == ["enrolled", None]


def test_the_database_holds_a_local_programme_to_its_residents_where_the_filter_is_broken(cast, monkeypatch):
    installed(programme())
    north, south, *_ = homes(n1=POOR, s1=(POOR, POOR))
    installed(programme(area="north"))  # everybody was decided about, before it became an area's
    wait(north, by=cast.omid)
    monkeypatch.setattr("amparo.programmes.actions.enrolling.area_of", lambda *_: None)
    for act in (enrol, wait):
        with pytest.raises(DatabaseError, match="lives in its area"):
            act(south, by=cast.omid)
    with pytest.raises(DatabaseError, match="lives in its area"):
        enrol_many(by=cast.omid)
    assert [state_of(north), state_of(south)] == ["waiting", None]
    with acting(cast.ines.narrowed(Permission.REGISTER)) as by:
        move(north, to_area="s1", by=by, on=today(), under=GROUND)
    with pytest.raises(DatabaseError, match="lives in its area"):
        enrol(north, by=cast.omid)


# ---- places


def test_places_are_never_exceeded_and_the_rest_stays_potentially_eligible(cast):
    installed(programme(places=2))
    poor = homes(n1=(POOR, POOR, POOR))
    found = enrol_many(by=cast.omid)
    assert (found.units, found.free) == (2, 0)
    (left,) = [each for each in poor if state_of(each) is None]
    with pytest.raises(Refused, match="programmes-no-place"):
        enrol(left, by=cast.omid)
    assert taken() == (2, 2)


def test_the_database_itself_refuses_one_place_too_many(cast):
    installed(programme(places=1))
    poor = homes(n1=(POOR, POOR))
    enrol(poor[0], by=cast.omid)
    wait(poor[1], by=cast.omid)
    with pytest.raises(Exception, match="no place is free"), connections["bulk"].cursor() as cursor:
        cursor.execute("UPDATE programmes_enrolment SET state = 'enrolled' WHERE state = 'waiting'")
    assert taken() == (1, 1)


def test_fewer_places_than_are_taken_put_nobody_out(cast):
    installed(programme())
    poor = homes(n1=(POOR, POOR, POOR))
    assert enrol_many(by=cast.omid, units=poor[:2]).units == 2
    installed(programme(places=1))
    assert taken() == (2, 2)
    with pytest.raises(Refused, match="programmes-no-place"):
        enrol(poor[2], by=cast.omid)


def test_whoever_waits_longer_comes_first(cast):
    installed(programme(places=1))
    first, second, third = homes(n1=(POOR, POOR, POOR))
    for each in (second, first):
        wait(each, by=cast.omid)
    for each in (first, third):
        with pytest.raises(Refused, match="programmes-no-place"):
            enrol(each, by=cast.omid)
    assert enrol_many(by=cast.omid).units == 1
    assert [state_of(each) for each in (first, second, third)] == ["waiting", "enrolled", None]


def test_a_unit_that_waits_is_let_in_and_keeps_its_enrolment(cast):
    installed(programme(places=1))
    (home,) = homes(n1=POOR)
    id = wait(home, by=cast.omid, on=today() - timedelta(days=30))
    assert enrol(home, by=cast.omid) == id
    row = models.Enrolment.objects.using("bulk").get(id=id)
    assert (row.state, row.starts_on) == ("enrolled", today())
    assert steps_of(id) == [("waiting", ""), ("enrolled", "")]


def test_who_waits_in_another_area_keeps_a_place_free(cast):
    installed(programme(places=1, enrolled_by=EnrolledBy.AREAS))
    north, south = homes(n1=POOR, s1=POOR)
    wait(south, by=cast.chen)
    assert enrol_many(by=cast.amina).units == 0
    assert enrol_many(by=cast.chen).units == 1
    assert [state_of(north), state_of(south)] == [None, "enrolled"]


def test_by_rank_who_is_ranked_first_is_first(cast):
    installed(programme(places=1, order=Order.RANK))
    late, early = homes(n1=(POOR, POOR))
    wait(late, by=cast.omid)
    wait(early, by=cast.omid)
    with connections["bulk"].cursor() as cursor:  # as a run of a programme with a ranking would have left them
        cursor.execute("UPDATE programmes_enrolment SET rank = CASE unit_id WHEN %s THEN 2 ELSE 1 END", [late])
    assert enrol_many(by=cast.omid).units == 1
    assert [state_of(late), state_of(early)] == ["waiting", "enrolled"]


def at_once(act, times: int = 100) -> list[object]:
    """Do the same a hundred times at once, on connections of their own; return what each got."""

    def tried(number: int) -> object:
        try:
            return act(number)
        except Refused as refused:
            return refused.message.id
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=25) as workers:
        return list(workers.map(tried, range(times)))


def test_a_hundred_at_once_enrol_the_same_unit_once(cast):
    installed(programme())
    (home,) = homes(n1=POOR)
    got = at_once(lambda number: enrol(home, by=cast.omid))
    assert got.count("programmes-enrolled-already") == 99
    assert models.Enrolment.objects.using("bulk").count() == models.EnrolmentStep.objects.using("bulk").count() == 1


def test_a_hundred_at_once_never_exceed_the_places(cast):
    installed(programme(places=7))
    poor = homes(n1=(POOR,) * 20)
    at_once(lambda number: enrol(poor[number % 20], by=cast.omid))
    assert taken() == (7, 7)


def test_all_at_once_by_many_enrol_everybody_once(cast):
    installed(programme())
    homes(n1=(POOR,) * 8)
    got = at_once(lambda number: enrol_many(by=cast.omid).units, 20)
    assert sum(got) == models.Enrolment.objects.using("bulk").count() == 8


# ---- who left


def test_who_left_is_not_enrolled_with_everybody_else_before_a_newer_decision(cast):
    installed(programme())
    (home,) = homes(n1=POOR)
    id = enrol(home, by=cast.omid)
    with acting(cast.omid.narrowed(Permission.ENROL)):
        actions.end(id, "own-wish", by=cast.omid, under=GROUND, on=clock.today())
    assert enrol_many(by=cast.omid).units == 0
    assert enrol(home, by=cast.omid) != id  # asked for by name, they are


# ---- what is listed


def listed(by: Actor) -> list:
    with acting(by.narrowed(Permission.LIST_DECISIONS)) as reader:
        return queries.potentially_eligible("poor_home", 0, 2**62, by=reader, under=GROUND)


def test_the_list_of_potentially_eligible_leaves_out_who_takes_part(cast):
    installed(programme())
    poor = homes(n1=(POOR, POOR, RICH), s1=POOR)
    enrol(poor[0], by=cast.omid)
    assert {each.decision.unit_id for each in listed(cast.omid)} == {poor[1], poor[3]}
    assert {each.decision.unit_id for each in listed(cast.amina)} == {poor[1]}


def test_who_is_payable(cast):
    installed(programme())
    paid, waits, *_ = homes(n1=(POOR, POOR, POOR, RICH))
    enrol(paid, by=cast.omid)
    wait(waits, by=cast.omid)
    statement, values = queries.payable_sql("poor_home", today(), by=OPERATOR)
    with connections["bulk"].cursor() as cursor:
        cursor.execute(f"SELECT unit, household, amount_minor FROM ({statement}) payable", values)
        assert cursor.fetchall() == [(paid, paid, 2_000)]
        earlier, values = queries.payable_sql("poor_home", today() - timedelta(days=1), by=OPERATOR)
        cursor.execute(earlier, values)
        assert cursor.fetchall() == []


def test_an_amount_that_is_not_known_is_listed_apart_and_never_paid(cast):
    installed(programme())
    (home,) = homes(n1=POOR)
    id = enrol(home, by=cast.omid)
    with connections["bulk"].cursor() as cursor:
        cursor.execute("UPDATE programmes_decision SET superseded_at = now()")
        cursor.execute("UPDATE programmes_enrolment SET amount_minor = NULL")
        for is_known, found in ((True, []), (False, [id])):
            statement, values = queries.payable_sql("poor_home", today(), by=OPERATOR, is_known=is_known)
            cursor.execute(f"SELECT enrolment FROM ({statement}) payable", values)
            assert [each for (each,) in cursor.fetchall()] == found


def test_a_higher_amount_in_effect_is_what_is_paid(cast):
    installed(programme())
    (home,) = homes(n1=POOR)
    enrol(home, by=cast.omid)
    with connections["bulk"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO programmes_decision (id, decided_at, run_id, programme_id, rule_version_id, grain, unit_id,"
            " household_id, area_number, outcome, amount_minor, on_day, state) SELECT gen_random_uuid(),"
            " decided_at + interval '1 s', run_id, programme_id, rule_version_id, grain, unit_id, household_id,"
            " area_number, true, 3000, on_day, 'in-effect' FROM programmes_decision WHERE superseded_at IS NULL"
        )
        cursor.execute("UPDATE programmes_decision SET superseded_at = now() WHERE amount_minor = 2000")
        statement, values = queries.payable_sql("poor_home", today(), by=OPERATOR)
        cursor.execute(f"SELECT amount_minor FROM ({statement}) payable", values)
        assert cursor.fetchall() == [(3_000,)]


def test_a_run_that_finds_nobody_poor_any_more_ends_no_enrolment(cast):
    installed(programme())
    (home,) = homes(n1=POOR)
    enrol(home, by=cast.omid)
    with connections["bulk"].cursor() as cursor:
        cursor.execute("UPDATE registry_fact_household SET income = 90000")
    run(date(2026, 12, 2))
    assert state_of(home) == "enrolled"
