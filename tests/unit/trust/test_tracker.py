"""Who used a record, told to its person: complete, without others' acts, late only by order and until its day (C5, C6)."""

import json
import os
import random
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connections, transaction
from django.db.utils import IntegrityError, ProgrammingError

from amparo.kernel import clock
from amparo.kernel.errors import NotPermitted, Refused
from amparo.kernel.ids import uuid7
from amparo.registry import finding, queries
from amparo.trust.actions import grant_role, open_account
from amparo.trust.actions.delaying import MOST_DAYS, Order, confirm_delay, end_delay, propose_delay
from amparo.trust.context import acting
from amparo.trust.log import acts, tracker
from amparo.trust.log.delays import delays
from amparo.trust.log.recording import record
from amparo.trust.log.tracker import Action, Asked, How, find_usage, heartbeat, usage_period, uses
from amparo.trust.queries import account_named, actor_of
from amparo.trust.types import Event, Permission, Role, system
from tests.lib import agreeing, country, kin
from tests.oracle import usage as oracle

ROWS = int(os.environ.get("AMPARO_TRACKED_ROWS", "400"))
ORDER = Order("Court of Northwell", "K-44/2026")


@pytest.fixture(scope="module")
def people(empty_database):
    found = kin.install()
    agreeing.install()
    return found


@pytest.fixture(scope="module")
def dalia(people):
    return kin.bound(people["Dalia"], "dalia")


@pytest.fixture(scope="module")
def omar(people):
    """A son who has an account of his own."""
    return kin.bound(people["Omar"], "omar")


@pytest.fixture
def since(people) -> Asked:
    """Ask for what is done from now on, without one's own looks."""
    return Asked(clock.now(), with_own=False)


def told(asked: Asked, who, whom=None) -> list:
    by = kin.looking(who, whom)
    with acting(by):
        return uses(asked, by=by, at_most=1_000)


def read_home(name: str, home) -> None:
    by = getattr(country.cast(), name).narrowed(Permission.READ_HOUSEHOLD)
    with acting(by):
        queries.household(home, by=by, under=country.GROUND)


def test_an_officer_s_look_is_told_with_institution_role_and_purpose_and_without_a_name(people, dalia, since):
    read_home("amina", people["n1"])
    [use] = told(since, dalia)
    assert (use.action, use.how, use.roles) == (Action.READ_RECORD, How.SELF, (Role.OFFICER,))
    assert (use.purpose, use.legal_basis) == ("registration", "Registration Act, section 1")
    assert use.institution_name == "Ministry of Social Protection"
    assert len(use.places) == 1
    assert str(country.cast().amina.id) not in repr(use)
    assert "Amina" not in repr(use)


def test_it_is_told_in_the_same_minute(people, dalia, since):
    read_home("bruno", people["n1"])
    [use] = told(since, dalia)
    assert clock.now() - use.at < timedelta(seconds=60)


def test_where_the_office_is_only_the_person_themselves_is_told(people, dalia, since):
    read_home("chen", people["s1"])
    [use] = told(since, dalia, people["Nadia"])
    assert use.places == ()
    assert use.roles == (Role.OFFICER,)


def test_a_search_that_showed_somebody_is_told_to_them_alone(people, dalia, omar, since):
    by = country.cast().amina.narrowed(Permission.FIND)
    with acting(by):
        assert len(finding.find_by_name("Omar", by=by, under=country.GROUND)) == 1
    assert [each.action for each in told(since, omar)] == [Action.READ_RECORD]
    assert told(since, dalia) == []


def test_of_what_is_done_for_another_of_the_household_only_day_and_kind_are_told(people, dalia, omar, since):
    """C6: an act for Dario that his household is named by says neither what it was, nor who did it, nor why."""
    by = country.cast().amina.narrowed(Permission.LIST_DECISIONS)
    with acting(by):
        record(
            Event.DECISIONS_LISTED,
            by=by,
            under=country.GROUND,
            about_kind="programme",
            about_id="hiv_care",
            units=[str(people["Dario"])],
            households=[str(people["n1"])],
        )
    for who in (dalia, omar):
        [use] = told(since, who)
        assert (use.how, use.action, use.at.time()) == (How.OTHER, Action.OTHER, datetime.min.time())
        assert (use.by_kind, use.roles, use.places, use.purpose, use.agreement) == ("", (), (), "", "")


def test_what_is_about_another_alone_is_not_told(people, dalia, since):
    by = country.cast().amina.narrowed(Permission.RECORD_CONSENT)
    with acting(by):
        for event in (Event.CONSENTS_READ, Event.PERSON_READ, Event.MANDATE_RECORDED):
            record(event, by=by, under=country.GROUND, about_kind="person", about_id=people["Dario"])
    assert told(since, dalia) == []


def test_what_partners_were_told_names_the_partner_and_the_fields(people, dalia, since):
    id = agreeing.in_force("pensions")
    with acting(agreeing.partner_of(id)) as by:
        told_of = {"persons": [str(people["Dalia"])], "fields": ["person.birth_date"], "ground": "agreement"}
        record(Event.RECORDS_EXCHANGED, by=by, about_kind="agreement", about_id=id, **told_of)
    [use] = told(since, dalia)
    assert (use.action, use.institution, use.fields) == (Action.HANDED_OVER, "pensions", ("person.birth_date",))


def test_the_looks_of_whoever_acts_for_somebody_are_told_and_one_s_own_only_when_asked(people, dalia, omar, since):
    told(since, dalia, people["Omar"])
    assert [each.action for each in told(since, omar)] == [Action.LOOKED]
    assert {each.action for each in told(Asked(since.since), omar)} == {Action.LOOKED}
    assert told(since, dalia) == []
    assert len(told(Asked(since.since), dalia)) > 0


def drawn(draw: random.Random, people, areas: dict[str, int]) -> oracle.Row:
    """Return a row about somebody or something, or naming some, as any package might write it."""
    names, homes = [*kin.AGES, "Dalia", "Dario", "Karim", "Vito"], list(kin.HOMES)

    def some(pool) -> list[str]:
        return [str(people[each]) for each in draw.sample(pool, draw.randint(0, 3))]

    kind = draw.choice(["person", "household", "programme", "search", "", "audit"])
    about = {"person": names, "household": homes}.get(kind)
    details = {
        name: value
        for name, value in (
            ("persons", some(names)),
            ("households", some(homes)),
            ("units", some([*names, *homes])),
            ("asked", {"about": str(people[draw.choice([*names, *homes])])}),
        )
        if draw.random() < 0.3
    }
    event = draw.choice([*sorted(oracle.WIDE), "household-read", "audit-read", "decisions-listed", "signed-in"])
    area = draw.choice([None, *areas.values()])
    at = clock.now() - timedelta(minutes=draw.randint(0, 3))
    about_id = str(people[draw.choice(about)]) if about else ""
    return oracle.Row(str(uuid7()), at, event, kind, about_id, area, details)


def test_every_row_that_concerns_somebody_is_found_and_no_other(people):
    """Random logs against a model written apart: of three people, by each place where a row may name them."""
    draw = random.Random(20260301)
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT code, number FROM trust_area")
        areas = dict(cursor.fetchall())
        cursor.execute("UPDATE registry_person SET created_at = now() - interval '2 minutes'")
        rows = [drawn(draw, people, areas) for _ in range(ROWS)]
        for each in rows:
            cursor.execute(
                "INSERT INTO trust_audit (id, at, event, by_id, by_kind, about_kind, about_id, area_number, details)"
                " VALUES (%s, %s, %s, %s, 'officer', %s, %s, %s, %s)",
                [
                    *(each.id, each.at, each.event, country.cast().amina.id, each.about_kind, each.about_id),
                    *(each.area_number, json.dumps(each.details)),
                ],
            )
        cursor.execute("SELECT id, created_at FROM registry_person")
        since = dict(cursor.fetchall())
    around = {"n1": ("n1", "north", "land"), "s1": ("s1", "south", "land")}
    for name, home in (("Dalia", "n1"), ("Omar", "n1"), ("Nadia", "s1")):
        # Rows about the household lie where it lived: the random ones stand in for that with any area.
        lived = {
            each.area_number for each in rows if (each.about_kind, each.about_id) == ("household", str(people[home]))
        }
        numbers = {areas[code] for code in around[home]} | around_of(lived, areas)
        whose = oracle.Whose(str(people[name]), str(people[home]), frozenset(numbers), since[people[name]])
        assert found_of(people[name], rows) == oracle.expected(rows, whose)


def around_of(numbers, areas) -> set[int]:
    """Return the areas that hold any of these numbers."""
    with connections["bulk"].cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT a.number FROM trust_area a, unnest(%s::bigint[]) n WHERE n BETWEEN a.number AND a.last_number",
            [[each for each in numbers if each is not None]],
        )
        return {number for (number,) in cursor.fetchall()}


def found_of(person, rows) -> dict[str, str]:
    known = {each.id for each in rows}
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT id::text, how FROM amparo_concerning(%s, '-infinity', 'infinity')", [person])
        return {id: how for id, how in cursor.fetchall() if id in known}


def protecting(name: str):
    return agreeing.officer(name).narrowed(Permission.DELAY_TRACKER)


def delayed(person, actor, *, days: int = 30) -> object:
    """Propose a delay as Lina and confirm it as Jamal; return its id."""
    today = clock.today()
    with acting(protecting("lina")) as by:
        row = propose_delay(person, actor, ORDER, by=by, on=today, reveal_on=today + timedelta(days=days))
    with acting(protecting("jamal")) as by:
        confirm_delay(row.id, by=by)
    return row.id


def investigator():
    """An officer of the north who investigates, and nothing else."""
    name = f"inspector-{uuid7()}"
    account = open_account(name, country.PASSWORD, display_name="Inspector", by=system("test"))
    grant_role(account.id, Role.OFFICER, area_code="north", by=system("test"), on=date(2020, 1, 1))
    return actor_of(account_named(name), on=clock.today())


def look(who, home) -> None:
    with acting(who.narrowed(Permission.READ_HOUSEHOLD)) as by:
        queries.household(home, by=by, under=country.GROUND)


def test_a_confirmed_delay_hides_the_acts_from_the_person_and_their_household_and_no_other_acts(
    people, dalia, omar, since
):
    inspector = investigator()
    delayed(people["Dalia"], inspector.id)
    look(inspector, people["n1"])
    assert told(since, dalia) == []
    assert told(since, omar) == []
    read_home("amina", people["n1"])
    assert [each.roles for each in told(since, dalia)] == [(Role.OFFICER,)]
    assert told(since, dalia)[0].delayed_until is None


@pytest.mark.parametrize(("days", "is_shown"), [(2, False), (1, False), (0, True), (-1, True)])
def test_every_delay_surfaces_on_its_day_and_says_that_it_was_late(people, dalia, days, is_shown):
    """The database's own clock decides, so the delay is written as it would stand on the days around."""
    inspector, today = investigator(), clock.today()
    asked = Asked(clock.now() - timedelta(days=4), with_own=False)
    reveal = today + timedelta(days=days)
    with connections["bulk"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO trust_audit (id, at, event, by_id, by_kind, permission, about_kind, about_id, details)"
            " VALUES (%s, now() - interval '3 days', 'person-read', %s, 'officer', 'find', 'person', %s, '{}')",
            [uuid7(), inspector.id, str(people["Dalia"])],
        )
    with acting(protecting("lina")), connections["default"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO trust_delay (id, person_id, actor_id, authority, reference, since, reveal_on, proposed_by,"
            " proposed_at, confirmed_by, confirmed_at) VALUES (%s, %s, %s, %s, %s, now() - interval '5 days', %s, %s,"
            " now() - interval '5 days', %s, now() - interval '4 days')",
            [
                *(uuid7(), people["Dalia"], inspector.id, ORDER.authority, ORDER.reference, reveal),
                *(agreeing.officer("lina").id, agreeing.officer("jamal").id),
            ],
        )
    found = [each for each in told(asked, dalia) if each.delayed_until == reveal]
    assert [(each.delayed_by, each.action) for each in found] == [(ORDER.authority, Action.READ_RECORD)] * is_shown


def test_what_was_only_proposed_hides_nothing_and_what_was_ended_hides_nothing_more(people, dalia, since):
    inspector, today = investigator(), clock.today()
    with acting(protecting("lina")) as by:
        row = propose_delay(people["Dalia"], inspector.id, ORDER, by=by, on=today, reveal_on=today + timedelta(days=3))
        with pytest.raises(Refused, match="trust-delay-confirmed-by-proposer"):
            confirm_delay(row.id, by=by)
    look(inspector, people["n1"])
    assert len(told(since, dalia)) == 1
    with acting(protecting("jamal")) as by:
        confirm_delay(row.id, by=by)
    assert told(since, dalia) == []
    with acting(protecting("keiko")) as by:
        end_delay(row.id, by=by)
    assert len(told(since, dalia)) == 1


def test_the_delay_itself_does_not_tell_itself(people, dalia, since):
    delayed(people["Dalia"], investigator().id)
    assert told(since, dalia) == []
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT details::text, about_id FROM trust_audit WHERE event LIKE 'delay%%'")
        assert not any(str(people["Dalia"]) in text + about for text, about in cursor.fetchall())


@pytest.mark.parametrize(
    ("on", "reveal", "order"),
    [(0, 0, ORDER), (0, -1, ORDER), (1, 9, ORDER), (0, MOST_DAYS + 1, ORDER), (-9, MOST_DAYS - 8, ORDER)]
    + [(0, 9, Order(*each)) for each in (("", "K-1"), ("Court", " "))],
)
def test_no_delay_without_an_order_or_without_an_end(people, on, reveal, order):
    today = clock.today()
    days = {"on": today + timedelta(days=on), "reveal_on": today + timedelta(days=reveal)}
    with acting(protecting("lina")) as by, pytest.raises(Refused, match="trust-delay-"):
        propose_delay(people["Dalia"], uuid7(), order, by=by, **days)


def test_the_database_itself_holds_delays_to_two_people_and_two_years(people):
    lina = agreeing.officer("lina").id
    insert = (
        "INSERT INTO trust_delay (id, person_id, actor_id, authority, reference, since, reveal_on, proposed_by, proposed_at,"
        " confirmed_by, confirmed_at) VALUES (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'a', 'r',"
        " now(), %s, %s, now(), %s, %s)"
    )
    far, near = clock.today() + timedelta(days=740), clock.today() + timedelta(days=9)
    with acting(protecting("lina")), connections["default"].cursor() as cursor:
        for values in ([far, lina, None, None], [near, lina, lina, clock.now()]):
            with (
                pytest.raises((IntegrityError, ProgrammingError), match=r"delay_|one human being"),
                transaction.atomic(),
            ):
                cursor.execute(insert, values)
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            cursor.execute("UPDATE trust_delay SET reveal_on = reveal_on + 1")


def test_nobody_but_data_protection_officers_delays_or_reads_delays(people, dalia):
    cast = country.cast()
    for who in (cast.amina, cast.bruno, cast.ines, cast.emre, cast.hana, dalia):
        with pytest.raises(NotPermitted):
            delays(who)
        with pytest.raises(NotPermitted):
            confirm_delay(uuid7(), by=who)


def said(words) -> str:
    return words.id


def test_find_usage_has_the_protocol_s_shape_the_newest_first_and_pages(people, dalia):
    by = kin.looking(dalia)
    for name in ("amina", "bruno"):
        read_home(name, people["n1"])
    with acting(by):
        whole = find_usage(by=by, say=said)
        parts = [find_usage(by=by, say=said, offset=at, limit=1)["usages"] for at in (2, 3)]
    times = [each["logtime"] for each in whole["usages"]]
    assert whole.keys() == {"totalUsages", "usages"}
    assert whole["totalUsages"] >= len(times) > 2
    assert times == sorted(times, reverse=True)
    assert all(
        each.keys() == {"logtime", "action", "receiverCode", "receiverName", "receiverSystem"}
        for each in whole["usages"]
    )
    for each in times:
        assert datetime.strptime(each, "%Y-%m-%dT%H:%M:%SZ")
    assert all(len(each) == 1 for each in parts)


def test_find_usage_keeps_within_its_period_and_refuses_what_is_no_page(people, dalia):
    by = kin.looking(dalia)
    begin = clock.now()
    read_home("amina", people["n1"])
    with acting(by):
        assert find_usage(by=by, say=said, period_end=begin)["totalUsages"] < find_usage(by=by, say=said)["totalUsages"]
        assert find_usage(by=by, say=said, period_start=clock.now() + timedelta(hours=1))["usages"] == []
        for wrong in ({"limit": 0}, {"limit": 1001}, {"offset": -1}):
            with pytest.raises(Refused, match="trust-usage-page"):
                find_usage(by=by, say=said, **wrong)
        with pytest.raises(Refused, match="trust-usage-instant"):
            find_usage(by=by, say=said, period_start=datetime(2026, 1, 1))


def test_the_caller_is_always_somebody_and_nobody_finds_another_s(people, dalia):
    with acting(by := kin.looking(dalia, people["Vito"])):
        assert find_usage(by=by, say=said) == {"totalUsages": 0, "usages": []}
    with pytest.raises(NotPermitted):
        find_usage(by=country.cast().amina, say=said)


def test_the_period_begins_with_the_log_and_the_heart_beats(people, dalia, monkeypatch):
    with acting(by := kin.looking(dalia)):
        told = usage_period(by=by)
    assert told.keys() == {"periodStart"}
    assert datetime.fromisoformat(told["periodStart"]) <= datetime.now(UTC)
    assert heartbeat(say=said) == {"status": "OK", "message": "trust-usage-served"}
    monkeypatch.setattr("django.conf.settings.AUDIT_HOURS", 0)
    assert heartbeat(say=said) == {"status": "FAIL", "message": "trust-usage-not-served"}


# Acts whose rows say how many, not who. Told to everybody of the area, because the row leads to nobody; counted in a breach,
# because somebody may have seen the records. Where only one is true, the reason stands beside it.
#   event | told to everybody | counted in a breach
WIDE = """
    decisions-exported   | told | counted
    quarantine-read      | told | counted
    snapshot-taken       | told | counted
    snapshot-opened      | told | counted
    decisions-recomputed | told | counted
    determination-run    | told |          # nobody is shown a record
    run-previewed        | told |          # counts alone are shown
    notices-given        | told |          # each person gets their own
    households-found     |      | counted  # the row names the homes that were shown
    decisions-listed     |      | counted  # the row names the units that were shown
"""


def wide_events(column: int) -> set[str]:
    rows = [[cell.strip() for cell in line.partition("#")[0].split("|")] for line in WIDE.strip().splitlines()]
    return {row[0] for row in rows if row[column]}


def test_what_reaches_many_is_the_same_in_the_database_the_tracker_and_the_log(people):
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT unnest(amparo_wide_events())")
        in_database = {event for (event,) in cursor.fetchall()}
    assert in_database == wide_events(1) == oracle.WIDE
    assert {str(each) for each in acts.WIDE} == wide_events(2)
    assert {each for each in in_database if each not in tracker.ACTION_OF} == set()
    assert in_database <= set(Event)
