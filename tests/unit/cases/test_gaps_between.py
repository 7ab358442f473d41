"""Between what ended and what followed: how many transitions had a gap of more than a payment cycle (IBR-5)."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from amparo.cases import actions, queries
from amparo.cases.config import CategoryConfig, TransitionConfig, Trigger
from amparo.cases.queries import Passage
from amparo.cases.types import Kind
from amparo.kernel import clock
from amparo.trust.context import acting
from amparo.trust.types import Permission, system
from tests.lib import country, paying
from tests.unit.cases import setting
from tests.unit.cases.setting import BY, CATEGORIES, rows

pytestmark = pytest.mark.usefixtures("fresh_database")
WORKER = system("cases")
ADULT = TransitionConfig("turns_18", Trigger.AGE, "life", "office", years=18, ends=("poor_home",), next=("maternity",))
ON = date(2026, 1, 10)
EVENT = date(2026, 3, 1)


def prepare() -> None:
    setting.prepare()
    paying.installed()  # monthly
    actions.install_categories((*CATEGORIES, CategoryConfig("life", Kind.TRANSITION, 30)), by=BY)
    actions.install_transitions((ADULT,), by=BY)


def turning(area: str = "n1") -> tuple[UUID, UUID]:
    home = country.household(area, {"birth_date": date(2008, 3, 1)}, income=5_000)
    return home, rows("SELECT person_id FROM registry_membership WHERE household_id = %s", home)[0][0]


def ended(home: UUID, last: date) -> UUID:
    """Have a home take part in the grant until a day."""
    (id,) = paying.enrolled(100, units=[home])
    rows("UPDATE programmes_enrolment SET state = 'ended', ends_on = %s WHERE id = %s", last, id)
    return id


def began(person: UUID, first: date) -> UUID:
    (id,) = paying.enrolled(100, units=[person], programme="maternity")
    rows("UPDATE programmes_enrolment SET starts_on = %s, person_id = unit_id WHERE id = %s", first, id)
    return id


def paid(enrolment: UUID, *cycles: str) -> None:
    """Note that an enrolment was paid in lists of these cycles."""
    for cycle in cycles:
        rows(
            "WITH made AS (INSERT INTO payments_list (id, programme_id, cycle, part, state, rail, currency, decimals, on_day,"
            " pays_on, payments, amount_minor, held, withheld, hands, digest, made_by, made_at, outcomes, on_time)"
            " SELECT gen_random_uuid(), programme_id, %s, 1, 'prepared', 'agents', 'EUR', 2, %s, %s, 1, 100, 0, 0, 1, '',"
            " gen_random_uuid(), now(), '{}', 0 FROM programmes_enrolment WHERE id = %s RETURNING id)"
            " INSERT INTO payments_payment (id, list_id, enrolment_id, unit_id, area_number, reference, amount_minor, state,"
            " paid_minor) SELECT gen_random_uuid(), made.id, e.id, e.unit_id, e.area_number, left(e.id::text, 8) || right(%s, 2),"
            " 100, 'paid', 100 FROM made, programmes_enrolment e WHERE e.id = %s",
            *(cycle, ON, ON, enrolment, cycle, enrolment),
        )


def measured(on: date) -> list:
    actions.measure_gaps(on=on, by=WORKER)
    return [gap for (gap,) in rows("SELECT has_gap FROM cases_case ORDER BY filed_on, id")]


@pytest.mark.parametrize(
    ("first", "gap"),
    [
        (date(2026, 3, 5), False),
        (date(2026, 4, 5), False),  # a cycle after the last day but one: 5 March is the first without
        (date(2026, 4, 6), True),
    ],
)
def test_a_gap_is_more_than_a_cycle_between_the_last_day_and_the_first(first, gap):
    prepare()
    home, person = turning()
    actions.open_ahead(on=ON, by=WORKER)
    ended(home, date(2026, 3, 4))
    began(person, first)
    assert measured(date(2026, 6, 1)) == [gap]


def test_what_was_paid_counts_before_what_was_enrolled():
    prepare()
    home, person = turning()
    actions.open_ahead(on=ON, by=WORKER)
    paid(ended(home, date(2026, 3, 4)), "2026-01", "2026-02")  # February is the last that was paid
    paid(began(person, date(2026, 3, 5)), "2026-05")  # and May the first
    assert measured(date(2026, 6, 1)) == [True]


def test_nothing_is_said_before_it_is_known_and_where_nothing_follows_it_is_a_gap_after_a_cycle():
    prepare()
    home, _ = turning()
    actions.open_ahead(on=ON, by=WORKER)
    assert measured(EVENT) == [None]  # nothing ended
    ended(home, date(2026, 3, 31))
    assert measured(date(2026, 5, 1)) == [None]
    assert measured(date(2026, 5, 2)) == [True]


def test_what_goes_on_for_the_rest_of_the_home_is_no_gap_and_no_end():
    prepare()
    home, _ = turning()
    paying.enrolled(100, units=[home])
    actions.open_ahead(on=ON, by=WORKER)
    assert measured(date(2026, 6, 1)) == [None]


def passages(cast, places=((0, 10**12),), **more) -> list[Passage]:
    with acting(cast.emre.narrowed(Permission.READ_FIGURES)):
        return queries.passages(places, since=date(2026, 1, 1), until=date(2026, 12, 31), by=cast.emre, **more)


def test_the_share_is_told_of_so_many_that_nobody_is_known_by_it(cast):
    prepare()
    homes = [turning() for _ in range(12)]
    actions.open_ahead(on=ON, by=WORKER)
    for number, (home, person) in enumerate(homes[:10]):
        ended(home, date(2026, 3, 4))
        began(person, date(2026, 3, 5) if number < 5 else date(2026, 6, 1))
    measured(date(2026, 7, 1))
    (found,) = passages(cast)
    assert (found.transition, found.cases, found.measured, found.gaps, found.share) == ("turns_18", 12, 10, 5, 5 / 10)
    assert passages(cast, ()) == []
    (whole,) = passages(cast, by_transition=False)
    assert (whole.transition, whole.cases) == ("", 12)
    assert Passage(0, "", 12, 10, 4).share is None  # four would be known to each other
    assert Passage(0, "", 12, 10, 6).share is None  # and so would the four beside them
    assert (Passage(0, "", 4, 0, 0).is_few, Passage(0, "", 5, 0, 0).is_few) == (True, False)


def test_figures_are_of_the_areas_that_somebody_reaches(cast):
    prepare()
    turning("n1"), turning("s1")
    actions.open_ahead(on=ON, by=WORKER)
    by = cast.amina.narrowed(Permission.READ_FIGURES)
    with acting(by):
        found = queries.passages(((0, 10**12),), since=date(2026, 1, 1), until=date(2026, 12, 31), by=cast.amina)
    assert [each.cases for each in found] == [1]


def test_what_is_long_over_is_not_looked_at_for_ever():
    prepare()
    home, _ = turning()
    actions.open_ahead(on=ON, by=WORKER)
    ended(home, date(2026, 3, 31))
    assert measured(EVENT + timedelta(days=800)) == [None]
    assert clock.today() < EVENT + timedelta(days=800)
