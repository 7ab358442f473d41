"""What has passed its time goes, in batches, each with a certificate; what has not stays, and so does whoever is held."""

from datetime import date, timedelta

import pytest
from django.conf import settings
from django.db import connections

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.project.kept import LAPSES
from amparo.registry.queries import erasure_of, facts_of
from amparo.trust.actions.erasures import install_schedules, place_hold
from amparo.trust.context import acting
from amparo.trust.keeping import ledger, retention
from amparo.trust.keeping.certificates import certificate, latest
from amparo.trust.models import Erasure
from amparo.trust.types import FieldClass, Permission, ScheduleConfig, system
from amparo.trust.types.erasures import AFTER
from tests.lib import country
from tests.lib.erasing import people, rows
from tests.unit.intake.census import HOUSEHOLDS, PERSONS, delivered

pytestmark = pytest.mark.usefixtures("fresh_database", "own_ledger")
BY = system("test")
PERSON = ScheduleConfig("persons", "person", "", "left", 100, "law")
SENSITIVE = ScheduleConfig("sensitive", "person", "sensitive", "left", 30, "law")
IDENTITY = ScheduleConfig("identity", "person", "identity", "left", 30, "law")
SET_ASIDE = ScheduleConfig("rows", "set-aside", "", "delivered", 10, "law")
NAMES = ScheduleConfig("names", "file-names", "", "delivered", 10, "law")
LEFT = date(2026, 4, 1)


def scheduled(*schedules: ScheduleConfig) -> None:
    install_schedules(schedules, by=BY)


def left(*, on: date | None = LEFT, count: int = 1) -> list:
    """Register people who left the registry on a day; None: who still live somewhere."""
    told = {"given_name": "Yara", "sex": "female", "pregnant": True}
    home = country.household("n1", *[told] * count)
    found = people(home)
    with connections["bulk"].cursor() as cursor:
        cursor.execute("UPDATE registry_membership SET ends_on = %s WHERE person_id = ANY(%s)", [on, found])
    return found


def known(person) -> dict:
    with acting(country.cast().ines.narrowed(Permission.READ_HOUSEHOLD)):
        return {
            name: fact.value for name, fact in facts_of("person", [person], classes=FieldClass).get(person, {}).items()
        }


def gone(days: int, **settings) -> list[retention.Taken]:
    return retention.run(by=BY, on=LEFT + timedelta(days=days), **settings)


def test_whoever_left_goes_on_the_day_after_their_time_and_not_before():
    [person], [here] = left(), left(on=None)
    scheduled(PERSON)
    assert [(each.taken, each.due) for each in gone(100)] == [(0, 0)]
    assert known(person)
    assert [(each.taken, each.due) for each in gone(101)] == [(1, 0)]
    assert (known(person), bool(known(here))) == ({}, True)
    assert [(each.taken, each.due) for each in gone(101)] == [(0, 0)]


@pytest.mark.parametrize("ended", ["the household ended", "they died"])
def test_the_dead_and_those_whose_home_ended_have_left(ended):
    [person] = left(on=None)
    with connections["bulk"].cursor() as cursor:
        if ended == "they died":
            cursor.execute("UPDATE registry_person SET deceased_on = %s WHERE id = %s", [LEFT, person])
        else:
            cursor.execute("UPDATE registry_household SET ended_on = %s", [LEFT])
    scheduled(PERSON)
    assert [each.taken for each in gone(101)] == [1]


def test_one_class_of_fields_goes_before_the_rest_and_facts_are_folded_from_what_is_left():
    [person], [here] = left(), left(on=None)
    scheduled(SENSITIVE, PERSON)
    assert [each.taken for each in gone(31)] == [1, 0]
    assert known(person) == {"given_name": "Yara", "sex": "female"}
    assert known(here) == {"given_name": "Yara", "sex": "female", "pregnant": True}
    [(stone,)] = rows("SELECT tombstone ->> 'fields' FROM registry_observation WHERE tombstone IS NOT NULL")
    assert stone == '["pregnant"]'
    assert [each.taken for each in gone(31)] == [0, 0]
    assert [each.taken for each in gone(101)] == [0, 1]
    assert known(person) == {}


def test_identity_goes_with_its_numbers_and_its_place_in_the_search(tmp_path):
    delivered(tmp_path / "a", households=HOUSEHOLDS, persons=PERSONS)
    with connections["bulk"].cursor() as cursor:
        cursor.execute("UPDATE registry_membership SET ends_on = %s", [LEFT])
    scheduled(IDENTITY)
    assert [each.taken for each in gone(31)] == [3]
    for table in ("registry_identifier", "registry_person_name"):
        assert rows(f"SELECT count(*) FROM {table}") == [(0,)]
    assert rows("SELECT count(birth_date) FROM registry_fact_person") == [(3,)]
    assert rows("SELECT count(*) FROM registry_subject WHERE grain = 'person' AND source_key ~ '^[0-9]'") == [(0,)]


@pytest.mark.parametrize(("schedule", "is_told"), [(IDENTITY, False), (SENSITIVE, True)])
def test_decisions_say_that_something_was_erased_where_a_rule_could_have_read_it(schedule, is_told):
    [person] = left()
    scheduled(schedule)
    gone(31)
    with acting(country.cast().ines.narrowed(Permission.READ_DECISION)) as by:
        assert bool(erasure_of([person], as_of=clock.now(), by=by)) is is_told


def test_whoever_is_held_is_passed_over_until_the_hold_ends():
    [held], [free] = left(), left()
    until = clock.today() + timedelta(days=5)
    with acting(country.cast().ines.narrowed(Permission.PROPOSE_ERASURE)) as by:
        place_hold(held, reason="investigation 7", until=until, by=by, under=country.GROUND)
    scheduled(PERSON)
    assert [(each.taken, each.held, each.due) for each in retention.run(by=BY, on=until)] == [(1, 1, 1)]
    assert (bool(known(held)), known(free)) == (True, {})
    assert [each.taken for each in retention.run(by=BY, on=until + timedelta(days=1))] == [1]


def test_it_goes_on_where_it_was_stopped_and_each_batch_has_its_certificate():
    left(count=5)
    scheduled(PERSON)
    asked = iter([False, True, True, True])
    assert [each.taken for each in gone(101, at_once=2, is_stopped=lambda: next(asked))] == [4]
    assert [each.taken for each in gone(101, at_once=2)] == [1]
    counts = [each.persons for each in latest(at_most=10)]
    assert counts == [1, 2, 2]
    assert [len(each.persons) for each in ledger.entries()] == [2, 2, 1]


def test_a_preview_counts_and_erases_nothing():
    [person] = left()
    scheduled(SENSITIVE, PERSON)
    found = retention.preview(by=BY, on=LEFT + timedelta(days=101))
    assert [(each.schedule, each.due) for each in found] == [("sensitive", 1), ("persons", 1)]
    assert known(person)
    assert rows("SELECT code, due, taken FROM trust_schedule ORDER BY position") == [
        ("sensitive", 1, None),
        ("persons", 1, None),
    ]


def test_rows_set_aside_and_names_of_files_go_after_their_delivery(tmp_path):
    delivered(tmp_path / "a", households=HOUSEHOLDS, persons=PERSONS.replace("male ", "mail "))
    scheduled(SET_ASIDE, NAMES)
    early = retention.run(by=BY, on=clock.today() + timedelta(days=10))
    assert [each.taken for each in early] == [0, 0]
    late = retention.run(by=BY, on=clock.today() + timedelta(days=11))
    assert [(each.taken > 0, each.due) for each in late] == [(True, 0), (True, 0)]
    assert rows("SELECT count(*) FROM intake_quarantine") == [(0,)]
    [(files, receipt)] = rows("SELECT files, receipt FROM intake_batch")
    assert files == '["1", "2"]'
    assert ".csv" not in receipt


def test_a_schedule_that_names_what_nobody_keeps_takes_nothing_and_says_so():
    [person] = left()
    scheduled(ScheduleConfig("broken", "person", "", "delivered", 0, "law"), PERSON)
    with pytest.raises(Refused, match="trust-schedule-unknown"):
        gone(1_000)
    with pytest.raises(Refused, match="trust-schedule-unknown"):
        retention.preview(by=BY)
    assert known(person)


def test_a_class_without_fields_reaches_nobody():
    [person] = left()
    scheduled(ScheduleConfig("none", "person", "protection", "left", 0, "law"))
    assert [(each.taken, each.due) for each in gone(1_000)] == [(0, 0)]
    assert known(person)


def test_a_certificate_that_was_changed_is_refused(server):
    left()
    scheduled(PERSON)
    gone(101)
    [line] = latest(at_most=1)
    assert certificate(line.id).certificate["schedule"] == "persons"
    from amparo.project.databases import connect

    with connect(server.server, connections["default"].settings_dict["NAME"]) as superuser:
        superuser.execute("ALTER TABLE trust_erasure DISABLE TRIGGER ALL")
        superuser.execute("UPDATE trust_erasure SET certificate = jsonb_set(certificate, '{persons}', '0')")
    with pytest.raises(Refused, match="trust-certificate-changed"):
        certificate(line.id)
    assert Erasure.objects.using("bulk").count() == 1


def test_the_words_of_schedules_are_those_that_packages_declare():
    assert {(each.place, each.after) for each in LAPSES} == {
        (place.value, after.value) for place, after in AFTER.items()
    }


def test_what_was_erased_is_not_in_the_planners_samples():
    left(count=200)
    country.household("n1", {"given_name": "Omar"})
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT amparo_analyze_registry()")
    scheduled(PERSON)
    gone(101)
    from amparo.project.databases import connect, installation

    with connect(installation().server, connections["default"].settings_dict["NAME"]) as superuser:
        found = superuser.execute(
            "SELECT most_common_vals::text FROM pg_stats WHERE tablename LIKE 'registry%'"
        ).fetchall()
    assert not any("yara" in (each or "") for (each,) in found)
    assert settings.ERASURE_LEDGER.exists()
