"""Guesses: how many are compared, ever, and who has to wait (A4)."""

import os
import threading
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.contrib.auth import authenticate

from amparo.kernel import clock
from amparo.trust.actions import accounts
from amparo.trust.identity import guessing as counted
from amparo.trust.identity import signing_in
from amparo.trust.identity.guessing import OF_ADDRESS, OF_ALL, OF_STRANGERS, Attempt, TooOften, guessing, wait_after
from amparo.trust.models import Guess
from amparo.trust.queries import account_named
from amparo.trust.types import system
from tests.lib.country import PASSWORD

GUESSES = int(os.environ.get("AMPARO_GUESSES", "1000"))
START = datetime(2026, 11, 1, 8, tzinfo=UTC)


@pytest.fixture(autouse=True)
def no_guesses(database):
    Guess.objects.all().delete()


def guess(attempt: Attempt, *, right: bool = False) -> bool:
    """Return whether an attempt was compared at all."""
    try:
        with guessing(attempt) as outcome:
            if right:
                outcome.right()
    except TooOften:
        return False
    return True


def request_from(address: str, cookies: dict[str, str] | None = None) -> SimpleNamespace:
    return SimpleNamespace(META={"REMOTE_ADDR": address}, headers={}, COOKIES=cookies or {})


def test_a_year_of_guesses_from_two_hundred_addresses_is_compared_a_hundred_times_at_most(monkeypatch):
    """A year of guessing, by the door that every password passes; the comparison itself is counted, not replaced.

    AMPARO_GUESSES says how many guesses: 1,000 here, 10,000 with `AMPARO_GUESSES=10000`.
    """
    compared = []
    check = signing_in.AuthenticationBackend._check_password
    monkeypatch.setattr(
        signing_in.AuthenticationBackend,
        "_check_password",
        lambda self, user, password: compared.append(user) or check(self, user, password),
    )
    for number in range(GUESSES):
        with clock.fixed(START + number * timedelta(days=365) / GUESSES):
            name = ("amina", "AMINA", " Amina")[number % 3].strip()
            try:
                authenticate(request_from(f"10.0.{number % 200}.1"), username=name, password=f"guess-{number}")
            except TooOften:
                continue
    assert len(compared) == OF_STRANGERS < 100


def test_the_wait_grows_from_half_a_minute_to_an_hour():
    assert [wait_after(each).total_seconds() for each in (0, 2, 3, 4, 9, 10, 79)] == [0, 0, 30, 60, 1920, 3600, 3600]


def test_whoever_waited_may_try_again_and_whoever_did_not_lengthens_nothing():
    attempt = Attempt("account:x")
    with clock.fixed(START):
        assert [guess(attempt) for _ in range(4)] == [True, True, True, False]
    for second in range(1, 30):
        with clock.fixed(START + timedelta(seconds=second)):
            assert not guess(attempt)
    with clock.fixed(START + timedelta(seconds=30)):
        assert guess(attempt)


def test_the_right_password_forgets_the_failures_before_it():
    attempt = Attempt("account:x")
    with clock.fixed(START):
        assert [guess(attempt), guess(attempt), guess(attempt, right=True)] == [True] * 3
        assert [guess(attempt) for _ in range(4)] == [True, True, True, False]


def test_what_was_not_compared_counts_nothing():
    attempt = Attempt("account:x", address="10.0.0.1")
    with clock.fixed(START):
        for _ in range(5):
            with pytest.raises(TooOften), guessing(attempt):
                raise TooOften
        assert guess(attempt)


def test_many_at_once_are_no_more_than_one_after_the_other():
    attempt, compared = Attempt("account:at-once"), []

    def one() -> None:
        from django.db import connection

        with clock.fixed(START):
            compared.append(guess(attempt))
        connection.close()

    threads = [threading.Thread(target=one) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sum(compared) == counted.FREE


def test_one_address_may_fail_so_often_a_minute_whomever_it_tries():
    with clock.fixed(START):
        tried = [guess(Attempt(f"name:{number}", address="10.0.0.1")) for number in range(OF_ADDRESS + 5)]
        assert sum(tried) == OF_ADDRESS
        assert guess(Attempt("name:other", address="10.0.0.2"))
    with clock.fixed(START + timedelta(minutes=1)):
        assert guess(Attempt("name:again", address="10.0.0.1"))


def test_all_addresses_together_may_fail_so_often_a_minute():
    with clock.fixed(START):
        Guess.objects.create(key=counted._hidden("all:"), count=OF_ALL, at=START)
        assert not guess(Attempt("name:one", address="10.9.9.9"))
        assert guess(Attempt("account:y", address="10.9.9.9", browser="known"))


def test_success_takes_nothing_from_an_address(database):
    with clock.fixed(START):
        for number in range(OF_ADDRESS * 2):
            assert guess(Attempt(f"account:{number}", address="10.0.0.3"), right=True)


def test_a_known_browser_need_not_wait_for_strangers():
    with clock.fixed(START):
        while guess(Attempt("account:z", address="10.0.0.1")):
            pass
        assert guess(Attempt("account:z", address="10.0.0.1", browser="b1"))


def test_a_name_that_nobody_has_is_refused_like_one_that_somebody_has():
    def answers(name: str, address: str) -> list[str]:
        found = []
        for number in range(OF_STRANGERS + 5):
            with clock.fixed(START + number * timedelta(hours=2)):
                try:
                    found.append(str(authenticate(request_from(address), username=name, password="wrong")))
                except TooOften as refused:
                    found.append(str(refused.message))
        return found

    assert answers("amina", "10.1.1.1") == answers("nobody-of-this-name", "10.1.1.2")


def test_no_row_holds_what_was_typed(database):
    with clock.fixed(START):
        authenticate(request_from("10.2.2.2"), username="hunter2 typed into the wrong field", password="x")
    assert all("hunter2" not in each and "10.2" not in each for each in Guess.objects.values_list("key", flat=True))


def test_what_strangers_left_goes_after_a_month_and_what_counts_against_an_account_stays(database):
    with clock.fixed(START):
        for name in ("amina", "nobody-here"):
            authenticate(request_from("10.3.3.3"), username=name, password="wrong")
    for days, left in ((29, {"account", "name", "address", "all"}), (31, {"account"})):
        with clock.fixed(START + timedelta(days=days)):
            accounts.sweep(by=system("test"))
        assert {each.partition(":")[0] for each in Guess.objects.values_list("key", flat=True)} == left


def test_the_command_line_counts_too():
    with clock.fixed(START):
        for _ in range(3):
            assert authenticate(None, username="chen", password="wrong") is None
        with pytest.raises(TooOften):
            authenticate(None, username="chen", password=PASSWORD)
    with clock.fixed(START + timedelta(hours=1)):
        assert authenticate(None, username="chen", password=PASSWORD) == account_named("chen")
