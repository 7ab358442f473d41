"""Transitions of lives: each case opens in time, once, and of nobody else (IBR-5, IBR-6)."""

import json
import random
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.db import DatabaseError, connections, transaction

from amparo.cases import actions, queries, tasks, transitions
from amparo.cases.config import CategoryConfig, TransitionConfig, Trigger
from amparo.cases.queries import Wanted
from amparo.cases.types import Kind
from amparo.kernel import clock
from amparo.kernel.dates import age_on
from amparo.kernel.errors import Refused
from amparo.programmes.types import MatchState
from amparo.registry.actions import install_dictionary, observe
from amparo.trust.context import acting
from amparo.trust.types import Actor, Permission, system
from tests.lib import country
from tests.lib.country import GROUND
from tests.unit.cases import setting
from tests.unit.cases.setting import BY, CATEGORIES, rows
from tests.unit.programmes import enrolling, feeding, test_matches
from tests.unit.programmes.country import MATERNITY, PENSION, POOR_HOME

pytestmark = pytest.mark.usefixtures("fresh_database")
WORKER = system("cases")
ADULT = TransitionConfig("turns_18", Trigger.AGE, "life", "office", years=18, ends=("poor_home",), next=("maternity",))
OLD = TransitionConfig("turns_65", Trigger.AGE, "life", "office", years=65, days=120, next=("pension",))
PREGNANT = TransitionConfig(
    "expects", Trigger.FACT, "life", "office", field="pregnant", value="true", next=("maternity",)
)
BORN = TransitionConfig("is_born", Trigger.BORN, "life", "office", next=("poor_home",))
INSURED = TransitionConfig(
    "insured",
    Trigger.TOLD,
    "life",
    "office",
    told=("cash_help",),
    ends=("poor_home",),
    receiving=True,
    next=("pension",),
)


def prepare(*stated: TransitionConfig) -> None:
    setting.prepare(POOR_HOME, PENSION, MATERNITY)
    life = CategoryConfig("life", Kind.TRANSITION, 30)
    actions.install_categories((*CATEGORIES, life), by=BY)
    actions.install_transitions(stated, by=BY)


def ahead(on: date | None = None) -> int:
    return actions.open_ahead(on=on or clock.today(), by=WORKER)


def as_owner(statement: str) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement)


def person_of(home: UUID) -> UUID:
    return rows("SELECT person_id FROM registry_membership WHERE household_id = %s ORDER BY 1", home)[0][0]


def born(day: date, area: str = "n1") -> UUID:
    return person_of(country.household(area, {"birth_date": day}, income=5_000))


def born_together(days: list[date]) -> dict[UUID, date]:
    """Persons of these birth dates, four to a home."""
    homes = [
        country.household("n1", *({"birth_date": day} for day in days[at : at + 4]), income=5_000)
        for at in range(0, len(days), 4)
    ]
    found = rows(
        "SELECT m.person_id, f.birth_date FROM registry_membership m"
        " JOIN registry_fact_person f ON f.person_id = m.person_id WHERE m.household_id = ANY(%s)",
        homes,
    )
    assert sorted(day for _, day in found) == sorted(days)
    return dict(found)


def opened() -> set[tuple]:
    return set(rows("SELECT transition, person_id, event_on FROM cases_case WHERE transition <> ''"))


# Ages


def day_of(birth: date, years: int) -> date:
    """The first day on which somebody is so many years old, found by asking the house's own age every day: the oracle."""
    day = date(birth.year + years, birth.month, min(birth.day, 28))
    while age_on(birth, day) < years:
        day += timedelta(days=1)
    return day


def boundaries(on: date) -> list[date]:
    """Birth dates about each boundary of both ages on a day, leap days, ends of years, and some drawn."""
    found = {date(2008, 2, 29), date(1960, 2, 29), date(1964, 2, 29), date(2008, 12, 31), date(2009, 1, 1)}
    for years, days in ((18, 90), (65, 120)):
        for shift in (-2, -1, 0, 1, 2, days - 1, days, days + 1, days + 2):
            event = on + timedelta(days=shift)
            last = 28 if event.month == 2 else event.day
            found.add(date(event.year - years, event.month, min(event.day, last)))
    drawn = random.Random(5)
    found |= {on - timedelta(days=drawn.randrange(17 * 365, 66 * 366)) for _ in range(40)}
    return sorted(found)


@pytest.mark.parametrize(
    "on",
    [date(2025, 12, 2), date(2026, 1, 1), date(2028, 1, 5), date(2028, 12, 31), date(2026, 3, 1), date(2029, 2, 28)],
)
def test_of_a_planted_cohort_everybody_has_a_case_in_time_and_nobody_early_late_or_twice(on):
    prepare(ADULT, OLD)
    people = born_together(boundaries(on))
    wanted = {
        (stated.code, person, event)
        for person, birth in people.items()
        for stated in (ADULT, OLD)
        if on <= (event := day_of(birth, stated.years)) <= on + timedelta(days=stated.days)
    }
    assert len(wanted) >= 10
    assert ahead(on) == len(wanted)
    assert opened() == wanted
    assert ahead(on) == 0
    assert rows("SELECT count(*) FROM cases_case WHERE due_on <> event_on OR filed_on <> %s", on) == [(0,)]


def test_day_by_day_each_case_opens_on_the_first_day_of_its_lead_and_no_other():
    prepare(ADULT)
    people = [born(date(2008, 2, 29)), born(date(2008, 3, 1)), born(date(2008, 2, 28)), born(date(2007, 12, 31))]
    for first in (date(2025, 9, 30), date(2025, 11, 28)):  # ninety days before, and some days about it
        for shift in range(6):
            ahead(first + timedelta(days=shift))
    told = rows("SELECT person_id, event_on, filed_on FROM cases_case")
    assert len(told) == len(people)
    assert {(person, event) for person, event, _ in told} == {
        (people[0], date(2026, 3, 1)),
        (people[1], date(2026, 3, 1)),
        (people[2], date(2026, 2, 28)),
        (people[3], date(2025, 12, 31)),
    }
    assert {(event - filed).days for _, event, filed in told} == {90}


def test_of_all_the_living_only_the_birth_dates_that_are_asked_for_are_read():
    """As of a large table: one whose whole read is forbidden."""
    prepare(ADULT, OLD)
    born(date(2008, 2, 1))
    statement, asked = transitions.AGES.format(born="birth_date"), transitions.asked(date(2026, 1, 1), None, None)
    with transaction.atomic(using="bulk"), connections["bulk"].cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {statement}", asked)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "registry_fact_person_born" in plan
    assert "Seq Scan on registry_" not in plan


def test_whoever_died_was_erased_or_has_no_birth_date_reaches_no_age():
    prepare(ADULT)
    on = date(2026, 1, 1)
    dead, erased, unborn, one = (born(date(2008, 2, 1)) for _ in range(4))
    rows("UPDATE registry_person SET deceased_on = '2025-12-30' WHERE id = %s", dead)
    rows("UPDATE registry_person SET erased_on = '2025-12-30' WHERE id = %s", erased)
    rows("UPDATE registry_fact_person SET birth_date = NULL WHERE person_id = %s", unborn)
    assert ahead(on) == 1
    assert {person for _, person, _ in opened()} == {one}


def test_a_case_is_over_when_the_day_was_another_and_the_right_one_opens():
    prepare(ADULT)
    on = date(2026, 1, 1)
    one = born(date(2008, 2, 1))
    ahead(on)
    rows("UPDATE registry_fact_person SET birth_date = '2008-02-11' WHERE person_id = %s", one)
    assert ahead(on) == 1
    assert rows("SELECT event_on, state FROM cases_case ORDER BY event_on") == [
        (date(2026, 2, 1), "withdrawn"),
        (date(2026, 2, 11), "open"),
    ]
    assert rows("SELECT act, state FROM cases_step") == [("withdraw", "withdrawn")]


def test_a_case_that_a_mistake_ended_opens_again_when_it_is_put_right_and_what_a_person_ended_does_not():
    prepare(ADULT)
    on = date(2026, 1, 1)
    one, other = born(date(2008, 2, 1)), born(date(2008, 2, 1))
    ahead(on)
    rows("UPDATE cases_case SET state = 'withdrawn', closed_at = now() WHERE person_id = %s", other)
    rows("UPDATE registry_fact_person SET birth_date = '1998-02-01' WHERE person_id = %s", one)
    assert ahead(on) == 0
    rows("UPDATE registry_fact_person SET birth_date = '2008-02-01' WHERE person_id = %s", one)
    assert [ahead(on), ahead(on)] == [1, 0]
    assert dict(rows("SELECT person_id, state FROM cases_case")) == {one: "open", other: "withdrawn"}
    assert rows("SELECT act, state FROM cases_step ORDER BY at") == [("withdraw", "withdrawn"), ("return", "open")]


def test_a_birth_date_that_is_not_known_any_more_ends_nothing():
    prepare(ADULT)
    one = born(date(2008, 2, 1))
    ahead(date(2026, 1, 1))
    rows("UPDATE registry_fact_person SET birth_date = NULL WHERE person_id = %s", one)
    ahead(date(2026, 1, 1))
    assert rows("SELECT state FROM cases_case") == [("open",)]


def test_a_job_that_is_stopped_leaves_nothing_half_and_goes_on():
    prepare(ADULT, OLD)
    on = date(2026, 1, 1)
    for _ in range(5):
        born(date(2008, 2, 1))
        born(date(1961, 2, 1))
    as_owner("""CREATE FUNCTION stops() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF (SELECT count(*) FROM cases_case) >= 3 THEN RAISE EXCEPTION 'killed'; END IF; RETURN NEW; END $$;
        CREATE TRIGGER stops BEFORE INSERT ON cases_case FOR EACH ROW EXECUTE FUNCTION stops()""")
    with pytest.raises(DatabaseError, match="killed"):
        ahead(on)
    assert opened() == set()
    as_owner("DROP TRIGGER stops ON cases_case")
    assert [ahead(on), ahead(on)] == [10, 0]


def test_only_whoever_takes_part_is_asked_where_the_transition_says_so(cast):
    prepare(replace(ADULT, receiving=True))
    on = clock.today()
    birth = date(on.year - 18, on.month, 1) + timedelta(days=40)
    taking, not_taking = born(birth), born(birth)
    home = rows("SELECT household_id FROM registry_membership WHERE person_id = %s", taking)[0][0]
    enrolment = enrolling.enrol(home, by=cast.omid)
    assert ahead(on) == 1
    assert rows("SELECT person_id, household_id, enrolment_id, programme FROM cases_case") == [
        (taking, home, enrolment, "poor_home")
    ]
    assert not_taking not in {person for _, person, _ in opened()}


def test_a_country_without_birth_dates_opens_nothing_and_says_so():
    prepare(ADULT)
    born(date(2008, 2, 1))
    fields = [replace(each, role=None) if each.role == "birth_date" else each for each in country.DICTIONARY.fields]
    install_dictionary(replace(country.DICTIONARY, version="test-2", fields=tuple(fields), _by_key={}), by=BY)
    with pytest.raises(Refused, match="cases-transition-without-field"):
        ahead(date(2026, 1, 1))
    assert opened() == set()


def test_a_transition_that_is_stated_no_longer_opens_nothing():
    prepare(ADULT)
    actions.install_transitions((), by=BY)
    born(date(2008, 2, 1))
    assert ahead(date(2026, 1, 1)) == 0
    assert rows("SELECT count(*) FROM trust_audit WHERE event = 'transitions-installed'") == [(2,)]


def seen(by: Actor) -> int:
    with acting(by.narrowed(Permission.READ_CASE)) as who:
        return len(queries.listed(Wanted(), by=who, under=GROUND))


def test_a_case_is_seen_where_its_person_lives_and_nowhere_else(cast):
    prepare(ADULT)
    on = clock.today()
    born(date(on.year - 18, on.month, 1) + timedelta(days=40), "n1")
    ahead(on)
    assert [seen(each) for each in (cast.amina, cast.bruno, cast.chen)] == [1, 1, 0]
    with pytest.raises(DatabaseError, match="permission denied"), connections["default"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM cases_case")  # the database's own gate, without an actor


# Facts


def homes_changed(*homes: UUID) -> int:
    return actions.open_changed(on=clock.today(), by=WORKER, homes=homes)


def home_with(**values) -> tuple[UUID, UUID]:
    home = country.household("n1", {"birth_date": date(1990, 1, 1), "sex": "female", **values}, income=5_000)
    return home, person_of(home)


def says(home: UUID, person: UUID, cast, *, on: date | None = None, **values) -> None:
    by = cast.ines.narrowed(Permission.REGISTER)
    with acting(by):
        told = {"by": by, "on": on or clock.today(), "under": GROUND}
        observe(home, values={}, members={person: values}, source="office", **told)


def jobs(name: str) -> list[str]:
    return [args for (args,) in rows("SELECT args FROM procrastinate_jobs WHERE task_name = %s ORDER BY id", name)]


def test_a_fact_that_reaches_the_value_opens_a_case_once_on_the_day_it_was_observed(cast):
    prepare(PREGNANT)
    home, person = home_with(pregnant=False)
    assert homes_changed(home) == 0
    day = clock.today() - timedelta(days=3)
    says(home, person, cast, on=day, pregnant=True)
    assert [homes_changed(home), homes_changed(home)] == [1, 0]
    assert opened() == {("expects", person, day)}
    assert rows("SELECT due_on, programme FROM cases_case") == [(clock.today() + timedelta(days=30), "maternity")]
    says(home, person, cast, pregnant=True)  # said again: nothing new
    assert homes_changed(home) == 0


def test_what_was_not_known_of_somebody_known_is_a_change_and_the_first_word_about_somebody_is_none(cast):
    prepare(PREGNANT)
    (known, one), (fresh, _) = home_with(), home_with(pregnant=True)
    says(known, one, cast, pregnant=True)
    assert homes_changed(known, fresh) == 1
    assert {person for _, person, _ in opened()} == {one}


def test_a_value_taken_back_and_reached_again_is_another_transition(cast):
    prepare(PREGNANT)
    home, person = home_with(pregnant=False)
    for days, value in ((30, True), (20, False), (10, True)):
        says(home, person, cast, on=clock.today() - timedelta(days=days), pregnant=value)
        homes_changed(home)
    assert {clock.today() - day for _, _, day in opened()} == {timedelta(days=30), timedelta(days=10)}


def test_a_change_asks_the_worker_to_look_and_nothing_does_where_no_transition_begins_so(cast):
    prepare(ADULT)
    home, person = home_with()
    says(home, person, cast, pregnant=True)
    assert jobs("cases.look_at_homes") == []
    actions.install_transitions((PREGNANT,), by=BY)
    says(home, person, cast, pregnant=False)
    assert jobs("cases.look_at_homes") == [json.dumps({"household_ids": [str(home)]})]


def test_of_a_delivery_whoever_changed_is_found_by_one_statement(cast):
    prepare(PREGNANT)
    home, person = home_with(pregnant=False)
    home_with(pregnant=False)
    says(home, person, cast, pregnant=True)
    ((delivery, received),) = rows("SELECT id, received_at FROM registry_delivery ORDER BY id DESC LIMIT 1")
    assert actions.open_changed(on=clock.today(), by=WORKER, delivery=(delivery, received)) == 1
    assert opened() == {("expects", person, clock.today())}


def test_a_broken_transition_opens_nothing_and_says_so_and_the_others_go_on(cast):
    broken = replace(PREGNANT, code="broken", field="given_name")
    prepare(broken, PREGNANT, replace(PREGNANT, code="gone", field="nothing"))
    home, person = home_with(pregnant=False)
    says(home, person, cast, pregnant=True)
    with pytest.raises(Refused, match="cases-transition-without-field"):
        homes_changed(home)
    assert opened() == {("expects", person, clock.today())}


def test_a_child_that_comes_into_a_known_home_is_born_and_one_that_was_registered_with_it_is_not(cast):
    prepare(BORN)
    infant = clock.today() - timedelta(days=40)
    together = country.household("n1", {"birth_date": infant}, {"birth_date": date(1990, 1, 1)}, income=5_000)
    home, parent = home_with()
    child = person_of(country.household("n1", {"birth_date": infant}, income=5_000))
    old = person_of(country.household("n1", {"birth_date": infant - timedelta(days=400)}, income=5_000))
    for each in (child, old):  # both came to live there
        rows("UPDATE registry_membership SET household_id = %s WHERE person_id = %s", home, each)
    assert homes_changed(together, home) == 1
    assert opened() == {("is_born", child, infant)}
    assert parent not in {person for _, person, _ in opened()}


# What other schemes tell


def told(folder, *lines: str, day: date) -> None:
    head = "no | id | first | last | born | place | what | state | kind | amount | month | payment | to | since"
    feeding.taken(feeding.table("\n".join([head, *lines])), folder, day=day)


def line(number: int, state: str, month: date, since: date | str = "") -> str:
    return f"{number} | {number} | | | | | cash_help | {state} | cash | 10.00 | {month:%Y-%m} | | | {since}"


def taking_part(cast, number: str) -> UUID:
    """Return somebody who holds an identifier and whose home takes part in the grant that the transition may end."""
    person = feeding.person(number)
    (home,) = rows("SELECT household_id FROM registry_membership WHERE person_id = %s", person)[0]
    setting.earns(home, 5_000)
    enrolling.enrol(home, by=cast.omid)
    return person


def test_a_new_contribution_record_opens_a_transition_with_the_delivery_and_a_later_month_none(tmp_path, cast):
    prepare(INSURED)
    one, other = taking_part(cast, "111111"), feeding.person("222222")
    today = clock.today()
    month = today.replace(day=1)
    last = (month - timedelta(days=1)).replace(day=1)
    told(tmp_path, line(111111, "A", last, last), line(222222, "A", last), line(333333, "A", last), day=last)
    assert opened() == {("insured", one, last)}  # the other takes part in nothing, and the third is nobody here
    assert rows("SELECT programme, state, due_on FROM cases_case") == [
        ("poor_home", "open", today + timedelta(days=30))
    ]
    told(tmp_path, line(111111, "A", month, last), day=today)
    assert len(opened()) == 1
    assert other not in {person for _, person, _ in opened()}


def test_whoever_had_left_and_is_told_of_anew_begins_again(tmp_path, cast):
    prepare(INSURED)
    one = taking_part(cast, "111111")
    first = clock.today().replace(day=1)
    second = (first + timedelta(days=32)).replace(day=1)
    third = (second + timedelta(days=32)).replace(day=1)
    for month, state in ((first, "A"), (second, "X"), (third, "A")):
        told(tmp_path, line(111111, state, month), day=month)
    assert opened() == {("insured", one, first), ("insured", one, third)}


def test_who_is_only_told_to_have_left_begins_nothing(tmp_path, cast):
    prepare(INSURED)
    taking_part(cast, "111111")
    told(tmp_path, line(111111, "X", clock.today()), day=clock.today())
    assert opened() == set()


def test_a_history_that_is_told_again_begins_nothing(tmp_path, cast):
    """Somebody left; a system that sends all its months again says nothing new of them."""
    prepare(INSURED)
    taking_part(cast, "111111")
    second = clock.today().replace(day=1)
    first = (second - timedelta(days=1)).replace(day=1)
    told(tmp_path, line(111111, "A", first), line(111111, "X", second), day=second)
    assert opened() == set()
    told(tmp_path, line(111111, "A", first), line(111111, "X", second), day=second + timedelta(days=1))
    assert opened() == set()


def test_whoever_is_matched_after_the_delivery_begins_what_a_new_contribution_begins(cast, tmp_path):
    """Told of somebody whom nobody knew by number; once a person has said who it is, the case opens, and once only."""
    prepare(replace(INSURED, receiving=False))
    today = clock.today()
    months = [(today.replace(day=1) - timedelta(days=each)).strftime("%Y-%m") for each in (40, 1)]
    omar = test_matches.person()
    test_matches.delivered(tmp_path, *(test_matches.told(month=each) for each in months), day=today)
    assert opened() == set()
    test_matches.decide(cast.amina, MatchState.SAME)
    ((args,),) = rows("SELECT args FROM procrastinate_jobs WHERE task_name = 'cases.look_at_match'")
    for _ in range(2):
        tasks.look_at_match(**(json.loads(args) if isinstance(args, str) else args))
    first = date.fromisoformat(f"{months[0]}-01")
    assert opened() == {("insured", omar, first)}


def test_whoever_has_left_or_was_told_of_long_ago_begins_nothing_by_a_match(cast, tmp_path):
    prepare(replace(INSURED, receiving=False))
    long_ago = (clock.today() - timedelta(days=200)).strftime("%Y-%m")
    test_matches.person()
    test_matches.delivered(tmp_path, test_matches.told(month=long_ago), day=clock.today())
    test_matches.decide(cast.amina, MatchState.SAME)
    ((id,),) = rows("SELECT id FROM programmes_beneficiary")
    assert actions.open_matched(id, on=clock.today(), by=WORKER) == 0
    now = clock.today().strftime("%Y-%m")
    left = test_matches.told(month=now).replace("| A |", "| X |")
    test_matches.delivered(tmp_path, left, day=clock.today() + timedelta())
    assert actions.open_matched(id, on=clock.today(), by=WORKER) == 0
    assert opened() == set()
