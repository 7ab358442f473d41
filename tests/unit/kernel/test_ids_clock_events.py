"""Identifiers in time order, a clock that can be held, events that reach whoever is wired."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from amparo.kernel import clock, events
from amparo.kernel.ids import uuid7


def test_identifiers_are_version_7_distinct_and_in_the_order_in_which_they_were_made():
    began = time.time_ns() // 1_000_000
    made = [uuid7() for _ in range(100_000)]
    assert len(set(made)) == 100_000
    assert {(each.version, each.variant) for each in made} == {(7, "specified in RFC 4122")}
    assert made == sorted(made)
    assert began <= made[0].int >> 80 <= made[-1].int >> 80 <= time.time_ns() // 1_000_000 + 1000


def test_identifiers_of_several_threads_are_distinct_and_a_clock_set_back_makes_none_again(monkeypatch):
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: uuid7(), range(20_000)))
    assert len(set(made)) == 20_000
    monkeypatch.setattr(time, "time_ns", lambda: 1_700_000_000_000_000_000)
    assert uuid7() > max(made)


def test_the_clock_is_held_and_let_go():
    at = datetime(2026, 2, 28, 23, 59, tzinfo=UTC)
    with clock.fixed(at):
        assert clock.now() == at
        assert clock.today() == date(2026, 2, 28)
    assert clock.now() > at


def test_an_instant_without_a_time_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"), clock.fixed(datetime(2026, 1, 1)):
        pass


@dataclass(frozen=True)
class Rang:
    times: int


def test_a_reaction_wired_twice_is_called_once_and_its_error_reaches_the_one_who_announced():
    heard = []
    for _ in range(2):
        events.react(Rang, heard.append)
    events.announce(Rang(1))
    assert heard == [Rang(1)]

    def fail(event):
        raise ValueError("no")

    events.react(Rang, fail)
    with pytest.raises(ValueError, match="no"):
        events.announce(Rang(2))
