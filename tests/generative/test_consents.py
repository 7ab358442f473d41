"""Consents in any order of giving, taking back, expiring, moving house and stopping: no read after a withdrawal (C4).

AMPARO_CONSENTS says how many sequences are tried: 6 here, more with
`AMPARO_CONSENTS=300 make test TESTS=tests/generative/test_consents.py`. The model is a few dictionaries of plain days.
"""

import os
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import connections, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, Refused
from amparo.programmes.lent import share
from amparo.registry.actions import move
from amparo.trust.actions import install_watch
from amparo.trust.actions.agreeing import resume_agreement, suspend_agreement
from amparo.trust.actions.consenting import Told, give_consent, withdraw_consent
from amparo.trust.actions.exchanging import NotCovered
from amparo.trust.context import acting
from amparo.trust.covering import FieldTerm
from amparo.trust.grounds import consents
from amparo.trust.types import BreachConfig, ConsentKind, GroundKind, Permission, WatchConfig, system
from tests.lib import agreeing, country, months

SEQUENCES = int(os.environ.get("AMPARO_CONSENTS", "6"))
FIELDS = (FieldTerm("person", "given_name"), FieldTerm("household", "rooms"))
PEOPLE = ("a1", "a2", "b1")
AGREEMENTS = ("first", "second", "homes")


@pytest.fixture(scope="module")
def world(database) -> dict:
    """A home of two and a home of one, all in the north, and three agreements that ask for consent."""
    agreeing.install()
    # More sequences than an officer may open records in a day: that limit is another test's.
    install_watch(WatchConfig(most_a_day=10_000_000), BreachConfig(), by=system("test"))
    homes = [country.household("n1", {"given_name": "a1"}, {"given_name": "a2"}, rooms=2, on=clock.today())]
    homes.append(country.household("n2", {"given_name": "b1"}, rooms=1, on=clock.today()))
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT given_name, person_id FROM registry_fact_person")
        keys = dict(cursor.fetchall())
    made = {
        "first": agreeing.in_force("first", fields=FIELDS, needs_consent=True),
        "second": agreeing.in_force("second", fields=FIELDS[:1], needs_consent=True, consumer="water"),
        "homes": agreeing.in_force("homes", fields=FIELDS[1:], needs_consent=True, consumer="water"),
    }
    return {"keys": keys, "agreements": made, "home": homes[0]}


class Consents(RuleBasedStateMachine):
    """What is read under an agreement is, at every step, just of those whose yes still stands."""

    world: dict

    @initialize()
    def begin(self) -> None:
        self.today = clock.today()
        self.live: dict[tuple[str, str], tuple[object, date | None]] = {}
        self.suspended: set[str] = set()
        for name in AGREEMENTS:
            self.resume(name)
            for person in PEOPLE:
                self.withdraw_all(name, person)

    def withdraw_all(self, name: str, person: str) -> None:
        with self.acting() as by:
            for each in consents.receipts(self.key(person), by=by, under=country.GROUND, on=self.today):
                if each.row.withdrawn_at is None and each.row.agreement == name:
                    withdraw_consent(each.row.id, by=by, under=country.GROUND, on=self.today)

    def key(self, person: str):
        return self.world["keys"][person]

    def acting(self):
        return acting(agreeing.officer("ines").narrowed(Permission.RECORD_CONSENT))

    @rule(name=st.sampled_from(AGREEMENTS), person=st.sampled_from(PEOPLE), days=st.sampled_from([None, 0, 1, 5]))
    def give(self, name: str, person: str, days: int | None) -> None:
        until = None if days is None else self.today + timedelta(days=days)
        try:
            with self.acting() as by:
                row = give_consent(
                    self.key(person),
                    self.world["agreements"][name],
                    told=Told("May the fund read your name?", "en"),
                    kind=ConsentKind.SIGNED,
                    by=by,
                    under=country.GROUND,
                    on=self.today,
                    until=until,
                )
        except Refused as refused:
            assert (refused.message.id, name in self.suspended) == ("trust-consent-not-asked", True)  # noqa: PT017
            return
        assert name not in self.suspended
        self.live[name, person] = (row.id, until)

    @rule(name=st.sampled_from(AGREEMENTS), person=st.sampled_from(PEOPLE))
    def withdraw(self, name: str, person: str) -> None:
        if (held := self.live.pop((name, person), None)) is None:
            return
        with self.acting() as by:
            withdraw_consent(held[0], by=by, under=country.GROUND, on=self.today)
            with pytest.raises(Refused, match="trust-consent-withdrawn-already"):
                withdraw_consent(held[0], by=by, under=country.GROUND, on=self.today)

    @rule(name=st.sampled_from(AGREEMENTS))
    def suspend(self, name: str) -> None:
        if name not in self.suspended:
            agreeing.stop(self.world["agreements"][name], suspend_agreement)
            self.suspended.add(name)

    @rule(name=st.sampled_from(AGREEMENTS))
    def resume(self, name: str) -> None:
        id = self.world["agreements"][name]
        if agreeing.as_compiled(id).state == "suspended":
            agreeing.stop(id, resume_agreement)
        self.suspended.discard(name)

    @rule(area=st.sampled_from(["n1", "n2"]))
    def move_house(self, area: str) -> None:
        with acting(agreeing.officer("ines").narrowed(Permission.REGISTER)) as by:
            move(self.world["home"], to_area=area, by=by, under=country.GROUND, on=self.today)

    def read(self, name: str, on: date) -> list[dict]:
        id, about = self.world["agreements"][name], "household" if name == "homes" else "person"
        page = share(id, agreeing.request(id), about=about, by=agreeing.partner_of(id), on=on)
        return sorted((dict(each.fields) for each in page.records), key=str)

    def expected(self, name: str, on: date) -> list[dict]:
        """A household is everybody's in it: its fields go out when all of them agreed."""
        agreed = {person for person in PEOPLE if self.stands(name, person, on)}
        rooms = {"a1": 2, "a2": 2} if {"a1", "a2"} <= agreed else {}
        rooms |= {"b1": 1} if "b1" in agreed else {}
        if name == "homes":
            return [{"household.rooms": each} for each in sorted(set(rooms.values()))]
        told = [{"person.given_name": each, "household.rooms": rooms.get(each)} for each in sorted(agreed)]
        return told if name == "first" else [{"person.given_name": each} for each in sorted(agreed)]

    @invariant()
    def only_those_who_agreed_are_read(self) -> None:
        for name in AGREEMENTS:
            if name in self.suspended:
                with pytest.raises(NotCovered):
                    self.read(name, self.today)
            else:
                assert self.read(name, self.today) == self.expected(name, self.today)

    @invariant()
    def nobody_is_read_after_the_last_day_of_their_consent(self) -> None:
        later = self.today + timedelta(days=2)
        with later_on(later):
            for name in set(AGREEMENTS) - self.suspended:
                assert self.read(name, later) == self.expected(name, later)

    def stands(self, name: str, person: str, on: date) -> bool:
        if (held := self.live.get((name, person))) is None:
            return False
        return held[1] is None or on <= held[1]


def later_on(day: date):
    return clock.fixed(datetime.combine(day, time(12), tzinfo=UTC))


def test_no_read_on_consent_after_it_was_taken_back(world):
    months.ensure(clock.today(), "trust_audit")
    machine = type("Consents", (Consents,), {"world": world})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=SEQUENCES,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        ),
    )


def test_what_rests_on_consent_is_told_apart_from_what_rests_on_law_alone(world):
    from amparo.trust.grounds.agreements import flows_about
    from amparo.trust.types import Ground

    assert Ground("registration").kind is GroundKind.STATUTE
    assert Ground("registration", agreement="x").kind is GroundKind.AGREEMENT
    assert Ground("registration", agreement="x", on_consent=True).kind is GroundKind.CONSENT
    by_law = agreeing.in_force("by_law", areas=("n1",))
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT number FROM trust_area WHERE code = 'n1'")
        (number,) = cursor.fetchone()
    found = {each.code: each.needs_consent for each in flows_about(number, on=clock.today())}
    assert found["by_law"] is False
    assert {found.get(each) for each in AGREEMENTS} <= {True, None}  # None: the drawn orders left it suspended
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT number FROM trust_area WHERE code = 's1'")
        (elsewhere,) = cursor.fetchone()
    assert by_law not in {each.id for each in flows_about(elsewhere, on=clock.today())}


def test_a_receipt_keeps_the_words_their_language_and_version(world):
    id = agreeing.in_force("receipts", fields=FIELDS, needs_consent=True)
    person = world["keys"]["b1"]
    with acting(agreeing.officer("amina").narrowed(Permission.RECORD_CONSENT)) as by:
        for words, language in (("Once.", "en"), ("Twice.", "en"), ("Once.", "en"), ("مرة.", "ar")):
            give_consent(
                person,
                id,
                told=Told(words, language),
                kind=ConsentKind.SPOKEN,
                by=by,
                under=country.GROUND,
                on=clock.today(),
            )
        held = consents.receipts(person, by=by, under=country.GROUND, on=clock.today())
    told = [each for each in held if each.row.agreement == "receipts"]
    assert [(each.row.text.words, each.row.text.version, each.is_live) for each in told] == [
        ("مرة.", 1, True),
        ("Once.", 1, False),
        ("Twice.", 2, False),
        ("Once.", 1, False),
    ]


def test_an_officer_of_another_area_neither_reads_nor_takes_down_a_consent(world):
    id = agreeing.in_force("elsewhere", fields=FIELDS, needs_consent=True)
    person, settings_ = world["keys"]["b1"], {"under": country.GROUND, "on": clock.today()}
    with acting(agreeing.officer("amina").narrowed(Permission.RECORD_CONSENT)) as by:
        row = give_consent(person, id, told=Told("May we?", "en"), kind=ConsentKind.SPOKEN, by=by, **settings_)
    with acting(agreeing.officer("chen").narrowed(Permission.RECORD_CONSENT)) as by:
        assert consents.receipts(person, by=by, **settings_) == []
        with pytest.raises(Refused, match="trust-consent-unknown"):
            withdraw_consent(row.id, by=by, **settings_)
    with acting(agreeing.officer("chen").narrowed(Permission.RECORD_CONSENT)) as by, pytest.raises(NotFound):
        give_consent(person, id, told=Told("May we?", "en"), kind=ConsentKind.SPOKEN, by=by, **settings_)


def test_a_consent_to_what_was_asked_before_does_not_reach_what_is_asked_now(world):
    """A new version that hands over more needs a new yes; one that asks the same keeps those given."""
    id = agreeing.in_force("widened", fields=FIELDS[:1], needs_consent=True)
    settings_ = {"under": country.GROUND, "on": clock.today()}
    with acting(agreeing.officer("ines").narrowed(Permission.RECORD_CONSENT)) as by:
        for person in world["keys"].values():
            give_consent(person, id, told=Told("May we?", "en"), kind=ConsentKind.SIGNED, by=by, **settings_)

    def read(id) -> int:
        page = share(id, agreeing.request(id), about="person", by=agreeing.partner_of(id), on=clock.today())
        return len(page.records)

    assert read(id) == 3
    same = agreeing.in_force("widened", fields=FIELDS[:1], needs_consent=True, volume=500_000, succeeds=id)
    assert read(same) == 3
    wider = agreeing.in_force("widened", fields=FIELDS, needs_consent=True, succeeds=same)
    assert read(wider) == 0


def test_the_database_alone_reads_nobody_whose_consent_is_over(world):
    id = agreeing.in_force("past", fields=FIELDS[:1], needs_consent=True)
    yesterday = clock.today() - timedelta(days=1)
    settings_ = {"told": Told("May we?", "en"), "kind": ConsentKind.SIGNED, "under": country.GROUND}
    with acting(agreeing.officer("ines").narrowed(Permission.RECORD_CONSENT)) as by:
        give_consent(world["keys"]["a1"], id, by=by, on=yesterday, until=yesterday, **settings_)
        give_consent(world["keys"]["a2"], id, by=by, on=yesterday, until=clock.today(), **settings_)
    with acting(agreeing.partner_of(id)), connections["default"].cursor() as cursor:
        cursor.execute("SELECT id FROM registry_person")
        assert cursor.fetchall() == [(world["keys"]["a2"],)]


def test_a_receipt_is_never_changed_and_its_withdrawal_never_taken_back(world):
    from django.db.utils import ProgrammingError

    changes = (
        "until = coalesce(until, given_on) + 1",
        "withdrawn_at = NULL, withdrawn_on = NULL, withdrawn_by = NULL",
        "asked = 'x'",
    )
    withdrawn = "withdrawn_on = greatest(given_on, current_date), withdrawn_at = now(), withdrawn_by = recorded_by"
    with transaction.atomic(using="bulk"), connections["bulk"].cursor() as cursor:
        cursor.execute(f"UPDATE trust_consent SET {withdrawn} WHERE withdrawn_at IS NULL")
        for change in changes:
            with pytest.raises(ProgrammingError, match=r"never changed|permission denied"), transaction.atomic("bulk"):
                cursor.execute(f"UPDATE trust_consent SET {change}")
        transaction.set_rollback(True, using="bulk")
