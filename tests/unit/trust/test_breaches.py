"""A breach: the clock runs from the finding, exactly those concerned are named, with fields and times, and two close it (C8)."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, InternalError, ProgrammingError, connections, transaction

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, NotPermitted, Refused
from amparo.programmes.lent import share
from amparo.registry.queries import household
from amparo.trust.actions import breaching, install_watch
from amparo.trust.actions.breaching import Suspected
from amparo.trust.context import acting
from amparo.trust.log import breaches
from amparo.trust.types import BreachConfig, BreachStepKind, Permission, WatchConfig, system
from tests.lib import agreeing, country

pytestmark = pytest.mark.usefixtures("fresh_database")
BEGIN = datetime(2026, 11, 20, 9, tzinfo=UTC)
END = BEGIN + timedelta(hours=1)
LATER = BEGIN + timedelta(days=3)
BY = system("test")


def act(name: str, action, *given, **named):
    with acting(agreeing.officer(name).narrowed(Permission.HANDLE_BREACH)) as by:
        return action(*given, by=by, **named)


def opened(found_at: datetime = LATER, **about) -> UUID:
    told = {"what": "A list was seen at a market.", "since": BEGIN, "until": END} | about
    with clock.fixed(max(found_at, LATER)):
        return act("lina", breaching.open_breach, Suspected(**told), found_at=found_at).id


def acts(id: UUID) -> list[tuple]:
    with connections["bulk"].cursor() as cursor:
        cursor.execute(
            "SELECT kind, entity, at, event, by_id, fields FROM trust_breachact WHERE breach_id = %s ORDER BY 1, 2, 3",
            [id],
        )
        return cursor.fetchall()


@pytest.fixture
def incident(cast) -> dict[str, list[UUID]]:
    """Within the hour Amina reads a home twice, Ines another, and a partner takes all of the north; Amina reads a third later."""
    agreeing.install()
    agreed = agreeing.in_force("pension_check")
    homes = [country.household("n1", {"given_name": "A"}, {"given_name": "B"}, income=1) for _ in range(3)]
    readings = (
        (cast.amina, homes[0], 5),
        (cast.amina, homes[0], 20),
        (cast.ines, homes[1], 30),
        (cast.amina, homes[2], 60),
    )
    for who, home, minutes in readings:
        with clock.fixed(BEGIN + timedelta(minutes=minutes)), acting(who.narrowed(Permission.READ_HOUSEHOLD)) as by:
            household(home, by=by, under=country.GROUND)
    request, partner = agreeing.request(agreed), agreeing.partner_of(agreed)
    with clock.fixed(BEGIN + timedelta(minutes=40)):
        share(agreed, request, about="person", by=partner, on=clock.today())
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT household_id, array_agg(person_id) FROM registry_membership GROUP BY 1")
        members = dict(cursor.fetchall())
    return {"homes": homes, "members": [members[each] for each in homes], "partner": partner.id}


def test_exactly_those_concerned_are_named_with_fields_and_times(cast, incident):
    """The drill: persons, fields and times as they were planted, and nobody else."""
    id = opened()
    counted = breaching.count_breach(id, by=BY)
    homes, members = incident["homes"], incident["members"]
    at = lambda minutes: BEGIN + timedelta(minutes=minutes)  # noqa: E731
    expected = [("household", str(homes[0]), at(each), "household-read", cast.amina.id, None) for each in (5, 20)]
    expected += [("household", str(homes[1]), at(30), "household-read", cast.ines.id, None)]
    for person in members[0]:
        expected += [("person", str(person), at(each), "household-read", cast.amina.id, None) for each in (5, 20)]
    expected += [("person", str(each), at(30), "household-read", cast.ines.id, None) for each in members[1]]
    lent = ["person.birth_date", "household.rooms"]
    everybody = [person for some in members for person in some]
    expected += [("person", str(each), at(40), "records-exchanged", incident["partner"], lent) for each in everybody]
    assert acts(id) == sorted(expected, key=lambda each: each[:3])
    assert (counted.persons, counted.households, counted.wide) == (len(everybody), 2, 0)


def test_of_one_officer_only_their_acts_and_counting_twice_adds_nothing(cast, incident):
    id = opened(by=cast.amina.id)
    first = breaching.count_breach(id, by=BY)
    assert {each[4] for each in acts(id)} == {cast.amina.id}
    before = acts(id)
    again = breaching.count_breach(id, by=BY)
    assert (acts(id), again.counted_at) == (before, first.counted_at)
    assert (first.persons, first.households) == (2, 1)


def test_whom_a_breach_concerns_is_read_on_the_record_and_by_nobody_but_those_charged(cast, incident):
    id = opened(by=cast.amina.id)
    breaching.count_breach(id, by=BY)
    with acting(cast.lina.narrowed(Permission.HANDLE_BREACH)) as by:
        assert len(list(breaches.acts_in(breaches.breach(id, by=by), by=by))) == len(acts(id))
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT by_id FROM trust_audit WHERE event = 'breach-read'")
        assert cursor.fetchall() == [(cast.lina.id,)]
    with pytest.raises(NotPermitted):
        cast.emre.narrowed(Permission.HANDLE_BREACH)


@pytest.mark.parametrize(("hours", "law"), [(72, "law-a"), (24, "")])
def test_the_clock_runs_from_the_finding_by_the_law_of_the_profile(cast, hours, law):
    install_watch(WatchConfig(), BreachConfig(hours, law), by=BY)
    id = opened(found_at=LATER - timedelta(hours=2))
    due = LATER - timedelta(hours=2) + timedelta(hours=hours)
    for at, left, overdue in (
        (due - timedelta(hours=1), 1, False),
        (due, 0, False),
        (due + timedelta(hours=5), 5, True),
    ):
        with clock.fixed(at), acting(cast.lina.narrowed(Permission.READ_ALERT)) as by:
            ((row, shown),) = breaches.running_clocks(by)
            assert (row.id, row.notify_by, row.law) == (id, due, law)
            assert (shown.hours, shown.is_overdue) == (left, overdue)


def test_telling_the_authority_stops_the_clock_and_telling_others_does_not(cast):
    id = opened()
    told = {"whom": "Authority, reference 12", "words": "By post and by its form."}
    with clock.fixed(LATER + timedelta(hours=80)):
        act("lina", breaching.add_step, id, BreachStepKind.TOLD_PEOPLE, **told)
        with acting(cast.lina.narrowed(Permission.READ_ALERT)) as by:
            assert len(breaches.running_clocks(by)) == 1
        act("lina", breaching.add_step, id, BreachStepKind.TOLD_AUTHORITY, **told)
        with acting(cast.lina.narrowed(Permission.READ_ALERT)) as by:
            assert breaches.running_clocks(by) == []
            assert breaches.clock_of(breaches.breach(id, by=by)).is_late
    for kind, wrong in ((BreachStepKind.CLOSED, told), (BreachStepKind.TOLD_PEOPLE, told | {"whom": " "})):
        with pytest.raises(Refused, match="trust-breach-step-incomplete"):
            act("lina", breaching.add_step, id, kind, **wrong)


def test_one_opens_and_two_close_and_not_before_it_is_counted(cast):
    agreeing.install()
    id = opened()
    with pytest.raises(Refused, match="trust-breach-not-counted"):
        act("lina", breaching.close_breach, id, words="Done.")
    breaching.count_breach(id, by=BY)
    act("lina", breaching.close_breach, id, words="All were told.")
    with pytest.raises(NotPermitted, match="trust-breach-one-closer"):
        act("lina", breaching.close_breach, id, words="Really.")
    assert act("jamal", breaching.close_breach, id, words="I agree.").closed_by == agreeing.officer("jamal").id
    with pytest.raises(Refused, match="trust-breach-closed-already"):
        act("lina", breaching.add_step, id, BreachStepKind.NOTED, whom="", words="More.")


def test_whoever_a_breach_is_about_neither_sees_nor_handles_it(cast):
    id = opened(by=cast.lina.id)
    with acting(cast.lina.narrowed(Permission.READ_ALERT)) as by:
        assert list(breaches.breaches(by)) == []
        with pytest.raises(NotFound, match="trust-breach-unknown"):
            breaches.breach(id, by=by)
    with pytest.raises(NotFound, match="trust-breach-unknown"):
        act("lina", breaching.add_step, id, BreachStepKind.NOTED, whom="", words="Nothing happened.")


@pytest.mark.parametrize(
    ("about", "found_at"),
    [({"what": " "}, LATER), ({"since": END, "until": BEGIN}, LATER), ({}, datetime(2099, 1, 1, tzinfo=UTC))],
)
def test_what_lacks_its_story_or_has_its_times_crossed_is_refused(cast, about, found_at):
    told = {"what": "x", "since": BEGIN, "until": END} | about
    with pytest.raises(Refused, match="trust-breach-incomplete"):
        act("lina", breaching.open_breach, Suspected(**told), found_at=found_at)


UNCHANGED = (
    "UPDATE trust_breach SET closing_by = '{one}', closed_by = '{one}', closed_at = now()",
    "UPDATE trust_breach SET closed_by = '{two}', closed_at = now()",
    "UPDATE trust_breach SET notify_by = notify_by + interval '1 year'",
    "UPDATE trust_breach SET persons = 0",
    "DELETE FROM trust_breach",
    "UPDATE trust_breachstep SET words = ''",
    "INSERT INTO trust_breachact (breach_id, kind, entity, at, event) SELECT id, 'person', '', now(), '' FROM trust_breach",
)


def test_the_database_itself_lets_nobody_close_alone_nor_change_what_was_stated(cast):
    id = opened()
    breaching.count_breach(id, by=BY)
    for statement in UNCHANGED:
        refused = pytest.raises((ProgrammingError, InternalError, IntegrityError))
        gates = acting(cast.lina.narrowed(Permission.HANDLE_BREACH))
        with gates, refused, transaction.atomic(), connections["default"].cursor() as cursor:
            cursor.execute(statement.format(one=cast.lina.id, two=uuid4()))
