"""A home that moves between two cycles is paid in each, once, wherever it lives (IBR-5, IBR-9)."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from amparo.cases import actions as cases
from amparo.cases.config import CategoryConfig, TransitionConfig, Trigger
from amparo.cases.types import Kind
from amparo.kernel import clock
from amparo.payments import actions
from amparo.registry.actions import leave, move
from amparo.registry.types import Leaving
from amparo.trust.context import acting
from amparo.trust.types import Permission, system
from tests.lib import country, paying
from tests.lib.country import GROUND
from tests.lib.paying import TERMS, rows
from tests.unit.cases import setting
from tests.unit.programmes import enrolling
from tests.unit.programmes.country import installed

pytestmark = pytest.mark.usefixtures("fresh_database")
WORKER = system("cases")
AWAY = TransitionConfig("moves_away", Trigger.MOVED, "life", "office")


def prepare(**terms) -> UUID:
    """Have a poor home in the north take part in a programme that pays; return it."""
    installed(enrolling.programme(**terms))
    paying.pays(replace(TERMS, first=date(2026, 1, 1)))
    cases.install_categories((CategoryConfig("life", Kind.TRANSITION, 30),), by=setting.BY)
    cases.install_transitions((AWAY,), by=setting.BY)
    (home,) = enrolling.homes(n1=5_000)
    person = rows("SELECT person_id FROM registry_membership WHERE household_id = %s", home)[0][0]
    enrolling.enrol(home, by=country.cast().omid, recipient=person)
    return home


def moves(home: UUID, to: str) -> None:
    by = country.cast().ines.narrowed(Permission.REGISTER)
    with acting(by):
        move(home, to_area=to, by=by, on=clock.today(), under=GROUND)


def paid(cycle: str, on: date) -> list[tuple]:
    """Make the list of a cycle; return whom it pays, where and how much."""
    by = country.cast().paz
    with acting(by.narrowed(Permission.PREPARE_PAYMENTS)):
        actions.prepare("poor_home", cycle, by=by, under=GROUND, on=on)
    return rows(
        "SELECT p.unit_id, a.code, p.amount_minor, p.state FROM payments_payment p"
        " JOIN payments_list l ON l.id = p.list_id JOIN trust_area a ON a.number = p.area_number WHERE l.cycle = %s",
        cycle,
    )


def cycles() -> tuple[tuple[str, date], tuple[str, date]]:
    """Return name and a day of this month's cycle and of the next."""
    first = clock.today()
    second = (first.replace(day=1) + timedelta(days=40)).replace(day=1)
    return (f"{first:%Y-%m}", first), (f"{second:%Y-%m}", second)


def test_a_home_that_moves_between_two_cycles_is_in_each_list_once_where_it_lives(cast):
    home = prepare()
    before, after = cycles()
    assert paid(*before) == [(home, "n1", 2_000, "ready")]
    moves(home, "s1")
    assert paid(*after) == [(home, "s1", 2_000, "ready")]
    assert rows("SELECT state, count(*) FROM programmes_enrolment GROUP BY state") == [("enrolled", 1)]
    assert cases.open_moved(on=clock.today(), by=WORKER) == 0  # the programme is the nation's


def test_whoever_receives_it_may_work_for_either_area(cast):
    home = prepare()
    moves(home, "s1")
    moves(home, "n2")
    assert paid(*cycles()[0]) == [(home, "n2", 2_000, "ready")]


def test_of_a_local_programme_the_home_is_paid_until_somebody_decides_and_they_are_asked_once(cast):
    home = prepare(area="north")
    moves(home, "n2")
    assert cases.open_moved(on=clock.today(), by=WORKER) == 0  # it lives in the programme's area still
    moves(home, "s1")
    assert [cases.open_moved(on=clock.today(), by=WORKER) for _ in range(2)] == [1, 0]
    assert rows("SELECT transition, programme, household_id, event_on, due_on, state FROM cases_case") == [
        ("moves_away", "poor_home", home, None, clock.today() + timedelta(days=30), "open")
    ]
    assert paid(*cycles()[0]) == [(home, "s1", 2_000, "ready")]
    assert rows("SELECT state, ends_on FROM programmes_enrolment") == [("enrolled", None)]


def test_what_somebody_looked_into_is_not_asked_again_for_a_year(cast):
    home = prepare(area="north")
    moves(home, "s1")
    cases.open_moved(on=clock.today(), by=WORKER)
    rows("UPDATE cases_case SET state = 'resolved', closed_at = now() RETURNING 1")
    later = [clock.today() + timedelta(days=days) for days in (1, 300, 400)]
    assert [cases.open_moved(on=each, by=WORKER) for each in later] == [0, 0, 1]


def test_whoever_moves_to_another_home_takes_what_is_theirs_along(cast):
    """A person's own benefit is paid to them where they live, and once."""
    from tests.unit.programmes.country import PENSION, POOR_HOME

    installed(POOR_HOME, PENSION)
    paying.pays(replace(TERMS, programme="pension", first=date(2026, 1, 1)))
    old = country.household("n1", {"birth_date": date(1950, 1, 1)}, {"birth_date": date(1990, 1, 1)}, income=90_000)
    new = country.household("s1", {"birth_date": date(1980, 1, 1)}, income=90_000)
    (person,) = rows(
        "SELECT m.person_id FROM registry_membership m JOIN registry_fact_person f USING (person_id)"
        " WHERE m.household_id = %s AND f.birth_date = '1950-01-01'", old)[0]  # fmt: skip
    enrolling.run(clock.today())
    enrolling.acted(enrolling.actions.enrol, "pension", person, by=system("test"), on=clock.today(), recipient=person)
    by = country.cast().ines.narrowed(Permission.REGISTER)
    with acting(by):
        leave(old, person, why=Leaving.MOVED, to=new, by=by, on=clock.today(), under=GROUND)
    payer = country.cast().paz
    cycle, on = cycles()[1]
    with acting(payer.narrowed(Permission.PREPARE_PAYMENTS)):
        actions.prepare("pension", cycle, by=payer, under=GROUND, on=on)
    assert rows("SELECT person_id, household_id, amount_minor FROM payments_payment") == [(person, new, 2_000)]
