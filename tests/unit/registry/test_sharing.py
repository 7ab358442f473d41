"""What goes out under an agreement: the fields in the form agreed, of its population, through two gates (C1, C2, ID-5)."""

import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connections, transaction

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, NotPermitted, Refused
from amparo.programmes.lent import share
from amparo.registry import lent
from amparo.registry.actions import sharing
from amparo.registry.dictionary import Dictionary, FieldClass
from amparo.trust import context, covering
from amparo.trust.actions import exchanging
from amparo.trust.actions.agreeing import suspend_agreement
from amparo.trust.actions.exchanging import NotCovered
from amparo.trust.covering import Comparison, FieldTerm, Given
from amparo.trust.keys import encryption
from amparo.trust.keys.keyring import keyring, sealing
from amparo.trust.log.auditing import Asked, acts, search
from amparo.trust.models import Exchange
from amparo.trust.queries import audit_of
from amparo.trust.types import Event, Permission, partner, system
from tests.lib import agreeing, country, months
from tests.lib.agreeing import TERMS, in_force, officer, partner_of, request, stop

BORN = FieldTerm("person", "birth_date")


@pytest.fixture(scope="module")
def people(database) -> dict[str, list]:
    """Two homes in the north and one in the south; names say where somebody lives. Returns area → persons."""
    agreeing.install()
    for area, born, income in (("n1", 1950, 9_000), ("n2", 1990, 30_000), ("s1", 1970, 15_000)):
        country.household(
            area,
            {"given_name": f"A {area}", "birth_date": date(born, 1, 1), "sex": "female", "is_head": True},
            {"given_name": f"B {area}"},
            income=income,
            rooms=3,
            on=clock.today(),
        )
    with connections["bulk"].cursor() as cursor:
        cursor.execute(
            "SELECT a.code, array_agg(p.id) FROM registry_person p JOIN trust_area a ON a.id = p.area_id GROUP BY 1"
        )
        return dict(cursor.fetchall())


pytestmark = pytest.mark.usefixtures("people")


def asked(id, *, about: str = "person", on: date | None = None, exchange=None, after=None, **changes):
    return share(
        id,
        request(id, **changes),
        about=about,
        by=partner_of(id),
        on=on or clock.today(),
        exchange=exchange,
        after=after,
    )


def values(page, field: str) -> list:
    return sorted((each.fields[field] for each in page.records), key=str)


def agreed(code: str, *fields: FieldTerm, **changes):
    return in_force(code, TERMS, fields=fields or (BORN,), **changes)


def of_north() -> set[str]:
    return {"1950-01-01", "1990-01-01", "None"}


def test_a_partner_gets_the_agreed_areas_and_nobody_elses_records():
    page = asked(agreed("north_only"))
    assert {str(each) for each in values(page, "person.birth_date")} == of_north()
    assert len(page.records) == 4


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (FieldTerm("household", "income"), [30_000, 30_000, 9_000, 9_000]),
        (FieldTerm("household", "income", Given.BAND, (9_000, 20_000)), [1, 1, 2, 2]),
        (FieldTerm("household", "income", Given.BAND, (9_001, 20_000)), [0, 0, 2, 2]),
        (FieldTerm("household", "income", Given.TEST, (9_000,), Comparison.AT_MOST), [False, False, True, True]),
        (FieldTerm("household", "income", Given.TEST, (9_001,), Comparison.AT_LEAST), [False, False, True, True]),
        (FieldTerm("household", "income", Given.KNOWN), [True] * 4),
        (FieldTerm("person", "sex", Given.TEST, ("female",), Comparison.EQUALS), [None, None, True, True]),
        (FieldTerm("person", "birth_date", Given.KNOWN), [False, False, True, True]),
        (
            FieldTerm("person", "birth_date", Given.BAND, (date(1950, 1, 1), date(1990, 1, 1))),
            [1, 2, None, None],
        ),
    ],
)
def test_each_field_goes_out_in_the_form_agreed_and_unknown_is_neither_yes_nor_no(field, expected):
    name = f"{field.grain}.{field.name}"
    id = agreed(f"form_{len(name)}_{field.given}_{field.limits}"[:64], field)
    assert values(asked(id), name) == sorted(expected, key=str)


def test_what_is_too_old_to_be_relied_on_goes_out_as_unknown():
    id = agreed("old", FieldTerm("household", "income"), FieldTerm("household", "rooms"), volume=1000)
    later = clock.today() + timedelta(days=366)  # the dictionary lets an income be relied on for a year
    months.ensure(later, "trust_audit")
    with clock.fixed(datetime(later.year, later.month, later.day, 12, tzinfo=UTC)):
        page = asked(id)
    assert values(page, "household.income") == [None] * 4
    assert values(page, "household.rooms") == [3] * 4


def test_households_go_out_with_their_own_fields_only():
    id = agreed("homes", FieldTerm("household", "rooms"))
    assert values(asked(id, about="household"), "household.rooms") == [3, 3]
    both = agreed("both", FieldTerm("household", "rooms"), BORN)
    with pytest.raises(Refused, match="registry-not-about"):
        asked(both, about="household")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"fields": (("person", "sex"), ("person", "birth_date"))}, "trust-agreement-field-not-covered"),
        ({"purpose": "research"}, "trust-agreement-other-purpose"),
        ({"areas": ((1, 10**9),)}, "trust-agreement-other-population"),
        ({"records": 10**9}, "trust-agreement-too-many"),
        ({"identifiers": ("national_id",)}, "trust-agreement-no-identifier"),
    ],
)
def test_a_request_beyond_the_agreement_gets_nothing_and_is_written_down(changes, expected):
    id = agreed(f"beyond_{expected[-20:]}")
    with pytest.raises(NotCovered, match=expected):
        asked(id, **changes)
    with acting_hana() as by:
        (latest,) = audit_of(by, about_kind="agreement", about_id=str(id))[:1]
    assert (latest.event, latest.details) == ("exchange-refused", {"reason": expected})


def acting_hana():
    return context.acting(officer("lina").narrowed(Permission.READ_AUDIT))


def test_nobody_asks_under_the_agreement_of_others():
    mine, theirs = agreed("mine"), agreed("theirs", consumer="water")
    for by in (partner_of(theirs), partner(partner_of(theirs).id, agreement=mine), officer("ines")):
        with pytest.raises(NotPermitted, match="trust-no-agreement"):
            share(mine, request(mine), about="person", by=by, on=clock.today())


def test_what_went_out_is_written_down_with_ground_fields_and_persons(people):
    id = agreed("written")
    page = asked(id)
    with acting_hana() as by:
        (latest,) = audit_of(by, about_kind="agreement", about_id=str(id))[:1]
    assert (latest.event, latest.agreement, latest.purpose) == ("records-exchanged", "written", "registration")
    assert latest.details["fields"] == ["person.birth_date"]
    assert set(latest.details["persons"]) == {str(each) for area in ("n1", "n2") for each in people[area]}
    assert len(page.records) == 4


def test_frequency_and_volume_are_counted_over_the_period_whatever_the_request_says():
    id = agreed("counted", exchanges=2, volume=9)
    asked(id, records=4)
    with pytest.raises(NotCovered, match="too-many"):
        asked(id, records=6, records_so_far=-100)
    asked(id, records=4, exchanges_so_far=-5)
    with pytest.raises(NotCovered, match="too-often"):
        asked(id, records=1)


def test_a_pull_goes_on_page_by_page_as_one_exchange_and_meets_everybody_once():
    id = agreed("pages", exchanges=1)
    first = asked(id, records=3)
    second = asked(id, records=3, exchange=first.exchange, after=first.after)
    assert (len(first.records), len(second.records), second.after) == (3, 1, None)
    names = [each.pseudonym for page in (first, second) for each in page.records]
    assert len(set(names)) == 4
    with pytest.raises(NotFound, match="trust-exchange-unknown"):  # another request is no further page
        asked(id, records=3, exchange=first.exchange, after=first.after, identifiers=("national_id",))


def test_after_a_suspension_no_further_page_goes_out(people):
    """C2: suspend in the middle of a pull."""
    id = agreed("suspended")
    first = asked(id, records=1)
    stop(id, suspend_agreement)
    with pytest.raises(NotCovered, match="not-in-force"):
        asked(id, records=1, exchange=first.exchange, after=first.after)


def test_a_suspension_waits_for_the_page_that_is_being_read_and_stops_the_next(people):
    """C2: at most the page that was allowed before; the suspension cannot slip in between asking and reading."""
    id, order = agreed("waiting"), []

    def suspend() -> None:
        stop(id, suspend_agreement)
        order.append("suspended")
        connections.close_all()

    other = threading.Thread(target=suspend)
    with exchanging.exchange_page(id, request(id), by=partner_of(id), on=clock.today()) as page:
        other.start()
        other.join(0.7)
        order.append("page read")
        page.about = {"persons": []}
    other.join(10)
    assert order == ["page read", "suspended"]
    with pytest.raises(NotCovered, match="not-in-force"):
        asked(id)


def test_pages_do_not_wait_for_each_other_and_a_suspension_waits_for_all():
    id, order = agreed("beside"), []
    asked(id)

    def in_another_thread(what) -> threading.Thread:
        def done() -> None:
            order.append(what())
            connections.close_all()

        made = threading.Thread(target=done)
        made.start()
        return made

    with exchanging.exchange_page(id, request(id), by=partner_of(id), on=clock.today(), of_day=True) as page:
        second = in_another_thread(lambda: len(asked(id).records))
        second.join(20)
        assert order == [4]  # read, counted and written down beside the first
        third = in_another_thread(lambda: stop(id, suspend_agreement))
        third.join(0.7)
        assert third.is_alive()
        page.about = {"persons": []}
    third.join(20)
    assert order == [4, None]
    with pytest.raises(NotCovered, match="not-in-force"):
        asked(id)


def test_pages_read_at_once_are_together_no_more_than_the_volume():
    """What each page found left when it began is not enough: they are counted when they are written down."""
    id, outcomes = agreed("at_once", volume=9), []
    begun = threading.Barrier(4)

    def pull() -> None:
        by = partner_of(id)
        try:
            with exchanging.exchange_page(id, request(id, records=4), by=by, on=clock.today(), of_day=True) as page:
                begun.wait(20)
                page.records, page.about = 4, {"persons": []}
            outcomes.append("told")
        except NotCovered as refused:
            outcomes.append(refused.message.id)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=pull) for _ in range(4)]
    asked(id, records=1)
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    assert sorted(outcomes) == ["told", "told", "trust-agreement-too-many", "trust-agreement-too-many"]
    assert sum(Exchange.objects.filter(agreement_id=id).values_list("records", flat=True)) == 9


def test_a_days_look_ups_that_are_begun_at_once_are_one_exchange():
    id, refused = agreed("one_day", exchanges=1), []

    def look() -> None:
        try:
            with exchanging.exchange_page(id, request(id), by=partner_of(id), on=clock.today(), of_day=True) as page:
                page.records, page.about = 1, {"persons": []}
        except NotCovered as error:
            refused.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=look) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    assert refused == []
    [row] = Exchange.objects.filter(agreement_id=id)
    assert (row.pages, row.records) == (6, 6)


def test_the_day_after_its_last_day_nothing_goes_out():
    id = agreed("expires", ends_on=clock.today())
    assert asked(id).records
    with pytest.raises(NotCovered, match="expired"):
        asked(id, on=clock.today() + timedelta(days=1))


def test_a_page_is_never_so_large_that_whoever_suspends_waits_long():
    with pytest.raises(NotPermitted, match="trust-page-too-large"):
        asked(agreed("large"), records=5_001)


def test_whoever_asks_the_log_about_a_home_or_a_person_in_it_finds_that_the_home_was_handed_over(people):
    """C8: a breach report names whom a partner got to know, also where it got households."""
    id = agreed("rooms", FieldTerm("household", "rooms"))
    assert len(asked(id, about="household", fields=(("household", "rooms"),)).records) == 2
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT household_id FROM registry_membership WHERE person_id = %s", [people["n1"][0]])
        (home,) = cursor.fetchone()
    emre = country.cast().emre.narrowed(Permission.READ_AUDIT)
    for one in (home, *people["n1"]):
        with context.acting(emre):
            found = search(Asked(about=one, event=Event.RECORDS_EXCHANGED), by=emre)
        assert str(id) in {each.about_id for each in found}
    told = {(each.kind, each.id) for each in acts(Asked(event=Event.RECORDS_EXCHANGED), by=system("test"))}
    assert {("household", str(home)), *(("person", str(each)) for each in people["n1"])} <= told


def test_a_field_that_protects_somebody_is_handed_to_nobody():
    words = Dictionary((replace(country.DICTIONARY["person", "birth_date"], field_class=FieldClass.PROTECTION),))
    assert lent.unfit(BORN, country.DICTIONARY) is None
    for given in Given:
        limits = {Given.BAND: (date(2000, 1, 1),), Given.TEST: (date(2000, 1, 1),)}.get(given, ())
        comparison = Comparison.AT_LEAST if given is Given.TEST else None
        refused = lent.unfit(FieldTerm("person", "birth_date", given, limits, comparison), words)
        assert refused.message.id == "registry-field-protects"


# Pseudonyms (ID-5).


def test_each_partner_knows_a_person_by_a_name_of_its_own_that_stays(people):
    mine, again, theirs = agreed("names_1"), agreed("names_2"), agreed("names_3", consumer="water")
    first, second, other = ({each.pseudonym for each in asked(id).records} for id in (mine, again, theirs))
    assert first == second
    assert len(first) == 4
    assert not first & other
    ids = {str(each) for area in people.values() for each in area}
    assert not any(known in str(each) for known in ids for each in (*first, *other))


def test_the_number_of_a_person_goes_out_only_where_it_was_granted(people):
    (person, *_) = people["n1"]
    for scheme, number in (("national_id", "1234"), ("passport", "P99")):
        with connections["bulk"].cursor() as cursor:
            cursor.execute("SELECT gen_random_uuid(), area_number FROM registry_person WHERE id = %s", [person])
            id, area = cursor.fetchone()
            sealed = encryption.encrypt(
                "identity", number.encode(), f"registry_identifier.value:{id}".encode(), key=sealing(using="bulk")
            )
            cursor.execute(
                "INSERT INTO registry_identifier (id, person_id, scheme, value, blind_index, verified, is_live, source_id,"
                " area_number) VALUES (%s, %s, %s, %s, %s, true, true, 1, %s)",
                [
                    id,
                    person,
                    scheme,
                    sealed,
                    encryption.blind_index(scheme, number, key=keyring(using="bulk").blinding),
                    area,
                ],
            )
    granted = agreed("numbers", identifiers=("national_id",))
    assert [each.identifiers for each in asked(granted).records if each.identifiers] == [{"national_id": "1234"}]
    assert not any(each.identifiers for each in asked(granted, identifiers=()).records)
    with reading_as(granted):
        assert rows("SELECT scheme FROM registry_identifier") == [("national_id",)]


# Each gate alone: the other one is opened, and still nobody else is seen.


@contextmanager
def reading_as(id):
    """Ask the database as a partner under an agreement, past every check of the program."""
    with context.acting(partner_of(id)):
        yield


def rows(statement: str, *given) -> list[tuple]:
    with connections["default"].cursor() as cursor:
        cursor.execute(statement, given)
        return cursor.fetchall()


TABLES = (
    "registry_person",
    "registry_household",
    "registry_membership",
    "registry_fact_person",
    "registry_fact_household",
)


def test_the_database_alone_keeps_a_partner_to_the_areas_of_its_agreement(people):
    id = agreed("second_gate")
    with reading_as(id):
        north = {each for area in ("n1", "n2") for each in people[area]}
        assert {each for (each,) in rows("SELECT id FROM registry_person")} == north
        assert rows("SELECT count(*) FROM registry_fact_household") == [(2,)]
        assert rows("SELECT count(*) FROM registry_household") == [(2,)]


@pytest.mark.parametrize("table", TABLES)
def test_the_database_alone_shows_nothing_under_an_agreement_that_is_not_in_force(table):
    begun = agreeing.draft(f"unsigned_{table}")
    over, early = (
        agreed(f"{name}_{table}", **days)
        for name, days in (
            ("over", {"ends_on": clock.today()}),
            ("early", {"starts_on": clock.today() + timedelta(days=1)}),
        )
    )
    stopped = agreed(f"stopped_{table}")
    stop(stopped, suspend_agreement)
    with reading_as(over):
        assert rows(f"SELECT count(*) > 0 FROM {table}") == [(True,)]
    for id in (begun, early, stopped):
        with reading_as(id):
            assert rows(f"SELECT count(*) FROM {table}") == [(0,)]


@pytest.mark.parametrize("table", TABLES)
def test_the_database_shows_a_partner_nothing_without_an_agreement(table):
    for named in ("", "00000000-0000-7000-8000-000000000009"):
        with transaction.atomic():
            rows("SELECT set_config('role', 'amparo_partner', true), set_config('amparo.agreement', %s, true)", named)
            assert rows(f"SELECT count(*) FROM {table}") == [(0,)]
            rows("SELECT set_config('role', 'none', true)")


def test_an_agreement_by_which_records_come_in_lets_none_out():
    id = in_force("incoming", provider="pensions", consumer="ministry", direction=covering.Direction.IN)
    with context.acting(partner(partner_of(id).id, agreement=id)):
        assert rows("SELECT count(*) FROM registry_person") == [(0,)]


def test_no_table_but_those_that_are_lent_is_open_to_partners():
    from tests.unit.registry.lent_tables import LENT_TABLES

    found = rows(
        """SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'area_number'
           WHERE c.relkind IN ('r', 'p') AND has_table_privilege('amparo_partner', c.oid, 'SELECT')"""
    )
    assert {name for (name,) in found} == LENT_TABLES


def test_with_the_covering_broken_open_nobody_outside_is_seen(monkeypatch, people):
    """The first gate says yes to everything, and asks for the whole country: the second keeps it to the north."""
    id = agreed("broken_first")

    def everything(agreement, request, on):
        answer = covering.covers(agreement, request, on)
        return replace(answer, areas=((0, 2**62),), needs_consent=False)

    monkeypatch.setattr(exchanging, "covers", everything)
    assert {str(each) for each in values(asked(id), "person.birth_date")} == of_north()
    assert len(asked(id).records) == 4


def test_with_row_security_out_of_the_way_nobody_outside_is_seen(monkeypatch, people):
    """The second gate is passed by a login that bypasses it: the compiled query keeps to the north by itself."""
    id = agreed("broken_second")
    known = agreeing.as_compiled(id)
    covered = covering.covers(known, request(id), clock.today())
    asked = lent.statement(covered, country.DICTIONARY, about="person")
    with connections["bulk"].cursor() as cursor:
        cursor.execute(asked.text, asked.values)
        assert {row[0] for row in cursor.fetchall()} == {each for area in ("n1", "n2") for each in people[area]}


def test_a_covering_without_areas_compiles_to_nobody():
    covered = covering.covers(agreeing.as_compiled(id := agreed("no_area")), request(id), clock.today())
    asked = lent.statement(replace(covered, areas=()), country.DICTIONARY, about="person")
    with connections["bulk"].cursor() as cursor:
        cursor.execute(asked.text, asked.values)
        assert cursor.fetchall() == []


@pytest.mark.parametrize(
    "field",
    [
        FieldTerm("person", "shoe_size"),
        FieldTerm("item:plot", "hectares"),
        FieldTerm("group", "size"),
        FieldTerm("person", "sex", Given.BAND, (1, 2)),
        FieldTerm("person", "birth_date", Given.TEST, (1950,), Comparison.AT_MOST),
        FieldTerm("person", "sex", Given.TEST, ("a",), Comparison.AT_LEAST),
        FieldTerm("household", "income", Given.TEST, (True,), Comparison.EQUALS),
    ],
)
def test_a_field_that_the_dictionary_does_not_bear_out_is_refused_and_nothing_goes_out(field):
    id = agreed(f"unfit_{hash(field) % 10**9}", field)
    with pytest.raises(Refused, match=r"registry-(field-not-lent|limits-unfit)"):
        asked(id)


def test_an_agreement_about_a_programme_goes_out_only_by_the_door_that_knows_programmes():
    id = agreed("programme", programme="poor_home")
    with pytest.raises(Refused, match="registry-programme-not-lent"):
        sharing.share(id, request(id), about="person", by=partner_of(id), on=clock.today())
    assert asked(id).records == ()  # no such programme: nobody
